// Protects how AWS Backup's own resources are read: the same plan, selection, vault, point, job or restore test must come
// out of AWS Config, the native API, CloudFormation and Terraform with the same meaning, and what an encoding cannot tell
// must stay unknown rather than become «none».
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Encoding, ResourceRecord } from '../../src/model/record.ts'
import { definitions as jobs } from '../../src/resources/backup-jobs.ts'
import { definitions as plans } from '../../src/resources/backup-plans.ts'
import { definitions as vaults } from '../../src/resources/backup-vaults.ts'
import type { ResourceDefinition } from '../../src/resources/definition.ts'
import { definitions as points } from '../../src/resources/recovery-points.ts'
import { definitions as restoreTesting } from '../../src/resources/restore-testing.ts'

const all: ResourceDefinition[] = [...plans, ...vaults, ...points, ...jobs, ...restoreTesting]

function record(
  type: string,
  encoding: Encoding,
  configuration: object,
  more: Partial<ResourceRecord> = {},
): ResourceRecord {
  return {
    record: 'resource',
    scope: 's',
    type,
    id: 'bookshop',
    encoding,
    configuration: configuration as Record<string, unknown>,
    ...more,
  }
}

const sourceNames = (definition: ResourceDefinition) => [
  definition.type,
  ...definition.names.config,
  ...definition.names.cloudformation,
  ...definition.names.terraform,
]

/** Reads a record with the one definition that takes it. */
function read(item: ResourceRecord): unknown {
  const found = all.filter(d => sourceNames(d).includes(item.type) && (d.accepts?.(item) ?? true))
  expect(found.map(d => d.type)).toHaveLength(1)
  const definition = found[0]!
  return definition.role === 'data-store' ? expect.unreachable() : definition.read(item)
}

const dr = 'arn:aws:backup:eu-central-1:444455556666:backup-vault:dr'
const vaultArn = 'arn:aws:backup:eu-west-1:111122223333:backup-vault:main'

