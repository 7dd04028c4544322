/**
 * Protects how snapshots, lifecycle policies, transfer tasks and resilience applications are read: who made a snapshot, who
 * may restore it, how long a policy keeps what it makes, and above all that what a source does not tell stays untold.
 */
import { describe, expect, it } from 'vitest'
import type { Encoding, ResourceRecord } from '../../src/model/record.ts'
import { definitions as dlm } from '../../src/resources/data-lifecycle-manager.ts'
import { definitions as datasync } from '../../src/resources/datasync.ts'
import type { ResourceDefinition } from '../../src/resources/definition.ts'
import { definitions as ebs } from '../../src/resources/ebs-snapshots.ts'
import { definitions as rds } from '../../src/resources/rds-snapshots.ts'
import { definitions as redshift } from '../../src/resources/redshift-snapshots.ts'
import { definitions as resilienceHub } from '../../src/resources/resilience-hub.ts'
import { definitions as storageGateway } from '../../src/resources/storage-gateway.ts'

const all: ResourceDefinition[] = [
  ...dlm,
  ...datasync,
  ...ebs,
  ...rds,
  ...redshift,
  ...resilienceHub,
  ...storageGateway,
]

/** Reads an item by the definition of a type; `sourceType` is what its source calls it. */
function read(
  type: string,
  encoding: Encoding,
  configuration: object,
  more: Partial<ResourceRecord> = {},
  sourceType = type,
): unknown {
  const definition = all.find(entry => entry.type === type)
  if (!definition || definition.role === 'data-store') throw new Error(`no evidence ${type}`)
  return definition.read(itemOf(sourceType, encoding, configuration, more))
}

function itemOf(
  type: string,
  encoding: Encoding,
  configuration: object,
  more: Partial<ResourceRecord> = {},
): ResourceRecord {
  return {
    record: 'resource',
    scope: 'bookshop',
    type,
    id: 'shelf',
    account: '111122223333',
    region: 'eu-west-1',
    encoding,
    configuration: configuration as Record<string, unknown>,
    ...more,
  }
}

const key = 'arn:aws:kms:eu-west-1:111122223333:key/0f1e2d3c'
const created = '2026-01-05T10:00:00.000Z'
const createdAt = Date.UTC(2026, 0, 5, 10)

describe('EBS snapshots', () => {
  const snapshot = {
    SnapshotId: 'snap-0a1b',
    VolumeId: 'vol-0c2d',
    State: 'completed',
    StartTime: created,
    Encrypted: true,
    OwnerId: '111122223333',
  }

  it('reads a private snapshot that nobody else made', () => {
    expect(
      read('AWS::EC2::Snapshot', 'api', { ...snapshot, Tags: [] }, { supplementary: { CreateVolumePermissions: [] } }),
    ).toEqual({
      id: 'snap-0a1b',
      arn: 'arn:aws:ec2:eu-west-1::snapshot/snap-0a1b',
      service: 'EBS',
      sourceArn: 'arn:aws:ec2:eu-west-1:111122223333:volume/vol-0c2d',
      sourceId: 'vol-0c2d',
      encrypted: true,
      manual: true,
      createdAt,
      status: 'completed',
      sharedWith: [],
    })
  })

  it.each([
    ['made by DLM', { tags: { 'aws:dlm:lifecycle-policy-id': 'policy-1' } }, {}, false],
    ['made by AWS Backup', { tags: { 'aws:backup:source-resource': 'vol-0c2d:1' } }, {}, false],
    [
      'made by AWS Backup, tags not known',
      {},
      { Description: 'This snapshot is created by the AWS Backup service.' },
      false,
    ],
    ['tagged by its owner', { tags: { team: 'sales' } }, {}, true],
    ['without tags', { tags: null }, {}, true],
    ['with tags that are not known', {}, {}, undefined],
  ] as const)('tells who made it: %s', (_name, more, extra, manual) => {
    expect((read('AWS::EC2::Snapshot', 'api', { ...snapshot, ...extra }, more) as { manual?: boolean }).manual).toBe(
      manual,
    )
  })

  it.each([
    ['public and shared', [{ Group: 'all' }, { UserId: '444455556666' }], ['all', '444455556666']],
    ['shared', [{ UserId: '444455556666' }], ['444455556666']],
    ['with a permission that cannot be read', [{ UserId: '444455556666' }, {}], undefined],
    ['public beside a permission that cannot be read', [{ Group: 'all' }, {}], ['all']],
    ['not read', undefined, undefined],
  ])('tells who may restore it: %s', (_name, permissions, sharedWith) => {
    const more = permissions ? { supplementary: { CreateVolumePermissions: permissions } } : {}
    expect((read('AWS::EC2::Snapshot', 'api', snapshot, more) as { sharedWith?: string[] }).sharedWith).toEqual(
      sharedWith,
    )
  })

  it('knows no volume of a copy', () => {
    expect(read('AWS::EC2::Snapshot', 'api', { ...snapshot, VolumeId: 'vol-ffffffff' })).toMatchObject({
      sourceArn: null,
      sourceId: null,
    })
  })

  it('reads a declared one, of which little is known', () => {
    const declared = read(
      'AWS::EC2::Snapshot',
      'terraform',
      { volume_id: 'aws_ebs_volume.data' },
      { unknown: ['encrypted', 'create_volume_permissions'] },
      'aws_ebs_snapshot',
    )
    expect(declared).toEqual({ id: 'shelf', service: 'EBS', sourceId: 'aws_ebs_volume.data', manual: true })
  })

  it('does not take a declared copy for unencrypted: it stays as its source is', () => {
    expect(
      read('AWS::EC2::Snapshot', 'terraform', { encrypted: false }, {}, 'aws_ebs_snapshot_copy'),
    ).not.toHaveProperty('encrypted')
  })
})

