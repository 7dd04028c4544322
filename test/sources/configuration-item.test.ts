// Protects: one configuration item is one record, whichever of AWS Config's five spellings it comes in; nothing that an item
// does not say is made up (tags of a Base item, a configuration that was not selected, a time without a zone).
import { describe, expect, it } from 'vitest'
import { instant, readConfigurationItem, tagsOf } from '../../src/sources/configuration-item.ts'
import { account, item, region } from './estate.ts'

const acl = { grantSet: null, grantList: [{ grantee: { id: 'x' }, permission: 'FullControl' }] }
const bucket = { name: 'bookshop-covers', creationDate: '2025-01-01T00:00:00.000Z' }
const versioning = { status: 'Off', isMfaDeleteEnabled: null }
const common = {
  configurationItemCaptureTime: '2026-01-05T10:00:00.000Z',
  configurationItemStatus: 'ResourceDiscovered',
  resourceType: 'AWS::S3::Bucket',
  resourceId: 'bookshop-covers',
  resourceName: 'bookshop-covers',
  awsRegion: region,
  resourceCreationTime: '2025-01-01T00:00:00.000Z',
}
const arn = 'arn:aws:s3:::bookshop-covers'
const decoded = {
  ...common,
  supplementaryConfiguration: { AccessControlList: JSON.stringify(acl), BucketVersioningConfiguration: versioning },
}
const encoded = {
  ...common,
  version: '1.3',
  accountId: account,
  arn,
  configuration: JSON.stringify(bucket),
  supplementaryConfiguration: {
    AccessControlList: JSON.stringify(JSON.stringify(acl)),
    BucketVersioningConfiguration: JSON.stringify(versioning),
  },
}
const forms: { [form: string]: () => unknown } = {
  'A: snapshot file': () => ({
    ...structuredClone(decoded),
    configurationItemVersion: '1.3',
    awsAccountId: account,
    ARN: arn,
    configuration: bucket,
    tags: { backup: 'daily' },
  }),
  'B: rule event': () => ({
    ...structuredClone(decoded),
    configurationItemVersion: '1.3',
    configurationStateId: 1767607200000,
    awsAccountId: account,
    ARN: arn,
    configuration: bucket,
    tags: { backup: 'daily' },
  }),
  'C: GetResourceConfigHistory': () => ({ ...structuredClone(encoded), tags: { backup: 'daily' } }),
  'D: BatchGetResourceConfig': () => structuredClone(encoded),
  'E: SelectResourceConfig': () => ({
    ...structuredClone(decoded),
    version: '1.3',
    accountId: account,
    arn,
    configuration: bucket,
    tags: [{ key: 'backup', value: 'daily', tag: 'backup=daily' }],
  }),
}

function record(value: unknown) {
  const reading = readConfigurationItem(value)
  if (reading.kind !== 'resource') throw new Error(JSON.stringify(reading))
  return reading.record
}

describe('the five forms of one item', () => {
  it.each(Object.keys(forms))('%s', form => {
    const { tags, ...rest } = record(forms[form]!())
    expect(rest).toEqual({
      record: 'resource',
      type: 'AWS::S3::Bucket',
      id: 'bookshop-covers',
      arn,
      account,
      region,
      name: 'bookshop-covers',
      encoding: 'config',
      configuration: bucket,
      supplementary: { AccessControlList: acl, BucketVersioningConfiguration: versioning },
      seenAt: '2026-01-05T10:00:00.000Z',
      createdAt: '2025-01-01T00:00:00.000Z',
    })
    // A Base configuration item never has tags: they are not known, which is not the same as none.
    expect(tags).toEqual(form.startsWith('D') ? undefined : { backup: 'daily' })
  })

  it('the obsolete spelling of the developer guide', () => {
    const { ARN, awsAccountId, configurationItemVersion, ...rest } = item()
    const old = { ...rest, arn: ARN, accountId: awsAccountId, version: '1.2', availibilityZone: 'eu-west-1a' }
    expect(record(old)).toEqual(record(item()))
  })
})

