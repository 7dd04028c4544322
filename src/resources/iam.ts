/**
 * IAM roles, users, groups and managed policies.
 *
 * `configuration` is an entry of `iam:GetAccountAuthorizationDetails`: of `RoleDetailList`, `UserDetailList`, `GroupDetailList` or
 * `Policies`; nothing supplementary. AWS Config spells the same members in lower camel case and its documents URL-encoded.
 * AWS Config calls a managed policy `AWS::IAM::Policy`; in CloudFormation that is an inline policy, and a managed one is
 * `AWS::IAM::ManagedPolicy`. https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
 *
 * A template's lists hold what this resource declares; others may attach more, so a list that it does not declare is not known.
 * Resources that attach to a principal are joined to it; without them in a closed world there are none.
 */
import type { IamManagedPolicy, IamPrincipal } from '../model/guards.ts'
import type { ResourceRecord } from '../model/record.ts'
import { companionsAt } from './companions.ts'
import type { CloudFormationCompanion, ResourceDefinition, TerraformCompanions } from './definition.ts'
import {
  allOr,
  at,
  configurationOf,
  documentOr,
  elements,
  isAbsent,
  isDeclared,
  known,
  names,
  type Place,
  textOr,
  textsOr,
} from './evidence.ts'
import { toBoolean, toText } from './property.ts'

/** Where the values of resources stand that attach policies: inline, managed, and managed to several principals. */
const inlineKey = 'inline_policy_resources'
const attachedKey = 'policy_attachments'
const sharedKey = 'shared_policy_attachments'

type PrincipalType = IamPrincipal['principalType']

const titled = { role: 'Role', user: 'User', group: 'Group' } as const

function readInlinePolicy(place: Place): { name: string; document: object } | undefined {
  const document = documentOr(at(place, 'PolicyDocument', 'policy'), undefined)
  return document && { name: textOr(at(place, 'PolicyName', 'name'), '') ?? '', document }
}

/** The resources that attach a policy to a principal, by the attribute that names it. */
function attaching(principal: PrincipalType): TerraformCompanions {
  return {
    [`aws_iam_${principal}_policy`]: { by: principal, as: inlineKey, many: true },
    [`aws_iam_${principal}_policy_attachment`]: { by: principal, as: attachedKey, many: true },
    aws_iam_policy_attachment: { by: `${principal}s`, as: sharedKey, many: true },
  }
}

/** CloudFormation's resources that attach a policy to a principal. */
function cloudFormationAttaching(principal: PrincipalType): CloudFormationCompanion[] {
  const title = titled[principal]
  return [
    { type: `AWS::IAM::${title}Policy`, by: `${title}Name`, as: inlineKey },
    { type: 'AWS::IAM::Policy', by: `${title}s`, as: inlineKey },
    { type: 'AWS::IAM::ManagedPolicy', by: `${title}s`, as: attachedKey, own: { as: 'policy_arn', what: 'arn' } },
  ]
}

/**
 * Policies of a principal. In a template those that it states, and those that other resources attach. Where more may be attached
 * elsewhere, what is stated counts for all there is, unless something is known to be attached; nothing stated says nothing then.
 */
function policiesOf<T>(
  item: ResourceRecord,
  place: Place,
  read: (place: Place) => T | undefined,
  attached: { keys: readonly string[]; read: (place: Place) => T | undefined },
): T[] | undefined {
  const stated = allOr(place, read, undefined)
  if (!isDeclared(item)) return stated
  if (stated === undefined && !isAbsent(place)) return undefined
  const found = attached.keys.map(key => companionsAt(item, key))
  const added = found.flatMap(({ places }) => places.map(attached.read))
  const all = [...(stated ?? []), ...added]
  if (all.includes(undefined)) return undefined
  if (!found.some(({ partial }) => partial)) return all as T[]
  return added.length === 0 && stated?.length ? stated : undefined
}

/** An ARN, or an object that holds it. Absent = none, in every encoding. */
function readBoundary(root: Place): string | null | undefined {
  const place = at(root, 'PermissionsBoundary')
  return !place.unknown && typeof place.value === 'object' && place.value !== null
    ? textOr(at(place, 'PermissionsBoundaryArn'), undefined)
    : textOr(place, null)
}

/** ARNs of attached managed policies: a list of objects from IAM, of ARNs in a template. */
function attachedPolicies(item: ResourceRecord, root: Place): string[] | undefined {
  return policiesOf(
    item,
    at(root, 'AttachedManagedPolicies', 'ManagedPolicyArns'),
    entry => (typeof entry.value === 'object' ? textOr(at(entry, 'PolicyArn'), undefined) : textOr(entry, undefined)),
    { keys: [attachedKey, sharedKey], read: attachment => textOr(at(attachment, 'policy_arn'), undefined) },
  )
}

function inlinePolicies(item: ResourceRecord, place: Place): IamPrincipal['inlinePolicies'] {
  return policiesOf(item, place, readInlinePolicy, { keys: [inlineKey], read: readInlinePolicy })
}