describe('backup plans', () => {
  const cfnPlan = {
    BackupPlan: {
      BackupPlanName: 'daily',
      BackupPlanRule: [
        {
          RuleName: 'nightly',
          TargetBackupVault: 'main',
          ScheduleExpression: 'cron(0 5 ? * * *)',
          ScheduleExpressionTimezone: 'Europe/Berlin',
          StartWindowMinutes: 60,
          CompletionWindowMinutes: 600,
          EnableContinuousBackup: false,
          Lifecycle: { DeleteAfterDays: 120, MoveToColdStorageAfterDays: 30 },
          CopyActions: [{ DestinationBackupVaultArn: dr, Lifecycle: { DeleteAfterDays: 365 } }],
        },
      ],
    },
  }
  const apiPlan = {
    BackupPlanId: 'p-1',
    BackupPlan: {
      BackupPlanName: 'daily',
      Rules: [
        {
          ...cfnPlan.BackupPlan.BackupPlanRule[0],
          TargetBackupVault: undefined,
          TargetBackupVaultName: 'main',
          RuleId: 'r-1',
        },
      ],
    },
  }
  const terraformPlan = {
    name: 'daily',
    rule: [
      {
        rule_name: 'nightly',
        target_vault_name: 'main',
        schedule: 'cron(0 5 ? * * *)',
        schedule_expression_timezone: 'Europe/Berlin',
        start_window: 60,
        completion_window: 600,
        enable_continuous_backup: false,
        lifecycle: [{ delete_after: 120, cold_storage_after: 30, opt_in_to_archive_for_supported_resources: null }],
        copy_action: [{ destination_vault_arn: dr, lifecycle: [{ delete_after: 365, cold_storage_after: 0 }] }],
      },
    ],
  }
  const awsccPlan = {
    backup_plan: {
      backup_plan_name: 'daily',
      backup_plan_rule: [
        {
          rule_name: 'nightly',
          target_backup_vault: 'main',
          schedule_expression: 'cron(0 5 ? * * *)',
          schedule_expression_timezone: 'Europe/Berlin',
          start_window_minutes: 60,
          completion_window_minutes: 600,
          lifecycle: { delete_after_days: 120, move_to_cold_storage_after_days: 30 },
          copy_actions: [{ destination_backup_vault_arn: dr, lifecycle: { delete_after_days: 365 } }],
        },
      ],
    },
  }
  const rule = {
    name: 'nightly',
    targetVaultName: 'main',
    targetAirGappedVaultArn: null,
    schedule: 'cron(0 5 ? * * *)',
    timezone: 'Europe/Berlin',
    startWindowMinutes: 60,
    completionWindowMinutes: 600,
    retentionDays: 120,
    moveToColdStorageAfterDays: 30,
    optInToArchive: false,
    continuous: false,
    copyActions: [{ destinationVaultArn: dr, retentionDays: 365 }],
  }
  const type = 'AWS::Backup::BackupPlan'
  it.each([
    [
      'cloudformation',
      record(type, 'cloudformation', cfnPlan),
      { id: 'bookshop', organizationPolicy: false, rules: [rule] },
    ],
    ['api', record(type, 'api', apiPlan), { id: 'p-1', rules: [{ ...rule, id: 'r-1' }] }],
    [
      'config',
      record(type, 'config', { ...cfnPlan, BackupPlanId: 'p-1' }),
      { id: 'p-1', rules: [{ ...rule, targetAirGappedVaultArn: undefined, optInToArchive: undefined }] },
    ],
    [
      'terraform',
      record('aws_backup_plan', 'terraform', terraformPlan),
      { id: 'bookshop', organizationPolicy: false, rules: [rule] },
    ],
    [
      'awscc',
      record('awscc_backup_backup_plan', 'terraform', awsccPlan),
      { id: 'bookshop', organizationPolicy: false, rules: [rule] },
    ],
  ])('reads the same plan in %s', (_, item, expected) => {
    expect(read(item)).toEqual({ name: 'daily', ...expected })
  })

  const oneRule = (body: object) =>
    (
      read(
        record(type, 'api', {
          BackupPlan: { BackupPlanName: 'p', Rules: [{ RuleName: 'r', TargetBackupVaultName: 'v', ...body }] },
        }),
      ) as { rules: object[] }
    ).rules[0]
  const terraformRule = (body: object, unknown?: string[]) =>
    (
      read(
        record(
          'aws_backup_plan',
          'terraform',
          { name: 'p', rule: [{ rule_name: 'r', target_vault_name: 'v', ...body }] },
          { unknown },
        ),
      ) as { rules: object[] }
    ).rules[0]
  const cfnRule = (body: object) =>
    (
      read(
        record(type, 'cloudformation', {
          BackupPlan: { BackupPlanName: 'p', BackupPlanRule: [{ RuleName: 'r', ...body }] },
        }),
      ) as { rules: object[] }
    ).rules[0]

  it.each([
    ['no lifecycle = for ever', oneRule({}), { retentionDays: null, moveToColdStorageAfterDays: null }],
    ['-1 = for ever', oneRule({ Lifecycle: { DeleteAfterDays: -1 } }), { retentionDays: null }],
    ['0 is a number of days in the API', oneRule({ Lifecycle: { DeleteAfterDays: 0 } }), { retentionDays: 0 }],
    [
      '0 is unset in Terraform',
      terraformRule({ lifecycle: [{ delete_after: 0, cold_storage_after: 0 }] }),
      { retentionDays: null, moveToColdStorageAfterDays: null },
    ],
    ['no lifecycle block in Terraform', terraformRule({ lifecycle: [] }), { retentionDays: null }],
    [
      'no schedule',
      oneRule({}),
      { schedule: null, timezone: null, startWindowMinutes: null, completionWindowMinutes: null },
    ],
    [
      'deleted once copied: no days',
      oneRule({ Lifecycle: { DeleteAfterEvent: 'DELETE_AFTER_COPY' } }),
      { retentionDays: undefined },
    ],
    [
      'unreadable days are not for ever',
      oneRule({ Lifecycle: { DeleteAfterDays: 'soon' } }),
      { retentionDays: undefined },
    ],
    ['an unreadable lifecycle is not for ever', oneRule({ Lifecycle: 'P35D' }), { retentionDays: undefined }],
    [
      'unknown until deployment',
      terraformRule({ lifecycle: [{}] }, ['rule.0.lifecycle.0.delete_after']),
      { retentionDays: undefined, moveToColdStorageAfterDays: null },
    ],
    ['unknown block', terraformRule({ lifecycle: [] }, ['rule.0.lifecycle']), { retentionDays: undefined }],
    ['marker without positions', terraformRule({}, ['rule.schedule']), { schedule: undefined, retentionDays: null }],
    [
      'unresolved function',
      cfnRule({ Lifecycle: { 'Fn::If': ['Prod', { DeleteAfterDays: 35 }, { Ref: 'AWS::NoValue' }] } }),
      { retentionDays: undefined },
    ],
    ['unresolved member', cfnRule({ Lifecycle: { DeleteAfterDays: { Ref: 'Days' } } }), { retentionDays: undefined }],
    ['no value = absent', cfnRule({ Lifecycle: { Ref: 'AWS::NoValue' } }), { retentionDays: null }],
    ['continuous', oneRule({ EnableContinuousBackup: true }), { continuous: true }],
  ])('%s', (_, found, expected) => {
    for (const [name, value] of Object.entries(expected))
      expect({ [name]: (found as Record<string, unknown>)[name] }).toEqual({ [name]: value })
  })

  it.each([
    ['without lifecycle inherits', {}, 35],
    ['«Always» inherits', { Lifecycle: { DeleteAfterDays: -1 } }, 35],
    ['with cold storage only inherits', { Lifecycle: { MoveToColdStorageAfterDays: 10 } }, 35],
    ['has its own', { Lifecycle: { DeleteAfterDays: 90 } }, 90],
  ])('a copy action %s', (_, action, expected) => {
    const found = oneRule({
      Lifecycle: { DeleteAfterDays: 35 },
      CopyActions: [{ DestinationBackupVaultArn: dr, ...action }],
    })
    expect(found).toEqual(
      expect.objectContaining({ copyActions: [{ destinationVaultArn: dr, retentionDays: expected }] }),
    )
  })

  it.each([
    ['a list entry has no rules', record(type, 'api', { BackupPlanId: 'p', BackupPlanName: 'n' }), true],
    [
      'a stated empty list is complete',
      record(type, 'api', { BackupPlanId: 'p', BackupPlan: { BackupPlanName: 'n', Rules: [] } }),
      undefined,
    ],
    [
      'a hostile rule is not counted',
      record(type, 'api', { BackupPlanId: 'p', BackupPlan: { Rules: ['x', null] } }),
      true,
    ],
    ['a template has at least one rule', record(type, 'cloudformation', { BackupPlan: { Ref: 'Plan' } }), true],
    ['dynamic blocks', record('aws_backup_plan', 'terraform', { name: 'n', rule: [] }, { unknown: ['rule'] }), true],
  ])('%s', (_, item, rulesPartial) => {
    expect((read(item) as { rulesPartial?: boolean }).rulesPartial).toBe(rulesPartial)
  })

  it('knows the plan of a backup policy by its id', () => {
    const item = record(type, 'api', {
      BackupPlanId: 'orgs/4232272a-0000-0000-0000-000000000000',
      BackupPlan: { Rules: [] },
    })
    expect(read(item)).toEqual(expect.objectContaining({ organizationPolicy: true }))
  })
})

