/** Backup plans and their selections. Their lists tell neither rules nor what is selected, so that each is asked for. */
import {
  BackupClient,
  GetBackupPlanCommand,
  GetBackupSelectionCommand,
  ListBackupPlansCommand,
  ListBackupSelectionsCommand,
} from '@aws-sdk/client-backup'
import { type Collector, type Records, textOf } from './collector.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { getResources, tagsOf } from './tags.ts'

const paging = { in: 'NextToken', out: 'NextToken', input: { MaxResults: 1000 } }
const planTypes = ['AWS::Backup::BackupPlan']
const selectionTypes = ['AWS::Backup::BackupSelection']

const listPlans = operation('backup:ListBackupPlans', BackupClient, ListBackupPlansCommand, {
  cuts: ['plans', 'selections'],
  paging,
})
const getPlan = operation('backup:GetBackupPlan', BackupClient, GetBackupPlanCommand, {
  cuts: ['plans'],
  types: planTypes,
  each: 'plan',
})
const listSelections = operation('backup:ListBackupSelections', BackupClient, ListBackupSelectionsCommand, {
  cuts: ['selections'],
  types: selectionTypes,
  paging,
  each: 'plan',
})
const getSelection = operation('backup:GetBackupSelection', BackupClient, GetBackupSelectionCommand, {
  cuts: ['selections'],
  types: selectionTypes,
  each: 'selection',
})

const gone = ['ResourceNotFoundException']

async function* selectionsOf(place: Place, BackupPlanId: string): AsyncGenerator<Records> {
  for await (const { BackupSelectionsList = [] } of place.pages(listSelections, { BackupPlanId })) {
    const records = BackupSelectionsList.map(async listed => {
      const { SelectionId, SelectionName } = listed
      const answer = await place.askOrNone(getSelection, { BackupPlanId, SelectionId }, gone)
      if (answer === null) return []
      const unknown = answer ? undefined : ['BackupSelection']
      const fields = { id: textOf(SelectionId), name: SelectionName, configuration: answer ?? listed, unknown }
      return [place.resource('AWS::Backup::BackupSelection', fields)]
    })
    yield* (await Promise.all(records)).flat()
  }
}

async function* collect(place: Place): AsyncGenerator<Records> {
  for await (const { BackupPlansList = [] } of place.pages(listPlans, {})) {
    const tags = await tagsOf(
      place,
      BackupPlansList.map(plan => plan.BackupPlanArn),
    )
    const plans = BackupPlansList.map(async listed => {
      const { BackupPlanId, BackupPlanArn: arn, BackupPlanName: name } = listed
      const answer = await place.askOrNone(getPlan, { BackupPlanId }, gone)
      if (answer === null) return []
      const configuration = answer ?? listed
      const fields = { id: textOf(BackupPlanId), arn, name, tags: tags.get(textOf(arn)), configuration }
      return [place.resource('AWS::Backup::BackupPlan', fields)]
    })
    yield* (await Promise.all(plans)).flat()
    for (const { BackupPlanId } of BackupPlansList) if (BackupPlanId) yield* selectionsOf(place, BackupPlanId)
  }
}

/** Plans and selections. */
export const collector: Collector = {
  service: 'backup',
  scope: 'region',
  fills: { plans: planTypes, selections: selectionTypes, tags: planTypes },
  operations: [listPlans, getPlan, listSelections, getSelection, getResources],
  collect,
}
