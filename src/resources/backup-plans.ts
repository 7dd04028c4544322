/**
 * AWS Backup plans and their selections, and the backup policies of AWS Organizations that make plans in member accounts.
 *
 * - `AWS::Backup::BackupPlan`: `configuration` is the answer of `backup:GetBackupPlan`.
 * - `AWS::Backup::BackupSelection`: `configuration` is the answer of `backup:GetBackupSelection`.
 * - `AWS::Organizations::Policy`: `configuration` is `EffectivePolicy` of `organizations:DescribeEffectivePolicy` for an
 *   account, or `Policy` of `organizations:DescribePolicy` with `supplementary.Targets` = `organizations:ListTargetsForPolicy`.
 *
 * AWS Config and CloudFormation name a plan's rules `BackupPlanRule` and their vault `TargetBackupVault`; the API names them
 * `Rules` and `TargetBackupVaultName`. https://docs.aws.amazon.com/aws-backup/latest/devguide/API_GetBackupPlan.html
 */
import type { BackupPlan, BackupRule, BackupSelection, CopyAction, TagCondition } from '../model/backup.ts'
import type { ResourceRecord } from '../model/record.ts'
import { companionsAt } from './companions.ts'
import type { EvidenceKinds, ResourceDefinition } from './definition.ts'
import {
  absentMeans,
  allOr,
  at,
  booleanOr,
  configurationOf,
  elements,
  isAbsent,
  isDeclared,
  known,
  listIn,
  names,
  numberOr,
  type Place,
  referenceOr,
  supplementaryOf,
  textOr,
  textsOr,
} from './evidence.ts'
import { isAccountId } from './identity.ts'
import { member, toBoolean, toDocument, toNumber, toText } from './property.ts'

/**
 * Days of a lifecycle member. Absent and -1 («Always») mean never; Terraform's providers write 0 for what is unset. A
 * member that stands there but cannot be read is not known.
 */
function daysOrNever(place: Place): number | null | undefined {
  const days = numberOr(place, null)
  if (typeof days !== 'number') return days
  return days < 0 || (days === 0 && place.item.encoding === 'terraform') ? null : days
}

/** Retention in days; `null` = for ever. A point that goes once it is copied (`DeleteAfterEvent`) has no retention in days. */
function retention(lifecycle: Place): number | null | undefined {
  const days = daysOrNever(at(lifecycle, 'DeleteAfterDays', 'delete_after'))
  return days === null && !isAbsent(at(lifecycle, 'DeleteAfterEvent')) ? undefined : days
}

/** Minutes of a window; `null` where none is given. */
function windowMinutes(place: Place): number | null | undefined {
  const minutes = numberOr(place, null)
  return minutes === 0 && place.item.encoding === 'terraform' ? null : minutes
}

/** A copy without expiry of its own, and one that says «Always», expires as its source does (aws-apis §3.2). */
function readCopyAction(place: Place, ruleRetention: number | null | undefined): CopyAction {
  const own = retention(at(place, 'Lifecycle'))
  return known({
    destinationVaultArn: textOr(at(place, 'DestinationBackupVaultArn', 'destination_vault_arn'), undefined),
    retentionDays: own === null ? ruleRetention : own,
  })
}

