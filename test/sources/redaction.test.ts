// Protects whoever hands on a redacted snapshot: no name, account, id or tag value of the owner is in it; and whoever judges it:
// every verdict is as before, wildcards, resource policies and the owner's own policy file included.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { textGlob } from '../../src/inventory/arn.ts'
import type { ResourceRecord, SnapshotRecord } from '../../src/model/record.ts'
import type { Finding, Report } from '../../src/model/report.ts'
import { loadPolicy } from '../../src/policy/load.ts'
import { Pseudonyms } from '../../src/sources/pseudonyms.ts'
import { Redaction } from '../../src/sources/redaction.ts'
import { checkRecord } from '../../src/sources/snapshot.ts'
import { allVerdicts, estateNames, readEstate, report } from '../system/estate.ts'

const root = join(import.meta.dirname, '../..')
const key = Buffer.alloc(32, 7)

/** Records as their file holds them: reading adds lines. */
const recordsOf = (estate: string): SnapshotRecord[] =>
  readFileSync(join(root, 'fixtures', estate, 'snapshot.ndjson'), 'utf8')
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as SnapshotRecord)

function redactionOf(records: readonly unknown[], withKey: Uint8Array = key): Redaction {
  const redaction = new Redaction({ key: withKey })
  for (const record of records) redaction.note(record)
  return redaction
}

/** Rule and subject, with verdict and state; names put through `name`. */
function verdictsOf(judged: Report, name: (text: string) => string): string[] {
  const line = ({ rule, subject, resource, verdict, state, severity }: Finding) => {
    const { type, arn, id, account = '', region = '' } = resource
    return [rule, subject, type, name(arn ?? id), name(account), region, verdict, state, severity].join(' ')
  }
  return [...judged.findings(allVerdicts)].map(line).sort()
}

describe.each(estateNames)('%s', estate => {
  it('is judged as before, by the default policy and by its own', async () => {
    const { standards } = await readEstate(estate)
    const records = recordsOf(estate)
    const file = estate === 'clinic' ? readFileSync(join(root, 'fixtures/clinic/rel09.yaml'), 'utf8') : 'version: 1\n'
    const redaction = redactionOf([...records, parse(file)])
    const redacted = records.map(record => redaction.record(record))
    for (const record of redacted) expect(checkRecord(record)).toBeUndefined()
    const translated = JSON.stringify(redaction.policy(parse(file)))
    for (const [own, theirs] of [
      ['version: 1\n', 'version: 1\n'],
      [file, translated],
    ] as const) {
      const policyOf = (text: string) => {
        const { policy, problems } = loadPolicy(text, 'rel09.yaml', standards.rules)
        expect(problems).toEqual([])
        return policy!
      }
      const before = verdictsOf(report(records, { ...standards, policy: policyOf(own) }), text => redaction.text(text))
      const after = verdictsOf(report(redacted, { ...standards, policy: policyOf(theirs) }), text => text)
      expect(after).toEqual(before)
    }
  })

  it('holds nothing of what was put into each of its texts', () => {
    let count = 0
    const planted = plant(recordsOf(estate), () => `Canary${(count++).toString(36)}zq`)
    const redaction = redactionOf(planted)
    const text = planted.map(record => JSON.stringify(redaction.record(record))).join('\n')
    expect(count).toBeGreaterThan(3000)
    expect(/.{0,80}canary.{0,40}/i.exec(text)?.[0]).toBeUndefined()
  })

  it('holds no account, and none of the ids and names that it is made of', () => {
    const records = recordsOf(estate)
    const redaction = redactionOf(records)
    const text = records.map(record => JSON.stringify(redaction.record(record))).join('\n')
    const left = new Set(text.match(/[\p{L}\p{N}]+/gu))
    const words = new Set(
      records
        .filter((record): record is ResourceRecord => record.record === 'resource')
        .flatMap(({ account = '', id, name = '', tags }) => [account, id, name, ...Object.values(tags ?? {})])
        .flatMap(named => named.match(/[\p{L}\p{N}]{5,}/gu) ?? []),
    )
    const kept = [...words].filter(word => left.has(word) && redaction.text(word) === word)
    const leaked = [...words].filter(word => left.has(word) && redaction.text(word) !== word)
    expect(leaked).toEqual([])
    expect(kept.length).toBeLessThan(words.size / 4)
  })

  it('is the same bytes by the same key, and other names by another', () => {
    const records = recordsOf(estate)
    const textBy = (by: Uint8Array, order: readonly SnapshotRecord[]) => {
      const redaction = redactionOf(order, by)
      return records.map(record => JSON.stringify(redaction.record(record))).join('\n')
    }
    expect(textBy(key, [...records].reverse())).toBe(textBy(key, records))
    expect(textBy(Buffer.alloc(32, 8), records)).not.toBe(textBy(key, records))
  })
})

/** Members whose texts are of a fixed form, without which a record is none. */
const fixed = new Set(['record', 'source', 'encoding', 'takenAt', 'seenAt', 'createdAt', 'reason'])

