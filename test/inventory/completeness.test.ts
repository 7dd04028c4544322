// Protects what is known to be complete: only then may an absence mean «none». A group that counts as read, though a page or a
// Region is missing, would turn unread plans, vaults and points into proof.
import { describe, expect, it } from 'vitest'
import { resourceDefinitions } from '../../src/generated/resources.ts'
import {
  Completeness,
  type Declarations,
  placeKey,
  type ScopeState,
  selectableInventory,
  unsupportedTypes,
} from '../../src/inventory/completeness.ts'
import type { GapRecord, ScopeRecord } from '../../src/model/record.ts'
import { account, backupAccount, gap, otherRegion, region, scope } from './records.ts'

const open: Declarations = { closedWorld: false, configRecords: null }

interface Given {
  scopes?: (Partial<ScopeRecord> & { seen?: string[]; places?: string[] })[]
  gaps?: GapRecord[]
  declared?: Partial<Declarations>
}

function completenessOf({ scopes = [{}], gaps = [], declared = {} }: Given): Completeness {
  const states = scopes.map(
    ({ seen = [], places = [], ...more }): ScopeState => ({
      scope: scope(more),
      clockSeconds: undefined,
      seenTypes: new Set(seen),
      places: new Set(places),
    }),
  )
  return new Completeness(states, gaps, { ...open, ...declared })
}

const config = { source: 'aws-config-snapshot' as const, factGroups: undefined }
const template = { source: 'cloudformation' as const, factGroups: undefined }

