/** What deployments are made from: the rules, what invokes each, and what the code of the functions says that it calls. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { GivenValues } from '../deployment/config-rules.ts'
import type { DeploymentSource, FunctionName } from '../deployment/kinds.ts'
import { triggerOf } from '../deployment/triggers.ts'
import { resourceDefinitions } from '../generated/resources.ts'
import type { Rule } from '../model/rule.ts'
import { builtInRules } from '../rules/built-in.ts'
import { loadLive } from './collecting.ts'
import { readableGroups } from './config-rule/readable-groups.ts'
import { packageFolder } from './package-folder.ts'

/** What whoever deploys chose. */
export interface DeploymentChoice {
  rules: readonly Rule[]
  given: GivenValues
  /** Defaults of the template's parameters. */
  defaults: { readonly [parameter: string]: string }
  /** Names of the zips, with the digest of their content. */
  code: { readonly [name in FunctionName]: string }
  version: string
}

/** The rules that are deployed where none are named. */
export const usualRules = (): readonly Rule[] => builtInRules.filter(({ enabled }) => enabled !== false)

const actionsOf = ({ Statement }: { Statement: readonly { Action: readonly string[] }[] }): readonly string[] =>
  Statement.flatMap(({ Action }) => Action)

const organizationScanFile = (name: string) => readFileSync(join(packageFolder(), 'deploy/org-scan', name), 'utf8')

/** Gathers it; the collectors are loaded, and not called. */
export async function deploymentSource({ rules, code: all, ...choice }: DeploymentChoice): Promise<DeploymentSource> {
  const { 'org-scan': organizationCode, ...code } = all
  const live = await loadLive()
  const facts = { definitions: resourceDefinitions, liveTypes: live.collectedTypes(), readableGroups }
  const readerPolicy = live.permissions(undefined)
  return {
    ...choice,
    rules: rules.map(rule => ({ rule, trigger: triggerOf(rule, facts) })),
    backupActions: actionsOf(live.backupPolicy()),
    collectorActions: actionsOf(readerPolicy),
    readerPolicy,
    code,
    organizationScan: {
      template: organizationScanFile('template.yaml'),
      stateMachine: organizationScanFile('state-machine.asl.json'),
      code: organizationCode,
    },
  }
}
