// Protects which facts of protection stores may share, and which mechanisms a policy accepts: a plan without rules is no plan, and
// what hangs on a store's own tags is its own.
import { describe, expect, it } from 'vitest'
import type { Join, StoreItem } from '../../src/inventory/join.ts'
import { acceptedMechanisms, isSharedProtection } from '../../src/inventory/protection.ts'
import type { Policy } from '../../src/model/policy.ts'
import { byArn, byTag, cases, factAt, home, inventoryOf, item, own, plan, rule, settings, volume } from './clinic.ts'
import { policy } from './records.ts'

const withRules = { plan: { rules: [{}], plan: {} } }
const withoutRules = { plan: { rules: [], plan: {} } }
const ofUnread = { plan: { rules: [], plan: { rulesPartial: true } } }
const ofUnknown = { plan: undefined }

describe('protection is shared by stores set up alike', () => {
  const table = 'AWS::DynamoDB::Table'
  const rows: [string, object[] | undefined, string, object | undefined, boolean][] = [
    ['without coverage', undefined, table, {}, false],
    ['without a selection', [], table, {}, false],
    ['by a plan', [withRules], table, undefined, true],
    ['by a plan without rules', [withoutRules], table, {}, false],
    ['by a plan of which rules may be missing', [ofUnread], table, {}, true],
    ['by a plan that was not found', [ofUnknown], table, {}, true],
    ['by one plan of two', [withoutRules, withRules], table, {}, true],
    ...['AWS::EC2::Volume', 'AWS::EC2::Instance'].flatMap(
      (type): [string, object[], string, object | undefined, boolean][] => [
        [`${type}: no lifecycle policies`, [withRules], type, { snapshotPolicies: [] }, true],
        [`${type}: lifecycle policies target by tags`, [withRules], type, { snapshotPolicies: [{}] }, false],
        [`${type}: of no place`, [withRules], type, undefined, false],
      ],
    ),
  ]
  it.each(rows)('%s', (_name, selections, type, place, expected) => {
    const coverage = selections && { matches: selections.map(selection => ({ selection })) }
    expect(isSharedProtection({ coverage, type, place } as unknown as StoreItem)).toBe(expected)
  })
})

describe('what a policy accepts', () => {
  const storeOf = (type: string) => ({ type }) as StoreItem
  it.each<[string, Policy['mechanisms'], string, string[]]>([
    ['of the type', { '*': ['aws-backup'], 'AWS::S3::Bucket': ['replication'] }, 'AWS::S3::Bucket', ['replication']],
    ['of every type', { '*': ['dlm'], 'AWS::S3::Bucket': ['replication'] }, 'AWS::EFS::FileSystem', ['dlm']],
    ['AWS Backup where it says nothing', {}, 'AWS::S3::Bucket', ['aws-backup']],
    ['nothing by a name that objects inherit', { '*': ['dlm'] }, 'constructor', ['dlm']],
  ])('%s', (_name, mechanisms, type, expected) => {
    const join = { policy: policy({ mechanisms }) } as unknown as Join
    const accepted = acceptedMechanisms(join, storeOf(type))
    expect([...accepted]).toEqual(expected)
    expect(acceptedMechanisms(join, storeOf(type))).toBe(accepted)
    expect([...acceptedMechanisms(join, storeOf('AWS::Other::Type'))]).toEqual(mechanisms['*'] ?? ['aws-backup'])
  })
})

const fileSystemArn = `arn:aws:elasticfilesystem:${home}:${own}:file-system/fs-ward`
const fileSystem = (tags: Record<string, string> = {}) =>
  item(
    'AWS::EFS::FileSystem',
    'fs-ward',
    { FileSystemId: 'fs-ward', FileSystemArn: fileSystemArn },
    { arn: fileSystemArn, tags, supplementary: { BackupPolicy: { Status: 'ENABLED' } } },
  )
const database = (more: Record<string, unknown>) => {
  const arn = `arn:aws:rds:${home}:${own}:db:patients`
  return item(
    'AWS::RDS::DBInstance',
    'db-patients',
    { DBInstanceIdentifier: 'patients', Engine: 'postgres', ...more },
    { arn, tags: {} },
  )
}
const databaseArn = `arn:aws:rds:${home}:${own}:db:patients`
const once = rule({ ScheduleExpression: 'cron(0 5 1 3 ? 2026)' })
const either = { mechanisms: { '*': ['aws-backup', 'native-pitr'] } } satisfies { mechanisms: Policy['mechanisms'] }

cases('what several mechanisms promise', 'protection', [
  [
    'a plan that was read leaves nothing open that AWS’s own plan might add',
    { records: [fileSystem(), plan('nightly'), byArn('nightly', fileSystemArn)] },
    { covered: true, mechanisms: [expect.objectContaining({ kind: 'aws-backup', name: 'nightly' })] },
  ],
  [
    'without a plan the opt-in decides whether AWS’s own runs',
    { records: [fileSystem(), plan('nightly')] },
    { covered: undefined, byPlan: undefined },
  ],
  [
    'plans end',
    { records: [database({ BackupRetentionPeriod: 0 }), plan('nightly', [once]), byArn('nightly', databaseArn)] },
    { covered: true, endsAt: expect.any(String) },
  ],
  [
    'what the service does has no end',
    {
      records: [database({ BackupRetentionPeriod: 7 }), plan('nightly', [once]), byArn('nightly', databaseArn)],
      policy: either,
    },
    { covered: true, endsAt: null, continuous: true },
  ],
  [
    'the longest is kept',
    {
      records: [database({ BackupRetentionPeriod: 7 }), plan('nightly'), byArn('nightly', databaseArn)],
      policy: { mechanisms: { '*': ['native-pitr'] } },
    },
    { covered: true, byPlan: true, retentionDays: 7, worstCaseLossHours: 0.083 },
  ],
])

it('near misses are a store’s own', () => {
  const stores = ['Nightly', 'nightly-old'].map((value, i) => ({
    ...volume({}, { arn: `arn:aws:ec2:${home}:${own}:volume/vol-${i}`, tags: { backup: value } }),
    id: `vol-${i}`,
  }))
  const { inventory } = inventoryOf({
    records: [...stores, settings(), plan('nightly'), byTag('nightly', ['backup', 'nightly'])],
  })
  const misses = Array.from({ length: inventory.size }, (_, i) => inventory.subject(i))
    .filter(({ kind }) => kind === 'data-store')
    .map(({ facts }) => JSON.stringify(factAt(facts, 'protection.nearMisses')))
  expect(misses).toHaveLength(2)
  expect(misses[0]).toContain('Nightly')
  expect(misses[1]).not.toContain('Nightly')
})