describe('isComplete', () => {
  const rows: [string, Given, string, string | undefined, string | undefined, boolean][] = [
    ['a group that a live scope read', {}, 'plans', account, region, true],
    ['a group that it did not', { scopes: [{ factGroups: ['vaults'] }] }, 'plans', account, region, false],
    ['without any group', { scopes: [{ factGroups: undefined }] }, 'plans', account, region, false],
    ['another Region', {}, 'plans', account, otherRegion, false],
    ['another account', {}, 'plans', backupAccount, region, false],
    ['an account that is not known', {}, 'plans', undefined, region, false],
    ['a Region that is not known', {}, 'plans', account, undefined, false],
    ['no scope at all', { scopes: [] }, 'plans', account, region, false],
    ['one of two scopes read it', { scopes: [{ factGroups: [] }, {}] }, 'plans', account, region, true],
    [
      'a global group is read once for all Regions',
      { scopes: [{ region: 'global', factGroups: ['iam'] }] },
      'iam',
      account,
      undefined,
      true,
    ],
    [
      'a global group is asked in some Region',
      { scopes: [{ region: 'global', factGroups: ['trails'] }] },
      'trails',
      account,
      region,
      true,
    ],
    [
      'each global group',
      { scopes: [{ region: 'global', factGroups: ['global-settings', 'resilience', 'organization'] }] },
      'resilience',
      account,
      undefined,
      true,
    ],
    [
      'a group of a Region is not global',
      { scopes: [{ region: 'global', factGroups: ['plans'] }] },
      'plans',
      account,
      region,
      false,
    ],
    [
      'a live scope without Region speaks for none',
      { scopes: [{ region: undefined }] },
      'plans',
      account,
      region,
      false,
    ],
    ['a gap of the group', { gaps: [gap(['plans'])] }, 'plans', account, region, false],
    ['a gap of every group', { gaps: [gap(['*'])] }, 'plans', account, region, false],
    ['a gap of another group', { gaps: [gap(['vaults'])] }, 'plans', account, region, true],
    ['a gap of another Region', { gaps: [gap(['plans'], { region: otherRegion })] }, 'plans', account, region, true],
    [
      'a gap of another account',
      { gaps: [gap(['plans'], { account: backupAccount })] },
      'plans',
      account,
      region,
      true,
    ],
    [
      'a gap that names no account',
      { gaps: [gap(['plans'], { account: undefined })] },
      'plans',
      account,
      region,
      false,
    ],
    ['a gap that names no Region', { gaps: [gap(['plans'], { region: undefined })] }, 'plans', account, region, false],
    [
      'a gap of one type cuts the list',
      { gaps: [gap(['inventory'], { types: ['AWS::S3::Bucket'] })] },
      'inventory',
      account,
      region,
      false,
    ],
    [
      'a gap of a global group counts in every Region',
      { scopes: [{ factGroups: ['iam'] }], gaps: [gap(['iam'], { region: otherRegion })] },
      'iam',
      account,
      region,
      false,
    ],
    [
      'AWS Config with an item of the type',
      { scopes: [{ ...config, seen: ['AWS::Backup::BackupPlan'] }] },
      'plans',
      account,
      region,
      true,
    ],
    [
      'AWS Config with items of another type',
      { scopes: [{ ...config, seen: ['AWS::Backup::BackupVault'] }] },
      'plans',
      account,
      region,
      false,
    ],
    [
      'AWS Config with only one of two types',
      { scopes: [{ ...config, seen: ['AWS::Events::Rule'] }] },
      'alerts',
      account,
      region,
      false,
    ],
    [
      'AWS Config with both types',
      { scopes: [{ ...config, seen: ['AWS::Events::Rule', 'AWS::CloudWatch::Alarm'] }] },
      'alerts',
      account,
      region,
      true,
    ],
    [
      'AWS Config never knows every vault',
      { scopes: [{ ...config, seen: ['AWS::Backup::BackupVault'] }], declared: { configRecords: 'all' } },
      'vaults',
      account,
      region,
      false,
    ],
    [
      'AWS Config of one Region never knows every trail',
      { scopes: [{ ...config, seen: ['AWS::CloudTrail::Trail'] }] },
      'trails',
      account,
      undefined,
      false,
    ],
    [
      'AWS Config records no locks',
      { scopes: [config], declared: { configRecords: 'all' } },
      'vault-locks',
      account,
      region,
      false,
    ],
    [
      'AWS Config records no restore testing',
      { scopes: [config], declared: { configRecords: 'all' } },
      'restore-testing',
      account,
      region,
      false,
    ],
    [
      'AWS Config that is declared to record all',
      { scopes: [config], declared: { configRecords: 'all' } },
      'recovery-points',
      account,
      region,
      true,
    ],
    [
      'AWS Config that is declared to record the type',
      { scopes: [config], declared: { configRecords: ['AWS::KMS::Key'] } },
      'keys',
      account,
      region,
      true,
    ],
    [
      'AWS Config that is declared to record another',
      { scopes: [config], declared: { configRecords: ['AWS::KMS::Key'] } },
      'selections',
      account,
      region,
      false,
    ],
    [
      'AWS Config of another Region',
      { scopes: [config], declared: { configRecords: 'all' } },
      'plans',
      account,
      otherRegion,
      false,
    ],
    [
      'history closes nothing',
      {
        scopes: [{ ...config, source: 'aws-config-history', seen: ['AWS::Backup::BackupPlan'] }],
        declared: { configRecords: 'all' },
      },
      'plans',
      account,
      region,
      false,
    ],
    [
      'items close nothing',
      { scopes: [{ ...config, source: 'aws-config-item' }], declared: { configRecords: 'all' } },
      'plans',
      account,
      region,
      false,
    ],
    [
      'saved results of a query close nothing',
      {
        scopes: [{ ...config, source: 'aws-config-query', seen: ['AWS::Backup::BackupPlan'] }],
        declared: { configRecords: 'all' },
      },
      'plans',
      account,
      region,
      false,
    ],
    [
      'a collected query closes what its types feed',
      { scopes: [{ ...config, source: 'aws-config-query', types: ['AWS::Backup::BackupPlan'] }] },
      'plans',
      account,
      region,
      true,
    ],
    [
      'a collected query that lacks one of the types closes nothing',
      { scopes: [{ ...config, source: 'aws-config-query', types: ['AWS::Events::Rule'] }] },
      'alerts',
      account,
      region,
      false,
    ],
    [
      'a collected query closes no group of no type',
      { scopes: [{ ...config, source: 'aws-config-query', types: [] }] },
      'vaults',
      account,
      region,
      false,
    ],
    [
      'what a source never tells cuts nothing of what another read',
      { gaps: [{ ...gap(['plans'], { account: undefined, region: undefined }), reason: 'notInSource' }] },
      'plans',
      account,
      region,
      true,
    ],
    [
      'a scope that names no place covers those of its items',
      {
        scopes: [{ ...config, account: undefined, region: undefined, places: [placeKey(account, region)] }],
        declared: { configRecords: 'all' },
      },
      'plans',
      account,
      region,
      true,
    ],
    [
      'and no others',
      {
        scopes: [{ ...config, account: undefined, region: undefined, places: [placeKey(account, region)] }],
        declared: { configRecords: 'all' },
      },
      'plans',
      account,
      otherRegion,
      false,
    ],
    ['a template is open', { scopes: [template] }, 'plans', account, region, false],
    ['a closed world', { scopes: [template], declared: { closedWorld: true } }, 'plans', undefined, undefined, true],
    [
      'a closed world has no run-time facts',
      { scopes: [template], declared: { closedWorld: true } },
      'recovery-points',
      account,
      region,
      false,
    ],
    [
      'nor settings',
      { scopes: [template], declared: { closedWorld: true } },
      'region-settings',
      account,
      region,
      false,
    ],
    ['nor tags', { scopes: [template], declared: { closedWorld: true } }, 'tags', account, region, false],
    [
      'a gap in a closed world',
      { gaps: [gap(['plans'])], declared: { closedWorld: true } },
      'plans',
      account,
      region,
      false,
    ],
    ['a closed scope', { scopes: [{ ...template, closed: true }] }, 'vaults', account, region, true],
    [
      'a closed scope without Region',
      { scopes: [{ ...template, closed: true, region: undefined }] },
      'vaults',
      account,
      otherRegion,
      true,
    ],
    [
      'a closed scope has no run-time facts',
      { scopes: [{ ...template, closed: true }] },
      'restore-jobs',
      account,
      region,
      false,
    ],
  ]
  it.each(rows)('%s', (_name, given, group, ofAccount, ofRegion, expected) => {
    const completeness = completenessOf(given)
    expect(completeness.isComplete(group, ofAccount, ofRegion)).toBe(expected)
    expect(completeness.isComplete(group, ofAccount, ofRegion)).toBe(expected)
  })

  it.each([
    'plans',
    'selections',
    'vaults',
    'vault-locks',
    'vault-policies',
    'restore-testing',
    'replication',
    'snapshot-policies',
    'alerts',
    'trails',
    'audit',
    'inventory',
    'keys',
    'iam',
  ])('a closed world declares %s', group => {
    expect(completenessOf({ scopes: [], declared: { closedWorld: true } }).isComplete(group, account, region)).toBe(
      true,
    )
  })
})

