/** Protects exemptions beside a resource: they ask for rule, owner, expiry and reason, and hold for their own resource only. */
import { describe, expect, it } from 'vitest'
import { commentExemptions, commentLines, metadataExemptions, resourceAt } from '../../src/sources/inline-exemptions.ts'

describe('a comment', () => {
  it.each([
    [
      '  # rel09:exempt s3-versioning until 2027-03-01 owner=web -- Public images.',
      { rule: 's3-versioning', expires: '2027-03-01', owner: 'web', reason: 'Public images.' },
    ],
    [
      '// rel09:exempt dynamodb-pitr until 2027-12-31 owner=data-team -- Rebuilt nightly',
      { rule: 'dynamodb-pitr', owner: 'data-team' },
    ],
    [
      '/* rel09:exempt vault-lock until 2027-12-31 owner=ops -- Test vault */',
      { rule: 'vault-lock', reason: 'Test vault' },
    ],
    [
      '   rel09:exempt vault-lock until 2027-12-31 owner=ops -- Within a block of comment',
      { rule: 'vault-lock', reason: 'Within a block of comment' },
    ],
  ])('%s', (text, expected) => {
    const [found] = commentExemptions(commentLines(text, 2), 'main.tf')
    expect(found).toMatchObject({ exemption: { ...expected, file: 'main.tf', line: 2 } })
  })

  it.each([
    ['# rel09:exempt s3-versioning owner=web -- no expiry'],
    ['# rel09:exempt s3-versioning until 2027-03-01 -- no owner'],
    ['# rel09:exempt s3-versioning until 2027-03-01 owner=web'],
    ['# rel09:exempt s3-versioning until 2027-03-01 owner=web --   '],
    ['# rel09:exempt s3-versioning until 2027-02-30 owner=web -- no such day'],
    ['# rel09:exempt s3-versioning until soon owner=web -- no day'],
    ['# rel09:exempt'],
  ])('exempts nothing, and says so: %s', text => {
    expect(commentExemptions(commentLines(text, 1), 'main.tf')).toEqual([{ line: 1, problem: expect.any(String) }])
  })

  it.each([['# as rel09:exempt s3-versioning until 2027-03-01 owner=web -- r'], ['# rel09:exempted']])(
    'is none: %s',
    text => {
      expect(commentExemptions(commentLines(text, 1), 'main.tf')).toEqual([])
    },
  )
})

it('more comments than a person writes are told, not searched for their resources', () => {
  const many = '# rel09:exempt s3-versioning until 2027-03-01 owner=web -- r\n'.repeat(1_200)
  const read = commentExemptions(commentLines(many, 1), 'main.tf')
  expect(read.filter(one => 'exemption' in one)).toHaveLength(1_000)
  expect(read.at(-1)).toMatchObject({ line: 1_001 })
})

describe('the resource that it stands beside', () => {
  const lines = [
    '# above a',
    'a {',
    '  x',
    '}',
    '',
    '/* above b */',
    '# too',
    'b {',
    '  inner {',
    '  }',
    '}',
    '# after',
  ]
  const resources = [
    { name: 'a', line: 2, endLine: 4 },
    { name: 'b', line: 8, endLine: 11 },
    { name: 'inner', line: 9, endLine: 10 },
  ]
  it.each([
    [1, 'a'],
    [3, 'a'],
    [6, 'b'],
    [7, 'b'],
    [9, 'inner'],
    [11, 'b'],
    [12, undefined],
  ])('line %s: %s', (line, name) => {
    expect(resourceAt(resources, line, lines)?.name).toBe(name)
  })
})

describe('metadata', () => {
  const whole = { rule: 's3-versioning', expires: '2027-03-01', owner: 'web', reason: 'Public images.' }
  it('is read', () => {
    expect(metadataExemptions({ rel09: { exempt: [whole] } }, 'a.json', () => 7)).toEqual([
      { exemption: { ...whole, file: 'a.json', line: 7 } },
    ])
    expect(metadataExemptions({ other: 1 }, 'a.json', () => 7)).toEqual([])
    expect(metadataExemptions(undefined, 'a.json', () => 7)).toEqual([])
  })
  it.each([
    [{ exempt: [{ ...whole, owner: '' }] }],
    [{ exempt: [{ ...whole, expires: '2027-13-01' }] }],
    [{ exempt: [{ ...whole, reason: undefined }] }],
    [{ exempt: whole }],
    [true],
    [null],
  ])('exempts nothing, and says so: %j', rel09 => {
    expect(metadataExemptions({ rel09 }, 'a.json', () => 7)).toEqual([{ line: 7, problem: expect.any(String) }])
  })
})
