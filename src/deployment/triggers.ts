/**
 * By what a rule of AWS Config is invoked. It follows from the facts that the rule reads: a change tells a rule everything only where all
 * facts are of the changed resource itself and stay as they are until it changes again. Every other rule would go on showing what was
 * true once, or hide what a whole inventory knows, and so belongs on a schedule.
 */
import { groupsThatList } from '../model/comparison.ts'
import type { Rule } from '../model/rule.ts'
import type { SubjectKind } from '../model/subject.ts'
import type { ResourceDefinition } from '../resources/definition.ts'
import { factIndex } from '../rules/built-in.ts'
import { compileRule, subjectsOf } from '../rules/compiled-rule.ts'
import { type ConditionNode, pathWithin } from '../rules/condition.ts'
import { sharedFact } from '../rules/fact-index.ts'

/** By what a rule is invoked: by changes of resources of some types of AWS Config, or at times. */
export type RuleTrigger = { kind: 'change'; types: readonly string[] } | { kind: 'schedule' }

/** What decides it, beside the rule. */
export interface TriggerFacts {
  definitions: readonly ResourceDefinition[]
  /** Canonical types that a live account may have: those that a collector fills. */
  liveTypes: ReadonlySet<string>
  /** Fact groups that the function reads for itself when a resource changes. */
  readableGroups: ReadonlySet<string>
}

/** What the item of a data store tells: itself, and by its tags what the policy asks of it. */
const ofItsItem = ['inventory', 'tags', 'configuration', 'policy']

/** The fact groups that a change settles for a kind of subject. AWS Backup's own resources are read again when they change. */
function settledBy(kind: SubjectKind, readable: ReadonlySet<string>): ReadonlySet<string> {
  if (kind === 'data-store') return new Set(ofItsItem)
  return new Set(['inventory', ...(groupsThatList[kind] ?? []).filter(group => readable.has(group))])
}

/** What is judged as a part of another: a change of one tells nothing of the others. */
const judgedTogether: ReadonlySet<string> = new Set(['recovery-point', 'backup-selection', 'native-snapshot'])

/** Every fact that a condition reads, those of list elements too, as the facts schemas write them. */
function factsIn(node: ConditionNode, within?: string): string[] {
  switch (node.kind) {
    case 'not':
      return factsIn(node.part, within)
    case 'allOf':
    case 'anyOf':
      return node.parts.flatMap(part => factsIn(part, within))
    case 'leaf':
      return [...pathOf(node, within), ...operandOf(node, within)]
    default: {
      const list = pathOf(node, within)
      return [...list, ...factsIn(node.element, list[0])]
    }
  }
}

function pathOf({ root, path }: { root: string; path: string }, within: string | undefined): string[] {
  if (root === 'parameter') return []
  return [root === 'element' ? pathWithin(within, path) : path]
}

function operandOf({ operand }: Extract<ConditionNode, { kind: 'leaf' }>, within: string | undefined): string[] {
  if (!operand || operand.from === 'parameter') return []
  return [operand.from === 'element' ? pathWithin(within, operand.path) : operand.path]
}

/** An age grows without anything being changed. */
const isAge = (path: string) => /AgeHours$|^ageHours$|[.\]]ageHours$/.test(path)

/** What invokes a rule. */
export function triggerOf(rule: Rule, { definitions, liveTypes, readableGroups }: TriggerFacts): RuleTrigger {
  const schedule: RuleTrigger = { kind: 'schedule' }
  const kinds = subjectsOf(rule) as readonly SubjectKind[]
  const [kind] = kinds
  if (kind === undefined || kinds.length > 1 || judgedTogether.has(kind)) return schedule
  const compiled = compileRule(rule, factIndex)
  const settled = settledBy(kind, readableGroups)
  const facts = [compiled.when, compiled.expect].flatMap(node => (node ? factsIn(node) : []))
  for (const { objective } of Object.values(rule.parameters ?? {}))
    if (objective !== undefined) facts.push(`objectives.${objective}`)
  const isSettled = (path: string) => {
    const { group } = sharedFact(factIndex, kinds, path) ?? { group: undefined }
    return group !== undefined && (group === '' || settled.has(group)) && !isAge(path)
  }
  if (!facts.every(isSettled)) return schedule
  const about = definitions.filter(
    ({ role, type }) => role === kind && liveTypes.has(type) && compiled.when?.test({ type }, {}, undefined) !== false,
  )
  if (about.length === 0 || about.some(({ names }) => names.config.length === 0)) return schedule
  return { kind: 'change', types: [...new Set(about.flatMap(({ names }) => names.config))].sort() }
}