describe('what an AWS Config recorder records', () => {
  const recorded = (all: boolean, types: string[], excluded: string[], group = 'plans', at = region) => {
    const completeness = completenessOf({ scopes: [config] })
    expect(completeness.isComplete(group, account, region)).toBe(false)
    completeness.addRecorder(account, at, all, types, excluded)
    return completeness.isComplete(group, account, region)
  }

  it.each([
    ['every supported type', () => recorded(true, [], []), true],
    ['every type but this', () => recorded(true, [], ['AWS::Backup::BackupPlan']), false],
    ['every type but another', () => recorded(true, [], ['AWS::S3::Bucket']), true],
    ['this type', () => recorded(false, ['AWS::Backup::BackupPlan'], []), true],
    [
      'this type, and excludes it',
      () => recorded(false, ['AWS::Backup::BackupPlan'], ['AWS::Backup::BackupPlan']),
      false,
    ],
    ['another type', () => recorded(false, ['AWS::S3::Bucket'], []), false],
    ['every supported type, which need not mean global ones', () => recorded(true, [], [], 'iam'), false],
    ['global types by name', () => recorded(false, ['AWS::IAM::Role', 'AWS::IAM::Policy'], [], 'iam'), true],
    ['everything, in another Region', () => recorded(true, [], [], 'plans', otherRegion), false],
  ])('%s', (_name, actual, expected) => {
    expect(actual()).toBe(expected)
  })
})