describe('backup selections', () => {
  const type = 'AWS::Backup::BackupSelection'
  const body = {
    SelectionName: 'orders',
    IamRoleArn: 'arn:aws:iam::111122223333:role/backup',
    Resources: ['arn:aws:dynamodb:*:*:table/*'],
    NotResources: [],
    ListOfTags: [{ ConditionType: 'STRINGEQUALS', ConditionKey: 'backup', ConditionValue: 'daily' }],
    Conditions: {
      StringEquals: [{ ConditionKey: 'aws:ResourceTag/env', ConditionValue: 'prod' }],
      StringNotLike: [{ ConditionKey: 'aws:ResourceTag/env', ConditionValue: '*test*' }],
    },
  }
  const expected = {
    id: 's-1',
    name: 'orders',
    planId: 'p-1',
    roleArn: body.IamRoleArn,
    resources: body.Resources,
    notResources: [],
    listOfTags: [{ key: 'backup', value: 'daily' }],
    conditions: {
      stringEquals: [{ key: 'aws:ResourceTag/env', value: 'prod' }],
      stringNotEquals: [],
      stringLike: [],
      stringNotLike: [{ key: 'aws:ResourceTag/env', value: '*test*' }],
    },
  }
  it.each([
    ['api', record(type, 'api', { SelectionId: 's-1', BackupPlanId: 'p-1', BackupSelection: body }), expected],
    ['config', record(type, 'config', { SelectionId: 's-1', BackupPlanId: 'p-1', BackupSelection: body }), expected],
    [
      'cloudformation',
      record(type, 'cloudformation', { BackupPlanId: 'p-1', BackupSelection: body }),
      { ...expected, id: 'bookshop' },
    ],
    [
      'terraform',
      record('aws_backup_selection', 'terraform', {
        name: 'orders',
        plan_id: 'p-1',
        iam_role_arn: body.IamRoleArn,
        resources: body.Resources,
        not_resources: null,
        selection_tag: [{ type: 'STRINGEQUALS', key: 'backup', value: 'daily' }],
        condition: [
          {
            string_equals: [{ key: 'aws:ResourceTag/env', value: 'prod' }],
            string_not_equals: [],
            string_not_like: [{ key: 'aws:ResourceTag/env', value: '*test*' }],
          },
        ],
      }),
      { ...expected, id: 'bookshop' },
    ],
  ])('reads the same selection in %s', (_, item, wanted) => {
    expect(read(item)).toEqual(wanted)
  })

  const lists = (item: ResourceRecord) => {
    const { resources, notResources, listOfTags, conditions } = read(item) as Record<string, unknown>
    return { resources, notResources, listOfTags, conditions }
  }
  const none = { stringEquals: [], stringNotEquals: [], stringLike: [], stringNotLike: [] }
  const bare = { SelectionName: 's', IamRoleArn: 'r' }
  const unknownLists = { resources: undefined, notResources: undefined, listOfTags: undefined, conditions: undefined }
  it.each([
    [
      'api: absent lists are empty',
      record(type, 'api', { BackupSelection: bare }),
      { resources: [], notResources: [], listOfTags: [], conditions: none },
    ],
    [
      'config: absent ARNs are none, absent tags and conditions are not known',
      record(type, 'config', { BackupSelection: bare }),
      { ...unknownLists, resources: [], notResources: [] },
    ],
    [
      'api: a list entry tells none',
      record(type, 'api', { SelectionId: 's', SelectionName: 's', BackupPlanId: 'p' }),
      unknownLists,
    ],
    [
      'cloudformation: absent lists are empty',
      record(type, 'cloudformation', { BackupSelection: { ...bare, Resources: [] } }),
      { resources: [], notResources: [], listOfTags: [], conditions: none },
    ],
    [
      'terraform: unknown list',
      record('aws_backup_selection', 'terraform', { name: 's', resources: null }, { unknown: ['resources'] }),
      { resources: undefined, notResources: [], listOfTags: [], conditions: none },
    ],
    [
      'one unreadable entry makes its list unknown',
      record(type, 'api', {
        BackupSelection: {
          ...bare,
          Resources: ['a', {}],
          ListOfTags: [{ ConditionType: 'LIKE', ConditionKey: 'a', ConditionValue: 'b' }],
        },
      }),
      { resources: undefined, notResources: [], listOfTags: undefined, conditions: none },
    ],
    [
      'an unresolved function makes its list unknown',
      record(type, 'cloudformation', {
        BackupSelection: {
          ...bare,
          NotResources: [{ 'Fn::GetAtt': ['Cache', 'Arn'] }],
          Conditions: { Ref: 'Conditions' },
        },
      }),
      { resources: [], notResources: undefined, listOfTags: [], conditions: undefined },
    ],
  ])('%s', (_, item, wanted) => {
    expect(lists(item)).toEqual(wanted)
  })

  it('keeps an empty tag value', () => {
    const item = record(type, 'api', {
      BackupSelection: {
        ...bare,
        ListOfTags: [{ ConditionType: 'STRINGEQUALS', ConditionKey: 'backup', ConditionValue: '' }],
      },
    })
    expect(lists(item).listOfTags).toEqual([{ key: 'backup', value: '' }])
  })
})

describe('backup policies of AWS Organizations', () => {
  const effective = {
    plans: {
      clinic: {
        regions: ['eu-west-1'],
        rules: {
          hourly: {
            schedule_expression: 'cron(0 0/1 ? * * *)',
            start_backup_window_minutes: '60',
            target_backup_vault_name: 'records',
            lifecycle: { delete_after_days: '35' },
            copy_actions: {
              'arn:aws:backup:eu-central-1:$account:backup-vault:dr': {
                target_backup_vault_arn: { '@@assign': 'arn:aws:backup:eu-central-1:$account:backup-vault:dr' },
                lifecycle: { delete_after_days: '-1' },
              },
            },
          },
        },
        selections: {
          tags: {
            patients: {
              iam_role_arn: 'arn:aws:iam::$account:role/backup',
              tag_key: 'data',
              tag_value: ['patient', 'billing'],
              conditions: {
                string_not_equals: { c: { condition_key: 'aws:ResourceTag/backup', condition_value: 'no' } },
              },
            },
          },
          resources: { volumes: { iam_role_arn: 'r', resource_types: ['arn:aws:ec2:*:*:volume/*'] } },
        },
      },
    },
  }
  const assigned = JSON.parse(JSON.stringify(effective), (key, value) =>
    ['regions', 'resource_types', 'tag_value'].includes(key) || (typeof value === 'string' && !/^(\d|@@|p|b)/.test(key))
      ? { '@@assign': value }
      : value,
  )

  it('reads an effective policy whole, for its account', () => {
    const item = record('AWS::Organizations::Policy', 'api', {
      EffectivePolicy: {
        PolicyType: 'BACKUP_POLICY',
        TargetId: '111122223333',
        PolicyContent: JSON.stringify(effective),
      },
    })
    const noConditions = { stringEquals: [], stringNotEquals: [], stringLike: [], stringNotLike: [] }
    expect(read(item)).toEqual({
      accounts: ['111122223333'],
      plans: [
        {
          regions: ['eu-west-1'],
          plan: {
            id: 'bookshop/clinic',
            name: 'clinic',
            organizationPolicy: true,
            rules: [
              {
                name: 'hourly',
                targetVaultName: 'records',
                targetAirGappedVaultArn: null,
                schedule: 'cron(0 0/1 ? * * *)',
                timezone: null,
                startWindowMinutes: 60,
                completionWindowMinutes: null,
                retentionDays: 35,
                moveToColdStorageAfterDays: null,
                optInToArchive: false,
                continuous: false,
                copyActions: [
                  {
                    destinationVaultArn: 'arn:aws:backup:eu-central-1:111122223333:backup-vault:dr',
                    retentionDays: 35,
                  },
                ],
              },
            ],
          },
          selections: [
            {
              name: 'patients',
              planId: 'bookshop/clinic',
              roleArn: 'arn:aws:iam::111122223333:role/backup',
              resources: [],
              notResources: [],
              listOfTags: [
                { key: 'data', value: 'patient' },
                { key: 'data', value: 'billing' },
              ],
              conditions: { ...noConditions, stringNotEquals: [{ key: 'aws:ResourceTag/backup', value: 'no' }] },
            },
            {
              name: 'volumes',
              planId: 'bookshop/clinic',
              roleArn: 'r',
              resources: ['arn:aws:ec2:*:*:volume/*'],
              notResources: [],
              listOfTags: [],
              conditions: noConditions,
            },
          ],
        },
      ],
    })
  })

  it.each([
    [
      'cloudformation',
      record('AWS::Organizations::Policy', 'cloudformation', {
        Type: 'BACKUP_POLICY',
        Content: assigned,
        TargetIds: ['ou-1'],
      }),
    ],
    [
      'terraform',
      record('aws_organizations_policy', 'terraform', { type: 'BACKUP_POLICY', content: JSON.stringify(assigned) }),
    ],
    [
      'api',
      record(
        'AWS::Organizations::Policy',
        'api',
        { PolicySummary: { Type: 'BACKUP_POLICY' }, Content: JSON.stringify(assigned) },
        { supplementary: { Targets: [{ TargetId: 'r-1', Type: 'ROOT' }] } },
      ),
    ],
  ])('leaves open what an attached policy (%s) may inherit', (_, item) => {
    const policy = read(item) as {
      accounts?: string[]
      plans: { plan: Record<string, unknown>; selections: object[]; regions: string[] }[]
    }
    expect(policy.accounts).toBeUndefined()
    expect(policy.plans).toHaveLength(1)
    const { plan, selections, regions } = policy.plans[0]!
    expect(regions).toEqual(['eu-west-1'])
    expect(plan.rulesPartial).toBe(true)
    expect(plan.rules).toEqual([
      {
        name: 'hourly',
        targetVaultName: 'records',
        schedule: 'cron(0 0/1 ? * * *)',
        startWindowMinutes: 60,
        retentionDays: 35,
        copyActions: [
          { destinationVaultArn: 'arn:aws:backup:eu-central-1:$account:backup-vault:dr', retentionDays: 35 },
        ],
      },
    ])
    expect(selections).toHaveLength(2)
  })

  it('takes no other policy type', () => {
    const definition = plans.find(d => d.type === 'AWS::Organizations::Policy')
    expect(
      definition?.accepts?.(
        record('AWS::Organizations::Policy', 'cloudformation', { Type: 'SERVICE_CONTROL_POLICY', Content: {} }),
      ),
    ).toBe(false)
  })
})

