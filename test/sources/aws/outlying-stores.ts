// What no estate of the fixtures holds, put into the Region of one that is: virtual machines, SAP HANA, directory buckets, clusters
// and volumes of services that few use, what carries data into AWS, an application of Resilience Hub, and AWS Config's recorder.
// Made up after the members that the APIs' references list.
import type { ResourceRecord } from '../../../src/model/record.ts'

const region = 'eu-west-1'

/** Records beside those of an estate, in its account and scopes; `point` is a recovery point of it, to be like. */
export function outlyingStores(point: ResourceRecord, globalScope: string): ResourceRecord[] {
  const { scope, account } = point
  const own = (type: string, id: string, rest: Partial<ResourceRecord>): ResourceRecord => ({
    record: 'resource',
    scope,
    type,
    id,
    account: account!,
    region,
    encoding: 'api',
    configuration: {},
    ...rest,
  })
  const machine = (id: string, name: string, tags: Record<string, string>) => {
    const arn = `arn:aws:backup-gateway:${region}:${account}:vm/${id}`
    return own('AWS::BackupGateway::VirtualMachine', id, {
      arn,
      name,
      tags,
      configuration: { HostName: 'esxi-1', HypervisorId: 'hype-0a1b', Name: name, Path: '/till', ResourceArn: arn },
    })
  }
  const sap = (id: string, databases: string[], tags: Record<string, string>) => {
    const arn = `arn:aws:ssm-sap:${region}:${account}:HANA/${id}`
    return own('AWS::SystemsManagerSAP::Application', id, {
      arn,
      name: id,
      tags,
      configuration: { Id: id, Type: 'HANA', Arn: arn, Status: 'ACTIVATED', DiscoveryStatus: 'SUCCESS' },
      supplementary: {
        Databases: ['SYSTEMDB', ...databases].map(name => ({
          ApplicationId: id,
          ComponentId: `${id}-host`,
          DatabaseId: name,
          DatabaseType: name === 'SYSTEMDB' ? 'SYSTEM' : 'TENANT',
          Arn: databaseArn(id, name),
        })),
      },
    })
  }
  const databaseArn = (id: string, name: string) => `arn:aws:ssm-sap:${region}:${account}:HANA/${id}/DB/${name}`
  const recorder = own('AWS::Config::ConfigurationRecorder', 'default', {
    arn: `arn:aws:config:${region}:${account}:configuration-recorder/default/0a1b`,
    name: 'default',
    configuration: {
      arn: `arn:aws:config:${region}:${account}:configuration-recorder/default/0a1b`,
      name: 'default',
      roleARN: `arn:aws:iam::${account}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig`,
      recordingGroup: { allSupported: true, includeGlobalResourceTypes: false, resourceTypes: [] },
      recordingScope: 'PAID',
    },
    supplementary: { Status: { name: 'default', recording: true, lastStatus: 'SUCCESS' } },
  })
  const bucket = (name: string, tags: Record<string, string>) =>
    own('AWS::S3Express::DirectoryBucket', name, {
      arn: `arn:aws:s3express:${region}:${account}:bucket/${name}`,
      name,
      tags,
      configuration: { Name: name, CreationDate: '2025-03-01T08:00:00.000Z' },
      supplementary: {
        ServerSideEncryptionConfiguration: {
          ServerSideEncryptionConfiguration: {
            Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: true }],
          },
        },
      },
    })
  const backupOf = (id: string, ResourceArn: string, ResourceType: string) => {
    const arn = `arn:aws:backup:${region}:${account}:recovery-point:${id}`
    const configuration = { ...point.configuration, RecoveryPointArn: arn, ResourceArn, ResourceType }
    return own('AWS::Backup::RecoveryPoint', arn, { arn, configuration })
  }
  const datasync = (path: string) => `arn:aws:datasync:${region}:${account}:${path}`
  const location = (kind: string, id: string, LocationUri: string, setting: object) => {
    const LocationArn = datasync(`location/loc-${id}`)
    return own(`AWS::DataSync::Location${kind}`, LocationArn, {
      arn: LocationArn,
      configuration: { LocationArn, LocationUri, ...setting },
    })
  }
  const task = (id: string, [from, to]: [string, string], executions: object[] | undefined, tags: object) => {
    const arn = datasync(`task/task-${id}`)
    return own('AWS::DataSync::Task', arn, {
      arn,
      name: id,
      tags: { ...tags },
      configuration: {
        TaskArn: arn,
        Name: id,
        TaskMode: 'BASIC',
        Status: 'AVAILABLE',
        SourceLocationArn: datasync(`location/loc-${from}`),
        DestinationLocationArn: datasync(`location/loc-${to}`),
        CloudWatchLogGroupArn: `arn:aws:logs:${region}:${account}:log-group:/aws/datasync`,
        Options: { VerifyMode: 'POINT_IN_TIME_CONSISTENT', LogLevel: 'BASIC' },
        Schedule: { ScheduleExpression: 'rate(12 hours)', Status: 'ENABLED' },
      },
      supplementary: executions ? { TaskExecutions: executions } : {},
    })
  }
  const run = (id: string, number: number, rest: object) => ({
    TaskExecutionArn: datasync(`task/task-${id}/execution/exec-${number}`),
    ...rest,
  })
  const share = (kind: string, id: string, key: object, tags: Record<string, string>) => {
    const FileShareARN = `arn:aws:storagegateway:${region}:${account}:share/${id}`
    return own(`AWS::StorageGateway::${kind}FileShare`, id, {
      arn: FileShareARN,
      name: id,
      tags,
      configuration: {
        FileShareARN,
        FileShareId: id,
        FileShareName: id,
        GatewayARN: `arn:aws:storagegateway:${region}:${account}:gateway/sgw-0a`,
        ...key,
      },
    })
  }
  const app = `arn:aws:resiliencehub:${region}:${account}:app/0a1b`
  const carriers = [
    location('EFS', 'efs', 'efs://eu-west-1.fs-0a/', { InTransitEncryption: 'TLS1_2' }),
    location('ObjectStorage', 'os', 'object-storage://till.example/receipts/', { ServerProtocol: 'HTTPS' }),
    location('HDFS', 'hdfs', 'hdfs://till.example:8020/', {
      QopConfiguration: { RpcProtection: 'PRIVACY', DataTransferProtection: 'PRIVACY' },
    }),
    location('NFS', 'nfs', 'nfs://till.example/', {}),
    location('S3', 's3', 's3://bookshop-covers/', {}),
    location('FSxONTAP', 'ontap', 'fsxn-nfs://eu-west-1.fs-0b/', {}),
    task('receipts', ['os', 's3'], [run('receipts', 2, { Status: 'SUCCESS', StartTime: '2026-01-15T01:00:00.000Z' })], {
      team: 'till',
    }),
    task(
      'running',
      ['nfs', 'efs'],
      [run('running', 1, { Status: 'SUCCESS' }), run('running', 2, { Status: 'TRANSFERRING' })],
      {},
    ),
    task('new', ['hdfs', 's3'], [], {}),
    share(
      'NFS',
      'share-0a',
      { EncryptionType: 'SseKms', KMSKey: `arn:aws:kms:${region}:${account}:key/0a1b` },
      { a: 'b' },
    ),
    share('SMB', 'share-0b', { EncryptionType: 'SseS3', KMSEncrypted: false }, {}),
    own('AWS::ResilienceHub::App', app, {
      arn: app,
      scope: globalScope,
      name: 'till',
      configuration: {
        appArn: app,
        name: 'till',
        complianceStatus: 'PolicyMet',
        lastAppComplianceEvaluationTime: '2026-01-10T06:00:00.000Z',
      },
    }),
  ]
  const till = (type: string, id: string, arn: string, configuration: object, rest: Partial<ResourceRecord> = {}) =>
    own(type, id, { arn, tags: {}, configuration: { ...configuration }, ...rest })
  const arnOf = (service: string, path: string) => `arn:aws:${service}:${region}:${account}:${path}`
  const created = '2025-03-01T08:00:00.000Z'
  const volume = (id: string, VolumeType: string) => {
    const VolumeARN = arnOf('storagegateway', `gateway/sgw-0a/volume/${id}`)
    const SnapshotSchedule = { VolumeARN, StartAt: 3, RecurrenceInHours: 24 }
    const configuration = { VolumeARN, VolumeId: id, VolumeType, VolumeStatus: 'AVAILABLE', VolumeSizeInBytes: 8 }
    return till('AWS::StorageGateway::Volume', id, VolumeARN, configuration, { supplementary: { SnapshotSchedule } })
  }
  const table = arnOf('timestream', 'database/tills/table/sales')
  const elastic = arnOf('docdb-elastic', 'cluster/0a1b')
  const rare = [
    till(
      'AWS::EKS::Cluster',
      'tills',
      arnOf('eks', 'cluster/tills'),
      { name: 'tills', createdAt: created },
      { name: 'tills' },
    ),
    till(
      'AWS::DSQL::Cluster',
      'abcd',
      arnOf('dsql', 'cluster/abcd'),
      { identifier: 'abcd', status: 'ACTIVE', creationTime: created },
      { name: 'abcd' },
    ),
    till(
      'AWS::DocDBElastic::Cluster',
      '0a1b',
      elastic,
      { clusterArn: elastic, clusterName: 'tills', backupRetentionPeriod: 7 },
      { name: 'tills' },
    ),
    till(
      'AWS::Timestream::Table',
      'tills|sales',
      table,
      { Arn: table, TableName: 'sales', DatabaseName: 'tills', TableStatus: 'ACTIVE' },
      { name: 'sales', supplementary: { Database: { DatabaseName: 'tills', TableCount: 1 } } },
    ),
    volume('vol-0a', 'CACHED iSCSI'),
    volume('vol-0b', 'STORED iSCSI'),
  ]
  const daily = { backup: 'Daily' }
  const machines = [machine('vm-0a', 'till-1', daily), machine('vm-0b', 'till-2', {}), machine('vm-0c', 'till-3', {})]
  return [
    recorder,
    ...machines,
    ...carriers,
    ...rare,
    sap('ledger', ['LDG'], daily),
    sap('stock', ['ST1', 'ST2'], {}),
    sap('returns', [], {}),
    bucket('scores--euw1-az1--x-s3', { team: 'web' }),
    bucket('drafts--euw1-az1--x-s3', {}),
    backupOf('till-1', machines[0]!.arn!, 'VirtualMachine'),
    backupOf('ledger', databaseArn('ledger', 'LDG'), 'SAP HANA on Amazon EC2'),
  ]
}
