/**
 * Protects what a backup selection selects: the union and subtraction of its lists, wildcards, tags, conditions, opt-ins,
 * and what stays open where a part is not known. A store that counts as selected but is not has no backup.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { NearMiss, SelectableStore, SelectionOptions, Tags, UnknownPart } from '../../src/inventory/selection.ts'
import {
  compileSelection,
  doubtfulPatterns,
  isRestoreTestLeftover,
  matchPlanSelection,
  matchRestoreTestingSelection,
  matchSelection,
} from '../../src/inventory/selection.ts'
import type { BackupSelection, RestoreTestingSelection, TagCondition } from '../../src/model/backup.ts'

const account = '111122223333'
const region = 'eu-west-1'

function store(
  service: string | null,
  type: string,
  resource: string,
  tags: Tags = null,
  rest: Partial<SelectableStore> = {},
): SelectableStore {
  const arn = resource.startsWith('arn:')
    ? resource
    : `arn:aws:${resource.includes(':') && !/^[^:]*:[^:]*:/.test(resource) ? 'rds' : 'ec2'}:${region}:${account}:${resource}`
  return { arn, otherArns: [], type, service, tags, account, region, ...rest }
}

const volume = (tags: Tags = null, rest: Partial<SelectableStore> = {}) =>
  store('EBS', 'AWS::EC2::Volume', 'volume/vol-shop', tags, rest)
const database = (tags: Tags = null, rest: Partial<SelectableStore> = {}) =>
  store('RDS', 'AWS::RDS::DBInstance', 'db:orders', tags, rest)
const aurora = (tags: Tags = null) => store('Aurora', 'AWS::RDS::DBCluster', 'cluster:catalogue', tags)
const multiAz = () => store('RDS', 'AWS::RDS::DBCluster', 'cluster:orders')
const neptune = () => store('Neptune', 'AWS::Neptune::DBCluster', 'cluster:graph')
const docdb = () => store('DocumentDB', 'AWS::DocDB::DBCluster', 'cluster:documents')
const bucket = (tags: Tags = null) => store('S3', 'AWS::S3::Bucket', 'arn:aws:s3:::bookshop-covers', tags)
const fileSystem = () => store('FSx', 'AWS::FSx::FileSystem', `arn:aws:fsx:${region}:${account}:file-system/fs-1`)

const pairs = (entries: Record<string, string>): TagCondition[] =>
  Object.entries(entries).map(([key, value]) => ({ key, value }))
type Conditions = Partial<
  Record<'stringEquals' | 'stringNotEquals' | 'stringLike' | 'stringNotLike', Record<string, string>>
>
function conditions(given: Conditions): NonNullable<BackupSelection['conditions']> {
  return {
    stringEquals: pairs(given.stringEquals ?? {}),
    stringNotEquals: pairs(given.stringNotEquals ?? {}),
    stringLike: pairs(given.stringLike ?? {}),
    stringNotLike: pairs(given.stringNotLike ?? {}),
  }
}

/** A selection of which everything is known. */
function selection(
  given: { resources?: string[]; notResources?: string[]; tags?: Record<string, string>; conditions?: Conditions } = {},
): BackupSelection {
  return {
    resources: given.resources ?? [],
    notResources: given.notResources ?? [],
    listOfTags: pairs(given.tags ?? {}),
    conditions: conditions(given.conditions ?? {}),
  }
}

const on: SelectionOptions = { optIn: true }
const off: SelectionOptions = { optIn: false }
const matches = (given: BackupSelection, of: SelectableStore, options = on) =>
  matchSelection(given, of, options).matched

describe('Resources', () => {
  test.each([
    ['*', true],
    ['**', true],
    [`arn:aws:ec2:${region}:${account}:volume/vol-shop`, true],
    ['arn:aws:ec2:*:*:volume/*', true],
    ['arn:aws:ec2:*:*:volume/vol-*', true],
    ['arn:aws:ec2:*', true],
    ['arn:aws:ec2:*:*:*', true],
    ['arn:aws:ec2:*:volume/*', true],
    ['arn:aws:*:*shop', true],
    ['arn:aws:ec2:*:*:volume/*-shop', true],
    [`arn:aws:ec2:${region}:${account}:volume/vol-sho`, false],
    [`arn:aws:ec2:${region}:${account}:volume/vol-shop2`, false],
    ['arn:aws:ec2:*:*:volume/vol-sho?', false],
    ['arn:aws:ec2:*:*:volume/VOL-*', false],
    ['arn:aws:ec2:*:*:instance/*', false],
    ['arn:aws:ec2:::volume/*', false],
    ['arn:aws:ec2::*:volume/*', false],
    ['arn:aws:ec2:*::volume/*', false],
    ['arn:aws-cn:ec2:*:*:volume/*', false],
    ['arn:aws:rds:*', false],
    ['volume/*', false],
    ['vol-shop', false],
    ['', false],
  ])('%s selects the volume: %s', (pattern, expected) => {
    expect(matches(selection({ resources: [pattern] }), volume())).toBe(expected)
  })

  test('entries are joined by OR', () => {
    expect(matches(selection({ resources: ['arn:aws:fsx:*', 'arn:aws:ec2:*:*:volume/*'] }), volume())).toBe(true)
  })

  test('arn:aws:rds:* covers RDS, Aurora, Neptune and DocumentDB; db: only instances', () => {
    for (const other of [database(), aurora(), neptune(), docdb(), multiAz()])
      expect(matches(selection({ resources: ['arn:aws:rds:*'] }), other)).toBe(true)
    expect(matches(selection({ resources: ['arn:aws:rds:*:*:db:*'] }), database())).toBe(true)
    for (const other of [aurora(), neptune(), docdb(), multiAz()])
      expect(matches(selection({ resources: ['arn:aws:rds:*:*:db:*'] }), other)).toBe(false)
  })

  test('buckets have neither Region nor account in their ARN', () => {
    expect(matches(selection({ resources: ['arn:aws:s3:::*'] }), bucket())).toBe(true)
    expect(matches(selection({ resources: ['arn:aws:s3:::*-covers'] }), bucket())).toBe(true)
    expect(matches(selection({ resources: ['arn:aws:s3:eu-west-1:*:*'] }), bucket())).toBe(false)
  })

  test('another ARN of the store will do', () => {
    const other = `arn:aws:cloudformation:${region}:${account}:stack/shop/1`
    expect(matches(selection({ resources: [other] }), volume(null, { otherArns: ['arn:aws:x:y:z:w', other] }))).toBe(
      true,
    )
    expect(matches(selection({ notResources: ['*:stack/*'] }), volume(null, { otherArns: [other] }))).toBe(false)
    expect(matches(selection({ resources: [other] }), volume(null, { arn: null, otherArns: [other] }))).toBe(true)
    expect(matches(selection({ resources: ['arn:aws:ec2:*'] }), volume(null, { arn: null }))).toBe(false)
  })
})

