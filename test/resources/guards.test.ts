// Protects how the guards of the backups are read: keys, principals, trails, alerts, settings and the AWS Config recorder,
// out of AWS Config, the native APIs, CloudFormation and Terraform, each absence with the meaning its encoding gives it.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Encoding, ResourceRecord } from '../../src/model/record.ts'
import { definitions as settings } from '../../src/resources/backup-settings.ts'
import { definitions as trails } from '../../src/resources/cloudtrail.ts'
import { definitions as alarms } from '../../src/resources/cloudwatch-alarms.ts'
import type { ResourceDefinition } from '../../src/resources/definition.ts'
import { definitions as events } from '../../src/resources/eventbridge.ts'
import { definitions as iam } from '../../src/resources/iam.ts'
import { definitions as kms } from '../../src/resources/kms.ts'
import { definitions as topics } from '../../src/resources/sns.ts'

const all: ResourceDefinition[] = [...settings, ...trails, ...alarms, ...events, ...iam, ...kms, ...topics]

type Row = [title: string, item: ResourceRecord, expected: object]

function record(
  type: string,
  encoding: Encoding,
  configuration: object,
  supplementary?: Record<string, unknown>,
  more: Partial<ResourceRecord> = {},
): ResourceRecord {
  return {
    record: 'resource',
    scope: 's',
    type,
    id: 'clinic',
    encoding,
    configuration: configuration as Record<string, unknown>,
    supplementary,
    ...more,
  }
}

/** Reads a record with the one definition that its encoding's names lead to. */
function read(item: ResourceRecord): unknown {
  const found = all.filter(({ names, type }) => {
    const own = item.encoding === 'api' ? [type, ...names.config] : names[item.encoding]
    return own.includes(item.type)
  })
  expect(found.map(d => d.type)).toHaveLength(1)
  const definition = found[0]!
  return definition.role === 'data-store' ? expect.unreachable() : definition.read(item)
}

const check = (_: string, item: ResourceRecord, expected: object) => expect(read(item)).toEqual(expected)

const keyArn = 'arn:aws:kms:eu-west-1:111122223333:key/k-1'
const document = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: 'backup:*', Resource: '*' }] }
const encoded = encodeURIComponent(JSON.stringify(document))

describe('AWS KMS', () => {
  const healthy = {
    keyId: 'k-1',
    arn: keyArn,
    manager: 'customer',
    state: 'Enabled',
    deletionDate: null,
    pendingWindowDays: null,
  }
  it.each<Row>([
    [
      'config',
      record(
        'AWS::KMS::Key',
        'config',
        { keyId: 'k-1', arn: keyArn, keyManager: 'CUSTOMER', keyState: 'Enabled', origin: 'AWS_KMS' },
        { KeyRotationStatus: true, Policy: JSON.stringify(JSON.stringify(document)) },
      ),
      { ...healthy, rotationEnabled: true, policy: document },
    ],
    [
      'api',
      record(
        'AWS::KMS::Key',
        'api',
        {
          KeyMetadata: {
            KeyId: 'k-1',
            Arn: keyArn,
            KeyManager: 'CUSTOMER',
            KeyState: 'Enabled',
            Origin: 'AWS_KMS',
            KeySpec: 'SYMMETRIC_DEFAULT',
            KeyUsage: 'ENCRYPT_DECRYPT',
          },
        },
        {
          KeyRotationStatus: { KeyRotationEnabled: false },
          Policy: { Policy: JSON.stringify(document), PolicyName: 'default' },
          Aliases: [{ AliasName: 'alias/records' }],
        },
      ),
      { ...healthy, rotationEnabled: false, rotationSupported: true, policy: document, aliases: ['alias/records'] },
    ],
    [
      'api, pending deletion, flat',
      record('AWS::KMS::Key', 'api', {
        KeyId: 'k-1',
        Arn: keyArn,
        KeyManager: 'AWS',
        KeyState: 'PendingDeletion',
        DeletionDate: 1767607200,
        Origin: 'EXTERNAL',
      }),
      {
        keyId: 'k-1',
        arn: keyArn,
        manager: 'aws',
        state: 'PendingDeletion',
        deletionDate: '2026-01-05T10:00:00.000Z',
        pendingWindowDays: null,
        rotationSupported: false,
      },
    ],
    [
      'api, only listed',
      record('AWS::KMS::Key', 'api', { KeyId: 'k-1', KeyArn: keyArn }),
      { keyId: 'k-1', arn: keyArn },
    ],
    [
      'cloudformation',
      record('AWS::KMS::Key', 'cloudformation', { KeyPolicy: document, PendingWindowInDays: 7 }),
      {
        keyId: 'clinic',
        manager: 'customer',
        state: 'Enabled',
        deletionDate: null,
        pendingWindowDays: 7,
        rotationEnabled: false,
        rotationSupported: true,
        policy: document,
      },
    ],
    [
      'cloudformation, asymmetric, disabled',
      record('AWS::KMS::Key', 'cloudformation', {
        Enabled: false,
        KeySpec: 'RSA_2048',
        KeyUsage: 'SIGN_VERIFY',
        EnableKeyRotation: { Ref: 'Rotate' },
      }),
      {
        keyId: 'clinic',
        manager: 'customer',
        state: 'Disabled',
        deletionDate: null,
        pendingWindowDays: 30,
        rotationSupported: false,
      },
    ],
    [
      'terraform',
      record('aws_kms_key', 'terraform', {
        enable_key_rotation: true,
        is_enabled: true,
        deletion_window_in_days: null,
        policy: '',
      }),
      {
        keyId: 'clinic',
        manager: 'customer',
        state: 'Enabled',
        deletionDate: null,
        pendingWindowDays: 30,
        rotationEnabled: true,
        rotationSupported: true,
      },
    ],
    [
      'terraform, imported material',
      record('aws_kms_external_key', 'terraform', { key_id: 'k-2', deletion_window_in_days: 10 }),
      {
        keyId: 'k-2',
        manager: 'customer',
        state: 'Enabled',
        deletionDate: null,
        pendingWindowDays: 10,
        rotationEnabled: false,
        rotationSupported: false,
      },
    ],
    [
      'alias, api',
      record('AWS::KMS::Alias', 'api', { AliasName: 'alias/records', AliasArn: 'a', TargetKeyId: 'k-1' }),
      { alias: 'alias/records', arn: 'a', keyId: 'k-1' },
    ],
    [
      'alias, config',
      record('AWS::KMS::Alias', 'config', { AliasName: 'alias/records', TargetKeyId: keyArn }),
      { alias: 'alias/records', keyId: 'k-1' },
    ],
    [
      'alias, cloudformation',
      record('AWS::KMS::Alias', 'cloudformation', {
        AliasName: 'alias/records',
        TargetKeyId: 'Key',
      }),
      { alias: 'alias/records', keyId: 'Key' },
    ],
    [
      'alias, terraform',
      record('aws_kms_alias', 'terraform', { name: 'alias/records', target_key_id: 'k-1' }),
      { alias: 'alias/records', keyId: 'k-1' },
    ],
  ])('%s', check)
})

