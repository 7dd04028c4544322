/** IAM roles and users as facts: who may assume them, and what they could destroy (aws-controls §7.2). */
import type { Facts, FactValue } from '../model/facts.ts'
import type { IamPrincipal } from '../model/guards.ts'
import { textGlob } from './arn.ts'
import { placeKey } from './completeness.ts'
import type { EvidenceItem, Join } from './join.ts'
import { listOf } from './join.ts'
import { regionalPlaces } from './place-index.ts'
import { allowsAction, assumingServices, isAdministrator, onlyService } from './policy-document.ts'

/** Actions a role needs at least one of to restore by AWS Backup. */
const restoreActions = [
  'backup:StartRestoreJob',
  'rds:RestoreDBInstanceFromDBSnapshot',
  'ec2:CreateVolume',
  'dynamodb:RestoreTableFromBackup',
  's3:PutObject',
  'elasticfilesystem:Restore',
]

/** AWS managed policies that let a role restore. */
const restorePolicies = /^arn:[^:]*:iam::aws:policy\/(service-role\/)?AWSBackupServiceRolePolicyFor(S3)?Restores?$/

/** The documents of a principal: inline, attached, and those of its groups; `complete` false where some was not read. */
export function documentsOf(
  join: Join,
  item: EvidenceItem<'iam-principal'>,
): { documents: object[]; complete: boolean } {
  const documents: object[] = []
  let complete = true
  const add = (principal: IamPrincipal) => {
    if (principal.inlinePolicies === undefined || principal.attachedPolicyArns === undefined) complete = false
    for (const { document } of principal.inlinePolicies ?? []) documents.push(document)
    for (const arn of principal.attachedPolicyArns ?? []) {
      const document =
        join.evidence['iam-managed-policy'].find(policy => policy.value.arn === arn)?.value.document ?? wellKnown(arn)
      if (document) documents.push(document)
      else complete = false
    }
  }
  add(item.value)
  for (const name of item.value.groups ?? []) {
    const group = join.evidence['iam-principal'].find(
      other => other.value.principalType === 'group' && other.account === item.account && other.value.name === name,
    )
    if (group) add(group.value)
    else complete = false
  }
  if (item.value.principalType === 'user' && item.value.groups === undefined) complete = false
  return { documents, complete }
}

/** What AWS's own policies allow, as far as it matters here: they need not be collected. */
function wellKnown(arn: string): object | undefined {
  const name = /^arn:[^:]*:iam::aws:policy\/(.+)$/.exec(arn)?.[1]
  const allow = (Action: string | string[]) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
  })
  if (name === 'AdministratorAccess') return allow('*')
  if (name === 'PowerUserAccess')
    return {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', NotAction: ['iam:*', 'organizations:*', 'account:*'], Resource: '*' }],
    }
  if (name === 'AWSBackupFullAccess') return allow(['backup:*', 'backup-storage:*'])
  if (name === 'ReadOnlyAccess' || name === 'SecurityAudit' || name === 'job-function/ViewOnlyAccess') return allow([])
  return undefined
}

/** Whether AWS Backup may assume a role and the role may restore. */
export function assumableBy(join: Join, item: EvidenceItem<'iam-principal'> | undefined): Facts {
  if (!item) return {}
  const services = item.value.trust ? assumingServices(item.value.trust) : undefined
  const { documents, complete } = documentsOf(join, item)
  const byName = item.value.attachedPolicyArns?.some(arn => restorePolicies.test(arn)) === true
  const allowed = restoreActions.map(action => allowsAction(documents, action))
  return {
    assumableByBackup: services?.includes('backup.amazonaws.com'),
    canRestore: byName || allowed.includes(true) ? true : complete && !allowed.includes(undefined) ? false : undefined,
  }
}

/** Facts of a role or user. */
export function principalFacts(
  join: Join,
  item: EvidenceItem<'iam-principal'>,
  uses: { backup: ReadonlySet<string>; restore: ReadonlySet<string> },
): Facts {
  const { value } = item
  const { assumptions } = join.policy
  const { documents, complete } = documentsOf(join, item)
  const arn = item.arn ?? ''
  const selectionsKnown = selectionsComplete(join, item.account)
  const services = value.trust ? assumingServices(value.trust) : undefined
  const admin = isAdministrator(documents)
  const destructive = assumptions.destructiveActions.filter(action => allowsAction(documents, action) === true)
  const unsure = assumptions.destructiveActions.some(action => allowsAction(documents, action) === undefined)
  const known = complete && !unsure
  const organization = join.evidence['account-settings'].find(
    settings => settings.account === item.account && settings.value.inOrganization !== undefined,
  )?.value.inOrganization
  // Service control policies and boundaries, which are not read, may deny what the policies allow.
  const undeniable = organization === false && value.permissionsBoundary === null
  const inEffect = known && (destructive.length === 0 || undeniable)
  return {
    principalType: value.principalType,
    serviceLinked:
      value.path === undefined
        ? arn.includes(':role/aws-service-role/')
          ? true
          : arn === ''
            ? undefined
            : false
        : value.path.startsWith('/aws-service-role/'),
    usedForBackup: uses.backup.has(arn) ? true : selectionsKnown ? false : undefined,
    usedForRestore: uses.restore.has(arn) ? true : restoresKnown(join, item.account) ? false : undefined,
    isBreakGlass: assumptions.breakGlassArns.some(pattern => textGlob(pattern, arn)),
    trust:
      value.principalType === 'role'
        ? {
            services: services as FactValue | undefined,
            onlyBackup: value.trust ? onlyService(value.trust, 'backup.amazonaws.com') : undefined,
          }
        : { services: [], onlyBackup: false },
    admin: admin === true ? true : complete ? admin : undefined,
    attachedPolicies: value.attachedPolicyArns as FactValue | undefined,
    unexpectedPolicies: unexpected(value, assumptions.allowedBackupPolicies),
    destructiveActions: listOf(destructive, known) as FactValue,
    destructiveActionsInEffect: inEffect ? destructive : undefined,
    permissionsBoundary: value.permissionsBoundary,
  }
}

/** Whether the selections of every Region of an account that was read are all known: roles are used in any of them. */
function selectionsComplete(join: Join, account: string | undefined): boolean {
  return everyRegion(
    join,
    account,
    region =>
      join.completeness.isComplete('selections', account, region) &&
      (join.places.get(placeKey(account, region))?.selections ?? []).every(
        state => state.selection.roleArn !== undefined,
      ),
  )
}

/** Whether every role that restores is known: named by restore testing, or by the restore jobs of a live account. */
function restoresKnown({ completeness, ...join }: Join, account: string | undefined): boolean {
  return everyRegion(
    join,
    account,
    region =>
      completeness.isComplete('restore-testing', account, region) &&
      !completeness.isCut('restore-jobs', account, region),
  )
}

function everyRegion(
  join: Pick<Join, 'places'>,
  account: string | undefined,
  holds: (region: string) => boolean,
): boolean {
  let isAny = false
  for (const { region } of regionalPlaces(join, account)) {
    if (region === undefined) continue
    if (!holds(region)) return false
    isAny = true
  }
  return isAny
}

/** Policies of a role beyond those allowed by name (the last part of the ARN). */
function unexpected(value: IamPrincipal, allowed: readonly string[]): FactValue | undefined {
  const names = [...(value.attachedPolicyArns ?? []), ...(value.inlinePolicies ?? []).map(policy => policy.name)]
  const found = names.filter(name => !allowed.includes(name.replace(/^.*\//, ''))).sort()
  return listOf(found, value.attachedPolicyArns !== undefined && value.inlinePolicies !== undefined) as FactValue
}