function readRule(place: Place, position: number): BackupRule {
  const { item } = place
  const lifecycle = at(place, 'Lifecycle')
  const retentionDays = retention(lifecycle)
  const copies = at(place, 'CopyActions', 'copy_action')
  // AWS Config's schema of plans lacks these three: absence there says nothing.
  const none = absentMeans(item, { api: null, cloudformation: null, terraform: null })
  const no = absentMeans(item, { api: false, cloudformation: false, terraform: false })
  return known({
    name: textOr(at(place, 'RuleName'), undefined) ?? `rule ${position + 1}`,
    id: textOr(at(place, 'RuleId'), undefined),
    targetVaultName: textOr(at(place, 'TargetBackupVaultName', 'TargetBackupVault', 'target_vault_name'), undefined),
    targetAirGappedVaultArn: textOr(at(place, 'TargetLogicallyAirGappedBackupVaultArn'), none),
    schedule: textOr(at(place, 'ScheduleExpression', 'schedule'), null),
    timezone: textOr(at(place, 'ScheduleExpressionTimezone'), none),
    startWindowMinutes: windowMinutes(at(place, 'StartWindowMinutes', 'start_window')),
    completionWindowMinutes: windowMinutes(at(place, 'CompletionWindowMinutes', 'completion_window')),
    retentionDays,
    moveToColdStorageAfterDays: daysOrNever(at(lifecycle, 'MoveToColdStorageAfterDays', 'cold_storage_after')),
    optInToArchive: booleanOr(at(lifecycle, 'OptInToArchiveForSupportedResources'), no),
    continuous: booleanOr(at(place, 'EnableContinuousBackup'), false),
    copyActions: allOr(copies, copy => readCopyAction(copy, retentionDays), [] as CopyAction[]),
  })
}

function readPlan(item: ResourceRecord): BackupPlan | undefined {
  const root = configurationOf(item)
  const id =
    textOr(at(root, 'BackupPlanId'), undefined) ??
    (item.encoding === 'terraform' ? toText(member(item.configuration, 'id')) : undefined) ??
    toText(item.id)
  if (id === undefined) return undefined
  const nested = at(root, 'BackupPlan')
  const plan = isAbsent(nested) ? root : nested
  // `ListBackupPlans` tells no rules: then none are known. A template must state at least one.
  const list = elements(at(plan, 'Rules', 'BackupPlanRule', 'rule'))
  const readable = (list?.places ?? []).filter(place => !place.unknown && typeof place.value === 'object')
  const rulesPartial =
    !list || list.partial || readable.length < list.places.length || (isDeclared(item) && readable.length === 0)
  return known({
    id,
    name: textOr(at(plan, 'BackupPlanName', 'name'), undefined) ?? item.name,
    rules: readable.map(readRule),
    rulesPartial: rulesPartial ? true : undefined,
    // Plans that a backup policy makes have ids of the form `orgs/<uuid>`.
    organizationPolicy: id.startsWith('orgs/') ? true : isDeclared(item) ? false : undefined,
  })
}

function readCondition(place: Place): TagCondition | undefined {
  const key = textOr(at(place, 'ConditionKey', 'key'), undefined)
  // A tag's value may be empty.
  const raw = ['ConditionValue', 'condition_value', 'Value'].map(name => member(place.value, name))
  const value = raw.includes('') ? '' : textOr(at(place, 'ConditionValue', 'value'), undefined)
  return key === undefined || value === undefined ? undefined : { key, value }
}

/** `ListOfTags` knows one operator; an entry with another is not understood. */
function readTagEntry(place: Place): TagCondition | undefined {
  const operator = textOr(at(place, 'ConditionType', 'type'), 'STRINGEQUALS')
  return operator?.toUpperCase() === 'STRINGEQUALS' ? readCondition(place) : undefined
}

const noConditions = () => ({ stringEquals: [], stringNotEquals: [], stringLike: [], stringNotLike: [] })

function readConditions(place: Place, absent: BackupSelection['conditions']): BackupSelection['conditions'] {
  if (place.unknown) return undefined
  if (isAbsent(place)) return absent
  const blocks = elements(place)
  if (!blocks || blocks.partial) return undefined
  const all: NonNullable<BackupSelection['conditions']> = noConditions()
  for (const block of blocks.places) {
    for (const [operator, name] of [
      ['stringEquals', 'StringEquals'],
      ['stringNotEquals', 'StringNotEquals'],
      ['stringLike', 'StringLike'],
      ['stringNotLike', 'StringNotLike'],
    ] as const) {
      const conditions = allOr(at(block, name), readCondition, [] as TagCondition[])
      if (!conditions) return undefined
      all[operator].push(...conditions)
    }
  }
  return all
}