describe('tags', () => {
  const withTags = (tags: unknown, supplementary: unknown = {}) =>
    record(item({ tags, supplementaryConfiguration: supplementary })).tags
  it.each<[string, unknown, unknown]>([
    ['an object', { a: 'b' }, { a: 'b' }],
    ['an empty object is none', {}, null],
    ['an empty list is none', [], null],
    ['absent is not known', undefined, undefined],
    ['null is not known', null, undefined],
    ['a key without a value', [{ key: 'a', value: null }], { a: '' }],
    ['a list that cannot be read', [{ name: 'a' }], undefined],
    ['a value that cannot be read', { a: { b: 1 } }, undefined],
  ])('%s', (_, tags, expected) => expect(withTags(tags)).toEqual(expected))

  it('come from the supplementary configuration where the item shows none', () => {
    expect(withTags({}, { Tags: [{ key: 'tier', value: 'gold' }] })).toEqual({ tier: 'gold' })
    expect(withTags(undefined, { Tags: '[{"tagKey":"tier","tagValue":"gold"}]' })).toEqual({ tier: 'gold' })
    expect(withTags({}, { BucketTaggingConfiguration: { tagSets: [{ tags: { tier: 'gold' } }] } })).toEqual({
      tier: 'gold',
    })
  })

  it('named __proto__ are plain tags', () => {
    const tags = tagsOf(JSON.parse('{"__proto__":"x"}'))
    expect(Object.keys(tags ?? {})).toEqual(['__proto__'])
    expect(Object.getPrototypeOf(tags)).toBe(Object.prototype)
    expect(Object.keys(tagsOf([{ key: '__proto__', value: 'x' }]) ?? {})).toEqual(['__proto__'])
  })
})

describe('statuses', () => {
  it.each([
    ['OK', 'resource'],
    ['ResourceDiscovered', 'resource'],
    [undefined, 'resource'],
    ['ResourceDeleted', 'deleted'],
    ['ResourceDeletedNotRecorded', 'deleted'],
    ['ResourceNotRecorded', 'notEvaluated'],
    ['ResourcePaused', 'notEvaluated'],
  ])('%s is %s', (status, expected) => {
    const reading = readConfigurationItem(item({ configurationItemStatus: status }))
    const kind = reading.kind === 'resource' && reading.record.deleted ? 'deleted' : reading.kind
    expect(kind).toBe(expected)
  })

  it.each([null, 'null', undefined])('a deleted resource may have the configuration %s', configuration => {
    const deleted = record(item({ configurationItemStatus: 'ResourceDeleted', configuration }))
    expect(deleted).toMatchObject({ deleted: true, configuration: {} })
  })

  it.each([null, 'null', undefined, 'not JSON', '[1]', 7])(
    'a current one with the configuration %s cannot be read',
    configuration => {
      expect(readConfigurationItem(item({ configuration })).kind).toBe('unreadable')
    },
  )
})

describe('what is not stated', () => {
  it('a supplementary configuration that was not selected is unknown, an empty one is not', () => {
    const { supplementaryConfiguration, ...rest } = item()
    expect(record(rest).unknown).toEqual(['supplementary'])
    expect(record(item({ supplementaryConfiguration: null })).supplementary).toEqual({})
    expect(record(item()).unknown).toBeUndefined()
  })

  it('account and Region come from the ARN where the item leaves them out', () => {
    const { awsAccountId, awsRegion, ...rest } = item()
    expect(record(rest)).toMatchObject({ account, region })
    expect(record({ ...rest, ARN: 'arn:aws:s3:::bookshop-covers' })).not.toHaveProperty('account')
  })

  it.each<[unknown, string | undefined]>([
    ['2026-01-05T10:00:00.000Z', '2026-01-05T10:00:00.000Z'],
    ['2017-06-14T00:57:03.508000-04:00', '2017-06-14T04:57:03.508Z'],
    [1502617462.927, '2017-08-13T09:44:22.927Z'],
    [1603209239560, '2020-10-20T15:53:59.560Z'],
    ['1603209239560', '2020-10-20T15:53:59.560Z'],
    ['2026-01-05T10:00:00', undefined],
    ['2026-13-45T10:00:00.000Z', undefined],
    ['yesterday', undefined],
    [Number.POSITIVE_INFINITY, undefined],
    [1e300, undefined],
    [{ __class__: 'datetime', year: 2020, month: 5, day: 19 }, undefined],
    [null, undefined],
  ])('the instant %j is %s', (value, expected) => expect(instant(value)).toBe(expected))

  it.each([null, 7, 'x', [], {}, { resourceType: 'AWS::S3::Bucket' }, { resourceType: 7, resourceId: 'a' }])(
    '%j is no item',
    value => expect(readConfigurationItem(value).kind).toBe('wrong'),
  )
})