describe('ListOfTags', () => {
  test.each<[Record<string, string>, Tags, boolean]>([
    [{ Backup: 'daily' }, { Backup: 'daily' }, true],
    [{ Backup: 'daily' }, { Backup: 'Daily' }, false],
    [{ Backup: 'daily' }, { backup: 'daily' }, false],
    [{ Backup: 'daily' }, { Backup: '' }, false],
    [{ Backup: '' }, { Backup: '' }, true],
    [{ Backup: '*' }, { Backup: 'daily' }, false],
    [{ Backup: 'daily', Tier: '0' }, { Tier: '0' }, true],
    [{ 'aws:ResourceTag/Backup': 'daily' }, { Backup: 'daily' }, true],
    [
      { 'aws:elasticfilesystem:default-backup': 'enabled' },
      { 'aws:elasticfilesystem:default-backup': 'enabled' },
      true,
    ],
    [{ Backup: 'daily' }, {}, false],
    [{ Backup: 'daily' }, null, false],
    [{ constructor: 'x' }, {}, false],
  ])('%j on %j: %s', (tags, own, expected) => {
    expect(matches(selection({ tags }), volume(own))).toBe(expected)
  })

  test('several values of one key are joined by OR', () => {
    const given = {
      ...selection(),
      listOfTags: [
        { key: 'Backup', value: 'daily' },
        { key: 'Backup', value: 'weekly' },
      ],
    }
    expect(matches(given, volume({ Backup: 'weekly' }))).toBe(true)
    expect(matches(given, volume({ Backup: 'daily' }))).toBe(true)
    expect(matches(given, volume({ Backup: 'never' }))).toBe(false)
  })

  test('the tags of the volumes stand in for those of an ONTAP file system', () => {
    const byTag = selection({ tags: { Backup: 'daily' } })
    expect(matches(byTag, { ...fileSystem(), tags: { Backup: 'daily' }, selectionTags: null })).toBe(false)
    expect(matches(byTag, { ...fileSystem(), selectionTags: { Backup: 'daily' } })).toBe(true)
    expect(matches(byTag, { ...fileSystem(), tags: { Backup: 'daily' }, selectionTags: undefined })).toBeUndefined()
  })
})

describe('Conditions', () => {
  const tagged = { stage: 'prod', team: 'books/covers' }
  test.each<[Conditions, Tags, boolean]>([
    [{ stringEquals: { 'aws:ResourceTag/stage': 'prod' } }, tagged, true],
    [{ stringEquals: { stage: 'prod' } }, tagged, true],
    [{ stringEquals: { 'aws:ResourceTag/stage': 'Prod' } }, tagged, false],
    [{ stringEquals: { 'aws:ResourceTag/stage': 'pro*' } }, tagged, false],
    [{ stringEquals: { 'aws:ResourceTag/stage': 'prod' } }, null, false],
    [{ stringEquals: { 'aws:ResourceTag/a/b': 'x' } }, { 'a/b': 'x' }, true],
    [{ stringLike: { 'aws:ResourceTag/stage': 'pro*' } }, tagged, true],
    [{ stringLike: { 'aws:ResourceTag/stage': '*od' } }, tagged, true],
    [{ stringLike: { 'aws:ResourceTag/stage': 'p*d' } }, tagged, true],
    [{ stringLike: { 'aws:ResourceTag/stage': '*' } }, tagged, true],
    [{ stringLike: { 'aws:ResourceTag/stage': '*' } }, {}, false],
    [{ stringLike: { 'aws:ResourceTag/stage': 'P*' } }, tagged, false],
    [{ stringLike: { 'aws:ResourceTag/team': 'books*covers' } }, tagged, true],
    [{ stringNotEquals: { 'aws:ResourceTag/stage': 'test' } }, tagged, true],
    [{ stringNotEquals: { 'aws:ResourceTag/stage': 'prod' } }, tagged, false],
    [{ stringNotEquals: { 'aws:ResourceTag/stage': 'p*' } }, tagged, true],
    [{ stringNotLike: { 'aws:ResourceTag/stage': 'p*' } }, tagged, false],
    [{ stringNotLike: { 'aws:ResourceTag/stage': 't*' } }, tagged, true],
    [
      { stringEquals: { 'aws:ResourceTag/stage': 'prod' }, stringNotLike: { 'aws:ResourceTag/team': 'books*' } },
      tagged,
      false,
    ],
    [{ stringEquals: { 'aws:ResourceTag/stage': 'prod', 'aws:ResourceTag/team': 'x' } }, tagged, false],
  ])('%j on %j: %s', (given, tags, expected) => {
    expect(matches(selection({ resources: ['*'], conditions: given }), volume(tags))).toBe(expected)
  })

  test.each([
    { stringNotEquals: { 'aws:ResourceTag/stage': 'test' } },
    { stringNotLike: { 'aws:ResourceTag/stage': 't*' } },
  ])('a store without the tag, under %j, is as the assumption says', given => {
    const wanted = selection({ conditions: given })
    const without: Tags[] = [null, {}, { other: 'x' }]
    for (const tags of without) {
      expect(matches(wanted, volume(tags))).toBe(true)
      expect(matches(wanted, volume(tags), { ...on, stringNotEqualsOnMissingTag: 'include' })).toBe(true)
      expect(matches(wanted, volume(tags), { ...on, stringNotEqualsOnMissingTag: 'exclude' })).toBe(false)
    }
  })
})