describe('isCut', () => {
  const rows: [string, Given, string | undefined, boolean][] = [
    ['what a live scope read is whole', {}, account, false],
    ['what it should have read and did not', { scopes: [{ factGroups: [] }] }, account, true],
    ['what a gap cuts', { gaps: [gap(['plans'])] }, account, true],
    ['what a gap cuts where nothing could know it', { scopes: [template], gaps: [gap(['plans'])] }, account, true],
    ['what no input could know', { scopes: [template] }, account, false],
    ['what AWS Config does not tell', { scopes: [config] }, account, false],
    ['an account that was not read', {}, backupAccount, false],
    ['an account that is not known', { scopes: [{ factGroups: [] }] }, undefined, false],
  ]
  it.each(rows)('%s', (_name, given, ofAccount, expected) => {
    const completeness = completenessOf(given)
    expect(completeness.isCut('plans', ofAccount, region)).toBe(expected)
    expect(completeness.isCut('plans', ofAccount, region)).toBe(expected)
  })

  it('a recorder that comes later settles it', () => {
    const completeness = completenessOf({ scopes: [{ factGroups: [] }, config] })
    expect(completeness.isCut('plans', account, region)).toBe(true)
    completeness.addRecorder(account, region, true, [], [])
    expect(completeness.isCut('plans', account, region)).toBe(false)
  })
})

describe('what may be selected', () => {
  const unsupported = unsupportedTypes(resourceDefinitions)
  const cutBy = (types: string[], group: string) =>
    new Completeness(completenessOf({}).scopes, [gap(['inventory'], { types })], open, unsupported).isCut(
      group,
      account,
      region,
    )

  it.each([
    ['buckets that AWS Backup knows nothing of', ['AWS::S3Express::DirectoryBucket'], false],
    ['one kind with support of two', ['AWS::S3Express::DirectoryBucket', 'AWS::EC2::Volume'], true],
    ['virtual machines', ['AWS::BackupGateway::VirtualMachine'], true],
    ['no kind that is named', [], true],
    ['a kind that nobody knows', ['AWS::Till::Receipt'], true],
  ])('is cut where a gap is of a kind that AWS Backup supports: %s', (_name, types, expected) => {
    expect(cutBy(types, selectableInventory)).toBe(expected)
    expect(cutBy(types, 'inventory')).toBe(true)
  })

  it('is claimed as the whole inventory is', () => {
    expect(completenessOf({}).isComplete(selectableInventory, account, region)).toBe(true)
    const [read, unread] = [{ factGroups: ['inventory'] }, { factGroups: ['plans'] }]
    expect(completenessOf({ scopes: [read] }).isComplete(selectableInventory, account, region)).toBe(true)
    expect(completenessOf({ scopes: [unread] }).isComplete(selectableInventory, account, region)).toBe(false)
    expect(completenessOf({ scopes: [unread] }).isUnclaimed(selectableInventory, account, region)).toBe(true)
  })

  it('knows no kind of which some are supported as unsupported', () => {
    for (const type of ['AWS::RDS::DBCluster', 'AWS::RDS::DBInstance', 'AWS::EC2::Instance', 'AWS::FSx::FileSystem'])
      expect(unsupported.has(type), type).toBe(false)
  })
})

describe('gapFor', () => {
  const volumes = gap(['inventory'], { types: ['AWS::EC2::Volume'] })
  it.each([
    ['of the type', 'AWS::EC2::Volume', volumes],
    ['of any type', undefined, volumes],
    ['of another type', 'AWS::S3::Bucket', undefined],
  ])('finds a gap %s', (_name, type, expected) => {
    expect(completenessOf({ gaps: [gap(['plans']), volumes] }).gapFor('inventory', account, region, type)).toBe(
      expected,
    )
  })
})