describe('backup vaults', () => {
  const type = 'AWS::Backup::BackupVault'
  const airGapped = 'AWS::Backup::LogicallyAirGappedBackupVault'
  const policy = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Deny', Principal: '*', Action: 'backup:DeleteRecoveryPoint', Resource: '*' }],
  }
  const noLock = {
    locked: false,
    lockDate: null,
    changeableForDays: null,
    minRetentionDays: null,
    maxRetentionDays: null,
  }
  it.each<[string, ResourceRecord, object]>([
    [
      'api, everything',
      record(
        type,
        'api',
        {
          BackupVaultName: 'main',
          BackupVaultArn: vaultArn,
          VaultType: 'BACKUP_VAULT',
          EncryptionKeyArn: 'arn:aws:kms:eu-west-1:111122223333:key/k',
          EncryptionKeyType: 'CUSTOMER_MANAGED_KMS_KEY',
          NumberOfRecoveryPoints: 7,
          Locked: true,
          MinRetentionDays: 7,
          LockDate: 1767607200,
        },
        {
          supplementary: {
            AccessPolicy: JSON.stringify(policy),
            Notifications: { SNSTopicArn: 't', BackupVaultEvents: ['COPY_JOB_FAILED'] },
          },
        },
      ),
      {
        name: 'main',
        vaultType: 'backup',
        keyArn: 'arn:aws:kms:eu-west-1:111122223333:key/k',
        keyType: 'customer',
        locked: true,
        lockDate: '2026-01-05T10:00:00.000Z',
        minRetentionDays: 7,
        maxRetentionDays: null,
        accessPolicy: policy,
        notifications: { topicArn: 't', events: ['COPY_JOB_FAILED'] },
        mpaApprovalTeamArn: null,
        pointCount: 7,
      },
    ],
    [
      'api, governance lock, no policy, no notifications',
      record(
        type,
        'api',
        { BackupVaultName: 'main', VaultType: 'BACKUP_VAULT', Locked: true },
        { supplementary: { AccessPolicy: null, Notifications: null } },
      ),
      {
        name: 'main',
        vaultType: 'backup',
        locked: true,
        lockDate: null,
        minRetentionDays: null,
        maxRetentionDays: null,
        accessPolicy: null,
        notifications: null,
        mpaApprovalTeamArn: null,
      },
    ],
    [
      'api, not locked; policy and notifications not read',
      record(type, 'api', { BackupVaultName: 'main', VaultType: 'BACKUP_VAULT', Locked: false }),
      {
        name: 'main',
        vaultType: 'backup',
        locked: false,
        lockDate: null,
        minRetentionDays: null,
        maxRetentionDays: null,
        mpaApprovalTeamArn: null,
      },
    ],
    [
      'api, the whole answer of GetBackupVaultAccessPolicy',
      record(
        type,
        'api',
        { BackupVaultName: 'main' },
        { supplementary: { AccessPolicy: { BackupVaultName: 'main', Policy: JSON.stringify(policy) } } },
      ),
      { name: 'main', accessPolicy: policy },
    ],
    [
      'api, air-gapped: locked for good, AWS-owned key',
      record(type, 'api', {
        BackupVaultName: 'gap',
        VaultType: 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT',
        EncryptionKeyType: 'AWS_OWNED_KMS_KEY',
        MinRetentionDays: 7,
        MaxRetentionDays: 90,
      }),
      {
        name: 'gap',
        vaultType: 'airGapped',
        keyArn: null,
        keyType: 'awsOwned',
        locked: true,
        minRetentionDays: 7,
        maxRetentionDays: 90,
        mpaApprovalTeamArn: null,
      },
    ],
    [
      'config knows neither lock nor policy',
      record(type, 'config', { BackupVaultName: 'main', EncryptionKeyArn: 'k' }),
      { name: 'main', vaultType: 'backup', keyArn: 'k', mpaApprovalTeamArn: null },
    ],
    [
      'cloudformation, bare',
      record(type, 'cloudformation', { BackupVaultName: 'main' }),
      {
        name: 'main',
        vaultType: 'backup',
        keyArn: 'alias/aws/backup',
        ...noLock,
        accessPolicy: null,
        notifications: null,
        mpaApprovalTeamArn: null,
      },
    ],
    [
      'cloudformation, compliance lock',
      record(type, 'cloudformation', {
        BackupVaultName: 'main',
        EncryptionKeyArn: { 'Fn::GetAtt': ['Key', 'Arn'] },
        LockConfiguration: { MinRetentionDays: 7, ChangeableForDays: 3 },
        AccessPolicy: policy,
        Notifications: { SNSTopicArn: 't', BackupVaultEvents: ['BACKUP_JOB_COMPLETED'] },
      }),
      {
        name: 'main',
        vaultType: 'backup',
        locked: true,
        changeableForDays: 3,
        minRetentionDays: 7,
        maxRetentionDays: null,
        accessPolicy: policy,
        notifications: { topicArn: 't', events: ['BACKUP_JOB_COMPLETED'] },
        mpaApprovalTeamArn: null,
      },
    ],
    [
      'cloudformation, governance lock',
      record(type, 'cloudformation', {
        BackupVaultName: 'main',
        EncryptionKeyArn: 'k',
        LockConfiguration: { MinRetentionDays: 7 },
      }),
      {
        name: 'main',
        vaultType: 'backup',
        keyArn: 'k',
        ...noLock,
        locked: true,
        minRetentionDays: 7,
        accessPolicy: null,
        notifications: null,
        mpaApprovalTeamArn: null,
      },
    ],
    [
      'cloudformation, lock by condition',
      record(type, 'cloudformation', {
        BackupVaultName: 'main',
        EncryptionKeyArn: 'k',
        LockConfiguration: { 'Fn::If': ['Prod', {}, {}] },
      }),
      {
        name: 'main',
        vaultType: 'backup',
        keyArn: 'k',
        accessPolicy: null,
        notifications: null,
        mpaApprovalTeamArn: null,
      },
    ],
    [
      'cloudformation, air-gapped',
      record(airGapped, 'cloudformation', { BackupVaultName: 'gap', MinRetentionDays: 7, MaxRetentionDays: 30 }),
      {
        name: 'gap',
        vaultType: 'airGapped',
        keyArn: null,
        keyType: 'awsOwned',
        locked: true,
        minRetentionDays: 7,
        maxRetentionDays: 30,
        accessPolicy: null,
        notifications: null,
        mpaApprovalTeamArn: null,
      },
    ],
    [
      'terraform: lock, policy and notifications are other resources, which may be declared elsewhere',
      record(
        'aws_backup_vault',
        'terraform',
        { name: 'main', kms_key_arn: 'k' },
        { unknown: ['lock_configuration', 'access_policy', 'notifications'] },
      ),
      { name: 'main', vaultType: 'backup', keyArn: 'k', mpaApprovalTeamArn: null },
    ],
    [
      'terraform: none of them in a closed world',
      record('aws_backup_vault', 'terraform', { name: 'main', kms_key_arn: 'k' }),
      {
        name: 'main',
        vaultType: 'backup',
        keyArn: 'k',
        mpaApprovalTeamArn: null,
        locked: false,
        lockDate: null,
        changeableForDays: null,
        minRetentionDays: null,
        maxRetentionDays: null,
        accessPolicy: null,
        notifications: null,
      },
    ],
    [
      'terraform: all of them joined, as a state writes them',
      record('aws_backup_vault', 'terraform', {
        name: 'main',
        kms_key_arn: 'k',
        lock_configuration: [
          { backup_vault_name: 'main', changeable_for_days: 0, max_retention_days: 0, min_retention_days: 7 },
        ],
        access_policy: [{ backup_vault_name: 'main', policy: '{"Statement":[]}' }],
        notifications: [
          { backup_vault_name: 'main', sns_topic_arn: 't', backup_vault_events: ['BACKUP_JOB_COMPLETED'] },
        ],
      }),
      {
        name: 'main',
        vaultType: 'backup',
        keyArn: 'k',
        mpaApprovalTeamArn: null,
        locked: true,
        lockDate: null,
        changeableForDays: null,
        minRetentionDays: 7,
        maxRetentionDays: null,
        accessPolicy: { Statement: [] },
        notifications: { topicArn: 't', events: ['BACKUP_JOB_COMPLETED'] },
      },
    ],
    [
      'terraform: a compliance lock of which a bound is not known, and a policy that is not',
      record(
        'aws_backup_vault',
        'terraform',
        {
          name: 'main',
          kms_key_arn: 'k',
          lock_configuration: [{ backup_vault_name: 'main', changeable_for_days: 3, max_retention_days: 90 }],
          access_policy: [{ backup_vault_name: 'main' }],
        },
        { unknown: ['lock_configuration.0.min_retention_days', 'access_policy.0.policy', 'notifications'] },
      ),
      {
        name: 'main',
        vaultType: 'backup',
        keyArn: 'k',
        mpaApprovalTeamArn: null,
        locked: true,
        changeableForDays: 3,
        maxRetentionDays: 90,
      },
    ],
    [
      'terraform, air-gapped',
      record('aws_backup_logically_air_gapped_vault', 'terraform', {
        name: 'gap',
        min_retention_days: 7,
        max_retention_days: 30,
        access_policy: [{ policy: '{}' }],
        notifications: [{ sns_topic_arn: 't', backup_vault_events: ['COPY_JOB_FAILED'] }],
      }),
      {
        name: 'gap',
        vaultType: 'airGapped',
        keyArn: null,
        keyType: 'awsOwned',
        locked: true,
        minRetentionDays: 7,
        maxRetentionDays: 30,
        accessPolicy: {},
        notifications: { topicArn: 't', events: ['COPY_JOB_FAILED'] },
      },
    ],
  ])('%s', (_, item, expected) => {
    expect(read(item)).toEqual(expected)
  })

  it('leaves out a date beyond what a date can be', () => {
    const item = record(type, 'api', { BackupVaultName: 'main', Locked: true, LockDate: 1e300 })
    expect(read(item)).toEqual(expect.not.objectContaining({ lockDate: expect.anything() }))
  })
})