/** Every text with a word more, inside documents too; their members are planted where they are names. */
function plant(records: readonly SnapshotRecord[], canary: () => string): SnapshotRecord[] {
  const walk = (value: unknown, member: string): unknown => {
    if (typeof value === 'string') {
      if (fixed.has(member)) return value
      if (/^\s*\{/.test(value)) return JSON.stringify(walk(JSON.parse(value), member))
      return `${value}-${canary()}`
    }
    if (Array.isArray(value)) return value.map(one => walk(one, member))
    if (typeof value !== 'object' || value === null) return value
    const entries = Object.entries(value)
    if (member === 'tags') entries.push([canary(), canary()])
    return Object.fromEntries([...entries.map(([name, one]) => [name, walk(one, name)]), [canary(), canary()]])
  }
  return records.map(record => walk(record, '') as SnapshotRecord)
}

describe('wildcards', () => {
  const letter = fc.constantFrom('c', 'd')
  const word = fc.array(letter, { minLength: 1, maxLength: 3 }).map(letters => letters.join(''))
  const name = fc.array(word, { minLength: 1, maxLength: 3 }).map(parts => parts.join('-'))
  const pattern = fc
    .tuple(fc.constantFrom('', '*'), fc.array(fc.tuple(word, fc.constantFrom('-', '*', '-*')), { maxLength: 3 }), word)
    .map(([start, parts, last]) => start + parts.map(([text, joint]) => text + joint).join('') + last)
    .chain(text => fc.constantFrom(text, `${text}*`, `${text}-*`))

  it('are not matched by pieces that only stand side by side', () => {
    const pseudonyms = new Pseudonyms(key, ['cd', 'd'])
    const patterns = ['*cd*', 'c*d*c', 'c-*c*c']
    for (const one of patterns) pseudonyms.notePattern(one)
    expect(textGlob(pseudonyms.text('*cd*'), pseudonyms.text('dc-c'))).toBe(false)
  })

  it('match what they matched, words that stay included', () => {
    let matched = 0
    fc.assert(
      fc.property(
        fc.array(name, { minLength: 1, maxLength: 6 }),
        fc.array(pattern, { maxLength: 4 }),
        (names, patterns) => {
          const kept = ['cd', 'd']
          const pseudonyms = new Pseudonyms(key, kept)
          for (const one of patterns) pseudonyms.notePattern(one)
          for (const text of names) {
            for (const one of patterns) {
              // One word that has to begin and end by pieces that overlap in it: redaction.md.
              if (/[cd]\*[cd]/.test(one)) continue
              const before = textGlob(one, text)
              if (before) matched++
              expect([one, text, textGlob(pseudonyms.text(one), pseudonyms.text(text))]).toEqual([one, text, before])
            }
            for (const other of names) expect(pseudonyms.text(text) === pseudonyms.text(other)).toBe(text === other)
          }
        },
      ),
      { numRuns: 1000 },
    )
    expect(matched).toBeGreaterThan(100)
  })
})

it.each<[string, string, string | undefined]>([
  ['an Availability Zone', 'eu-west-1a', ''],
  ['a time', '2026-01-15T06:00:00.000Z', ''],
  ['a schedule', 'cron(0 5 ? * MON-FRI *)', 'ScheduleExpression'],
  ['a time zone', 'Europe/Dublin', 'ScheduleExpressionTimezone'],
  ['an action', 'backup:DeleteRecoveryPoint', 'Action'],
  ['a service', 'lambda.amazonaws.com', 'Service'],
  ["a role of AWS's", 'AWSServiceRoleForBackup', 'RoleName'],
  ["a key of AWS's", 'alias/aws/backup', 'AliasName'],
])('%s stays', (_, text, member) => {
  expect(redactionOf([]).text(text, member)).toBe(text)
})

it.each<[string, string, string]>([
  ['an email address', 'oncall@bookshop.example', 'Endpoint'],
  ['an endpoint', 'orders.c9akciq32.eu-west-1.rds.amazonaws.com', 'Address'],
  ['an IP address', '203.0.113.57/32', 'aws:SourceIp'],
  ['a user', 'arn:aws:iam::111122223333:user/jo.doe', 'AWS'],
  ['a name in the place of a constant', 'jo', 'State'],
  ['a name in the place of a time zone', 'Berlin', 'ScheduleExpressionTimezone'],
  ['letters beyond ASCII', 'Bücher-Übersicht', 'Description'],
])('%s goes', (_, text, member) => {
  const redacted = redactionOf([]).text(text, member)
  for (const word of [
    'oncall',
    '203',
    '57',
    'bookshop',
    'orders',
    'c9akciq32',
    '111122223333',
    'jo',
    'doe',
    'Berlin',
    'Bücher',
    'Übersicht',
  ])
    if (text.includes(word)) expect(redacted.match(/[\p{L}\p{N}]+/gu)).not.toContain(word)
})