describe('the set algebra', () => {
  test('Resources and ListOfTags are a union', () => {
    const given = selection({ resources: ['arn:aws:ec2:*:*:volume/*'], tags: { backup: 'yes' } })
    expect(matches(given, volume())).toBe(true)
    expect(matches(given, database({ backup: 'yes' }))).toBe(true)
    expect(matches(given, database())).toBe(false)
  })

  test('the worked example of the developer guide', () => {
    const given = selection({
      resources: ['arn:aws:fsx:*', 'arn:aws:rds:*:*:cluster:catalogue'],
      tags: { backup: 'true' },
      conditions: { stringNotEquals: { 'aws:ResourceTag/stage': 'test' } },
    })
    expect(matches(given, fileSystem())).toBe(true)
    expect(matches(given, aurora())).toBe(true)
    expect(matches(given, aurora({ stage: 'test' }))).toBe(false)
    expect(matches(given, volume({ backup: 'true', stage: 'prod' }))).toBe(true)
    expect(matches(given, volume({ backup: 'true', stage: 'test' }))).toBe(false)
    expect(matches(given, volume({ stage: 'prod' }))).toBe(false)
  })

  test('nothing stated selects everything; Conditions or NotResources alone start from everything', () => {
    expect(matches(selection(), volume())).toBe(true)
    expect(
      matches(
        { resources: null, listOfTags: null, conditions: null, notResources: null } as unknown as BackupSelection,
        volume(),
      ),
    ).toBe(true)
    expect(matches(selection({ conditions: { stringEquals: { 'aws:ResourceTag/a': '1' } } }), volume({ a: '1' }))).toBe(
      true,
    )
    expect(matches(selection({ conditions: { stringEquals: { 'aws:ResourceTag/a': '1' } } }), volume())).toBe(false)
    expect(matches(selection({ notResources: ['arn:aws:s3:::*'] }), volume())).toBe(true)
    expect(matches(selection({ notResources: ['arn:aws:ec2:*'] }), volume())).toBe(false)
    expect(
      matches(
        selection({ resources: ['*'], conditions: { stringEquals: { 'aws:ResourceTag/a': '1' } } }),
        volume({ a: '1' }),
      ),
    ).toBe(true)
  })

  test('NotResources wins over everything', () => {
    const own = volume({ a: '1' })
    expect(matches(selection({ resources: [own.arn!], tags: { a: '1' }, notResources: [own.arn!] }), own)).toBe(false)
    expect(matches(selection({ resources: ['*'], notResources: ['*'] }), own)).toBe(false)
  })
})

describe('service opt-in', () => {
  test.each<[string, BackupSelection, SelectableStore, boolean]>([
    ['tag', selection({ tags: { a: '1' } }), volume({ a: '1' }), false],
    ['condition', selection({ conditions: { stringEquals: { 'aws:ResourceTag/a': '1' } } }), volume({ a: '1' }), false],
    ['nothing stated', selection(), volume(), false],
    ['*', selection({ resources: ['*'] }), volume(), false],
    ['partition', selection({ resources: ['arn:aws:*'] }), volume(), false],
    ['service', selection({ resources: ['arn:aws:ec2:*'] }), volume(), false],
    ['service, all fields', selection({ resources: ['arn:aws:ec2:*:*:*'] }), volume(), false],
    ['type', selection({ resources: ['arn:aws:ec2:*:*:volume/*'] }), volume(), true],
    ['type, short', selection({ resources: ['arn:aws:ec2:*:volume/*'] }), volume(), true],
    ['ARN', selection({ resources: [volume().arn!] }), volume(), true],
    [
      'type beside a tag',
      selection({ resources: ['arn:aws:ec2:*:*:volume/*'], tags: { a: '1' } }),
      volume({ a: '1' }),
      true,
    ],
    [
      'type and condition',
      selection({ resources: ['arn:aws:ec2:*:*:volume/*'], conditions: { stringEquals: { a: '1' } } }),
      volume({ a: '1' }),
      true,
    ],
    [
      'another type beside a tag',
      selection({ resources: ['arn:aws:ec2:*:*:instance/*'], tags: { a: '1' } }),
      volume({ a: '1' }),
      false,
    ],
    ['all buckets', selection({ resources: ['arn:aws:s3:::*'] }), bucket(), false],
    ['S3', selection({ resources: ['arn:aws:s3:*'] }), bucket(), false],
    ['some buckets', selection({ resources: ['arn:aws:s3:::book*'] }), bucket(), true],
    ['buckets by their end', selection({ resources: ['arn:aws:s3:::*-covers'] }), bucket(), false],
    ['half a type', selection({ resources: ['arn:aws:ec2:*:*:volum*'] }), volume(), false],
    [
      'a resource without a type',
      selection({ resources: ['arn:aws:x:*:*:na*'] }),
      store('EBS', 'AWS::X::Y', 'arn:aws:x:r:1:name'),
      false,
    ],
    [
      'a name that is no ARN',
      selection({ resources: ['na*'] }),
      store('EBS', 'AWS::X::Y', 'a:b:c:d', null, { arn: 'name' }),
      false,
    ],
    ['one bucket', selection({ resources: [bucket().arn!] }), bucket(), true],
    ['RDS instances', selection({ resources: ['arn:aws:rds:*:*:db:*'] }), database(), true],
    ['RDS service', selection({ resources: ['arn:aws:rds:*'] }), database(), false],
    ['Aurora by ARN', selection({ resources: [aurora().arn!] }), aurora(), false],
    ['Neptune by ARN', selection({ resources: [neptune().arn!] }), neptune(), false],
    ['DocumentDB by ARN', selection({ resources: [docdb().arn!] }), docdb(), false],
    ['Multi-AZ cluster by ARN', selection({ resources: [multiAz().arn!] }), multiAz(), false],
    ['FSx by ARN', selection({ resources: [fileSystem().arn!] }), fileSystem(), false],
    [
      'by another ARN',
      selection({ resources: ['arn:aws:x:y:z:kind/1'] }),
      volume(null, { otherArns: ['arn:aws:x:y:z:kind/1'] }),
      true,
    ],
  ])('%s: selected without opt-in', (_, given, of, expected) => {
    expect(matches(given, of, on)).toBe(true)
    expect(matches(given, of, off)).toBe(expected)
    expect(matches(given, of, { optIn: undefined })).toBe(expected ? true : undefined)
  })

  test('a service that AWS Backup does not support is never selected', () => {
    const cache = store(
      null,
      'AWS::ElastiCache::ReplicationGroup',
      `arn:aws:elasticache:${region}:${account}:replicationgroup:sessions`,
    )
    expect(matches(selection(), cache)).toBe(false)
    expect(matches(selection({ resources: [cache.arn!] }), cache)).toBe(false)
    expect(nearMissOf(selection({ tags: { a: '1' } }), { ...cache, tags: { A: '1' } })).toBeNull()
  })

  test('an unknown service is judged by its type', () => {
    expect(matches(selection({ resources: [volume().arn!] }), { ...volume(), service: undefined }, off)).toBe(true)
    expect(matches(selection({ resources: [aurora().arn!] }), { ...aurora(), service: undefined }, off)).toBe(false)
    expect(matches(selection({ resources: [neptune().arn!] }), { ...neptune(), type: 'AWS::X::Y' }, off)).toBe(false)
  })
})