describe('RDS snapshots', () => {
  const snapshot = {
    dBSnapshotIdentifier: 'orders-before-upgrade',
    dBSnapshotArn: 'arn:aws:rds:eu-west-1:111122223333:snapshot:orders-before-upgrade',
    dBInstanceIdentifier: 'orders',
    snapshotType: 'manual',
    status: 'available',
    encrypted: false,
    snapshotCreateTime: created,
  }

  it('reads an item of AWS Config with its sharing', () => {
    const supplementary = {
      DBSnapshotAttributes: [{ attributeName: 'restore', attributeValues: ['all', '444455556666'] }],
    }
    expect(read('AWS::RDS::DBSnapshot', 'config', snapshot, { supplementary })).toEqual({
      id: 'orders-before-upgrade',
      arn: 'arn:aws:rds:eu-west-1:111122223333:snapshot:orders-before-upgrade',
      service: 'RDS',
      sourceArn: 'arn:aws:rds:eu-west-1:111122223333:db:orders',
      sourceId: 'orders',
      encrypted: false,
      manual: true,
      createdAt,
      status: 'available',
      sharedWith: ['all', '444455556666'],
    })
  })

  it.each([
    ['automated', 'rds:orders-2026-01-05-10-00', 'automated', false, []],
    ['of AWS Backup', 'awsbackup:job-1', 'awsbackup', false, undefined],
    ['of AWS Backup under an older type', 'awsbackup:job-1', 'manual', false, undefined],
    ['manual', 'orders-1', 'manual', true, undefined],
    ["somebody else's", 'orders-1', 'shared', true, undefined],
    ['of a type that is not stated', 'orders-1', undefined, undefined, undefined],
  ])('tells who made it: %s', (_name, id, SnapshotType, manual, sharedWith) => {
    const value = read('AWS::RDS::DBSnapshot', 'api', {
      DBSnapshotIdentifier: id,
      DBInstanceIdentifier: 'orders',
      SnapshotType,
    })
    expect((value as { manual?: boolean }).manual).toBe(manual)
    expect((value as { sharedWith?: string[] }).sharedWith).toEqual(sharedWith)
  })

  it.each([
    ['no attribute', [], []],
    ['nobody', [{ AttributeName: 'restore', AttributeValues: [] }], []],
    ['an account', [{ AttributeName: 'restore', AttributeValues: ['444455556666'] }], ['444455556666']],
    ['another attribute only', [{ AttributeName: 'other' }], undefined],
  ])('reads the sharing of the API: %s', (_name, attributes, sharedWith) => {
    const value = read(
      'AWS::RDS::DBSnapshot',
      'api',
      { DBSnapshotIdentifier: 'orders-1' },
      { supplementary: { DBSnapshotAttributes: attributes } },
    )
    expect((value as { sharedWith?: string[] }).sharedWith).toEqual(sharedWith)
  })

  it.each([
    [
      'copied from another account and Region',
      { SourceRegion: 'us-east-1', SourceDBSnapshotIdentifier: 'arn:aws:rds:us-east-1:444455556666:snapshot:o' },
      'arn:aws:rds:us-east-1:444455556666:db:orders',
    ],
    ['copied from another Region', { SourceRegion: 'us-east-1' }, 'arn:aws:rds:us-east-1:111122223333:db:orders'],
  ])('names the source of a snapshot %s', (_name, extra, sourceArn) => {
    expect(
      read('AWS::RDS::DBSnapshot', 'api', { DBSnapshotIdentifier: 'o', DBInstanceIdentifier: 'orders', ...extra }),
    ).toMatchObject({ sourceArn })
  })

  it.each([
    ['aurora-postgresql', 'AWS::RDS::DBClusterSnapshot', 'Aurora'],
    ['postgres', 'AWS::RDS::DBClusterSnapshot', 'RDS'],
    ['mysql', 'AWS::RDS::DBClusterSnapshot', 'RDS'],
    ['docdb', 'AWS::RDS::DBClusterSnapshot', 'DocumentDB'],
    ['neptune', 'AWS::RDS::DBClusterSnapshot', 'Neptune'],
  ])('tells a cluster snapshot by its engine: %s', (engine, type, service) => {
    const configuration = {
      dbclusterSnapshotIdentifier: 's',
      dbclusterIdentifier: 'visits',
      engine,
      storageEncrypted: true,
      snapshotType: 'manual',
    }
    const supplementary = { DBClusterSnapshotAttributes: [{ attributeName: 'restore', attributeValues: [] }] }
    expect(read(type, 'config', configuration, { supplementary })).toMatchObject({
      service,
      encrypted: true,
      sourceArn: 'arn:aws:rds:eu-west-1:111122223333:cluster:visits',
      sharedWith: [],
    })
  })

  const terraform: [string, string, string, object, string[] | undefined, object][] = [
    [
      'private',
      'AWS::RDS::DBSnapshot',
      'aws_db_snapshot',
      { db_snapshot_identifier: 's' },
      undefined,
      { sharedWith: [], service: 'RDS' },
    ],
    [
      'public',
      'AWS::RDS::DBSnapshot',
      'aws_db_snapshot',
      { shared_accounts: ['all'] },
      undefined,
      { sharedWith: ['all'] },
    ],
    [
      'an unencrypted Neptune one',
      'AWS::RDS::DBClusterSnapshot',
      'aws_neptune_cluster_snapshot',
      { storage_encrypted: false },
      undefined,
      { service: 'Neptune', encrypted: false },
    ],
    [
      'a DocumentDB one',
      'AWS::RDS::DBClusterSnapshot',
      'aws_docdb_cluster_snapshot',
      {},
      undefined,
      { service: 'DocumentDB' },
    ],
    [
      'a copy with a key',
      'AWS::RDS::DBSnapshot',
      'aws_db_snapshot_copy',
      { kms_key_id: key },
      undefined,
      { encrypted: true },
    ],
    [
      'a copy with a key to come',
      'AWS::RDS::DBSnapshot',
      'aws_db_snapshot_copy',
      {},
      ['kms_key_id'],
      { encrypted: true },
    ],
  ]
  it.each(terraform)(
    'reads what Terraform declares: %s',
    (_name, type, sourceType, configuration, unknown, expected) => {
      expect(read(type, 'terraform', configuration, unknown ? { unknown } : {}, sourceType)).toMatchObject({
        manual: true,
        ...expected,
      })
    },
  )

  it('does not guess the encryption of a copy without a key, nor accounts that are not known yet', () => {
    expect(read('AWS::RDS::DBSnapshot', 'terraform', {}, {}, 'aws_db_snapshot_copy')).not.toHaveProperty('encrypted')
    expect(
      read('AWS::RDS::DBSnapshot', 'terraform', {}, { unknown: ['shared_accounts'] }, 'aws_db_snapshot'),
    ).not.toHaveProperty('sharedWith')
  })
})