describe('recovery points', () => {
  const type = 'AWS::Backup::RecoveryPoint'
  const arn = 'arn:aws:ec2:eu-west-1::snapshot/snap-1'
  const full = {
    RecoveryPointArn: arn,
    BackupVaultName: 'main',
    BackupVaultArn: vaultArn,
    ResourceArn: 'arn:aws:ec2:eu-west-1:111122223333:volume/vol-1',
    ResourceType: 'EBS',
    CreatedBy: { BackupPlanId: 'p', BackupPlanArn: 'a', BackupRuleId: 'r' },
    Status: 'COMPLETED',
    CreationDate: '2026-01-05T10:00:00.000Z',
    CompletionDate: 1767608000,
    Lifecycle: { DeleteAfterDays: 35 },
    CalculatedLifecycle: { DeleteAt: '2026-02-09T10:00:00.000Z' },
    EncryptionKeyArn: 'k',
    IsEncrypted: true,
    VaultType: 'BACKUP_VAULT',
  }
  const expected = {
    arn,
    sourceArn: full.ResourceArn,
    service: 'EBS',
    vaultArn,
    vaultName: 'main',
    sourceVaultArn: null,
    status: 'COMPLETED',
    createdAt: Date.UTC(2026, 0, 5, 10),
    isEncrypted: true,
    keyArn: 'k',
    retentionDays: 35,
    byPlan: true,
    continuous: false,
    lastRestoreAt: null,
    isChild: false,
    airGapped: false,
    scan: 'none',
  }
  const lowerCamel = (tree: object): object =>
    Object.fromEntries(
      Object.entries(tree).map(([key, value]) => [
        key.charAt(0).toLowerCase() + key.slice(1),
        typeof value === 'object' && value ? lowerCamel(value) : value,
      ]),
    )

  it('reads the answer of the API', () => {
    expect(read(record(type, 'api', full))).toEqual(expected)
  })
  it('reads it whatever the casing', () => {
    expect(read(record(type, 'api', lowerCamel(full)))).toEqual(expected)
  })
  it('reads an AWS Config item, whose absences say less', () => {
    const { sourceVaultArn: _a, lastRestoreAt: _b, scan: _c, ...rest } = expected
    expect(read(record(type, 'config', full))).toEqual(rest)
  })

  const without = (...names: (keyof typeof full)[]) =>
    Object.fromEntries(Object.entries(full).filter(([name]) => !(names as string[]).includes(name)))
  it.each<[string, Encoding, object, object]>([
    ['no lifecycle = for ever', 'api', without('Lifecycle', 'CalculatedLifecycle'), { retentionDays: null }],
    [
      'no lifecycle in AWS Config is not known',
      'config',
      without('Lifecycle', 'CalculatedLifecycle'),
      { retentionDays: undefined },
    ],
    [
      '-1 = for ever',
      'api',
      { ...without('CalculatedLifecycle'), Lifecycle: { DeleteAfterDays: -1 } },
      { retentionDays: null },
    ],
    [
      'empty lifecycle = for ever',
      'api',
      { ...without('CalculatedLifecycle'), Lifecycle: {} },
      { retentionDays: null },
    ],
    ['days from the calculated expiry', 'api', { ...full, Lifecycle: {} }, { retentionDays: 35 }],
    ['calculated expiry without a creation', 'api', without('Lifecycle', 'CreationDate'), { retentionDays: undefined }],
    [
      'unreadable days are not for ever',
      'api',
      { ...full, Lifecycle: { DeleteAfterDays: 'x' } },
      { retentionDays: undefined },
    ],
    [
      'goes once copied',
      'api',
      { ...without('CalculatedLifecycle'), Lifecycle: { DeleteAfterEvent: 'DELETE_AFTER_COPY' } },
      { retentionDays: undefined },
    ],
    ['on demand', 'api', without('CreatedBy'), { byPlan: false }],
    ['on demand, in AWS Config', 'config', without('CreatedBy'), { byPlan: false }],
    [
      'continuous by ARN',
      'api',
      { ...full, RecoveryPointArn: 'arn:aws:backup:eu-west-1:111122223333:recovery-point:continuous:db-1-a' },
      { continuous: true },
    ],
    [
      'continuous S3 by status',
      'api',
      {
        ...full,
        RecoveryPointArn: 'arn:aws:backup:eu-west-1:111122223333:recovery-point:books-a1b2',
        Status: 'AVAILABLE',
      },
      { continuous: true },
    ],
    ['stopped', 'api', { ...full, Status: 'STOPPED' }, { continuous: true }],
    [
      'a member of a composite',
      'api',
      { ...full, ParentRecoveryPointArn: 'arn:aws:backup:eu-west-1:111122223333:recovery-point:composite' },
      { isChild: true },
    ],
    ['a copy', 'api', { ...full, SourceBackupVaultArn: dr }, { sourceVaultArn: dr }],
    ['air-gapped', 'api', { ...full, VaultType: 'LOGICALLY_AIR_GAPPED_BACKUP_VAULT' }, { airGapped: true }],
    [
      'unencrypted',
      'api',
      { ...without('EncryptionKeyArn'), IsEncrypted: false },
      { isEncrypted: false, keyArn: null },
    ],
    ['encrypted with a key that is not told', 'api', without('EncryptionKeyArn'), { keyArn: undefined }],
    ['scanned clean', 'api', { ...full, AggregatedScanResult: { FailedScan: false, Findings: [] } }, { scan: 'clean' }],
    [
      'scanned with findings',
      'api',
      { ...full, AggregatedScanResult: { FailedScan: true, Findings: ['MALWARE'] } },
      { scan: 'findings' },
    ],
    ['failed scan', 'api', { ...full, AggregatedScanResult: { FailedScan: true } }, { scan: 'none' }],
    [
      'scans of DescribeRecoveryPoint',
      'api',
      { ...full, ScanResults: [{ ScanJobState: 'COMPLETED', Findings: [] }] },
      { scan: 'clean' },
    ],
    [
      'by resource: lifecycle and origin are not told',
      'api',
      {
        RecoveryPointArn: arn,
        Status: 'COMPLETED',
        CreationDate: 1767607200,
        BackupVaultName: 'main',
        BackupSizeBytes: 1,
      },
      {
        retentionDays: undefined,
        byPlan: undefined,
        sourceArn: undefined,
        lastRestoreAt: undefined,
        scan: undefined,
        createdAt: 1767607200000,
      },
    ],
  ])('%s (%s)', (_, encoding, configuration, wanted) => {
    const found = read(record(type, encoding, configuration)) as Record<string, unknown>
    for (const [name, value] of Object.entries(wanted)) expect({ [name]: found[name] }).toEqual({ [name]: value })
  })

  it('is nothing without an ARN', () => {
    expect(read(record(type, 'api', { Status: 'COMPLETED' }))).toBeUndefined()
  })

  it('tells the fast reading and the general one alike', () => {
    const value = fc.oneof(
      fc.constantFrom(null, '', 'COMPLETED', 'AVAILABLE', -1, 35, true, 'true', {}, []),
      fc.json().map(text => JSON.parse(text)),
    )
    const body = fc.record(Object.fromEntries(Object.keys(full).map(name => [name, value])), { requiredKeys: [] })
    fc.assert(
      fc.property(body, fc.constantFrom<Encoding>('api', 'config'), (configuration, encoding) => {
        const exact = { ...configuration, RecoveryPointArn: arn }
        const respelt = Object.fromEntries(
          Object.entries(exact).map(([key, member]) => [key.charAt(0).toLowerCase() + key.slice(1), member]),
        )
        expect(read(record(type, encoding, respelt))).toEqual(read(record(type, encoding, exact)))
      }),
      { numRuns: 300 },
    )
  })
})