describe('leftovers of restore tests', () => {
  test.each<[string, SelectableStore]>([
    ['tag', volume({ 'awsbackup-restore-test': 'x' })],
    ['name', volume(null, { name: 'awsbackup-restore-test-orders' })],
    [
      'ARN with /',
      store('EBS', 'AWS::EC2::Volume', `arn:aws:ec2:${region}:${account}:volume/awsbackup-restore-test-1`),
    ],
    ['ARN with :', store('RDS', 'AWS::RDS::DBInstance', 'db:awsbackup-restore-test-1')],
    ['bucket', store('S3', 'AWS::S3::Bucket', 'arn:aws:s3:::awsbackup-restore-test-1')],
  ])('told by %s, are ignored', (_, leftover) => {
    expect(isRestoreTestLeftover(leftover)).toBe(true)
    expect(matches(selection(), leftover)).toBe(false)
    expect(nearMissOf(selection({ tags: { a: '1' } }), leftover)).toBeNull()
    expect(
      matchRestoreTestingSelection(
        {
          name: 't',
          service: leftover.service!,
          resourceArns: ['*'],
          conditions: { stringEquals: [], stringNotEquals: [] },
        },
        leftover,
      ).matched,
    ).toBe(false)
  })

  test('others are not', () => {
    expect(
      isRestoreTestLeftover(volume({ restore: 'awsbackup-restore-test' }, { name: 'my-awsbackup-restore-test' })),
    ).toBe(false)
    expect(isRestoreTestLeftover(volume(null, { arn: null }))).toBe(false)
    expect(isRestoreTestLeftover(store('RDS', 'AWS::RDS::DBInstance', 'db:my-awsbackup-restore-test'))).toBe(false)
  })
})

describe('why', () => {
  test.each<[string, BackupSelection, SelectableStore]>([
    [
      'Resources entry arn:aws:ec2:*:*:volume/*',
      selection({ resources: ['x', 'arn:aws:ec2:*:*:volume/*'], tags: { a: '1' } }),
      volume({ a: '1' }),
    ],
    ['Resources entry *', selection({ resources: ['*'] }), volume()],
    [`Resources entry ${volume().arn}`, selection({ resources: ['arn:aws:ec2:*', volume().arn!] }), volume()],
    ['tag a=1', selection({ resources: ['arn:aws:s3:::*'], tags: { b: '2', a: '1' } }), volume({ a: '1' })],
    ['every supported resource', selection(), volume()],
    [
      'condition StringEquals a=1 and condition StringNotLike b=x*',
      selection({ conditions: { stringEquals: { 'aws:ResourceTag/a': '1' }, stringNotLike: { b: 'x*' } } }),
      volume({ a: '1' }),
    ],
  ])('%s', (why, given, of) => {
    expect(matchSelection(given, of, on)).toEqual({ matched: true, why })
  })

  test.each<[UnknownPart[], BackupSelection, SelectableStore, SelectionOptions]>([
    [['resources'], { ...selection({ tags: { a: '1' } }), resources: undefined }, volume(), on],
    [['resources', 'listOfTags', 'conditions', 'notResources', 'optIn'], {}, volume(), { optIn: undefined }],
    [['listOfTags'], { ...selection({ resources: ['x'] }), listOfTags: undefined }, volume(), on],
    [['conditions'], { ...selection({ resources: ['*'] }), conditions: undefined }, volume(), on],
    [['notResources'], { ...selection({ resources: ['*'] }), notResources: undefined }, volume(), on],
    [['tags'], selection({ tags: { a: '1' } }), volume(undefined, { tags: undefined }), on],
    [
      ['tags'],
      selection({ resources: ['*'], conditions: { stringEquals: { a: '1' } } }),
      volume(undefined, { tags: undefined }),
      on,
    ],
    [['arn'], selection({ resources: ['x'] }), volume(null, { arn: undefined }), on],
    [['arn'], selection({ notResources: ['x'] }), volume(null, { arn: undefined }), on],
    [['optIn'], selection(), volume(), { optIn: undefined }],
    [['resources'], selection({ resources: [{ Ref: 'Volume' } as unknown as string] }), volume(), on],
    [
      ['listOfTags'],
      { ...selection(), listOfTags: [{ key: 'a', value: { Ref: 'B' } as unknown as string }] },
      volume(),
      on,
    ],
    [
      ['conditions'],
      { ...selection(), conditions: { ...conditions({}), stringLike: [null as unknown as TagCondition] } },
      volume(),
      on,
    ],
    [['notResources'], selection({ notResources: [5 as unknown as string] }), volume(), on],
  ])('not known: %j', (unknown, given, of, options) => {
    expect(matchSelection(given, of, options)).toMatchObject({
      matched: undefined,
      unknown,
      why: `not known: ${unknown.join(', ')}`,
    })
  })

  test.each<[string, BackupSelection, SelectableStore, boolean]>([
    [
      'a match decides whatever the other list',
      { ...selection({ resources: ['*'] }), listOfTags: undefined },
      volume(),
      true,
    ],
    [
      'a tag decides whatever Resources hold',
      { ...selection({ tags: { a: '1' } }), resources: undefined },
      volume({ a: '1' }),
      true,
    ],
    ['an exclusion decides whatever the rest', { notResources: ['*'] }, volume(), false],
    [
      'a condition decides whatever the rest',
      { conditions: conditions({ stringEquals: { a: '1' } }) },
      volume(),
      false,
    ],
    ['nothing matches', { resources: ['x'], listOfTags: pairs({ a: '1' }) }, volume(), false],
    ['no conditions need no tags', selection({ resources: ['*'] }), volume(undefined, { tags: undefined }), true],
    [
      'an empty ListOfTags needs no tags',
      selection({ resources: ['x'] }),
      volume(undefined, { tags: undefined }),
      false,
    ],
    ['* needs no ARN', selection({ resources: ['*'] }), volume(null, { arn: undefined }), true],
    ['a readable entry decides', selection({ resources: [{} as unknown as string, '*'] }), volume(), true],
  ])('%s', (_, given, of, expected) => {
    expect(matches(given, of)).toBe(expected)
  })

  test('Resources that are not known may name the type, so that the opt-in does not decide', () => {
    const given = { ...selection({ tags: { a: '1' } }), resources: undefined }
    expect(matches(given, volume({ a: '1' }), off)).toBeUndefined()
    expect(matches(given, aurora({ a: '1' }), off)).toBe(false)
    expect(matches(selection({ resources: [{} as unknown as string, '*'] }), volume(), off)).toBeUndefined()
    expect(matches(selection({ resources: ['x', '*'] }), volume(null, { arn: undefined }), off)).toBeUndefined()
  })
})

