/** Backup plans meet their selections. */
import type { BackupPlan, BackupSelection } from '../model/backup.ts'
import type { EvidenceItem, Join, PlanState, SelectionState } from './join.ts'
import { placeOf } from './place-index.ts'
import { ruleState } from './plans.ts'
import { compileSelection } from './selection.ts'

/** Puts plans and selections in their places, an organisation's among them. */
export function joinPlans(join: Join): void {
  const { evidence } = join
  const byId = new Map<string, PlanState>()
  for (const item of evidence['backup-plan'])
    byId.set(`${placeOf(join, item).key}|${item.value.id}`, addPlan(join, item))
  for (const item of evidence['backup-selection'])
    addSelection(join, item, byId.get(`${placeOf(join, item).key}|${item.value.planId}`))
  for (const item of evidence['organization-backup-policy']) addPolicy(join, item)
}

function addPlan(join: Join, item: EvidenceItem<'backup-plan'>): PlanState {
  const place = placeOf(join, item)
  place.scope ??= item.scope
  const state: PlanState = {
    item,
    place,
    plan: item.value,
    account: item.account,
    region: item.region,
    name: item.value.name ?? item.name ?? item.id,
    rules: item.value.rules.map(rule => ruleState(rule, join.policy)),
    selections: [],
    storeCount: 0,
    tiers: new Set(),
    tierUnknown: false,
    coldCapable: false,
    supportUnknown: false,
    inheritingServices: new Set(),
  }
  place.plans.push(state)
  return state
}

function addSelection(join: Join, item: EvidenceItem<'backup-selection'>, plan: PlanState | undefined): void {
  const place = placeOf(join, item)
  place.scope ??= item.scope
  const state: SelectionState = {
    item,
    selection: item.value,
    compiled: compileSelection(item.value),
    plan,
    matchedCount: 0,
    unknownCount: 0,
  }
  place.selections.push(state)
  plan?.selections.push(state)
}

/** A backup policy of an organisation makes its plans in each of its Regions of each account under it. */
function addPolicy(join: Join, item: EvidenceItem<'organization-backup-policy'>): void {
  const { accounts, plans } = item.value
  for (const { plan, selections, regions } of plans) {
    if (!accounts || !regions) join.hasUnplacedPlans = true
    for (const account of accounts ?? [])
      for (const region of regions ?? []) addPolicyPlan(join, { ...item, account, region }, plan, selections)
  }
}

function addPolicyPlan(
  join: Join,
  policy: EvidenceItem<'organization-backup-policy'> & { account: string },
  plan: BackupPlan,
  selections: readonly BackupSelection[],
): void {
  const at = { ...policy, arn: undefined, id: `${policy.id}/${plan.name ?? plan.id}` }
  const state = addPlan(join, {
    ...at,
    type: 'AWS::Backup::BackupPlan',
    role: 'backup-plan',
    name: plan.name,
    value: { ...plan, organizationPolicy: true },
  })
  for (const selection of selections)
    addSelection(
      join,
      {
        ...at,
        type: 'AWS::Backup::BackupSelection',
        role: 'backup-selection',
        name: selection.name,
        value: forAccount(selection, policy.account),
      },
      state,
    )
}

/** An organisation's policy writes `$account` for each member's own. */
function forAccount(selection: BackupSelection, account: string): BackupSelection {
  return {
    ...selection,
    roleArn: selection.roleArn?.replaceAll('$account', account),
    resources: selection.resources?.map(arn => arn.replaceAll('$account', account)),
  }
}