describe('jobs', () => {
  it.each<[string, ResourceRecord, object]>([
    [
      'backup',
      record('AWS::Backup::BackupJob', 'api', {
        BackupJobId: 'b-1',
        BackupVaultArn: vaultArn,
        ResourceArn: 'a',
        State: 'COMPLETED',
        MessageCategory: 'SUCCESS',
        CreationDate: 1767607200,
        CompletionDate: '2026-01-05T10:10:00Z',
      }),
      {
        id: 'b-1',
        kind: 'backup',
        sourceArn: 'a',
        state: 'COMPLETED',
        messageCategory: 'SUCCESS',
        message: null,
        createdAt: 1767607200000,
        completedAt: 1767607800000,
        destinationVaultArn: vaultArn,
        isChild: false,
      },
    ],
    [
      'copy of a composite member',
      record('AWS::Backup::CopyJob', 'api', {
        CopyJobId: 'c-1',
        DestinationBackupVaultArn: dr,
        ResourceArn: 'a',
        State: 'FAILED',
        StatusMessage: 'Access denied',
        ParentJobId: 'c-0',
      }),
      {
        id: 'c-1',
        kind: 'copy',
        sourceArn: 'a',
        state: 'FAILED',
        message: 'Access denied',
        completedAt: null,
        destinationVaultArn: dr,
        isChild: true,
      },
    ],
    [
      'restore test',
      record('AWS::Backup::RestoreJob', 'api', {
        RestoreJobId: 'r-1',
        RecoveryPointArn: 'p',
        RecoveryPointCreationDate: 1767607200,
        SourceResourceArn: 'a',
        Status: 'COMPLETED',
        CreationDate: 1767607200,
        CompletionDate: 1767610800,
        IamRoleArn: 'role',
        CreatedBy: { RestoreTestingPlanArn: 'plan' },
        ValidationStatus: 'SUCCESSFUL',
        DeletionStatus: 'FAILED',
      }),
      {
        id: 'r-1',
        sourceArn: 'a',
        recoveryPointArn: 'p',
        status: 'COMPLETED',
        createdAt: 1767607200000,
        completedAt: 1767610800000,
        recoveryPointCreatedAt: 1767607200000,
        testingPlanArn: 'plan',
        validation: 'SUCCESSFUL',
        deletion: 'FAILED',
        roleArn: 'role',
        isChild: false,
      },
    ],
    [
      'restore by hand, running',
      record('AWS::Backup::RestoreJob', 'api', { RestoreJobId: 'r-2', Status: 'RUNNING' }),
      {
        id: 'r-2',
        sourceArn: null,
        status: 'RUNNING',
        completedAt: null,
        recoveryPointCreatedAt: null,
        testingPlanArn: null,
        validation: null,
        deletion: null,
        roleArn: null,
        isChild: false,
      },
    ],
  ])('%s', (_, item, expected) => {
    expect(read(item)).toEqual(expected)
  })
})