function nearMissOf(given: BackupSelection, of: SelectableStore, options = on): NearMiss | null {
  const match = matchSelection(given, of, options)
  if (match.matched !== false) throw new Error('is selected')
  return match.nearMiss
}

describe('near misses', () => {
  const arn = volume().arn!
  test.each<[string, boolean | undefined, BackupSelection, SelectableStore, SelectionOptions]>([
    ['tagValueCase', true, selection({ tags: { Backup: 'daily' } }), volume({ Backup: 'Daily' }), on],
    ['tagValueCase', false, selection({ tags: { Backup: 'daily' } }), volume({ Backup: 'Daily' }), off],
    [
      'tagValueCase',
      false,
      selection({ tags: { Backup: 'daily' }, notResources: [arn] }),
      volume({ Backup: 'Daily' }),
      on,
    ],
    [
      'tagValueCase',
      false,
      selection({ tags: { Backup: 'daily' }, conditions: { stringEquals: { x: '1' } } }),
      volume({ Backup: 'Daily' }),
      on,
    ],
    ['tagKeyCase', true, selection({ tags: { Backup: 'daily' } }), volume({ z: '', backup: 'daily' }), on],
    ['tagKeyCase', false, selection({ tags: { Backup: 'daily' } }), volume({ backup: 'weekly' }), on],
    ['tagValue', false, selection({ tags: { Backup: 'daily' } }), volume({ Backup: 'weekly' }), on],
    ['tagValue', true, selection({ tags: { Backup: 'daily' } }), volume({ Backup: 'daily ' }), on],
    ['tagMissing', false, selection({ tags: { Backup: 'daily' } }), volume({ other: 'x' }), on],
    ['tagMissing', false, selection({ tags: { Backup: 'daily' } }), volume(null), on],
    [
      'tagValueCase',
      true,
      selection({ tags: { a: '1', Backup: 'daily', b: '2' } }),
      volume({ Backup: 'DAILY', a: '2' }),
      on,
    ],
    ['tagKeyCase', true, selection({ tags: { a: '1', Backup: 'daily' } }), volume({ BACKUP: 'daily', a: '2' }), on],
    ['tagValue', false, selection({ tags: { a: '1', Backup: 'daily' } }), volume({ Backup: 'no' }), on],
    ['excluded', true, selection({ notResources: ['arn:aws:ec2:*'] }), volume(), on],
    ['excluded', false, selection({ notResources: ['arn:aws:ec2:*'] }), volume(), off],
    ['excluded', false, selection({ notResources: ['*'], conditions: { stringEquals: { x: '1' } } }), volume(), on],
    [
      'condition',
      false,
      selection({ conditions: { stringNotEquals: { stage: 'test' } } }),
      volume({ stage: 'test' }),
      on,
    ],
    ['condition', false, selection({ conditions: { stringEquals: { stage: 'prod' } } }), volume({ stage: 'test' }), on],
    ['condition', false, selection({ conditions: { stringEquals: { stage: 'prod' } } }), volume(), on],
    [
      'tagValueCase',
      true,
      selection({ conditions: { stringEquals: { 'aws:ResourceTag/stage': 'prod' } } }),
      volume({ stage: 'PROD' }),
      on,
    ],
    ['tagValueCase', true, selection({ conditions: { stringLike: { stage: 'pro*' } } }), volume({ stage: 'PROD' }), on],
    ['tagKeyCase', true, selection({ conditions: { stringLike: { stage: 'pro*' } } }), volume({ Stage: 'prod' }), on],
    ['tagKeyCase', false, selection({ conditions: { stringLike: { stage: 'pro*' } } }), volume({ Stage: 'test' }), on],
    [
      'tagValueCase',
      false,
      selection({ conditions: { stringEquals: { stage: 'prod', x: '1' } } }),
      volume({ stage: 'PROD' }),
      on,
    ],
    [
      'tagValueCase',
      false,
      selection({ conditions: { stringEquals: { stage: 'prod' } } }),
      volume({ stage: 'PROD' }),
      off,
    ],
    [
      'tagValueCase',
      true,
      selection({ conditions: { stringEquals: { a: '1', stage: 'prod' } } }),
      volume({ a: '1', stage: 'PROD' }),
      on,
    ],
    ['condition', false, selection({ conditions: { stringEquals: { stage: 'pro*' } } }), volume({ stage: 'PROD' }), on],
    ['optInOff', true, selection({ tags: { a: '1' } }), volume({ a: '1' }), off],
    ['optInOff', true, selection(), aurora(), off],
    ['optInOff', undefined, { ...selection(), conditions: undefined }, aurora(), off],
    ['pattern', true, selection({ resources: ['arn:aws:ec2:::volume/*'] }), volume(), on],
    ['pattern', true, selection({ resources: ['arn:aws:ec2:::volume/*'] }), volume(), off],
    ['pattern', true, selection({ resources: [`arn:aws:ec2::${account}:volume/vol-shop`] }), volume(), on],
    ['pattern', true, selection({ resources: ['arn:aws:ec2:*:*:Volume/vol-Shop'] }), volume(), on],
    ['pattern', true, selection({ resources: ['vol-shop'] }), volume(), on],
    ['pattern', true, selection({ resources: ['volume/vol-shop'] }), volume(), on],
    ['pattern', true, selection({ resources: ['orders'] }), database(), on],
    ['pattern', false, selection({ resources: ['arn:aws:rds:::cluster:*'] }), aurora(), off],
    ['pattern', true, selection({ resources: ['arn:aws:rds:::cluster:*'] }), aurora(), on],
    ['pattern', false, selection({ resources: ['arn:aws:ec2:::volume/*'], notResources: ['*'] }), volume(), on],
    ['pattern', true, selection({ resources: ['arn:aws:ec2:::volume/*'], tags: { a: '1' } }), volume({ a: '2' }), on],
    [
      'tagValueCase',
      true,
      selection({ resources: ['arn:aws:ec2:::volume/*'], tags: { a: 'x' } }),
      volume({ a: 'X' }),
      on,
    ],
  ])('%s, by a hair %s: %j', (reason, byAHair, given, of, options) => {
    const miss = nearMissOf(given, of, options)
    expect(miss).toMatchObject({ reason, byAHair })
    expect(miss!.detail).not.toBe('')
  })

  test.each<[BackupSelection, SelectableStore]>([
    [selection({ resources: ['arn:aws:ec2:*:*:volume/vol-other'] }), volume()],
    [selection({ resources: ['arn:aws:ec2:::instance/*'] }), volume()],
    [selection({ resources: ['shop', ''] }), volume()],
    [selection({ resources: ['x'] }), volume(null, { arn: null })],
    [selection({ resources: ['arn:aws:fsx:*'] }), volume()],
  ])('%j came nowhere near', (given, of) => {
    expect(nearMissOf(given, of)).toBeNull()
  })

  test('say what is wanted and what there is', () => {
    expect(nearMissOf(selection({ tags: { Backup: 'daily' } }), volume({ Backup: 'Daily' }))!.detail).toBe(
      'wants tag Backup=daily, the store has Backup=Daily',
    )
    expect(nearMissOf(selection({ tags: { Backup: 'daily' } }), volume())!.detail).toContain('no tag Backup')
    expect(nearMissOf(selection({ notResources: ['arn:aws:ec2:*'] }), volume())!.detail).toContain('arn:aws:ec2:*')
    expect(nearMissOf(selection(), volume(), off)!.detail).toContain('EBS')
    expect(
      nearMissOf(selection({ conditions: { stringNotEquals: { stage: 'test' } } }), volume({ stage: 'test' }))!.detail,
    ).toContain('stage=test')
    expect(nearMissOf(selection({ conditions: { stringEquals: { stage: 'prod' } } }), volume())!.detail).toContain(
      'no tag stage',
    )
    expect(nearMissOf(selection({ resources: ['vol-shop'] }), volume())!.detail).toContain('vol-shop')
  })
})