describe('IAM', () => {
  const managed = 'arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup'
  const role = {
    principalType: 'role',
    name: 'backup',
    arn: 'arn:aws:iam::111122223333:role/backup',
    path: '/',
    trust: document,
    attachedPolicyArns: [managed],
    inlinePolicies: [{ name: 'extra', document }],
    permissionsBoundary: 'arn:aws:iam::111122223333:policy/boundary',
  }
  const detail = {
    RoleName: 'backup',
    Path: '/',
    Arn: role.arn,
    AssumeRolePolicyDocument: document,
    RolePolicyList: [{ PolicyName: 'extra', PolicyDocument: document }],
    AttachedManagedPolicies: [{ PolicyName: 'AWSBackupServiceRolePolicyForBackup', PolicyArn: managed }],
    PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: role.permissionsBoundary },
  }
  it.each<Row>([
    ['role, api', record('AWS::IAM::Role', 'api', detail), role],
    [
      'role, config',
      record('AWS::IAM::Role', 'config', {
        roleName: 'backup',
        path: '/',
        arn: role.arn,
        assumeRolePolicyDocument: encoded,
        rolePolicyList: [{ policyName: 'extra', policyDocument: encoded }],
        attachedManagedPolicies: [{ policyName: 'AWSBackupServiceRolePolicyForBackup', policyArn: managed }],
        permissionsBoundary: { permissionsBoundaryType: 'Policy', permissionsBoundaryArn: role.permissionsBoundary },
      }),
      role,
    ],
    [
      'role, cloudformation',
      record('AWS::IAM::Role', 'cloudformation', {
        RoleName: 'backup',
        Path: '/',
        AssumeRolePolicyDocument: document,
        ManagedPolicyArns: [managed],
        Policies: [{ PolicyName: 'extra', PolicyDocument: document }],
        PermissionsBoundary: role.permissionsBoundary,
      }),
      { ...role, arn: undefined },
    ],
    [
      'role, terraform',
      record('aws_iam_role', 'terraform', {
        name: 'backup',
        path: '/',
        arn: role.arn,
        assume_role_policy: JSON.stringify(document),
        managed_policy_arns: [managed],
        inline_policy: [{ name: 'extra', policy: JSON.stringify(document) }],
        permissions_boundary: role.permissionsBoundary,
      }),
      role,
    ],
    [
      'role whose lists a template leaves to others',
      record(
        'AWS::IAM::Role',
        'cloudformation',
        { RoleName: 'backup', AssumeRolePolicyDocument: document, Policies: [] },
        undefined,
        { unknown: ['inline_policy_resources', 'policy_attachments'] },
      ),
      { principalType: 'role', name: 'backup', trust: document, permissionsBoundary: null },
    ],
    [
      'role to which nothing else attaches',
      record('AWS::IAM::Role', 'cloudformation', { RoleName: 'backup', AssumeRolePolicyDocument: document }),
      {
        principalType: 'role',
        name: 'backup',
        trust: document,
        attachedPolicyArns: [],
        inlinePolicies: [],
        permissionsBoundary: null,
      },
    ],
    [
      'role with a policy beside those that it states',
      record('AWS::IAM::Role', 'cloudformation', {
        RoleName: 'backup',
        AssumeRolePolicyDocument: document,
        ManagedPolicyArns: ['a'],
        inline_policy_resources: [{ PolicyName: 'more', PolicyDocument: document }],
        policy_attachments: [{ policy_arn: 'b' }],
      }),
      {
        principalType: 'role',
        name: 'backup',
        trust: document,
        attachedPolicyArns: ['a', 'b'],
        inlinePolicies: [{ name: 'more', document }],
        permissionsBoundary: null,
      },
    ],
    [
      'role of which one inline policy is not known',
      record(
        'aws_iam_role',
        'terraform',
        { name: 'backup', assume_role_policy: '{}', inline_policy: [{ name: 'a' }] },
        undefined,
        { unknown: ['inline_policy.0.policy'] },
      ),
      { principalType: 'role', name: 'backup', trust: {}, attachedPolicyArns: [], permissionsBoundary: null },
    ],
    [
      'role with a policy that cannot be read',
      record('AWS::IAM::Role', 'api', {
        RoleName: 'backup',
        AssumeRolePolicyDocument: 'x',
        RolePolicyList: [{ PolicyName: 'a', PolicyDocument: '{' }],
        AttachedManagedPolicies: [],
      }),
      { principalType: 'role', name: 'backup', attachedPolicyArns: [], permissionsBoundary: null },
    ],
    [
      'user, api',
      record('AWS::IAM::User', 'api', {
        UserName: 'nurse',
        Arn: 'u',
        UserPolicyList: [],
        GroupList: ['staff'],
        AttachedManagedPolicies: [],
      }),
      {
        principalType: 'user',
        name: 'nurse',
        arn: 'u',
        trust: null,
        attachedPolicyArns: [],
        inlinePolicies: [],
        groups: ['staff'],
        permissionsBoundary: null,
      },
    ],
    [
      'user, config',
      record('AWS::IAM::User', 'config', {
        userName: 'nurse',
        userPolicyList: [{ policyName: 'p', policyDocument: encoded }],
        groupList: ['staff'],
        attachedManagedPolicies: [],
        permissionsBoundary: null,
      }),
      {
        principalType: 'user',
        name: 'nurse',
        trust: null,
        attachedPolicyArns: [],
        inlinePolicies: [{ name: 'p', document }],
        groups: ['staff'],
        permissionsBoundary: null,
      },
    ],
    [
      'group, api',
      record('AWS::IAM::Group', 'api', {
        GroupName: 'staff',
        GroupPolicyList: [{ PolicyName: 'p', PolicyDocument: encoded }],
        AttachedManagedPolicies: [{ PolicyArn: managed }],
      }),
      {
        principalType: 'group',
        name: 'staff',
        trust: null,
        attachedPolicyArns: [managed],
        inlinePolicies: [{ name: 'p', document }],
        permissionsBoundary: null,
      },
    ],
    [
      'managed policy, config',
      record('AWS::IAM::Policy', 'config', {
        arn: 'p',
        policyName: 'restore',
        policyVersionList: [
          { versionId: 'v1', isDefaultVersion: false, document: '%7B%7D' },
          { versionId: 'v2', isDefaultVersion: true, document: encoded },
        ],
      }),
      { arn: 'p', name: 'restore', document },
    ],
    [
      'managed policy, api',
      record('AWS::IAM::Policy', 'api', {
        Arn: 'p',
        PolicyName: 'restore',
        DefaultVersionId: 'v2',
        PolicyVersionList: [
          { VersionId: 'v1', Document: {} },
          { VersionId: 'v2', Document: document },
        ],
      }),
      { arn: 'p', name: 'restore', document },
    ],
    [
      'managed policy without a version in force',
      record('AWS::IAM::Policy', 'config', { arn: 'p', policyVersionList: [{ document: encoded }] }),
      { arn: 'p' },
    ],
    [
      'managed policy, cloudformation',
      record('AWS::IAM::ManagedPolicy', 'cloudformation', { ManagedPolicyName: 'restore', PolicyDocument: document }),
      { arn: 'clinic', name: 'restore', document },
    ],
    [
      'managed policy, terraform',
      record('aws_iam_policy', 'terraform', { name: 'restore', arn: 'p', policy: JSON.stringify(document) }),
      { arn: 'p', name: 'restore', document },
    ],
  ])('%s', check)
})