describe('restore testing', () => {
  const planBody = {
    RestoreTestingPlanName: 'monthly',
    ScheduleExpression: 'cron(0 6 1 * ? *)',
    ScheduleExpressionTimezone: 'Europe/Berlin',
    StartWindowHours: 8,
    RecoveryPointSelection: {
      Algorithm: 'LATEST_WITHIN_WINDOW',
      IncludeVaults: ['*'],
      RecoveryPointTypes: ['SNAPSHOT'],
      SelectionWindowDays: 14,
    },
  }
  const plan = {
    name: 'monthly',
    schedule: 'cron(0 6 1 * ? *)',
    timezone: 'Europe/Berlin',
    startWindowHours: 8,
    algorithm: 'LATEST_WITHIN_WINDOW',
    includeVaults: ['*'],
    excludeVaults: [],
    recoveryPointTypes: ['SNAPSHOT'],
    selectionWindowDays: 14,
  }
  const type = 'AWS::Backup::RestoreTestingPlan'
  it.each<[string, ResourceRecord, object]>([
    [
      'api',
      record(type, 'api', { RestoreTestingPlan: { ...planBody, LastExecutionTime: 1767607200 } }),
      { ...plan, lastExecutionAt: 1767607200000 },
    ],
    ['api, never run', record(type, 'api', { RestoreTestingPlan: planBody }), { ...plan, lastExecutionAt: null }],
    ['config', record(type, 'config', planBody), { ...plan, excludeVaults: undefined }],
    ['cloudformation', record(type, 'cloudformation', planBody), plan],
    [
      'terraform',
      record('aws_backup_restore_testing_plan', 'terraform', {
        name: 'monthly',
        schedule_expression: 'cron(0 6 1 * ? *)',
        schedule_expression_timezone: 'Europe/Berlin',
        start_window_hours: 8,
        recovery_point_selection: [
          {
            algorithm: 'LATEST_WITHIN_WINDOW',
            include_vaults: ['*'],
            exclude_vaults: null,
            recovery_point_types: ['SNAPSHOT'],
            selection_window_days: 14,
          },
        ],
      }),
      plan,
    ],
    [
      'a list entry tells nothing of the points',
      record(type, 'api', { RestoreTestingPlanName: 'monthly', ScheduleExpression: 'cron(0 6 1 * ? *)' }),
      { name: 'monthly', schedule: 'cron(0 6 1 * ? *)', timezone: null, startWindowHours: null, lastExecutionAt: null },
    ],
  ])('plan: %s', (_, item, expected) => {
    expect(read(item)).toEqual(expected)
  })

  const selectionBody = {
    RestoreTestingPlanName: 'monthly',
    RestoreTestingSelectionName: 'orders',
    ProtectedResourceType: 'RDS',
    IamRoleArn: 'role',
    ProtectedResourceArns: ['*'],
    ProtectedResourceConditions: { StringEquals: [{ Key: 'aws:ResourceTag/tier', Value: 'tier0' }] },
    ValidationWindowHours: 2,
  }
  const selection = {
    name: 'orders',
    planName: 'monthly',
    service: 'RDS',
    roleArn: 'role',
    resourceArns: ['*'],
    conditions: { stringEquals: [{ key: 'aws:ResourceTag/tier', value: 'tier0' }], stringNotEquals: [] },
    validationWindowHours: 2,
  }
  const selectionType = 'AWS::Backup::RestoreTestingSelection'
  const {
    ProtectedResourceArns: _arns,
    ProtectedResourceConditions: _conditions,
    ValidationWindowHours: _hours,
    ...entry
  } = selectionBody
  const { resourceArns: _r, conditions: _c, ...listed } = selection
  it.each<[string, ResourceRecord, object]>([
    ['api', record(selectionType, 'api', { RestoreTestingSelection: selectionBody }), selection],
    [
      'cloudformation',
      record(selectionType, 'cloudformation', { ...selectionBody, RestoreTestingPlanName: 'monthly' }),
      selection,
    ],
    [
      'terraform',
      record('aws_backup_restore_testing_selection', 'terraform', {
        name: 'orders',
        restore_testing_plan_name: 'monthly',
        protected_resource_type: 'RDS',
        iam_role_arn: 'role',
        protected_resource_arns: ['*'],
        protected_resource_conditions: [
          { string_equals: [{ key: 'aws:ResourceTag/tier', value: 'tier0' }], string_not_equals: [] },
        ],
        validation_window_hours: 2,
      }),
      selection,
    ],
    [
      'api, nothing selected',
      record(selectionType, 'api', { RestoreTestingSelection: entry }),
      {
        ...selection,
        resourceArns: [],
        conditions: { stringEquals: [], stringNotEquals: [] },
        validationWindowHours: null,
      },
    ],
    ['api, a list entry', record(selectionType, 'api', entry), { ...listed, validationWindowHours: null }],
  ])('selection: %s', (_, item, expected) => {
    expect(read(item)).toEqual(expected)
  })
})

