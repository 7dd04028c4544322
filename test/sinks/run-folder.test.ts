/**
 * Protects what a run of the collector keeps on disk: the order of a snapshot (scopes, gaps, then resources, `AWS::Backup::*`
 * first, by type and ARN), the same bytes however much fits into memory, in whatever order records come and wherever the run was
 * killed; each line once; nothing left when it is done; and that nothing in the folder leads out of it.
 */
import {
  appendFileSync,
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SnapshotRecord } from '../../src/model/record.ts'
import type { NotEvaluated } from '../../src/model/report.ts'
import { RunFolder, UnusableFolder } from '../../src/sinks/run-folder.ts'
import { HeldLines, lineText, mergedLines, SegmentFile } from '../../src/sinks/sorted-segments.ts'
import { findFiles } from '../../src/sources/input-files.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rel09-run-'))
  path = join(folder, 'deep/er/out.rel09-parts')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const alone = { id: 1, isRunning: () => false }
const unheard = { resource: () => {}, gap: () => {} }
const head = { identity: { regions: ['eu-west-1'] }, takenAt: '2026-01-15T06:00:00.000Z', notes: null }

const resource = (type: string, arn: string, configuration = {}): SnapshotRecord => ({
  record: 'resource',
  scope: 's',
  type,
  id: arn,
  arn,
  encoding: 'api',
  configuration,
})
const gap = (factGroups: string[], remedy: string): SnapshotRecord => ({
  record: 'gap',
  scope: 's',
  account: '111122223333',
  region: 'eu-west-1',
  factGroups,
  types: ['AWS::Backup::BackupPlan'],
  api: 'backup:ListBackupPlans',
  reason: 'denied',
  remedy,
})
const inOrder: SnapshotRecord[] = [
  { record: 'scope', id: 's', source: 'aws', account: '111122223333', region: 'eu-central-1' },
  { record: 'scope', id: 't', source: 'aws', account: '111122223333', region: 'eu-west-1' },
  gap(['plans', 'tags'], 'Allow it.'),
  resource('AWS::Backup::BackupPlan', 'arn:b'),
  resource('AWS::Backup::BackupVault', 'arn:a', { name: 'a line\nand \u0000 more' }),
  resource('AWS::DynamoDB::Table', 'arn:a', { of: 'orders' }),
  resource('AWS::DynamoDB::Table', 'arn:ab'),
  resource('AWS::DynamoDB::Table', 'arn:b', { of: 'Bücher' }),
  resource('AWS::S3::Bucket', 'arn:a\nb'),
]
const expected = inOrder.map(record => `${JSON.stringify(record)}\n`).join('')
/** The same, as several readers tell it: everything twice, the gap for each of its fact groups. */
const told = [
  ...inOrder.filter(({ record }) => record !== 'gap'),
  ...inOrder.filter(({ record }) => record !== 'gap'),
  gap(['tags'], 'Allow it.'),
  gap(['plans'], 'Allow it.'),
  gap(['plans'], 'Allow them.'),
]

const partsOf = (records: readonly SnapshotRecord[], count: number) =>
  Array.from({ length: count }, (_, part) => records.filter((_, at) => at % count === part))

/** Reads what was not read before, part by part; stops before a part, as though killed. */
async function run(parts: SnapshotRecord[][], mostHeld: number, stopAt = parts.length): Promise<RunFolder> {
  const opened = new RunFolder(path, alone, { mostHeld })
  if (!opened.head) opened.begin(head)
  for (const [name, records] of parts.slice(0, stopAt).entries()) {
    if (opened.finished(String(name))) continue
    const part = opened.begun(String(name))
    for (const record of records) part.add(record)
    await part.end(true, name)
  }
  await opened.settled()
  return opened
}

const textOf = (opened: RunFolder) => [...opened.chunks(unheard)].join('')

const shuffled = fc.shuffledSubarray(told, { minLength: told.length })

it('gives the same bytes in whatever order records come, however many fit into memory', async () => {
  return fc.assert(
    fc.asyncProperty(
      shuffled,
      fc.integer({ min: 1, max: 6 }),
      fc.constantFrom(1, 300, 1_000_000),
      async (records, parts, held) => {
        const opened = await run(partsOf(records, parts), held)
        expect(textOf(opened)).toBe(expected)
        await opened.remove()
        expect(readdirSync(join(folder, 'deep/er'))).toEqual([])
      },
    ),
    { numRuns: 60 },
  )
})