describe('CloudTrail', () => {
  const cfn = (body: object) =>
    read(record('AWS::CloudTrail::Trail', 'cloudformation', { IsLogging: true, S3BucketName: 'logs', ...body }))
  it.each<Row>([
    [
      'api',
      record(
        'AWS::CloudTrail::Trail',
        'api',
        {
          Name: 'audit',
          TrailARN: 't',
          IsMultiRegionTrail: true,
          LogFileValidationEnabled: true,
          KmsKeyId: keyArn,
          IsOrganizationTrail: false,
          HasCustomEventSelectors: true,
        },
        {
          Status: { IsLogging: true },
          EventSelectors: {
            EventSelectors: [
              {
                ReadWriteType: 'All',
                IncludeManagementEvents: true,
                DataResources: [{ Type: 'AWS::S3::Object', Values: ['arn:aws:s3'] }],
                ExcludeManagementEventSources: [],
              },
            ],
          },
        },
      ),
      {
        name: 'audit',
        arn: 't',
        multiRegion: true,
        logging: true,
        logFileValidation: true,
        kmsKeyArn: keyArn,
        organization: false,
        managementEvents: true,
        s3DataEvents: 'all',
      },
    ],
    [
      'config, selectors and status not recorded',
      record('AWS::CloudTrail::Trail', 'config', {
        name: 'audit',
        trailARN: 't',
        isMultiRegionTrail: false,
        logFileValidationEnabled: false,
        kmsKeyId: null,
        isOrganizationTrail: true,
        hasCustomEventSelectors: true,
      }),
      { name: 'audit', arn: 't', multiRegion: false, logFileValidation: false, kmsKeyArn: null, organization: true },
    ],
    [
      'config, no selectors of its own',
      record('AWS::CloudTrail::Trail', 'config', { name: 'audit', hasCustomEventSelectors: false }),
      { name: 'audit', kmsKeyArn: null, managementEvents: true, s3DataEvents: [] },
    ],
    [
      'cloudformation',
      record('AWS::CloudTrail::Trail', 'cloudformation', { TrailName: 'audit', IsLogging: true, S3BucketName: 'logs' }),
      {
        name: 'audit',
        multiRegion: false,
        logging: true,
        logFileValidation: false,
        kmsKeyArn: null,
        organization: false,
        managementEvents: true,
        s3DataEvents: [],
      },
    ],
    [
      'terraform',
      record('aws_cloudtrail', 'terraform', {
        name: 'audit',
        is_multi_region_trail: true,
        kms_key_id: keyArn,
        event_selector: [
          {
            read_write_type: null,
            include_management_events: true,
            data_resource: [{ type: 'AWS::S3::Object', values: ['arn:aws:s3:::records/'] }],
          },
        ],
        advanced_event_selector: [],
      }),
      {
        name: 'audit',
        multiRegion: true,
        logging: true,
        logFileValidation: false,
        kmsKeyArn: keyArn,
        organization: false,
        managementEvents: true,
        s3DataEvents: ['arn:aws:s3:::records/'],
      },
    ],
  ])('%s', check)

  const fields = (...list: object[]) => ({ FieldSelectors: list })
  const management = { Field: 'eventCategory', Equals: ['Management'] }
  const data = { Field: 'eventCategory', Equals: ['Data'] }
  const objects = { Field: 'resources.type', Equals: ['AWS::S3::Object'] }
  it.each<[string, object, boolean | undefined, unknown]>([
    ['writes only', { EventSelectors: [{ ReadWriteType: 'WriteOnly' }] }, false, []],
    [
      'reads here, writes there',
      { EventSelectors: [{ ReadWriteType: 'WriteOnly' }, { ReadWriteType: 'ReadOnly' }] },
      true,
      [],
    ],
    ['KMS left out', { EventSelectors: [{ ExcludeManagementEventSources: ['kms.amazonaws.com'] }] }, false, []],
    ['RDS data left out', { EventSelectors: [{ ExcludeManagementEventSources: ['rdsdata.amazonaws.com'] }] }, true, []],
    [
      'reads of objects only',
      {
        EventSelectors: [
          { ReadWriteType: 'ReadOnly', DataResources: [{ Type: 'AWS::S3::Object', Values: ['arn:aws:s3'] }] },
        ],
      },
      false,
      [],
    ],
    [
      'data of another service',
      { EventSelectors: [{ DataResources: [{ Type: 'AWS::Lambda::Function', Values: ['arn:aws:lambda'] }] }] },
      true,
      [],
    ],
    ['selectors by condition', { EventSelectors: { 'Fn::If': ['A', [], []] } }, undefined, undefined],
    ['advanced: management', { AdvancedEventSelectors: [fields(management)] }, true, []],
    [
      'advanced: management reads',
      { AdvancedEventSelectors: [fields(management, { Field: 'readOnly', Equals: ['true'] })] },
      false,
      [],
    ],
    [
      'advanced: KMS left out',
      { AdvancedEventSelectors: [fields(management, { Field: 'eventSource', NotEquals: ['kms.amazonaws.com'] })] },
      false,
      [],
    ],
    [
      'advanced: RDS data left out',
      { AdvancedEventSelectors: [fields(management, { Field: 'eventSource', NotEquals: ['rdsdata.amazonaws.com'] })] },
      true,
      [],
    ],
    ['advanced: every object', { AdvancedEventSelectors: [fields(management), fields(data, objects)] }, true, 'all'],
    [
      'advanced: objects of a bucket',
      {
        AdvancedEventSelectors: [
          fields(data, objects, { Field: 'resources.ARN', StartsWith: ['arn:aws:s3:::records/'] }),
        ],
      },
      false,
      ['arn:aws:s3:::records/'],
    ],
    [
      'advanced: all but a bucket',
      {
        AdvancedEventSelectors: [
          fields(data, objects, { Field: 'resources.ARN', NotStartsWith: ['arn:aws:s3:::records/'] }),
        ],
      },
      false,
      [],
    ],
    [
      'advanced: one call only',
      { AdvancedEventSelectors: [fields(data, objects, { Field: 'eventName', Equals: ['PutObject'] })] },
      false,
      [],
    ],
  ])('selectors: %s', (_, body, managementEvents, s3DataEvents) => {
    const found = cfn(body) as Record<string, unknown>
    expect([found.managementEvents, found.s3DataEvents]).toEqual([managementEvents, s3DataEvents])
  })
})