describe('Redshift snapshots', () => {
  const snapshot = {
    snapshotIdentifier: 'sales-1',
    clusterIdentifier: 'sales',
    snapshotCreateTime: created,
    status: 'available',
    snapshotType: 'manual',
    encrypted: true,
    accountsWithRestoreAccess: [{ accountId: '444455556666' }],
  }

  it('reads an item of AWS Config', () => {
    expect(read('AWS::Redshift::ClusterSnapshot', 'config', snapshot)).toEqual({
      id: 'sales-1',
      arn: 'arn:aws:redshift:eu-west-1:111122223333:snapshot:sales/sales-1',
      service: 'Redshift',
      sourceArn: 'arn:aws:redshift:eu-west-1:111122223333:cluster:sales',
      sourceId: 'sales',
      encrypted: true,
      manual: true,
      createdAt,
      status: 'available',
      sharedWith: ['444455556666'],
    })
  })

  it.each([
    ['automated', { snapshotType: 'automated', snapshotIdentifier: 'rs:sales-2026' }, { manual: false }],
    ['of AWS Backup', { snapshotIdentifier: 'awsbackup:job-1' }, { manual: false }],
    ['shared with nobody', { accountsWithRestoreAccess: [] }, { sharedWith: [] }],
    [
      'copied from another Region',
      { sourceRegion: 'us-east-1' },
      { sourceArn: 'arn:aws:redshift:us-east-1:111122223333:cluster:sales' },
    ],
  ])('reads one that is %s', (_name, extra, expected) => {
    expect(read('AWS::Redshift::ClusterSnapshot', 'config', { ...snapshot, ...extra })).toMatchObject(expected)
  })

  it('does not know the sharing that was not read', () => {
    const { accountsWithRestoreAccess: _, ...rest } = snapshot
    expect(read('AWS::Redshift::ClusterSnapshot', 'config', rest)).not.toHaveProperty('sharedWith')
    expect(
      read(
        'AWS::Redshift::ClusterSnapshot',
        'terraform',
        { cluster_identifier: 'sales' },
        {},
        'aws_redshift_cluster_snapshot',
      ),
    ).toEqual({
      id: 'shelf',
      service: 'Redshift',
      sourceId: 'sales',
      manual: true,
    })
  })
})