it('gives the same bytes wherever journal and records are cut off', async () => {
  return fc.assert(
    fc.asyncProperty(
      shuffled,
      fc.nat({ max: 5 }),
      fc.nat(),
      fc.nat({ max: 400 }),
      async (records, stopAt, cut, lost) => {
        const parts = partsOf(records, 5)
        await (await run(parts, 300, stopAt)).leave()
        const journal = join(path, 'journal.ndjson')
        const size = statSync(journal).size
        truncateSync(journal, size - (cut % (size + 1)))
        // A part that was under way, and what a crash of the machine takes.
        const data = join(path, 'records')
        if (lost % 2 === 0) appendFileSync(data, 'half a li')
        else truncateSync(data, Math.max(0, statSync(data).size - lost))
        const opened = await run(parts, 1000)
        expect(textOf(opened)).toBe(expected)
        await opened.remove()
      },
    ),
    { numRuns: 60 },
  )
})

it('keeps parts that are whole, with what was noted, and no others', async () => {
  const opened = await run([], 1)
  const parts = ['whole', 'partial', 'unended'].map(name => opened.begun(name))
  for (const part of parts) part.add(inOrder[3]!)
  await parts[0]!.end(true, { regions: ['eu-west-1'] })
  await parts[1]!.end(false)
  await opened.leave()
  const again = new RunFolder(path, alone)
  expect(['whole', 'partial', 'unended'].map(name => again.finished(name))).toEqual([
    { notes: { regions: ['eu-west-1'] } },
    undefined,
    undefined,
  ])
  expect(again.head).toEqual(head)
  expect(textOf(again)).toBe(`${JSON.stringify(inOrder[3])}\n`)
  await again.remove()
})

it('stands a write that was broken off', async () => {
  const opened = await run(partsOf(told, 2), 1, 1)
  appendFileSync(join(path, 'records'), 'half a li')
  await opened.leave()
  const again = await run(partsOf(told, 2), 1)
  expect(textOf(again)).toBe(expected)
  await again.remove()
  const whole = await run(partsOf(told, 2), 1, 1)
  appendFileSync(join(path, 'records'), 'half a li')
  const part = whole.begun('1')
  for (const record of partsOf(told, 2)[1]!) part.add(record)
  await part.end(true)
  await whole.settled()
  expect(textOf(whole)).toBe(expected)
  await whole.remove()
})

it('is no input of a scan', async () => {
  await (await run([told], 1)).leave()
  writeFileSync(join(folder, 'a.ndjson'), '')
  const skipped: NotEvaluated[] = []
  const finding = { cwd: folder, problem: expect.unreachable, skip: (entry: NotEvaluated) => skipped.push(entry) }
  expect(findFiles(['.'], finding)).toMatchObject([{ name: 'a.ndjson' }])
  expect(skipped).toMatchObject([{ file: 'deep/er/out.rel09-parts', count: 1 }])
})

it('compresses into one gzip file', async () => {
  const opened = await run([told], 1)
  expect(gunzipSync(Buffer.concat([...opened.zipped(unheard)])).toString()).toBe(expected)
  await opened.remove()
})

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'ü') })

it('merges any number of segments with few read at once', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.tuple(word, fc.oneof({ weight: 30, arbitrary: word }, fc.constant('ü'.repeat(100_000)))))),
      fc.integer({ min: 2, max: 4 }),
      (lists, fanIn) => {
        const file = new SegmentFile(join(folder, 'records'))
        const segments = lists.map(list => {
          const held = new HeldLines()
          for (const [key, text] of list) held.add(key, [text])
          return file.append([held.take()])
        })
        let made = 0
        const scratch = () => new SegmentFile(join(folder, `merged-${Math.random()}-${made++}`))
        const merged: string[] = []
        for (const line of mergedLines(file, segments, scratch, fanIn))
          merged.push(`${line.key}\u0000${lineText(line)}`)
        const lines = lists.flat().map(([key, text]) => `${key}\u0000${JSON.stringify([text])}`)
        expect(merged).toEqual([...new Set(lines)].sort())
        file.close()
      },
    ),
    { numRuns: 100 },
  )
})