function readPrincipal(item: ResourceRecord, principalType: PrincipalType): IamPrincipal | undefined {
  const root = configurationOf(item)
  const title = titled[principalType]
  const name = textOr(at(root, `${title}Name`, 'name'), undefined) ?? item.name ?? toText(item.id)
  if (name === undefined) return undefined
  return known({
    principalType,
    name,
    arn: textOr(at(root, 'Arn'), undefined) ?? item.arn,
    path: textOr(at(root, 'Path'), undefined),
    trust:
      principalType === 'role'
        ? documentOr(at(root, 'AssumeRolePolicyDocument', 'assume_role_policy'), undefined)
        : null,
    attachedPolicyArns: attachedPolicies(item, root),
    inlinePolicies: inlinePolicies(item, at(root, `${title}PolicyList`, 'Policies', 'inline_policy')),
    groups: principalType === 'user' ? textsOr(at(root, 'GroupList', 'Groups'), undefined) : undefined,
    permissionsBoundary: principalType === 'group' ? null : readBoundary(root),
  })
}

/** The document of the version in force; a managed policy keeps up to five. */
function defaultDocument(root: Place): object | undefined {
  const versions = elements(at(root, 'PolicyVersionList'))
  if (!versions) return documentOr(at(root, 'PolicyDocument', 'policy'), undefined)
  const inForce = textOr(at(root, 'DefaultVersionId'), undefined)
  const version = versions.places.find(place => {
    const isDefault = toBoolean(at(place, 'IsDefaultVersion').value)
    return isDefault ?? (inForce !== undefined && textOr(at(place, 'VersionId'), undefined) === inForce)
  })
  return version && documentOr(at(version, 'Document'), undefined)
}

function readManagedPolicy(item: ResourceRecord): IamManagedPolicy | undefined {
  const root = configurationOf(item)
  const arn = textOr(at(root, 'Arn', 'PolicyArn'), undefined) ?? item.arn ?? toText(item.id)
  if (arn === undefined) return undefined
  return known({
    arn,
    name: textOr(at(root, 'PolicyName', 'ManagedPolicyName', 'name'), undefined) ?? item.name,
    document: defaultDocument(root),
  })
}

/** Principals and managed policies. */
export const definitions: ResourceDefinition[] = [
  {
    role: 'iam-principal',
    type: 'AWS::IAM::Role',
    places: {
      trust: { cloudformation: 'AssumeRolePolicyDocument', terraform: 'assume_role_policy' },
      admin: { cloudformation: ['ManagedPolicyArns', 'Policies'], terraform: ['managed_policy_arns', 'inline_policy'] },
      unexpectedPolicies: {
        cloudformation: ['ManagedPolicyArns', 'Policies'],
        terraform: ['managed_policy_arns', 'inline_policy'],
      },
      destructiveActionsInEffect: {
        cloudformation: ['Policies', 'ManagedPolicyArns'],
        terraform: ['inline_policy', 'managed_policy_arns'],
      },
    },
    names: names('AWS::IAM::Role', ['aws_iam_role', 'awscc_iam_role']),
    companions: attaching('role'),
    cloudFormationCompanions: cloudFormationAttaching('role'),
    identity: {
      arn: 'iam::{account}:role{within}{id}',
      cloudformation: 'RoleName',
      terraform: 'name',
      within: { cloudformation: 'Path', terraform: 'path', absent: '/' },
    },
    read: item => readPrincipal(item, 'role'),
  },
  {
    role: 'iam-principal',
    type: 'AWS::IAM::User',
    names: names('AWS::IAM::User', ['aws_iam_user', 'awscc_iam_user']),
    companions: attaching('user'),
    cloudFormationCompanions: cloudFormationAttaching('user'),
    identity: {
      arn: 'iam::{account}:user{within}{id}',
      cloudformation: 'UserName',
      terraform: 'name',
      within: { cloudformation: 'Path', terraform: 'path', absent: '/' },
    },
    read: item => readPrincipal(item, 'user'),
  },
  {
    role: 'iam-principal',
    type: 'AWS::IAM::Group',
    names: names('AWS::IAM::Group', ['aws_iam_group', 'awscc_iam_group']),
    companions: attaching('group'),
    cloudFormationCompanions: cloudFormationAttaching('group'),
    identity: {
      arn: 'iam::{account}:group{within}{id}',
      cloudformation: 'GroupName',
      terraform: 'name',
      within: { cloudformation: 'Path', terraform: 'path', absent: '/' },
    },
    read: item => readPrincipal(item, 'group'),
  },
  {
    role: 'iam-managed-policy',
    type: 'AWS::IAM::ManagedPolicy',
    names: {
      config: ['AWS::IAM::Policy', 'AWS::IAM::ManagedPolicy'],
      cloudformation: ['AWS::IAM::ManagedPolicy'],
      terraform: ['aws_iam_policy', 'awscc_iam_managed_policy'],
    },
    identity: {
      arn: 'iam::{account}:policy{within}{id}',
      cloudformation: 'ManagedPolicyName',
      terraform: 'name',
      within: { cloudformation: 'Path', terraform: 'path', absent: '/' },
      refersByArn: true,
    },
    read: readManagedPolicy,
  },
]