describe('alerts', () => {
  const pattern = { source: ['aws.backup'], 'detail-type': ['Backup Job State Change'], detail: { state: ['FAILED'] } }
  it.each<Row>([
    [
      'rule, api',
      record(
        'AWS::Events::Rule',
        'api',
        { Name: 'failed', Arn: 'r', State: 'ENABLED', EventPattern: JSON.stringify(pattern), EventBusName: 'default' },
        { Targets: [{ Id: '1', Arn: 't' }] },
      ),
      { name: 'failed', arn: 'r', enabled: true, pattern, targets: ['t'], eventBus: 'default' },
    ],
    [
      'rule, api, no targets, a schedule',
      record(
        'AWS::Events::Rule',
        'api',
        { Name: 'n', State: 'DISABLED', ScheduleExpression: 'rate(1 day)' },
        { Targets: [] },
      ),
      { name: 'n', enabled: false, pattern: null, targets: [] },
    ],
    [
      'rule, api, unreadable pattern and targets',
      record('AWS::Events::Rule', 'api', { Name: 'n', State: 'ENABLED', EventPattern: '{' }, { Targets: [{}] }),
      { name: 'n', enabled: true },
    ],
    [
      'rule, config',
      record('AWS::Events::Rule', 'config', {
        Name: 'failed',
        State: 'ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS',
        EventPattern: pattern,
        Targets: [{ Arn: 't' }],
        EventBusName: 'default',
      }),
      { name: 'failed', enabled: true, pattern, targets: ['t'], eventBus: 'default' },
    ],
    [
      'rule, config, pattern not recorded',
      record('AWS::Events::Rule', 'config', { Name: 'n', State: 'ENABLED' }),
      { name: 'n', enabled: true },
    ],
    [
      'rule, cloudformation',
      record('AWS::Events::Rule', 'cloudformation', {
        EventPattern: pattern,
        Targets: [{ Id: '1', Arn: 'Topic' }],
      }),
      { name: 'clinic', enabled: true, pattern, targets: ['Topic'], eventBus: 'default' },
    ],
    [
      'rule, cloudformation, no targets',
      record('AWS::Events::Rule', 'cloudformation', { Name: 'n', State: 'DISABLED', EventPattern: pattern }),
      { name: 'n', enabled: false, pattern, targets: [], eventBus: 'default' },
    ],
    [
      'rule, terraform',
      record('aws_cloudwatch_event_rule', 'terraform', {
        name: 'failed',
        event_pattern: JSON.stringify(pattern),
        is_enabled: false,
        targets: [{ rule: 'failed', arn: 't' }],
      }),
      { name: 'failed', enabled: false, pattern, targets: ['t'], eventBus: 'default' },
    ],
    [
      'rule, terraform, state wins',
      record('aws_cloudwatch_event_rule', 'terraform', {
        name: 'n',
        event_pattern: '{}',
        state: 'ENABLED',
        is_enabled: null,
      }),
      { name: 'n', enabled: true, pattern: {}, targets: [], eventBus: 'default' },
    ],
    [
      'rule, terraform, to which others may add targets',
      record(
        'aws_cloudwatch_event_rule',
        'terraform',
        { name: 'n', event_pattern: '{}', targets: [{ rule: 'n', arn: 't' }] },
        undefined,
        { unknown: ['targets[]'] },
      ),
      { name: 'n', enabled: true, pattern: {}, eventBus: 'default' },
    ],
    [
      'alarm, api',
      record('AWS::CloudWatch::Alarm', 'api', {
        AlarmName: 'a',
        AlarmArn: 'x',
        Namespace: 'AWS/Backup',
        MetricName: 'NumberOfBackupJobsFailed',
        Dimensions: [{ Name: 'BackupVaultName', Value: 'main' }],
        ActionsEnabled: true,
        AlarmActions: ['t'],
      }),
      {
        name: 'a',
        arn: 'x',
        namespace: 'AWS/Backup',
        metricName: 'NumberOfBackupJobsFailed',
        dimensions: { BackupVaultName: 'main' },
        actionsEnabled: true,
        actions: ['t'],
      },
    ],
    [
      'alarm, config',
      record('AWS::CloudWatch::Alarm', 'config', {
        alarmName: 'a',
        namespace: 'AWS/Backup',
        metricName: 'NumberOfCopyJobsFailed',
        dimensions: [],
        actionsEnabled: false,
        alarmActions: [],
        okactions: ['t'],
      }),
      {
        name: 'a',
        namespace: 'AWS/Backup',
        metricName: 'NumberOfCopyJobsFailed',
        dimensions: {},
        actionsEnabled: false,
        actions: [],
      },
    ],
    [
      'alarm, cloudformation',
      record('AWS::CloudWatch::Alarm', 'cloudformation', { AlarmName: 'a', Namespace: 'AWS/Backup', MetricName: 'm' }),
      { name: 'a', namespace: 'AWS/Backup', metricName: 'm', dimensions: {}, actionsEnabled: true, actions: [] },
    ],
    [
      'alarm, terraform',
      record('aws_cloudwatch_metric_alarm', 'terraform', {
        alarm_name: 'a',
        namespace: 'AWS/Backup',
        metric_name: 'm',
        dimensions: { BackupVaultName: 'main' },
        alarm_actions: ['t'],
      }),
      {
        name: 'a',
        namespace: 'AWS/Backup',
        metricName: 'm',
        dimensions: { BackupVaultName: 'main' },
        actionsEnabled: true,
        actions: ['t'],
      },
    ],
    [
      'alarm on an expression over one metric',
      record('AWS::CloudWatch::Alarm', 'api', {
        AlarmName: 'a',
        ActionsEnabled: true,
        AlarmActions: ['t'],
        Metrics: [
          { Id: 'e', Expression: 'FILL(m,0)' },
          { Id: 'm', MetricStat: { Metric: { Namespace: 'AWS/Backup', MetricName: 'm' } } },
        ],
      }),
      { name: 'a', namespace: 'AWS/Backup', metricName: 'm', dimensions: {}, actionsEnabled: true, actions: ['t'] },
    ],
    [
      'alarm on several metrics',
      record('AWS::CloudWatch::Alarm', 'api', { AlarmName: 'a', Metrics: [{ Id: 'e', Expression: 'x' }] }),
      { name: 'a', namespace: null, metricName: null, actions: [] },
    ],
    [
      'topic, api',
      record(
        'AWS::SNS::Topic',
        'api',
        { TopicArn: 'arn:t' },
        {
          Subscriptions: [
            { Protocol: 'email', SubscriptionArn: 'PendingConfirmation' },
            {
              Protocol: 'sqs',
              SubscriptionArn: 'arn:aws:sns:eu-west-1:111122223333:t:1',
              Attributes: { FilterPolicy: '{"state":["COMPLETED"]}' },
            },
            {
              Protocol: 'lambda',
              SubscriptionArn: 'arn:aws:sns:eu-west-1:111122223333:t:2',
              Attributes: { Protocol: 'lambda' },
            },
            { Protocol: 'https', SubscriptionArn: 'arn:aws:sns:eu-west-1:111122223333:t:3' },
          ],
        },
      ),
      {
        arn: 'arn:t',
        subscriptions: [
          { protocol: 'email', confirmed: false },
          { protocol: 'sqs', confirmed: true, filterPolicy: { state: ['COMPLETED'] } },
          { protocol: 'lambda', confirmed: true, filterPolicy: null },
          { protocol: 'https', confirmed: true },
        ],
      },
    ],
    [
      'topic, api, nobody',
      record('AWS::SNS::Topic', 'api', { TopicArn: 'arn:t' }, { Subscriptions: [] }),
      { arn: 'arn:t', subscriptions: [] },
    ],
    [
      'topic, api, one unreadable',
      record('AWS::SNS::Topic', 'api', { TopicArn: 'arn:t' }, { Subscriptions: [{}] }),
      { arn: 'arn:t' },
    ],
    ['topic, config', record('AWS::SNS::Topic', 'config', { TopicArn: 'arn:t' }), { arn: 'arn:t' }],
    [
      'topic, cloudformation',
      record('AWS::SNS::Topic', 'cloudformation', { Subscription: [{ Protocol: 'email', Endpoint: 'x' }] }),
      { arn: 'clinic' },
    ],
    ['topic, terraform', record('aws_sns_topic', 'terraform', { arn: 'arn:t', name: 't' }), { arn: 'arn:t' }],
  ])('%s', check)
})