describe('Data Lifecycle Manager', () => {
  const type = 'AWS::DLM::LifecyclePolicy'

  it('reads a custom policy of the API', () => {
    const policy = {
      PolicyId: 'policy-1',
      PolicyArn: 'arn:aws:dlm:eu-west-1:111122223333:policy/policy-1',
      State: 'ENABLED',
      StatusMessage: 'ENABLED',
      DefaultPolicy: false,
      PolicyDetails: {
        PolicyType: 'EBS_SNAPSHOT_MANAGEMENT',
        ResourceTypes: ['VOLUME'],
        TargetTags: [{ Key: 'backup', Value: 'daily' }],
        Schedules: [
          {
            Name: 'twice a day',
            CopyTags: true,
            CreateRule: { Interval: 12, IntervalUnit: 'HOURS', Times: ['03:00'] },
            RetainRule: { Count: 14 },
            CrossRegionCopyRules: [
              {
                TargetRegion: 'eu-central-1',
                Encrypted: true,
                CmkArn: key,
                RetainRule: { Interval: 1, IntervalUnit: 'MONTHS' },
              },
            ],
          },
          { CreateRule: { CronExpression: 'cron(0 5 ? * SUN *)' }, RetainRule: { Interval: 8, IntervalUnit: 'WEEKS' } },
        ],
      },
    }
    expect(read(type, 'api', policy)).toEqual({
      id: 'policy-1',
      arn: 'arn:aws:dlm:eu-west-1:111122223333:policy/policy-1',
      state: 'ENABLED',
      statusMessage: 'ENABLED',
      policyType: 'EBS_SNAPSHOT_MANAGEMENT',
      defaultPolicy: null,
      resourceTypes: ['VOLUME'],
      targetTags: [{ key: 'backup', value: 'daily' }],
      schedules: [
        {
          name: 'twice a day',
          intervalHours: 12,
          retainCount: 14,
          retentionDays: null,
          copyTags: true,
          crossRegionCopies: [{ target: 'eu-central-1', encrypted: true, keyArn: key }],
        },
        {
          name: null,
          cron: 'cron(0 5 ? * SUN *)',
          retainCount: null,
          retentionDays: 56,
          copyTags: false,
          crossRegionCopies: [],
        },
      ],
    })
  })

  const defaults = [
    [
      'the API',
      'api',
      {
        PolicyId: 'p',
        State: 'ENABLED',
        DefaultPolicy: true,
        PolicyDetails: {
          PolicyType: 'EBS_SNAPSHOT_MANAGEMENT',
          PolicyLanguage: 'SIMPLIFIED',
          ResourceType: 'VOLUME',
          CreateInterval: 2,
          RetainInterval: 9,
          CopyTags: true,
          CrossRegionCopyTargets: [{ TargetRegion: 'eu-central-1' }],
        },
      },
    ],
    [
      'CloudFormation',
      'cloudformation',
      {
        State: 'ENABLED',
        DefaultPolicy: 'VOLUME',
        CreateInterval: 2,
        RetainInterval: 9,
        CopyTags: true,
        CrossRegionCopyTargets: [{ TargetRegion: 'eu-central-1' }],
      },
    ],
    [
      'Terraform',
      'terraform',
      {
        default_policy: 'VOLUME',
        policy_details: [
          {
            create_interval: 2,
            retain_interval: 9,
            copy_tags: true,
            resource_type: 'VOLUME',
            cross_region_copy_targets: [{ target_region: 'eu-central-1' }],
          },
        ],
      },
    ],
  ] as const
  it.each(defaults)('reads a default policy of %s', (_name, encoding, configuration) => {
    expect(read(type, encoding, configuration)).toMatchObject({
      state: 'ENABLED',
      defaultPolicy: 'VOLUME',
      policyType: 'EBS_SNAPSHOT_MANAGEMENT',
      resourceTypes: ['VOLUME'],
      targetTags: [],
      schedules: [
        {
          intervalHours: 48,
          retainCount: null,
          retentionDays: 9,
          copyTags: true,
          crossRegionCopies: [{ target: 'eu-central-1' }],
        },
      ],
    })
  })

  it("fills a default policy's defaults in: daily, kept 7 days", () => {
    expect(read(type, 'cloudformation', { DefaultPolicy: 'INSTANCE', State: 'ENABLED' })).toMatchObject({
      policyType: 'IMAGE_MANAGEMENT',
      schedules: [{ intervalHours: 24, retentionDays: 7, copyTags: false, crossRegionCopies: [] }],
    })
  })

  it('reads what Terraform declares, keys that are not known yet included', () => {
    const configuration = {
      policy_details: [
        {
          policy_type: 'EBS_SNAPSHOT_MANAGEMENT',
          resource_types: ['VOLUME'],
          target_tags: { Snapshot: 'true', App: 'shop' },
          schedule: [
            {
              name: 'daily',
              copy_tags: false,
              create_rule: [{ interval: 24, interval_unit: 'HOURS', times: ['23:45'], cron_expression: null }],
              retain_rule: [{ count: 14, interval: 0, interval_unit: '' }],
              cross_region_copy_rule: [
                { target: 'us-west-2', encrypted: true },
                { target: 'us-east-1', encrypted: false, cmk_arn: null },
              ],
            },
          ],
        },
      ],
    }
    const unknown = ['policy_details.0.schedule.0.cross_region_copy_rule.0.cmk_arn', 'execution_role_arn']
    expect(read(type, 'terraform', configuration, { unknown }, 'aws_dlm_lifecycle_policy')).toMatchObject({
      state: 'ENABLED',
      targetTags: [
        { key: 'App', value: 'shop' },
        { key: 'Snapshot', value: 'true' },
      ],
      schedules: [
        {
          name: 'daily',
          intervalHours: 24,
          retainCount: 14,
          retentionDays: null,
          copyTags: false,
          crossRegionCopies: [
            { target: 'us-west-2', encrypted: true },
            { target: 'us-east-1', encrypted: false, keyArn: null },
          ],
        },
      ],
    })
  })

  it('judges what an event-based policy copies', () => {
    const configuration = {
      policy_details: [
        {
          policy_type: 'EVENT_BASED_POLICY',
          action: [
            {
              name: 'take over',
              cross_region_copy: [
                { target: 'us-east-1', encryption_configuration: [{}] },
                {
                  target: 'us-west-2',
                  encryption_configuration: [{ encrypted: true, cmk_arn: key }],
                  retain_rule: [{ interval: 15, interval_unit: 'MONTHS' }],
                },
              ],
            },
          ],
        },
      ],
    }
    expect(read(type, 'terraform', configuration)).toMatchObject({
      policyType: 'EVENT_BASED_POLICY',
      resourceTypes: [],
      schedules: [
        {
          name: 'take over',
          crossRegionCopies: [
            { target: 'us-east-1', encrypted: false, keyArn: null },
            { target: 'us-west-2', encrypted: true, keyArn: key },
          ],
        },
      ],
    })
  })

  it.each([
    ['a schedule that a condition decides', { Schedules: [{ 'Fn::If': ['Prod', {}, {}] }] }, 'schedules'],
    [
      'copies that a condition decides',
      { Schedules: [{ CrossRegionCopyRules: { 'Fn::If': ['Prod', [], []] } }] },
      'schedules',
    ],
    ['tags that a parameter decides', { TargetTags: [{ Key: 'backup', Value: { Ref: 'Class' } }] }, 'targetTags'],
    ['details that are a parameter', { Ref: 'Details' }, 'schedules'],
  ])('does not claim to know %s', (_name, PolicyDetails, member) => {
    expect(read(type, 'cloudformation', { State: 'ENABLED', PolicyDetails })).not.toHaveProperty(member)
  })

  it('knows no state of a template that gives none', () => {
    expect(read(type, 'cloudformation', { PolicyDetails: {} })).not.toHaveProperty('state')
  })

  it('reports an error', () => {
    expect(
      read(type, 'api', { PolicyId: 'p', State: 'ERROR', StatusMessage: 'role is gone', PolicyDetails: {} }),
    ).toMatchObject({
      state: 'ERROR',
      statusMessage: 'role is gone',
      schedules: [],
    })
  })
})