function readSelection(item: ResourceRecord): BackupSelection | undefined {
  const root = configurationOf(item)
  const nested = at(root, 'BackupSelection')
  const body = isAbsent(nested) ? root : nested
  const id = textOr(at(root, 'SelectionId'), undefined) ?? toText(item.id)
  const name = textOr(at(body, 'SelectionName', 'name'), undefined) ?? item.name
  if (id === undefined && name === undefined) return undefined
  // An answer of `ListBackupSelections` has no body: what it selects is not known. AWS Config leaves tags and conditions out.
  const bodyless = isAbsent(nested) && item.encoding !== 'terraform'
  const absent = bodyless || item.encoding === 'config' ? undefined : []
  // It does record the two lists of ARNs: there, absent is none (awslabs/aws-config-resource-schema, BackupSelection).
  const absentArns = bodyless ? undefined : []
  return known({
    id,
    name,
    planId: referenceOr(at(root, 'BackupPlanId', 'plan_id'), undefined),
    roleArn: textOr(at(body, 'IamRoleArn'), undefined),
    resources: textsOr(at(body, 'Resources'), absentArns),
    notResources: textsOr(at(body, 'NotResources'), absentArns),
    listOfTags: allOr(at(body, 'ListOfTags', 'selection_tag'), readTagEntry, absent as TagCondition[] | undefined),
    conditions: readConditions(at(body, 'Conditions', 'condition'), absent && noConditions()),
  })
}

type Tree = { [key: string]: unknown }

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Named children of a policy node; keys that begin with `@@` are inheritance operators, not children. */
function children(value: unknown): [string, Tree][] {
  if (!isTree(value)) return []
  return Object.entries(value).filter(
    (entry): entry is [string, Tree] => !entry[0].startsWith('@@') && isTree(entry[1]),
  )
}

/** A value of a backup policy: plain in an effective policy, under `@@assign` or `@@append` in an attached one. */
function setting(tree: unknown, name: string): unknown {
  const value = member(tree, name)
  return isTree(value) ? (member(value, '@@assign') ?? member(value, '@@append')) : value
}

function settingTexts(tree: unknown, name: string): string[] | undefined {
  const value = setting(tree, name)
  const list = Array.isArray(value) ? value : typeof value === 'string' ? [value] : undefined
  return list?.every((element): element is string => typeof element === 'string') ? list : undefined
}

/** How a policy is read: an effective one is whole; in an attached one what is absent may be inherited. */
interface PolicyReading {
  effective: boolean
  /** The one account it is about, which `$account` stands for. */
  account: string | undefined
}

const withAccount = (reading: PolicyReading, text: string | undefined) =>
  reading.account === undefined ? text : text?.replaceAll('$account', reading.account)

function settingOrNull<T>(
  tree: unknown,
  name: string,
  reading: PolicyReading,
  convert: (value: unknown) => T | undefined,
): T | null | undefined {
  const value = setting(tree, name)
  return value === undefined || value === null ? (reading.effective ? null : undefined) : convert(value)
}

function policyDays(tree: unknown, name: string, reading: PolicyReading): number | null | undefined {
  const days = settingOrNull(tree, name, reading, toNumber)
  return typeof days === 'number' && days < 0 ? null : days
}

function readPolicyCopies(rule: Tree, ruleRetention: number | null | undefined, reading: PolicyReading) {
  const actions = member(rule, 'copy_actions')
  if (actions === undefined || actions === null) return reading.effective ? [] : undefined
  const found = children(actions).filter(
    ([key, action]) => key.startsWith('arn:') || Object.hasOwn(action, 'target_backup_vault_arn'),
  )
  return found.map(([key, action]): CopyAction => {
    const own = policyDays(member(action, 'lifecycle'), 'delete_after_days', reading)
    const target = toText(setting(action, 'target_backup_vault_arn')) ?? (key.startsWith('arn:') ? key : undefined)
    return known({
      destinationVaultArn: withAccount(reading, target),
      retentionDays: own === null ? ruleRetention : own,
    })
  })
}

