/** IAM roles, users, groups and the managed policies that are attached to them, by one list. */
import { GetAccountAuthorizationDetailsCommand, IAMClient } from '@aws-sdk/client-iam'
import type { ResourceRecord } from '../../model/record.ts'
import { type Collector, type Records, textOf } from './collector.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { type TagList, tagMap } from './tags.ts'

const types = ['AWS::IAM::Role', 'AWS::IAM::User', 'AWS::IAM::Group', 'AWS::IAM::ManagedPolicy']

const getDetails = operation('iam:GetAccountAuthorizationDetails', IAMClient, GetAccountAuthorizationDetailsCommand, {
  cuts: ['iam'],
  paging: { in: 'Marker', out: 'Marker', input: { MaxItems: 1000 } },
})

interface Detail {
  Arn?: string | undefined
  Tags?: TagList
}

function record(
  place: Place,
  kind: string,
  id: string | undefined,
  name: string | undefined,
  { Tags, ...configuration }: Detail,
): ResourceRecord {
  const isTagged = kind === 'Role' || kind === 'User'
  const tags = isTagged ? tagMap(Tags) : undefined
  return place.resource(`AWS::IAM::${kind}`, { id: textOf(id), arn: configuration.Arn, name, tags, configuration })
}

async function* collect(place: Place): AsyncGenerator<Records> {
  for await (const page of place.pages(getDetails, {})) {
    for (const role of page.RoleDetailList ?? []) yield record(place, 'Role', role.RoleId, role.RoleName, role)
    for (const user of page.UserDetailList ?? []) yield record(place, 'User', user.UserId, user.UserName, user)
    for (const group of page.GroupDetailList ?? []) yield record(place, 'Group', group.GroupId, group.GroupName, group)
    for (const policy of page.Policies ?? []) {
      // AWS tells every policy of its own; only those that are attached matter.
      if (policy.AttachmentCount === 0 && policy.PermissionsBoundaryUsageCount === 0) continue
      yield record(place, 'ManagedPolicy', policy.PolicyId, policy.PolicyName, policy)
    }
  }
}

/** Who may do what. */
export const collector: Collector = {
  service: 'iam',
  scope: 'account',
  fills: { iam: types },
  operations: [getDetails],
  collect,
}