describe('DataSync tasks', () => {
  const type = 'AWS::DataSync::Task'
  const task = {
    TaskArn: 'arn:aws:datasync:eu-west-1:111122223333:task/task-1',
    Status: 'AVAILABLE',
    SourceLocationArn: 'arn:aws:datasync:eu-west-1:111122223333:location/loc-1',
    DestinationLocationArn: 'arn:aws:datasync:eu-west-1:111122223333:location/loc-2',
    CloudWatchLogGroupArn: 'arn:aws:logs:eu-west-1:111122223333:log-group:/aws/datasync',
    Options: { VerifyMode: 'ONLY_FILES_TRANSFERRED', LogLevel: 'TRANSFER' },
    Schedule: { ScheduleExpression: 'cron(0 3 * * ? *)', Status: 'ENABLED' },
  }

  it('reads a task with its executions', () => {
    const TaskExecutions = [
      { Status: 'SUCCESS', StartTime: '2026-01-04T03:00:00Z' },
      { Status: 'TRANSFERRING', StartTime: '2026-01-06T03:00:00Z' },
      { Status: 'ERROR', StartTime: '2026-01-05T10:00:00Z' },
    ]
    expect(read(type, 'api', task, { supplementary: { TaskExecutions } })).toEqual({
      kind: 'datasync',
      arn: task.TaskArn,
      schedule: 'cron(0 3 * * ? *)',
      scheduleEnabled: true,
      verifyMode: 'ONLY_FILES_TRANSFERRED',
      logLevel: 'TRANSFER',
      sourceLocationArn: task.SourceLocationArn,
      destinationLocationArn: task.DestinationLocationArn,
      lastStatus: 'ERROR',
      lastExecutionAt: createdAt,
      encrypted: null,
      keyArn: null,
    })
  })

  it.each([
    ['never ran', [], null, null],
    ['runs for the first time', [{ Status: 'TRANSFERRING', StartTime: created }], undefined, undefined],
    [
      'ended alike, at times not known',
      [{ Status: 'SUCCESS' }, { Status: 'SUCCESS', StartTime: created }],
      'SUCCESS',
      undefined,
    ],
    [
      'ended differently, at times not known',
      [{ Status: 'SUCCESS' }, { Status: 'ERROR', StartTime: created }],
      undefined,
      undefined,
    ],
    ['was not asked', undefined, undefined, undefined],
  ])('tells the last execution of a task that %s', (_name, TaskExecutions, lastStatus, lastExecutionAt) => {
    const value = read(type, 'api', task, TaskExecutions ? { supplementary: { TaskExecutions } } : {}) as Record<
      string,
      unknown
    >
    expect(value.lastStatus).toBe(lastStatus)
    expect(value.lastExecutionAt).toBe(lastExecutionAt)
  })

  it.each([
    [
      'a schedule that DataSync disabled',
      { Schedule: { ScheduleExpression: 'rate(1 hour)', Status: 'DISABLED' } },
      { scheduleEnabled: false },
    ],
    ['no schedule', { Schedule: null }, { schedule: null, scheduleEnabled: false }],
    ['no log group: nothing is logged', { CloudWatchLogGroupArn: null }, { logLevel: 'OFF' }],
    [
      'Enhanced mode, which brings its own log group',
      { CloudWatchLogGroupArn: null, TaskMode: 'ENHANCED' },
      { logLevel: 'TRANSFER' },
    ],
  ])('reads %s', (_name, extra, expected) => {
    expect(read(type, 'api', { ...task, ...extra })).toMatchObject(expected)
  })

  it('fills in what a template leaves out', () => {
    const configuration = { SourceLocationArn: 'Source', DestinationLocationArn: 'Destination' }
    expect(read(type, 'cloudformation', configuration)).toMatchObject({
      schedule: null,
      scheduleEnabled: false,
      verifyMode: 'POINT_IN_TIME_CONSISTENT',
      logLevel: 'OFF',
      sourceLocationArn: 'Source',
      destinationLocationArn: 'Destination',
    })
    expect(read(type, 'cloudformation', { TaskMode: 'ENHANCED' })).toMatchObject({
      verifyMode: 'ONLY_FILES_TRANSFERRED',
    })
    expect(read(type, 'cloudformation', { TaskMode: 'ENHANCED' })).not.toHaveProperty('logLevel')
  })

  it('reads Terraform', () => {
    const configuration = {
      cloudwatch_log_group_arn: task.CloudWatchLogGroupArn,
      options: [{ verify_mode: 'NONE', log_level: 'BASIC' }],
      schedule: [{ schedule_expression: 'cron(0 3 * * ? *)' }],
    }
    expect(
      read(type, 'terraform', configuration, { unknown: ['source_location_arn'] }, 'aws_datasync_task'),
    ).toMatchObject({
      schedule: 'cron(0 3 * * ? *)',
      scheduleEnabled: true,
      verifyMode: 'NONE',
      logLevel: 'BASIC',
    })
  })

  it('knows no verification that neither the API nor AWS Config tells', () => {
    const value = read(type, 'config', { TaskArn: task.TaskArn, CloudWatchLogGroupArn: task.CloudWatchLogGroupArn })
    expect(value).not.toHaveProperty('verifyMode')
    expect(value).not.toHaveProperty('logLevel')
  })
})