function readPolicyRule(name: string, rule: Tree, reading: PolicyReading): BackupRule {
  const lifecycle = member(rule, 'lifecycle')
  const retentionDays = policyDays(lifecycle, 'delete_after_days', reading)
  const airGapped = settingOrNull(rule, 'target_logically_air_gapped_backup_vault_arn', reading, toText)
  return known({
    name,
    targetVaultName: toText(setting(rule, 'target_backup_vault_name')),
    targetAirGappedVaultArn: airGapped === null ? null : withAccount(reading, airGapped),
    schedule: settingOrNull(rule, 'schedule_expression', reading, toText),
    timezone: settingOrNull(rule, 'schedule_expression_timezone', reading, toText),
    startWindowMinutes: settingOrNull(rule, 'start_backup_window_minutes', reading, toNumber),
    completionWindowMinutes: settingOrNull(rule, 'complete_backup_window_minutes', reading, toNumber),
    retentionDays,
    moveToColdStorageAfterDays: policyDays(lifecycle, 'move_to_cold_storage_after_days', reading),
    optInToArchive:
      settingOrNull(lifecycle, 'opt_in_to_archive_for_supported_resources', reading, toBoolean) ??
      (reading.effective ? false : undefined),
    continuous:
      settingOrNull(rule, 'enable_continuous_backup', reading, toBoolean) ?? (reading.effective ? false : undefined),
    copyActions: readPolicyCopies(rule, retentionDays, reading),
  })
}

function readPolicyConditions(tree: unknown, reading: PolicyReading): BackupSelection['conditions'] {
  if (tree === undefined || tree === null) return reading.effective ? noConditions() : undefined
  const all: NonNullable<BackupSelection['conditions']> = noConditions()
  for (const [operator, name] of [
    ['stringEquals', 'string_equals'],
    ['stringNotEquals', 'string_not_equals'],
    ['stringLike', 'string_like'],
    ['stringNotLike', 'string_not_like'],
  ] as const) {
    for (const [, condition] of children(member(tree, name))) {
      const key = toText(setting(condition, 'condition_key'))
      const value = setting(condition, 'condition_value')
      if (key === undefined || typeof value !== 'string') return undefined
      all[operator].push({ key, value })
    }
  }
  return all
}

/** `selections.tags`: one tag key with the values that select. `selections.resources`: ARN patterns. */
function readPolicySelections(planId: string, plan: Tree, reading: PolicyReading): BackupSelection[] {
  const selections = member(plan, 'selections')
  const common = (name: string, tree: Tree): BackupSelection => ({
    name,
    planId,
    roleArn: withAccount(reading, toText(setting(tree, 'iam_role_arn'))),
    conditions: readPolicyConditions(member(tree, 'conditions'), reading),
  })
  const byTag = children(member(selections, 'tags')).map(([name, tree]) => {
    const key = toText(setting(tree, 'tag_key'))
    const values = settingTexts(tree, 'tag_value')
    const listOfTags = key === undefined || !values ? undefined : values.map(value => ({ key, value }))
    return known({ ...common(name, tree), resources: [], notResources: [], listOfTags })
  })
  const none = reading.effective ? [] : undefined
  const byResource = children(member(selections, 'resources')).map(([name, tree]) =>
    known({
      ...common(name, tree),
      resources: settingTexts(tree, 'resource_types'),
      notResources: setting(tree, 'not_resource_types') === undefined ? none : settingTexts(tree, 'not_resource_types'),
      listOfTags: [],
    }),
  )
  return [...byTag, ...byResource]
}

