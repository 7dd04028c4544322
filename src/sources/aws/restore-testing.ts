/** Restore testing plans and their selections. The lists tell neither which points are restored nor of which resources. */
import {
  BackupClient,
  GetRestoreTestingPlanCommand,
  GetRestoreTestingSelectionCommand,
  ListRestoreTestingPlansCommand,
  ListRestoreTestingSelectionsCommand,
} from '@aws-sdk/client-backup'
import { type Collector, type Records, textOf } from './collector.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { getResources, tagsOf } from './tags.ts'

const cuts = ['restore-testing']
const paging = { in: 'NextToken', out: 'NextToken', input: { MaxResults: 1000 } }
const planTypes = ['AWS::Backup::RestoreTestingPlan']
const selectionTypes = ['AWS::Backup::RestoreTestingSelection']

const listPlans = operation('backup:ListRestoreTestingPlans', BackupClient, ListRestoreTestingPlansCommand, {
  cuts,
  paging,
})
const getPlan = operation('backup:GetRestoreTestingPlan', BackupClient, GetRestoreTestingPlanCommand, {
  cuts,
  types: planTypes,
  each: 'restore testing plan',
})
const listSelections = operation(
  'backup:ListRestoreTestingSelections',
  BackupClient,
  ListRestoreTestingSelectionsCommand,
  { cuts, types: selectionTypes, paging, each: 'restore testing plan' },
)
const getSelection = operation('backup:GetRestoreTestingSelection', BackupClient, GetRestoreTestingSelectionCommand, {
  cuts,
  types: selectionTypes,
  each: 'restore testing selection',
})

/** What the lists do not tell, and whose absence would mean something. */
const planBody = ['RecoveryPointSelection']
const selectionBody = ['ProtectedResourceArns', 'ProtectedResourceConditions']
const bodyOf = (wrapper: string, members: readonly string[]) => members.map(member => `${wrapper}.${member}`)

const gone = ['ResourceNotFoundException']

async function* selectionsOf(place: Place, RestoreTestingPlanName: string): AsyncGenerator<Records> {
  for await (const { RestoreTestingSelections = [] } of place.pages(listSelections, { RestoreTestingPlanName })) {
    const records = RestoreTestingSelections.map(async listed => {
      const { RestoreTestingSelectionName: name } = listed
      const input = { RestoreTestingPlanName, RestoreTestingSelectionName: name }
      const answer = await place.askOrNone(getSelection, input, gone)
      if (answer === null) return []
      const configuration = answer ?? { RestoreTestingSelection: listed }
      const unknown = answer ? undefined : bodyOf('RestoreTestingSelection', selectionBody)
      const fields = { id: textOf(name), name, configuration, unknown }
      return [place.resource('AWS::Backup::RestoreTestingSelection', fields)]
    })
    yield* (await Promise.all(records)).flat()
  }
}

async function* collect(place: Place): AsyncGenerator<Records> {
  for await (const { RestoreTestingPlans = [] } of place.pages(listPlans, {})) {
    const tags = await tagsOf(
      place,
      RestoreTestingPlans.map(plan => plan.RestoreTestingPlanArn),
    )
    const plans = RestoreTestingPlans.map(async listed => {
      const { RestoreTestingPlanName: name, RestoreTestingPlanArn: arn } = listed
      const answer = await place.askOrNone(getPlan, { RestoreTestingPlanName: name }, gone)
      if (answer === null) return []
      const configuration = answer ?? { RestoreTestingPlan: listed }
      const unknown = answer ? undefined : bodyOf('RestoreTestingPlan', planBody)
      const fields = { id: textOf(name), arn, name, tags: tags.get(textOf(arn)), configuration, unknown }
      return [place.resource('AWS::Backup::RestoreTestingPlan', fields)]
    })
    yield* (await Promise.all(plans)).flat()
    for (const { RestoreTestingPlanName } of RestoreTestingPlans)
      if (RestoreTestingPlanName) yield* selectionsOf(place, RestoreTestingPlanName)
  }
}

/** Restore testing. */
export const collector: Collector = {
  service: 'backup',
  scope: 'region',
  fills: { 'restore-testing': [...planTypes, ...selectionTypes], tags: planTypes },
  operations: [listPlans, getPlan, listSelections, getSelection, getResources],
  collect,
}