describe('DataSync locations', () => {
  const arn = 'arn:aws:datasync:eu-west-1:111122223333:location/loc-1'
  it.each([
    ['ObjectStorage', 'api', { ServerProtocol: 'HTTPS' }, true],
    ['ObjectStorage', 'config', { ServerProtocol: 'HTTP' }, false],
    ['ObjectStorage', 'config', {}, undefined],
    ['ObjectStorage', 'cloudformation', {}, true],
    ['ObjectStorage', 'terraform', { server_protocol: 'HTTP' }, false],
    ['EFS', 'api', { InTransitEncryption: 'TLS1_2' }, true],
    ['EFS', 'terraform', {}, false],
    ['EFS', 'api', {}, undefined],
    ['HDFS', 'api', { QopConfiguration: { RpcProtection: 'PRIVACY', DataTransferProtection: 'INTEGRITY' } }, false],
    ['HDFS', 'cloudformation', { QopConfiguration: { RpcProtection: 'PRIVACY' } }, true],
    ['HDFS', 'cloudformation', {}, true],
    ['HDFS', 'api', {}, undefined],
    ['S3', 'api', {}, null],
    ['NFS', 'api', {}, null],
    ['SMB', 'api', {}, null],
    ['AzureBlob', 'api', {}, null],
    ['FSxONTAP', 'api', {}, null],
    ['FSxLustre', 'api', {}, null],
    ['FSxOpenZFS', 'api', {}, null],
    ['FSxWindows', 'api', {}, null],
  ] as const)('%s (%s) %j: TLS %s', (kind, encoding, configuration, inTransit) => {
    const expected = inTransit === undefined ? { arn } : { arn, inTransit }
    expect(read(`AWS::DataSync::Location${kind}`, encoding, { LocationArn: arn, ...configuration }, { arn })).toEqual(
      expected,
    )
  })

  it('goes by its address in a template', () => {
    expect(read('AWS::DataSync::LocationS3', 'cloudformation', {}, { id: 'Archive', address: 'Archive' })).toEqual({
      arn: 'Archive',
      inTransit: null,
    })
  })
})