describe('the plan of another place', () => {
  const here = { account, region }
  const byTag = selection({ tags: { a: '1' } })
  const mine = volume({ a: '1' })
  test.each([
    [here, byTag, mine, { matched: true }],
    [
      { account, region: 'us-east-1' },
      byTag,
      mine,
      { matched: false, nearMiss: { reason: 'otherRegion', byAHair: false } },
    ],
    [{ account: '444455556666', region }, byTag, mine, { matched: false, nearMiss: { reason: 'otherAccount' } }],
    [
      { account: '444455556666', region: 'us-east-1' },
      byTag,
      mine,
      { matched: false, nearMiss: { reason: 'otherAccount' } },
    ],
    [{ account: '444455556666', region: undefined }, byTag, mine, { matched: false }],
    [{ account: undefined, region }, byTag, mine, { matched: undefined, unknown: ['account'] }],
    [{ account, region: undefined }, byTag, mine, { matched: undefined, unknown: ['region'] }],
    [
      here,
      byTag,
      volume({ a: '1' }, { account: undefined, region: undefined }),
      { matched: undefined, unknown: ['account', 'region'] },
    ],
    [{ account: undefined, region }, byTag, volume(), { matched: false, nearMiss: { reason: 'tagMissing' } }],
    [
      { account: undefined, region },
      byTag,
      volume(undefined, { tags: undefined }),
      { matched: undefined, unknown: ['tags', 'account'] },
    ],
    [
      { account: '444455556666', region },
      byTag,
      volume(undefined, { tags: undefined }),
      { matched: false, nearMiss: null },
    ],
    [here, byTag, volume(undefined, { tags: undefined }), { matched: undefined, unknown: ['tags'] }],
  ])('%j', (plan, given, of, expected) => {
    expect(matchPlanSelection(plan, given, of, on)).toMatchObject(expected)
    expect(matchPlanSelection(plan, compileSelection(given), of, on)).toMatchObject(expected)
  })
})

describe('doubtful entries', () => {
  test.each([
    [selection({ resources: ['arn:aws:ec2:::instance/*'] }), [['arn:aws:ec2:::instance/*', 'emptyField']]],
    [
      selection({ notResources: [`arn:aws:ec2::${account}:volume/*`] }),
      [[`arn:aws:ec2::${account}:volume/*`, 'emptyField']],
    ],
    [selection({ resources: ['arn:aws:ec2:*::volume/*'] }), [['arn:aws:ec2:*::volume/*', 'emptyField']]],
    [selection({ resources: ['arn:aws:s3:::*-logs'] }), [['arn:aws:s3:::*-logs', 'innerWildcard']]],
    [selection({ resources: ['arn:aws:rds:*:*:db:a*b'] }), [['arn:aws:rds:*:*:db:a*b', 'innerWildcard']]],
    [
      selection({
        resources: [
          '*',
          'arn:aws:fsx:*',
          'arn:aws:s3:::*',
          'arn:aws:ec2:*:*:volume/*',
          'arn:aws:rds:*:*:db:orders-*',
          'vol*x',
        ],
      }),
      [],
    ],
    [selection({ tags: { 'aws:ResourceTag/a': '1', b: '2' } }), [['aws:ResourceTag/a', 'keySpelling']]],
    [selection({ conditions: { stringLike: { a: '1', 'aws:ResourceTag/b': '2' } } }), [['a', 'keySpelling']]],
    [{}, []],
  ] as [BackupSelection, string[][]][])('%j', (given, expected) => {
    expect(doubtfulPatterns(given).map(({ pattern, why }) => [pattern, why])).toEqual(expected)
  })
})