it('reads anything without a throw', () => {
  const encodings: Encoding[] = ['api', 'config', 'cloudformation', 'terraform']
  const words = [
    'BackupPlan',
    'Rules',
    'rule',
    'lifecycle',
    'Lifecycle',
    'BackupSelection',
    'Conditions',
    '__proto__',
    'constructor',
    'Ref',
    'Content',
    'plans',
    'RecoveryPointSelection',
    'LockDate',
    'Type',
  ]
  const json = fc.letrec(tie => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, '', 'x', -1, 1e300, true, 'BACKUP_POLICY', '{"plans":{"a":{"rules":{"b":[]}}}}'),
      fc.array(tie('tree')),
      fc.dictionary(fc.constantFrom(...words), tie('tree')),
    ),
  })).tree
  fc.assert(
    fc.property(
      fc.constantFrom(...all),
      fc.constantFrom(...encodings),
      json,
      json,
      (definition, encoding, configuration, supplementary) => {
        const item = record(definition.type, encoding, configuration as object, {
          supplementary: supplementary as Record<string, unknown>,
        })
        definition.accepts?.(item)
        if (definition.role !== 'data-store') definition.read(item)
      },
    ),
    { numRuns: 1500 },
  )
})

const corpus = new URL('../../../shared/corpus/', import.meta.url).pathname
describe.skipIf(!existsSync(corpus))('recorded answers of AWS Backup', () => {
  /** Recorded times are objects of their parts. */
  const revive = (_: string, value: unknown) => {
    const t = value as {
      __class__?: string
      year: number
      month: number
      day: number
      hour: number
      minute: number
      second: number
    }
    return t?.__class__ === 'datetime'
      ? new Date(Date.UTC(t.year, t.month - 1, t.day, t.hour, t.minute, t.second)).toISOString()
      : value
  }
  const answers = existsSync(corpus)
    ? readdirSync(join(corpus, 'inputs'), { recursive: true, encoding: 'utf8' })
        .filter(file => /(^|\/)backup[._][^/]*\.json$/.test(file))
        .sort()
    : []
  const load = (file: string) => {
    const answer = JSON.parse(readFileSync(join(corpus, 'inputs', file), 'utf8'), revive)
    return answer.data ?? answer
  }
  const records = (file: string): ResourceRecord[] => {
    const answer = load(file)
    if (answer.RecoveryPoints)
      return answer.RecoveryPoints.map((point: object) => record('AWS::Backup::RecoveryPoint', 'api', point))
    if (answer.BackupPlansList)
      return answer.BackupPlansList.map((plan: object) => record('AWS::Backup::BackupPlan', 'api', plan))
    if (answer.BackupPlan) return [record('AWS::Backup::BackupPlan', 'api', answer)]
    if (answer.BackupPlanDocument)
      return [record('AWS::Backup::BackupPlan', 'api', { BackupPlan: answer.BackupPlanDocument })]
    if (answer.BackupVaultName) return [record('AWS::Backup::BackupVault', 'api', answer)]
    return []
  }

  it('are there', () => {
    expect(answers.length).toBeGreaterThan(10)
  })

  it.each(answers)('%s', file => {
    for (const item of records(file)) expect(read(item)).toBeDefined()
  })

  it('plans keep their rules', () => {
    const file = answers.find(name => name.endsWith('test_backup_augment/backup.GetBackupPlan_1.json'))!
    expect(read(records(file)[0]!)).toEqual(
      expect.objectContaining({
        name: 'test',
        rules: [
          expect.objectContaining({
            targetVaultName: 'Default',
            schedule: 'cron(0 5 ? * * *)',
            retentionDays: 21,
            moveToColdStorageAfterDays: null,
            copyActions: [],
          }),
          expect.objectContaining({
            schedule: 'cron(0 5 ? * 7 *)',
            retentionDays: 180,
            moveToColdStorageAfterDays: 90,
          }),
        ],
      }),
    )
  })

  const labels = existsSync(corpus)
    ? readFileSync(join(corpus, 'expectations.jsonl'), 'utf8')
        .split('\n')
        .filter(line => line !== '')
        .map(line => JSON.parse(line) as { file: string; format: string; topic: string; note: string })
        .filter(
          label =>
            label.format === 'aws-api-json' &&
            label.topic.startsWith('recovery-point-freshness') &&
            label.file.includes('/backup.'),
        )
    : []
  it('have labels', () => {
    expect(labels.length).toBeGreaterThan(0)
  })
  it.each(labels)('$file tells the points of its label', ({ file, note }) => {
    // The label writes them as ('COMPLETED', '2022-09-09T14'), …
    const wanted = [...note.matchAll(/\('([A-Z]+)', '(\d{4}-\d\d-\d\dT\d\d)'\)/g)].map(m => `${m[1]} ${m[2]}`)
    const found = records(file).map(item => {
      const point = read(item) as { status: string; createdAt: number; retentionDays?: number }
      expect(point.retentionDays).toBeUndefined()
      return `${point.status} ${new Date(point.createdAt).toISOString().slice(0, 13)}`
    })
    expect(found).toEqual(wanted)
  })
})