/** Where the values of Terraform's `aws_organizations_policy_attachment` stand. */
const attachmentsKey = 'policy_attachments'

/** What Terraform attaches the policy to; `undefined` where that is not all known, or nothing. */
function attachedTargets(item: ResourceRecord): string[] | undefined {
  const { places, partial } = companionsAt(item, attachmentsKey)
  const targets = places.map(attachment => textOr(at(attachment, 'target_id'), undefined))
  return partial || targets.length === 0 || targets.includes(undefined)
    ? undefined
    : targets.filter(target => target !== undefined)
}

/** Accounts under the policy; `undefined` where it is attached to a root or unit, whose accounts are not told here. */
function policyAccounts(item: ResourceRecord, root: Place): string[] | undefined {
  const target = textOr(at(root, 'TargetId'), undefined)
  const targets =
    target !== undefined
      ? [target]
      : (listIn(supplementaryOf(item, 'Targets'), 'Targets')?.map(entry => toText(member(entry, 'TargetId')) ?? '') ??
        textsOr(at(root, 'TargetIds'), undefined) ??
        attachedTargets(item))
  return targets?.every(isAccountId) ? targets : undefined
}

function policyRoot(item: ResourceRecord): Place {
  let root = configurationOf(item)
  for (const name of ['Policy', 'EffectivePolicy']) {
    const nested = at(root, name)
    if (typeof nested.value === 'object' && nested.value !== null) root = nested
  }
  return root
}

function policyType(item: ResourceRecord): string | undefined {
  const root = policyRoot(item)
  return textOr(at(root, 'PolicyType', 'Type'), undefined) ?? textOr(at(at(root, 'PolicySummary'), 'Type'), undefined)
}

function readPolicy(item: ResourceRecord): EvidenceKinds['organization-backup-policy'] | undefined {
  const root = policyRoot(item)
  const content = at(root, 'PolicyContent', 'Content')
  const document = content.unknown ? undefined : toDocument(content.value)
  if (!document || !toText(item.id)) return undefined
  const accounts = policyAccounts(item, root)
  const reading: PolicyReading = {
    effective: !isAbsent(at(root, 'PolicyContent')),
    account: accounts?.length === 1 ? accounts[0] : undefined,
  }
  const plans = children(member(document, 'plans')).map(([name, tree]) => {
    const id = `${item.id}/${name}`
    const rules = children(member(tree, 'rules')).map(([rule, body]) => readPolicyRule(rule, body, reading))
    // In an attached policy, policies above and below may add rules.
    const plan: BackupPlan = known({
      id,
      name,
      rules,
      rulesPartial: reading.effective ? undefined : true,
      organizationPolicy: true,
    })
    return known({ plan, selections: readPolicySelections(id, tree, reading), regions: settingTexts(tree, 'regions') })
  })
  return known({ accounts, plans })
}