describe('restore testing selections', () => {
  const none = { stringEquals: [], stringNotEquals: [] }
  const test1 = (given: Partial<RestoreTestingSelection>): RestoreTestingSelection => ({
    name: 'weekly',
    service: 'EBS',
    resourceArns: [],
    conditions: none,
    ...given,
  })
  const equals = (entries: Record<string, string>) => ({ ...none, stringEquals: pairs(entries) })
  const differs = (entries: Record<string, string>) => ({ ...none, stringNotEquals: pairs(entries) })
  test.each<[Partial<RestoreTestingSelection>, SelectableStore, boolean | undefined]>([
    [{ resourceArns: ['*'] }, volume(), true],
    [{ resourceArns: [volume().arn!] }, volume(), true],
    [{ resourceArns: ['arn:aws:ec2:eu-west-1:111122223333:volume/vol-other'] }, volume(), false],
    [{ resourceArns: ['*'], service: 'RDS' }, volume(), false],
    [{ resourceArns: ['*'], service: undefined }, volume(), undefined],
    [{ resourceArns: ['*'] }, { ...volume(), service: undefined }, undefined],
    [{ resourceArns: ['*'] }, { ...volume(), service: null }, false],
    [{ resourceArns: [] }, volume(), false],
    [{ resourceArns: undefined }, volume(), undefined],
    [{ resourceArns: undefined, service: 'RDS' }, volume(), false],
    [{ resourceArns: ['*'], conditions: undefined }, volume(), undefined],
    [{ resourceArns: [], conditions: undefined }, volume(), undefined],
    [{ resourceArns: ['*'], conditions: equals({ 'aws:ResourceTag/a': '1' }) }, volume({ a: '1' }), true],
    [{ resourceArns: ['*'], conditions: equals({ a: '1' }) }, volume({ a: '1' }), true],
    [{ resourceArns: [], conditions: equals({ 'aws:ResourceTag/a': '1' }) }, volume({ a: '1' }), true],
    [{ resourceArns: [], conditions: differs({ 'aws:ResourceTag/a': '1' }) }, volume({ a: '2' }), true],
    [{ resourceArns: ['*'], conditions: equals({ 'aws:ResourceTag/a': '1' }) }, volume({ a: '2' }), false],
    [
      { resourceArns: ['*'], conditions: equals({ 'aws:ResourceTag/a': '1', 'aws:ResourceTag/b': '1' }) },
      volume({ a: '1' }),
      false,
    ],
    [{ resourceArns: ['*'], conditions: differs({ 'aws:ResourceTag/a': '1' }) }, volume({ a: '1' }), false],
    [{ resourceArns: ['*'], conditions: differs({ 'aws:ResourceTag/a': '1' }) }, volume(), true],
    [
      { resourceArns: ['*'], conditions: equals({ 'aws:ResourceTag/a': '1' }) },
      volume(undefined, { tags: undefined }),
      undefined,
    ],
  ])('%j: %s', (given, of, expected) => {
    expect(matchRestoreTestingSelection(test1(given), of).matched).toBe(expected)
  })

  test('without the tag, as the assumption says', () => {
    const given = test1({ resourceArns: ['*'], conditions: differs({ a: '1' }) })
    expect(matchRestoreTestingSelection(given, volume(), { stringNotEqualsOnMissingTag: 'exclude' }).matched).toBe(
      false,
    )
  })

  test('why', () => {
    expect(matchRestoreTestingSelection(test1({ resourceArns: ['*'] }), volume()).why).toBe('EBS *')
    expect(matchRestoreTestingSelection(test1({ conditions: equals({ a: '1' }) }), volume({ a: '1' })).why).toBe(
      'EBS with conditions',
    )
  })
})

/* An oracle by sets: what is not known is replaced by everything that it might be. */

const arns = [
  'arn:aws:ec2:r:1:volume/a',
  'arn:aws:ec2:r:1:volume/ab',
  'arn:aws:rds:r:1:db:a',
  'arn:aws:rds:r:1:cluster:a',
  'arn:aws:s3:::a',
]
const patterns = [
  ...arns,
  '*',
  'arn:aws:ec2:*',
  'arn:aws:ec2:*:*:volume/*',
  'arn:aws:*:a',
  'arn:aws:rds:*:*:db:*',
  'arn:aws:s3:::*',
]
const tagSets: (Record<string, string> | null)[] = [null, { k: 'x' }, { k: 'y' }, { k: 'x', l: 'x' }, { l: 'y' }]
const tagEntry = fc.record({
  key: fc.constantFrom('k', 'l', 'aws:ResourceTag/k'),
  value: fc.constantFrom('x', 'y', 'x*', '*'),
})
const patternList = fc.array(fc.constantFrom(...patterns), { maxLength: 2 })
const tagList = fc.array(tagEntry, { maxLength: 2 })
const full = fc.record({
  resources: patternList,
  notResources: fc.oneof({ weight: 2, arbitrary: fc.constant<string[]>([]) }, { weight: 1, arbitrary: patternList }),
  listOfTags: tagList,
  conditions: fc.record({
    stringEquals: fc.array(tagEntry, { maxLength: 1 }),
    stringNotEquals: fc.array(tagEntry, { maxLength: 1 }),
    stringLike: fc.array(tagEntry, { maxLength: 1 }),
    stringNotLike: fc.array(tagEntry, { maxLength: 1 }),
  }),
})
type Full = Required<Pick<BackupSelection, 'resources' | 'notResources' | 'listOfTags' | 'conditions'>>

const like = (pattern: string, value: string) =>
  new RegExp(
    `^${pattern
      .split('*')
      .map(part => part.replace(/[.?/:]/g, '\\$&'))
      .join('.*')}$`,
  ).test(value)