describe('a folder that is none of ours, or in use', () => {
  const refused = (isFresh = false) => {
    expect(() => new RunFolder(path, alone, { isFresh })).toThrow(UnusableFolder)
  }
  const outside = () => {
    const file = join(folder, 'precious')
    writeFileSync(file, 'precious')
    return file
  }

  it('is refused while its process runs, and taken over when it is gone', async () => {
    const opened = await run(partsOf(told, 2), 1)
    const running = { id: 2, isRunning: (id: number) => id === 1 }
    for (const isFresh of [false, true]) expect(() => new RunFolder(path, running, { isFresh })).toThrow(/process 1/)
    const next = new RunFolder(path, { id: 3, isRunning: () => false })
    expect([next.finished('0'), next.finished('1')]).toEqual([{ notes: 0 }, { notes: 1 }])
    await next.leave()
    await opened.leave()
  })

  it('may be a link', () => {
    mkdirSync(join(folder, 'deep/er'), { recursive: true })
    mkdirSync(join(folder, 'elsewhere'))
    symlinkSync(join(folder, 'elsewhere'), path)
    refused()
    refused(true)
    expect(readdirSync(join(folder, 'elsewhere'))).toEqual([])
  })

  it('may be writable for others', async () => {
    await (await run([], 1)).leave()
    chmodSync(path, 0o777)
    refused()
    expect(readdirSync(path)).not.toContain('lock')
  })

  it.each(['lock', 'run.json', 'journal.ndjson', 'records'])('may hold a link in place of %s', async name => {
    await (await run(partsOf(told, 2), 1)).leave()
    for (const link of [symlinkSync, linkSync]) {
      rmSync(join(path, name), { force: true })
      link(outside(), join(path, name))
      refused()
      expect(readFileSync(join(folder, 'precious'), 'utf8')).toBe('precious')
      rmSync(join(folder, 'precious'))
    }
  })

  it.each(['lock', 'run.json', 'journal.ndjson', 'records'])('may hold a folder in place of %s', async name => {
    await (await run(partsOf(told, 2), 1)).leave()
    rmSync(join(path, name), { force: true })
    mkdirSync(join(path, name))
    expect(() => new RunFolder(path, alone, { isFresh: true })).toThrow()
    expect(existsSync(join(path, name))).toBe(true)
  })

  it.each(['', 'x', '[]', '{}', '{"format":2}', '{"format":1,"identity":{},"takenAt":"yesterday"}'])(
    'may hold another run.json: %j; it can be thrown away',
    async text => {
      await (await run(partsOf(told, 2), 1)).leave()
      writeFileSync(join(path, 'run.json'), text)
      refused()
      const opened = new RunFolder(path, alone, { isFresh: true })
      expect([opened.head, opened.finished('0')]).toEqual([undefined, undefined])
      await opened.remove()
      expect(existsSync(path)).toBe(false)
    },
  )

  it.each([
    'x',
    '{"part":"1","segments":"../x"}',
    '{"part":"1","segments":[{"start":-1,"length":5,"digest":""}]}',
    '{"part":"1","segments":[{"start":0,"length":1e300,"digest":""}]}',
    '{"part":"1","segments":[{"start":0,"length":9007199254740991,"digest":"../x"}]}',
    '{"part":"1","segments":[{"start":0,"length":10,"digest":"00"}]}',
  ])('may hold any journal: %s', async line => {
    await (await run(partsOf(told, 3), 1, 1)).leave()
    appendFileSync(join(path, 'journal.ndjson'), `${line}\n`)
    const opened = await run(partsOf(told, 3), 1)
    expect(opened.damage.length).toBe(1)
    expect(textOf(opened)).toBe(expected)
    await opened.remove()
  })

  it('may hold what is not ours, which stays', async () => {
    const opened = await run([told], 1)
    writeFileSync(join(path, 'thesis.txt'), '')
    await expect(opened.remove()).rejects.toThrow(UnusableFolder)
    expect(readdirSync(path)).toEqual(['thesis.txt'])
  })
})
