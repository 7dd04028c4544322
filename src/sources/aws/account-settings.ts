/** Settings of an account: cross-account backup, and the organisation that it is in. */
import { BackupClient, DescribeGlobalSettingsCommand } from '@aws-sdk/client-backup'
import { DescribeOrganizationCommand, OrganizationsClient } from '@aws-sdk/client-organizations'
import { type Collector, type Records, textOf } from './collector.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'

const cuts = ['global-settings']

const describeSettings = operation('backup:DescribeGlobalSettings', BackupClient, DescribeGlobalSettingsCommand, {
  cuts,
  types: ['AWS::Backup::GlobalSettings'],
})
const describeOrganization = operation(
  'organizations:DescribeOrganization',
  OrganizationsClient,
  DescribeOrganizationCommand,
  { cuts, types: ['AWS::Organizations::Organization'] },
)

async function* collect(place: Place): AsyncGenerator<Records> {
  const { account } = place
  const [settings, organization] = await Promise.all([
    // Outside of an organisation AWS Backup refuses the question.
    place.askOrNone(describeSettings, {}, ['InvalidRequestException']),
    place.askOrNone(describeOrganization, {}, ['AWSOrganizationsNotInUseException']),
  ])
  if (settings) yield place.resource('AWS::Backup::GlobalSettings', { id: account, configuration: settings })
  if (organization !== undefined)
    yield place.resource('AWS::Organizations::Organization', {
      id: textOf(organization?.Organization?.Id ?? account),
      configuration: { Organization: organization?.Organization ?? null },
    })
}

/** Cross-account backup and the organisation. */
export const collector: Collector = {
  service: 'organizations',
  scope: 'account',
  fills: { 'global-settings': ['AWS::Backup::GlobalSettings', 'AWS::Organizations::Organization'] },
  operations: [describeSettings, describeOrganization],
  collect,
}
