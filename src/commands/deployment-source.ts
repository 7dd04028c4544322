/** What deployments are made from: the rules, what invokes each, and what the code of the functions says that it calls. */
import type { GivenValues } from '../deployment/config-rules.ts'
import type { CodeFiles } from '../deployment/functions.ts'
import type { DeploymentSource } from '../deployment/kinds.ts'
import { triggerOf } from '../deployment/triggers.ts'
import { resourceDefinitions } from '../generated/resources.ts'
import type { Rule } from '../model/rule.ts'
import { builtInRules } from '../rules/built-in.ts'
import { loadLive } from './collecting.ts'
import { readableGroups } from './config-rule/readable-groups.ts'

/** What whoever deploys chose. */
export interface DeploymentChoice {
  rules: readonly Rule[]
  given: GivenValues
  /** Defaults of the template's parameters. */
  defaults: { readonly [parameter: string]: string }
  code: CodeFiles
  version: string
}

/** The rules that are deployed where none are named. */
export const usualRules = (): readonly Rule[] => builtInRules.filter(({ enabled }) => enabled !== false)

const actionsOf = ({ Statement }: { Statement: readonly { Action: readonly string[] }[] }): readonly string[] =>
  Statement.flatMap(({ Action }) => Action)

/** Gathers it; the collectors are loaded, and not called. */
export async function deploymentSource({ rules, ...choice }: DeploymentChoice): Promise<DeploymentSource> {
  const live = await loadLive()
  const facts = { definitions: resourceDefinitions, liveTypes: live.collectedTypes(), readableGroups }
  const readerPolicy = live.permissions(undefined)
  return {
    ...choice,
    rules: rules.map(rule => ({ rule, trigger: triggerOf(rule, facts) })),
    backupActions: actionsOf(live.backupPolicy()),
    collectorActions: actionsOf(readerPolicy),
    readerPolicy,
  }
}
