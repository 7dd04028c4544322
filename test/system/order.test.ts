// Protects: the order of the records means nothing (but for line numbers), a snapshot may be cut and concatenated anywhere, and
// scanning two files is scanning their concatenation.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { joinInputs } from '../../src/commands/pipeline.ts'
import type { SnapshotRecord } from '../../src/model/record.ts'
import type { Report } from '../../src/model/report.ts'
import { reporter as json } from '../../src/reporters/json.ts'
import {
  allVerdicts,
  contextIn,
  type Estate,
  estateNames,
  joinRecords,
  judgeAll,
  readEstate,
  report,
  verdictsOf,
} from './estate.ts'

const directory = mkdtempSync(join(tmpdir(), 'rel09-order-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** Members of a report that may differ with the order: where something was read. */
const placeMembers = new Set(['location', 'relatedLocations', 'file', 'line'])

/** A report as JSON, without where its findings were read. */
function told(judged: Report): unknown {
  const text = [...json.render(judged, { verdicts: allVerdicts, colour: false, width: 100 })].join('')
  return JSON.parse(text, (name, value: unknown) => (placeMembers.has(name) ? undefined : value))
}

/** The same with its findings by rule and resource: what has no ARN is listed by the file that it was read from. */
function byResource(told: unknown): unknown {
  const { findings, ...rest } = told as { findings: { fingerprint: string }[] }
  return { ...rest, findings: Object.fromEntries(findings.map(finding => [finding.fingerprint, finding])) }
}

/** Each estate's records in an order of chance: the whole of it, or its scopes last. */
const shuffled = (records: readonly SnapshotRecord[]): fc.Arbitrary<SnapshotRecord[]> =>
  fc.oneof(
    fc.shuffledSubarray([...records], { minLength: records.length }),
    fc
      .shuffledSubarray([...records], { minLength: records.length })
      .map(list => [
        ...list.filter(({ record }) => record !== 'scope'),
        ...list.filter(({ record }) => record === 'scope'),
      ]),
  )

/** Scans files of the temporary directory. */
async function scan(estate: Estate, files: readonly string[]): Promise<unknown> {
  const { inventory, problems } = await joinInputs(files, estate.standards, {}, contextIn(directory))
  expect(problems).toEqual([])
  return told(judgeAll(inventory, estate.standards))
}

describe.each(estateNames)('%s', name => {
  let estate: Estate
  beforeAll(async () => {
    estate = await readEstate(name)
  })

  it('is judged alike in any order', () => {
    const before = verdictsOf(joinRecords(estate.records, estate.standards), estate.standards)
    fc.assert(
      fc.property(shuffled(estate.records), records => {
        expect(verdictsOf(joinRecords(records, estate.standards), estate.standards)).toEqual(before)
      }),
      { numRuns: 25 },
    )
  }, 120_000)

  it('is reported alike in any order', () => {
    const before = told(report(estate.records, estate.standards))
    fc.assert(
      fc.property(shuffled(estate.records), records => {
        expect(told(report(records, estate.standards))).toEqual(before)
      }),
      { numRuns: 4 },
    )
  }, 120_000)

  it('is read alike from lines in any order, from two files and from their concatenation', async () => {
    const lines = readFileSync(estate.snapshot, 'utf8').trimEnd().split('\n')
    const before = await scanLines(lines)
    const isFirst = (line: string) => JSON.parse(line).region === 'eu-west-1' || line.includes('"global"')
    const [one, two] = [lines.filter(isFirst), lines.filter(line => !isFirst(line))]
    writeFileSync(join(directory, 'one.ndjson'), `${one.join('\n')}\n`)
    writeFileSync(join(directory, 'two.ndjson'), `${two.join('\n')}\n`)
    expect(byResource(await scan(estate, ['one.ndjson', 'two.ndjson']))).toEqual(byResource(before))
    expect(byResource(await scan(estate, ['two.ndjson', 'one.ndjson']))).toEqual(byResource(before))
    expect(await scanLines([...two, ...one])).toEqual(before)
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(lines, { minLength: lines.length }), async mixed => {
        expect(await scanLines(mixed)).toEqual(before)
      }),
      { numRuns: 3 },
    )
  }, 240_000)

  async function scanLines(lines: readonly string[]): Promise<unknown> {
    writeFileSync(join(directory, 'all.ndjson'), `${lines.join('\n')}\n`)
    return scan(estate, ['all.ndjson'])
  }
})
