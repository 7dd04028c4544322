// What no estate of the fixtures holds, put into the Region of one that is: virtual machines, SAP HANA, directory buckets.
// Made up after the members that the APIs' references list.
import type { ResourceRecord } from '../../../src/model/record.ts'

const region = 'eu-west-1'

/** Records beside those of an estate, in its account and scope; `point` is a recovery point of it, to be like. */
export function outlyingStores(point: ResourceRecord): ResourceRecord[] {
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
  const daily = { backup: 'Daily' }
  const machines = [machine('vm-0a', 'till-1', daily), machine('vm-0b', 'till-2', {}), machine('vm-0c', 'till-3', {})]
  return [
    ...machines,
    sap('ledger', ['LDG'], daily),
    sap('stock', ['ST1', 'ST2'], {}),
    sap('returns', [], {}),
    bucket('scores--euw1-az1--x-s3', { team: 'web' }),
    bucket('drafts--euw1-az1--x-s3', {}),
    backupOf('till-1', machines[0]!.arn!, 'VirtualMachine'),
    backupOf('ledger', databaseArn('ledger', 'LDG'), 'SAP HANA on Amazon EC2'),
  ]
}
