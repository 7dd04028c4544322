/** Backup selections as facts (aws-apis §3.2, §5). */

import type { BackupSelection } from '../model/backup.ts'
import type { Facts, FactValue } from '../model/facts.ts'
import { selectableInventory } from './completeness.ts'
import type { Join, SelectionState } from './join.ts'
import { countOf, listOf } from './join.ts'
import { doubtfulPatterns } from './selection.ts'
import { and3, or3, type Ternary } from './ternary.ts'

/** Facts of a backup selection. */
export function selectionFacts(join: Join, state: SelectionState): Facts {
  const { selection, plan, item } = state
  const { resources, notResources, listOfTags, conditions } = selection
  const conditionCount = conditionsOf(selection)?.length
  const empty = [
    isEmpty(resources),
    isEmpty(listOfTags),
    conditionCount === undefined ? undefined : conditionCount === 0,
  ]
  const plansComplete = join.completeness.isComplete('plans', item.account, item.region)
  const inventoryComplete = join.completeness.isComplete(selectableInventory, item.account, item.region)
  const patternsKnown = resources !== undefined && notResources !== undefined && listOfTags !== undefined
  return {
    planName: plan ? plan.name : plansComplete ? null : undefined,
    planArn: plan ? (plan.item.arn ?? null) : plansComplete ? null : undefined,
    roleArn: selection.roleArn,
    selectsAll: selectsAll(selection),
    stated: empty.includes(false) ? true : empty.includes(undefined) ? undefined : false,
    resources: resources as FactValue | undefined,
    notResources: notResources as FactValue | undefined,
    resourcesAndTags: and3(negated(isEmpty(resources)), negated(isEmpty(listOfTags))),
    tagCount: listOfTags?.length,
    conditionCount,
    matchedCount: countOf(state.matchedCount, inventoryComplete && state.unknownCount === 0),
    doubtfulPatterns: listOf(
      doubtfulPatterns(selection) as unknown as FactValue[],
      patternsKnown && conditions !== undefined,
    ) as FactValue,
  }
}

const isEmpty = (list: readonly unknown[] | undefined): Ternary => (list === undefined ? undefined : list.length === 0)
const negated = (value: Ternary): Ternary => (value === undefined ? undefined : !value)

/** Every condition; `undefined` where they are not known. */
function conditionsOf({ conditions }: BackupSelection): { key: string }[] | undefined {
  return (
    conditions && [
      ...conditions.stringEquals,
      ...conditions.stringNotEquals,
      ...conditions.stringLike,
      ...conditions.stringNotLike,
    ]
  )
}

/** Whether everything is selected: by `*`, or because neither resources nor tags are named, and nothing narrows it. */
function selectsAll(selection: BackupSelection): Ternary {
  const { resources, notResources, listOfTags } = selection
  const star = resources === undefined ? undefined : resources.some(entry => /^\*+$/.test(entry))
  const nothing = and3(isEmpty(resources), isEmpty(listOfTags))
  return and3(or3(star, nothing), isEmpty(conditionsOf(selection)), isEmpty(notResources))
}