describe('file shares of Storage Gateway', () => {
  const none = {
    kind: 'fileShare',
    schedule: null,
    scheduleEnabled: false,
    verifyMode: null,
    logLevel: null,
    lastStatus: null,
    lastExecutionAt: null,
  }
  it.each([
    ['api', { EncryptionType: 'SseKms', KMSEncrypted: true, KMSKey: key }, { encrypted: true, keyArn: key }],
    ['api', { EncryptionType: 'SseS3', KMSEncrypted: false }, { encrypted: false, keyArn: null }],
    ['api', { KMSEncrypted: true, KMSKey: key }, { encrypted: true, keyArn: key }],
    ['cloudformation', {}, { encrypted: false, keyArn: null }],
    ['cloudformation', { KMSEncrypted: true, KMSKey: { 'Fn::GetAtt': ['Key', 'Arn'] } }, { encrypted: true }],
    ['terraform', { kms_encrypted: true, kms_key_arn: key }, { encrypted: true, keyArn: key }],
    ['api', {}, { keyArn: null }],
  ] as const)('%s %j', (encoding, configuration, expected) => {
    for (const type of ['AWS::StorageGateway::NFSFileShare', 'AWS::StorageGateway::SMBFileShare'])
      expect(read(type, encoding, configuration)).toEqual({ ...none, ...expected })
  })
})