/** Backup plans, selections, and backup policies of AWS Organizations. */
export const definitions: ResourceDefinition[] = [
  {
    role: 'backup-plan',
    type: 'AWS::Backup::BackupPlan',
    places: {
      rules: { cloudformation: 'BackupPlan.BackupPlanRule[]', terraform: 'rule[]' },
      'rules[].retentionDays': {
        cloudformation: 'BackupPlan.BackupPlanRule[].Lifecycle.DeleteAfterDays',
        terraform: 'rule[].lifecycle.delete_after',
      },
      'rules[].keepsForever': {
        cloudformation: 'BackupPlan.BackupPlanRule[].Lifecycle.DeleteAfterDays',
        terraform: 'rule[].lifecycle.delete_after',
      },
      'rules[].moveToColdStorageAfterDays': {
        cloudformation: 'BackupPlan.BackupPlanRule[].Lifecycle.MoveToColdStorageAfterDays',
        terraform: 'rule[].lifecycle.cold_storage_after',
      },
      'rules[].coldGapDays': {
        cloudformation: 'BackupPlan.BackupPlanRule[].Lifecycle.DeleteAfterDays',
        terraform: 'rule[].lifecycle.delete_after',
      },
      'rules[].continuous': {
        cloudformation: 'BackupPlan.BackupPlanRule[].EnableContinuousBackup',
        terraform: 'rule[].enable_continuous_backup',
      },
      'rules[].nominalGapHours': {
        cloudformation: 'BackupPlan.BackupPlanRule[].ScheduleExpression',
        terraform: 'rule[].schedule',
      },
      'rules[].longestGapHours': {
        cloudformation: 'BackupPlan.BackupPlanRule[].ScheduleExpression',
        terraform: 'rule[].schedule',
      },
      'rules[].startWindowMinutes': {
        cloudformation: 'BackupPlan.BackupPlanRule[].StartWindowMinutes',
        terraform: 'rule[].start_window',
      },
      'rules[].startWindowSlackMinutes': {
        cloudformation: 'BackupPlan.BackupPlanRule[].StartWindowMinutes',
        terraform: 'rule[].start_window',
      },
      'rules[].copiesElsewhere': {
        cloudformation: 'BackupPlan.BackupPlanRule[].CopyActions',
        terraform: 'rule[].copy_action',
      },
      'rules[].targetVaultName': {
        cloudformation: 'BackupPlan.BackupPlanRule[].TargetBackupVault',
        terraform: 'rule[].target_vault_name',
      },
      'rules[].copyActions[]': {
        cloudformation: 'BackupPlan.BackupPlanRule[].CopyActions[].DestinationBackupVaultArn',
        terraform: 'rule[].copy_action[].destination_vault_arn',
      },
      'rules[].copyActions[].retentionDays': {
        cloudformation: 'BackupPlan.BackupPlanRule[].CopyActions[].Lifecycle.DeleteAfterDays',
        terraform: 'rule[].copy_action[].lifecycle.delete_after',
      },
      copiesElsewhere: { cloudformation: 'BackupPlan.BackupPlanRule', terraform: 'rule' },
      targets: { cloudformation: 'BackupPlan.BackupPlanRule', terraform: 'rule' },
      copies: { cloudformation: 'BackupPlan.BackupPlanRule', terraform: 'rule' },
    },
    names: names('AWS::Backup::BackupPlan', ['aws_backup_plan', 'awscc_backup_backup_plan']),
    identity: { arn: 'backup:{region}:{account}:backup-plan:{id}' },
    read: readPlan,
  },
  {
    role: 'backup-selection',
    type: 'AWS::Backup::BackupSelection',
    places: {
      doubtfulPatterns: {
        cloudformation: [
          'BackupSelection.Resources',
          'BackupSelection.NotResources',
          'BackupSelection.ListOfTags',
          'BackupSelection.Conditions',
        ],
        terraform: ['resources', 'not_resources', 'selection_tag', 'condition'],
      },
      selectsAll: { cloudformation: 'BackupSelection.Resources', terraform: 'resources' },
      resourcesAndTags: { cloudformation: 'BackupSelection.ListOfTags', terraform: 'selection_tag' },
      matchedCount: {
        cloudformation: ['BackupSelection.Resources', 'BackupSelection.ListOfTags', 'BackupSelection.Conditions'],
        terraform: ['resources', 'selection_tag', 'condition'],
      },
    },
    names: names('AWS::Backup::BackupSelection', ['aws_backup_selection', 'awscc_backup_backup_selection']),
    read: readSelection,
  },
  {
    role: 'organization-backup-policy',
    type: 'AWS::Organizations::Policy',
    names: names('AWS::Organizations::Policy', ['aws_organizations_policy', 'awscc_organizations_policy']),
    companions: { aws_organizations_policy_attachment: { by: 'policy_id', as: attachmentsKey, many: true } },
    accepts: item => policyType(item) === 'BACKUP_POLICY',
    read: readPolicy,
  },
]
