/** Backup plans meet their selections. */
import type { BackupSelection } from '../model/backup.ts'
import type { EvidenceItem, Join, PlanState, SelectionState } from './join.ts'
import { placeOf } from './place-index.ts'
import { ruleState } from './plans.ts'
import { compileSelection } from './selection.ts'

/** Puts plans and selections in their places, an organisation's among them. */
export function joinPlans(join: Join): void {
  const { policy, evidence } = join
  const byId = new Map<string, PlanState>()
  const add = (item: EvidenceItem<'backup-plan'>) => {
    const place = placeOf(join, item)
    place.scope ??= item.scope
    const state: PlanState = {
      item,
      place,
      plan: item.value,
      account: item.account,
      region: item.region,
      name: item.value.name ?? item.name ?? item.id,
      rules: item.value.rules.map(rule => ruleState(rule, policy)),
      selections: [],
      storeCount: 0,
      tiers: new Set(),
      tierUnknown: false,
      services: new Set(),
      coldCapable: false,
      supportUnknown: false,
      inheritingServices: new Set(),
    }
    place.plans.push(state)
    byId.set(`${place.key}|${item.value.id}`, state)
    return state
  }
  const attach = (item: EvidenceItem<'backup-selection'>, plan: PlanState | undefined) => {
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
  for (const item of evidence['backup-plan']) add(item)
  for (const item of evidence['backup-selection'])
    attach(item, byId.get(`${placeOf(join, item).key}|${item.value.planId}`))
  for (const item of evidence['organization-backup-policy']) {
    for (const account of item.value.accounts ?? []) {
      for (const { plan, selections, regions } of item.value.plans) {
        for (const region of regions ?? []) {
          const at = { ...item, account, region, arn: undefined, id: `${item.id}/${plan.name ?? plan.id}` }
          const state = add({
            ...at,
            type: 'AWS::Backup::BackupPlan',
            role: 'backup-plan',
            name: plan.name,
            value: { ...plan, organizationPolicy: true },
          })
          for (const selection of selections)
            attach(
              {
                ...at,
                type: 'AWS::Backup::BackupSelection',
                role: 'backup-selection',
                name: selection.name,
                value: forAccount(selection, account),
              },
              state,
            )
        }
      }
    }
  }
}

/** An organisation's policy writes `$account` for each member's own. */
function forAccount(selection: BackupSelection, account: string): BackupSelection {
  return {
    ...selection,
    roleArn: selection.roleArn?.replaceAll('$account', account),
    resources: selection.resources?.map(arn => arn.replaceAll('$account', account)),
  }
}