describe('applications of Resilience Hub', () => {
  const appArn = 'arn:aws:resiliencehub:eu-west-1:111122223333:app/1'
  it.each([
    [
      'api',
      { appArn, complianceStatus: 'PolicyMet', lastAppComplianceEvaluationTime: created },
      { arn: appArn, complianceStatus: 'PolicyMet', lastAssessmentAt: createdAt },
    ],
    [
      'api',
      { appArn, complianceStatus: 'NotAssessed' },
      { arn: appArn, complianceStatus: 'NotAssessed', lastAssessmentAt: null },
    ],
    ['config', { AppArn: appArn }, { arn: appArn }],
  ] as const)('%s %j', (encoding, configuration, expected) => {
    expect(read('AWS::ResilienceHub::App', encoding, configuration)).toEqual(expected)
  })
})

describe('hostile shapes', () => {
  const shapes: unknown[] = [
    undefined,
    null,
    0,
    'x',
    [],
    [[]],
    [null],
    {},
    { value: null },
    { Ref: 'X' },
    JSON.parse('{"__proto__":{"Encrypted":true}}'),
  ]
  it('never throws, and never tells a sharing or an encryption that was not stated', () => {
    for (const definition of all) {
      if (definition.role === 'data-store') continue
      for (const encoding of ['config', 'api', 'cloudformation', 'terraform'] as const) {
        for (const shape of shapes) {
          const names = [
            'PolicyDetails',
            'policy_details',
            'Schedule',
            'Options',
            'SnapshotType',
            'Encrypted',
            'shared_accounts',
            'AccountsWithRestoreAccess',
            'QopConfiguration',
            'DefaultPolicy',
            'Tags',
            'TargetTags',
          ]
          const record = itemOf(definition.type, encoding, Object.fromEntries(names.map(name => [name, shape])), {
            supplementary: { CreateVolumePermissions: shape, DBSnapshotAttributes: shape, TaskExecutions: shape },
          })
          const value = definition.read(record) as { encrypted?: unknown; sharedWith?: string[] } | undefined
          if (definition.role === 'native-snapshot') expect(value?.encrypted).not.toBe(true)
          expect(value?.sharedWith ?? []).toEqual([])
        }
      }
    }
  })
})