const bare = (key: string) => key.replace(/^aws:ResourceTag\//, '')

function naive(
  { resources, notResources, listOfTags, conditions: given }: Full,
  arn: string,
  type: string,
  tags: Record<string, string>,
  optIn: boolean,
  include: boolean,
): boolean {
  const byArn = resources.filter(pattern => like(pattern, arn))
  const byTag = listOfTags.some(({ key, value }) => tags[bare(key)] === value)
  if (resources.length + listOfTags.length > 0 && byArn.length === 0 && !byTag) return false
  if (notResources.some(pattern => like(pattern, arn))) return false
  const value = (entry: TagCondition) => tags[bare(entry.key)]
  if (!given.stringEquals.every(entry => value(entry) === entry.value)) return false
  if (!given.stringLike.every(entry => value(entry) !== undefined && like(entry.value, value(entry)!))) return false
  if (!given.stringNotEquals.every(entry => (value(entry) === undefined ? include : value(entry) !== entry.value)))
    return false
  if (!given.stringNotLike.every(entry => (value(entry) === undefined ? include : !like(entry.value, value(entry)!))))
    return false
  if (optIn) return true
  if (type === 'AWS::RDS::DBCluster') return false
  return byArn.some(pattern => pattern === arn || /volume\/|:db:|:::a/.test(pattern))
}

const typeOf = (arn: string) =>
  arn.includes('cluster')
    ? 'AWS::RDS::DBCluster'
    : arn.includes('db:')
      ? 'AWS::RDS::DBInstance'
      : arn.includes('s3')
        ? 'AWS::S3::Bucket'
        : 'AWS::EC2::Volume'
const subject = (arn: string, tags: Tags): SelectableStore => ({
  arn,
  otherArns: [],
  type: typeOf(arn),
  service: 'Any',
  tags,
  account: '1',
  region: 'r',
})

describe('against an oracle by sets', () => {
  test('where everything is known', () => {
    fc.assert(
      fc.property(
        full,
        fc.constantFrom(...arns),
        fc.constantFrom(...tagSets),
        fc.boolean(),
        fc.boolean(),
        (given, arn, tags, optIn, include) => {
          const options: SelectionOptions = { optIn, stringNotEqualsOnMissingTag: include ? 'include' : 'exclude' }
          expect(matches(given, subject(arn, tags), options)).toBe(
            naive(given, arn, typeOf(arn), tags ?? {}, optIn, include),
          )
        },
      ),
      { numRuns: 1000 },
    )
  })

  test('a definite answer holds however the unknown turns out, and one unknown list or opt-in leaves no answer open needlessly', () => {
    const parts = ['resources', 'notResources', 'listOfTags', 'conditions', 'tags', 'optIn'] as const
    const someLists: string[][] = [[], ...patterns.map(pattern => [pattern]), ['nothing']]
    const someTags: TagCondition[][] = [
      [],
      [{ key: 'k', value: 'x' }],
      [{ key: 'k', value: 'y' }],
      [{ key: 'l', value: 'x' }],
      [{ key: 'l', value: 'y' }],
      [{ key: 'm', value: 'z' }],
    ]
    const someConditions = [conditions({}), conditions({ stringEquals: { m: 'z' } })]
    fc.assert(
      fc.property(
        full,
        fc.constantFrom(...arns),
        fc.constantFrom(...tagSets),
        fc.boolean(),
        fc.subarray([...parts], { maxLength: 3 }),
        (given, arn, tags, optIn, unknown) => {
          const is = (part: (typeof parts)[number]) => unknown.includes(part)
          const partial: BackupSelection = {
            ...(is('resources') ? {} : { resources: given.resources }),
            ...(is('notResources') ? {} : { notResources: given.notResources }),
            ...(is('listOfTags') ? {} : { listOfTags: given.listOfTags }),
            ...(is('conditions') ? {} : { conditions: given.conditions }),
          }
          const answer = matches(partial, subject(arn, is('tags') ? undefined : tags), {
            optIn: is('optIn') ? undefined : optIn,
          })
          const outcomes = new Set<boolean>()
          for (const resources of is('resources') ? someLists : [given.resources])
            for (const notResources of is('notResources') ? someLists : [given.notResources])
              for (const listOfTags of is('listOfTags') ? someTags : [given.listOfTags])
                for (const some of is('conditions') ? someConditions : [given.conditions])
                  for (const own of is('tags') ? tagSets : [tags])
                    for (const opted of is('optIn') ? [true, false] : [optIn])
                      outcomes.add(
                        naive(
                          { resources, notResources, listOfTags, conditions: some },
                          arn,
                          typeOf(arn),
                          own ?? {},
                          opted,
                          true,
                        ),
                      )
          if (answer !== undefined) expect([...outcomes]).toEqual([answer])
          else if (unknown.length === 1 && !is('tags') && !(is('listOfTags') && tags === null))
            expect(outcomes.size).toBe(2)
        },
      ),
      { numRuns: 400 },
    )
  })
})

describe('hostile selections', () => {
  test('never throw, and a prototype is no tag', () => {
    expect(matches(selection({ tags: { toString: 'x' } }), volume({}))).toBe(false)
    expect(matches(selection({ conditions: { stringLike: { __proto__: '*' } } }), volume({}))).toBe(true)
    expect(
      matches(
        { ...selection(), conditions: { ...conditions({}), stringLike: [{ key: '__proto__', value: '*' }] } },
        volume({}),
      ),
    ).toBe(false)
    expect(matches(selection({ tags: { a: '1' } }), volume({ a: 1 as unknown as string }))).toBe(false)
  })

  test('many stores against many selections take no time', () => {
    const many = Array.from({ length: 20 }, (_, i) =>
      compileSelection(
        selection({ resources: [`arn:aws:rds:*:*:db:shop-${i}-*`, `arn:aws:s3:::shop-${i}`], tags: { plan: `p${i}` } }),
      ),
    )
    const started = performance.now()
    let count = 0
    for (let i = 0; i < 1000; i++) {
      const own = subject(`arn:aws:rds:r:1:db:shop-${i % 40}-orders`, { plan: `p${i % 30}` })
      for (const compiled of many) if (matchSelection(compiled, own, on).matched) count++
    }
    expect(count).toBeGreaterThan(0)
    expect(performance.now() - started).toBeLessThan(10_000)
  })
})
