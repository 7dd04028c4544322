/**
 * Protects what the join concludes of templates: a definite answer about texts with placeholders must hold whatever deployment
 * puts in their place. A wrong «selected» here is a store believed to be backed up.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { globsMeet, parseArn } from '../../src/inventory/arn.ts'
import { classify } from '../../src/inventory/classification.ts'
import { doubtfulPatterns, matchSelection, type SelectableStore } from '../../src/inventory/selection.ts'
import type { BackupSelection } from '../../src/model/backup.ts'
import { hasPlaceholder, placeholder, possibleText, shownName, shownPlaceholders } from '../../src/model/placeholder.ts'
import { builtInPolicy } from '../../src/policy/built-in.ts'
import { identify } from '../../src/resources/identity.ts'

const names = ['Orders', 'AWS::Region', 'AWS::AccountId']
const pieces = fc.constantFrom('a', 'b', ':', '/', ...names.map(name => placeholder('s1', name)))
const text = fc.array(pieces, { maxLength: 4 }).map(parts => parts.join(''))
const pattern = fc.array(fc.oneof(pieces, fc.constant('*')), { maxLength: 4 }).map(parts => parts.join(''))
const arn = text.map(rest => `arn:aws:dynamodb:${rest}`)
const entry = fc.oneof(
  pattern.map(rest => `arn:aws:dynamodb:${rest}`),
  fc.constant('*'),
)
const values = fc.record(
  Object.fromEntries(names.map(name => [name, fc.string({ unit: fc.constantFrom('a', 'b', ':', '/') })])),
)
const tag = fc.record({ key: fc.constantFrom('stage', 'team'), value: text })

const fill = (value: string, filled: Record<string, string>) =>
  value.replace(/\$\{([^@}]*)@s1\}/g, (_whole, name: string) => filled[decodeURIComponent(name)]!)

function deepFill<T>(value: T, filled: Record<string, string>): T {
  if (typeof value === 'string') return fill(value, filled) as T
  if (Array.isArray(value)) return value.map(member => deepFill(member, filled)) as T
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, deepFill(member, filled)])) as T
  return value
}

const selection: fc.Arbitrary<BackupSelection> = fc.record({
  id: fc.constant('daily'),
  resources: fc.array(entry, { maxLength: 2 }),
  notResources: fc.array(entry, { maxLength: 1 }),
  listOfTags: fc.array(tag, { maxLength: 1 }),
  conditions: fc.record({
    stringEquals: fc.array(tag, { maxLength: 1 }),
    stringNotEquals: fc.array(tag, { maxLength: 1 }),
    stringLike: fc.array(fc.record({ key: fc.constant('stage'), value: pattern }), { maxLength: 1 }),
    stringNotLike: fc.constant([]),
  }),
}) as fc.Arbitrary<BackupSelection>

const store: fc.Arbitrary<SelectableStore> = fc.record({
  arn,
  otherArns: fc.constant([]),
  type: fc.constant('AWS::DynamoDB::Table'),
  service: fc.constant('DynamoDB'),
  tags: fc.dictionary(fc.constantFrom('stage', 'team'), text, { maxKeys: 2 }),
  account: fc.constant(undefined),
  region: fc.constant(undefined),
})

describe('a selection of a template', () => {
  const table = identify(
    { arn: 'dynamodb:{region}:{account}:table/{id}', cloudformation: 'TableName' },
    { scope: 's1', address: 'Orders' },
  )
  const orders = (tags: Record<string, string>): SelectableStore => ({
    arn: table.arn,
    otherArns: [],
    type: 'AWS::DynamoDB::Table',
    service: 'DynamoDB',
    tags,
    account: undefined,
    region: undefined,
  })
  const of = (more: Partial<BackupSelection>): BackupSelection =>
    ({ resources: [], notResources: [], listOfTags: [], ...more, conditions: undefined }) as BackupSelection
  const plain = { stringEquals: [], stringNotEquals: [], stringLike: [], stringNotLike: [] }

  it('answers for certain only what holds whatever deployment fills in', () => {
    fc.assert(
      fc.property(selection, store, values, fc.boolean(), (declared, of, filled, optIn) => {
        const before = matchSelection(declared, of, { optIn }).matched
        if (before === undefined) return
        expect(matchSelection(deepFill(declared, filled), deepFill(of, filled), { optIn }).matched).toBe(before)
      }),
      {
        numRuns: 3_000,
        examples: [
          // Letters of a placeholder's spelling are none of the ARN's.
          [
            { ...of({ resources: ['arn:aws:dynamodb:*a*'] }), conditions: plain },
            { ...orders({}), arn: `arn:aws:dynamodb:${placeholder('s1', 'AWS::Region')}` },
            { Orders: '', 'AWS::Region': '', 'AWS::AccountId': '' },
            true,
          ],
        ],
      },
    )
  })

  it.each<[string, boolean | undefined, Partial<BackupSelection>, Record<string, string>]>([
    ['by its own reference', true, { resources: [table.arn!] }, {}],
    ['by every table', true, { resources: ['arn:aws:dynamodb:*:*:table/*'] }, {}],
    ['by a name that it may get', undefined, { resources: ['arn:aws:dynamodb:*:*:table/orders-*'] }, {}],
    ['by a Region that it may be in', undefined, { resources: ['arn:aws:dynamodb:eu-west-1:*:table/*'] }, {}],
    ['by another service', false, { resources: ['arn:aws:rds:*:*:db:*'] }, {}],
    [
      'by a tag beside one that is not known',
      true,
      { listOfTags: [{ key: 'backup', value: 'daily' }] },
      { backup: 'daily', stack: placeholder('s1', 'AWS::StackName') },
    ],
    [
      'by a tag that is not known',
      undefined,
      { listOfTags: [{ key: 'backup', value: 'daily' }] },
      { backup: placeholder('s1', 'Schedule') },
    ],
    [
      'by a tag it lacks',
      false,
      { listOfTags: [{ key: 'backup', value: 'daily' }] },
      { stack: placeholder('s1', 'AWS::StackName') },
    ],
  ])('%s: %s', (_, expected, more, tags) => {
    const match = matchSelection({ ...of(more), conditions: plain }, orders(tags), { optIn: true })
    expect(match.matched).toBe(expected)
  })
})

describe('what placeholders stand for', () => {
  it('is no empty account or Region of a selection entry', () => {
    const { arn } = identify({ arn: 'dynamodb:{region}:{account}:table/{id}' }, { scope: 's1', address: 'Orders' })
    const declared = { resources: [arn!], notResources: [], listOfTags: [], conditions: undefined }
    expect(doubtfulPatterns(declared as BackupSelection)).toEqual([])
  })

  it('meets a pattern that some filling matches', () => {
    fc.assert(
      fc.property(pattern, text, values, (wanted, actual, filled) => {
        const concrete = fill(actual, filled)
        const spelt = fill(wanted, filled)
        const matches = new RegExp(
          `^${spelt
            .split('*')
            .map(part => part.replace(/[/\\^$*+?.()|[\]{}]/g, '\\$&'))
            .join('.*')}$`,
          's',
        ).test(concrete)
        if (matches) expect(globsMeet(possibleText(wanted), possibleText(actual))).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })

  it('leaves accounts and Regions of an ARN unknown', () => {
    const { arn } = identify(
      { arn: 'backup:{region}:{account}:backup-vault:{id}' },
      { scope: 's1', address: 'Vault', region: 'eu-west-1' },
    )
    expect(parseArn(arn!)).toMatchObject({ region: 'eu-west-1', resourceType: 'backup-vault' })
    expect(parseArn(arn!)).not.toHaveProperty('account')
  })

  it('is read by people without the scope', () => {
    expect(shownName(placeholder('s1', 'Orders'))).toBe('Orders')
    expect(shownPlaceholders(`a-${placeholder('s1', 'Orders')}`)).toBe('a-${Orders}')
    expect(shownName(placeholder('s1', 'module.a["x:{1}"].b'))).toBe('module.a["x:{1}"].b')
    expect(hasPlaceholder('${aws:username}')).toBe(false)
  })

  it('leaves the tier unknown where the tag that names it is', () => {
    const policy = builtInPolicy()
    const tagged = (value: string) => ({
      type: 'AWS::S3::Bucket',
      account: undefined,
      region: undefined,
      name: undefined,
      tags: { [policy.classification.tag!]: value },
    })
    expect(classify(tagged(placeholder('s1', 'Tier')), policy)).toBeUndefined()
    expect(classify(tagged(Object.keys(policy.tiers)[0]!), policy)).toMatchObject({ by: 'tag' })
  })
})