describe('settings', () => {
  it.each<Row>([
    [
      'Region, api',
      record(
        'AWS::Backup::RegionSettings',
        'api',
        {
          ResourceTypeOptInPreference: { EBS: true, 'Redshift Serverless': false, S3: 'maybe' },
          ResourceTypeManagementPreference: { DynamoDB: true },
        },
        {
          EbsEncryptionByDefault: { EbsEncryptionByDefault: true },
          EbsSnapshotBlockPublicAccess: { State: 'block-all-sharing' },
        },
      ),
      {
        optIn: { EBS: true, 'Redshift Serverless': false },
        management: { DynamoDB: true },
        ebsEncryptionByDefault: true,
        ebsSnapshotPublicAccess: 'block-all-sharing',
      },
    ],
    [
      'Region, api, flat answers',
      record(
        'AWS::Backup::RegionSettings',
        'api',
        {},
        { EbsEncryptionByDefault: false, EbsSnapshotBlockPublicAccess: 'unblocked' },
      ),
      { ebsEncryptionByDefault: false, ebsSnapshotPublicAccess: 'unblocked' },
    ],
    [
      'Region, terraform',
      record('aws_backup_region_settings', 'terraform', {
        resource_type_opt_in_preference: { EFS: false },
        resource_type_management_preference: null,
      }),
      { optIn: { EFS: false } },
    ],
    [
      'public access, config',
      record('AWS::EC2::SnapshotBlockPublicAccess', 'config', { State: 'block-new-sharing' }),
      { ebsSnapshotPublicAccess: 'block-new-sharing' },
    ],
    [
      'public access, terraform',
      record('aws_ebs_snapshot_block_public_access', 'terraform', { state: 'unblocked' }),
      { ebsSnapshotPublicAccess: 'unblocked' },
    ],
    [
      'encryption by default, terraform',
      record('aws_ebs_encryption_by_default', 'terraform', {}),
      { ebsEncryptionByDefault: true },
    ],
    [
      'global, api',
      record('AWS::Backup::GlobalSettings', 'api', {
        GlobalSettings: { isCrossAccountBackupEnabled: 'true', isMpaEnabled: 'false' },
      }),
      { crossAccountBackup: true },
    ],
    [
      'global, terraform',
      record('aws_backup_global_settings', 'terraform', { global_settings: { isCrossAccountBackupEnabled: 'false' } }),
      { crossAccountBackup: false },
    ],
    [
      'organisation',
      record('AWS::Organizations::Organization', 'api', {
        Organization: { Id: 'o-clinic', MasterAccountId: '111122223333' },
      }),
      { inOrganization: true, organizationId: 'o-clinic' },
    ],
    [
      'no organisation',
      record('AWS::Organizations::Organization', 'api', { Organization: null }),
      { inOrganization: false, organizationId: null },
    ],
    ['organisation, empty answer', record('AWS::Organizations::Organization', 'api', {}), {}],
    [
      'account',
      record('AWS::Organizations::Account', 'api', {
        Id: '444455556666',
        Arn: 'arn:aws:organizations::111122223333:account/o-clinic/444455556666',
      }),
      { inOrganization: true, organizationId: 'o-clinic' },
    ],
    ['account without ARN', record('AWS::Organizations::Account', 'api', { Id: '444455556666' }), {}],
    [
      'framework, api',
      record('AWS::Backup::Framework', 'api', {
        FrameworkName: 'f',
        DeploymentStatus: 'COMPLETED',
        FrameworkStatus: 'ACTIVE',
        FrameworkControls: [{ ControlName: 'BACKUP_RECOVERY_POINT_ENCRYPTED' }],
      }),
      { name: 'f', deployed: true, controls: ['BACKUP_RECOVERY_POINT_ENCRYPTED'] },
    ],
    [
      'framework, api, inactive',
      record('AWS::Backup::Framework', 'api', {
        FrameworkName: 'f',
        DeploymentStatus: 'COMPLETED',
        FrameworkStatus: 'INACTIVE',
      }),
      { name: 'f', deployed: false },
    ],
    [
      'framework, api, failed',
      record('AWS::Backup::Framework', 'api', { FrameworkName: 'f', DeploymentStatus: 'FAILED' }),
      { name: 'f', deployed: false },
    ],
    [
      'framework, cloudformation',
      record('AWS::Backup::Framework', 'cloudformation', {
        FrameworkControls: [{ ControlName: 'A' }, { ControlName: 'B' }],
      }),
      { name: 'clinic', deployed: true, controls: ['A', 'B'] },
    ],
    [
      'framework, terraform',
      record('aws_backup_framework', 'terraform', { name: 'f', control: [{ name: 'A', input_parameter: [] }] }),
      { name: 'f', deployed: true, controls: ['A'] },
    ],
    [
      'report plan, api',
      record('AWS::Backup::ReportPlan', 'api', {
        ReportPlan: {
          ReportPlanName: 'r',
          ReportSetting: { ReportTemplate: 'BACKUP_JOB_REPORT' },
          LastSuccessfulExecutionTime: 1767607200,
        },
      }),
      { name: 'r', template: 'BACKUP_JOB_REPORT', lastSuccessAt: 1767607200000 },
    ],
    [
      'report plan, api, never delivered',
      record('AWS::Backup::ReportPlan', 'api', {
        ReportPlanName: 'r',
        ReportSetting: { ReportTemplate: 'BACKUP_JOB_REPORT' },
      }),
      { name: 'r', template: 'BACKUP_JOB_REPORT', lastSuccessAt: null },
    ],
    [
      'report plan, config',
      record('AWS::Backup::ReportPlan', 'config', {
        ReportPlanName: 'r',
        ReportSetting: { ReportTemplate: 'COPY_JOB_REPORT' },
      }),
      { name: 'r', template: 'COPY_JOB_REPORT' },
    ],
    [
      'report plan, terraform',
      record('aws_backup_report_plan', 'terraform', {
        name: 'r',
        report_setting: [{ report_template: 'RESTORE_JOB_REPORT' }],
      }),
      { name: 'r', template: 'RESTORE_JOB_REPORT' },
    ],
  ])('%s', check)

  const type = 'AWS::Config::ConfigurationRecorder'
  it.each<Row>([
    [
      'everything',
      record(
        type,
        'api',
        {
          recordingGroup: {
            allSupported: true,
            resourceTypes: [],
            recordingStrategy: { useOnly: 'ALL_SUPPORTED_RESOURCE_TYPES' },
          },
        },
        { Status: { recording: true } },
      ),
      { allSupported: true, recording: true },
    ],
    [
      'what it does not deliver',
      record(
        type,
        'api',
        { recordingGroup: { allSupported: true } },
        { Status: { recording: true, lastStatus: 'FAILURE' } },
      ),
      { allSupported: true },
    ],
    [
      'whatever it recorded before it was stopped',
      record(type, 'config', { Recording: false, RecordingGroup: { AllSupported: true } }),
      { allSupported: true, recording: false },
    ],
    [
      'what is listed',
      record(type, 'config', {
        recordingGroup: {
          allSupported: false,
          resourceTypes: ['AWS::S3::Bucket'],
          recordingStrategy: { useOnly: 'INCLUSION_BY_RESOURCE_TYPES' },
        },
      }),
      { allSupported: false, resourceTypes: ['AWS::S3::Bucket'], recording: true },
    ],
    [
      'all but',
      record(type, 'api', {
        recordingGroup: {
          allSupported: false,
          resourceTypes: [],
          exclusionByResourceTypes: { resourceTypes: ['AWS::KMS::Key'] },
          recordingStrategy: { useOnly: 'EXCLUSION_BY_RESOURCE_TYPES' },
        },
      }),
      { allSupported: false, excludedTypes: ['AWS::KMS::Key'] },
    ],
    [
      'older answer, listed',
      record(type, 'api', { recordingGroup: { allSupported: false, resourceTypes: ['AWS::S3::Bucket'] } }),
      { allSupported: false, resourceTypes: ['AWS::S3::Bucket'] },
    ],
    [
      'a strategy that is not known',
      record(type, 'api', { recordingGroup: { allSupported: true, recordingStrategy: { useOnly: 'LATER' } } }),
      {},
    ],
    ['nothing said', record(type, 'api', {}), {}],
    ['cloudformation, by default', record(type, 'cloudformation', { RoleARN: 'r' }), { allSupported: true }],
    [
      'cloudformation, all but',
      record(type, 'cloudformation', {
        RecordingGroup: {
          ExclusionByResourceTypes: { ResourceTypes: ['AWS::KMS::Key'] },
          RecordingStrategy: { UseOnly: 'EXCLUSION_BY_RESOURCE_TYPES' },
        },
      }),
      { allSupported: false, excludedTypes: ['AWS::KMS::Key'] },
    ],
    [
      'terraform, by default',
      record('aws_config_configuration_recorder', 'terraform', {
        recording_group: [],
        recorder_status: [{ is_enabled: true }],
      }),
      { allSupported: true, recording: true },
    ],
    [
      'terraform, never started',
      record('aws_config_configuration_recorder', 'terraform', { recording_group: [] }),
      { allSupported: true, recording: false },
    ],
    [
      'terraform, listed',
      record(
        'aws_config_configuration_recorder',
        'terraform',
        {
          recording_group: [{ all_supported: false, resource_types: ['AWS::S3::Bucket'], recording_strategy: [] }],
          recorder_status: [],
        },
        undefined,
        { unknown: ['recorder_status'] },
      ),
      { allSupported: false, resourceTypes: ['AWS::S3::Bucket'] },
    ],
  ])('recorder: %s', check)
})

it('reads anything without a throw', () => {
  const words = [
    'KeyMetadata',
    'Policy',
    'Targets',
    'EventPattern',
    'Metrics',
    'MetricStat',
    'EventSelectors',
    'AdvancedEventSelectors',
    'FieldSelectors',
    'Subscriptions',
    'Attributes',
    'PolicyVersionList',
    'recordingGroup',
    '__proto__',
    'toString',
    'Fn::GetAtt',
    'Ref',
    'DeletionDate',
  ]
  const json = fc.letrec(tie => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(null, '', '%7B', '%', '{', 'arn:', -1, 1e300, false, 'true'),
      fc.array(tie('tree')),
      fc.dictionary(fc.constantFrom(...words), tie('tree')),
    ),
  })).tree
  fc.assert(
    fc.property(
      fc.constantFrom(...all),
      fc.constantFrom<Encoding>('api', 'config', 'cloudformation', 'terraform'),
      json,
      json,
      (definition, encoding, configuration, supplementary) => {
        const item = record(
          definition.type,
          encoding,
          configuration as object,
          supplementary as Record<string, unknown>,
        )
        if (definition.role !== 'data-store') definition.read(item)
      },
    ),
    { numRuns: 1500 },
  )
})
