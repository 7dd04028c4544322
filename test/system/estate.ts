// The fixture estates, read as the command line reads them, and judged in-process.
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import type { CommandContext } from '../../src/commands/command.ts'
import { loadStandards, type Standards } from '../../src/commands/pipeline.ts'
import { type ActiveRule, activeRules, ruleFinder } from '../../src/engine/active-rule.ts'
import { judge } from '../../src/engine/judge.ts'
import { resourceDefinitions } from '../../src/generated/resources.ts'
import { InventoryBuilder } from '../../src/inventory/build.ts'
import type { Inventory } from '../../src/model/inventory.ts'
import type { SnapshotRecord } from '../../src/model/record.ts'
import type { Finding, Report } from '../../src/model/report.ts'
import type { Verdict } from '../../src/model/rule.ts'
import type { Subject } from '../../src/model/subject.ts'
import { PolicyExemptions } from '../../src/policy/exemptions.ts'
import { factIndex } from '../../src/rules/built-in.ts'
import { readInputs } from '../../src/sources/read.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..')

/** A moment after every fixture was taken: exemptions and rehearsals of the fixtures are in force. */
export const now = '2026-01-15T06:00:00.000Z'

export const allVerdicts: ReadonlySet<Verdict> = new Set([
  'compliant',
  'non-compliant',
  'not-applicable',
  'undetermined',
])

/** What a command is run with; `written` collects what it says. */
export function contextIn(
  cwd: string,
  stdin: string | Buffer = '',
): CommandContext & { written: { out: string; err: string } } {
  const written = { out: '', err: '' }
  return {
    written,
    cwd,
    stdin: Readable.from([Buffer.from(stdin)]),
    stdout: {
      write: text => {
        written.out += text
        return true
      },
    },
    stderr: {
      write: text => {
        written.err += text
        return true
      },
    },
    colour: false,
    version: '0.0.0',
    now,
    clock: () => 0,
    commands: {},
  }
}

/** One estate: its records, and what it is judged by. */
export interface Estate {
  name: string
  directory: string
  snapshot: string
  records: SnapshotRecord[]
  standards: Standards
}

/** Estates that are there: `traps` once it is. */
export const estateNames = ['bookshop', 'clinic', 'traps'].filter(name =>
  existsSync(join(root, 'fixtures', name, 'snapshot.ndjson')),
)

/** Reads an estate. */
export async function readEstate(name: string): Promise<Estate> {
  const directory = join(root, 'fixtures', name)
  const context = contextIn(directory)
  const records: SnapshotRecord[] = []
  const reading = readInputs(['snapshot.ndjson'], { cwd: directory })
  for await (const batch of reading.records) records.push(...batch)
  if (reading.problems.length > 0) throw new Error(JSON.stringify(reading.problems))
  return {
    name,
    directory,
    snapshot: join(directory, 'snapshot.ndjson'),
    records,
    standards: await loadStandards({}, context),
  }
}

/** Joins records in the order given. */
export function joinRecords(records: Iterable<SnapshotRecord>, { policy }: Standards, clock?: string): Inventory {
  const builder = new InventoryBuilder({ definitions: resourceDefinitions, policy, now, clock })
  for (const record of records) builder.add(record)
  return builder.finish()
}

/** Judges an inventory by every rule, optional ones too. */
export function judgeAll(inventory: Inventory, standards: Standards): Report {
  return judge(inventory, standards.rules, standards.policy, {
    now,
    ruleIds: standards.rules.map(rule => rule.id),
    exemptions: new PolicyExemptions(standards.policy, standards.rules, now),
    version: '0.0.0',
    rulesDigest: standards.rulesDigest,
  })
}

/** Joins and judges records. */
export const report = (records: Iterable<SnapshotRecord>, standards: Standards): Report =>
  judgeAll(joinRecords(records, standards), standards)

/** Rule and subject of a finding, as one key. */
export const keyOf = (finding: Finding): string =>
  [
    finding.rule,
    finding.subject,
    finding.resource.type,
    finding.resource.arn ?? finding.resource.id,
    finding.resource.account ?? '',
    finding.resource.region ?? '',
  ].join(' ')

/** Every finding of a report, by rule and subject. */
export function findingsOf(judged: Report): Map<string, Finding> {
  return new Map([...judged.findings(allVerdicts)].map(finding => [keyOf(finding), finding]))
}

/** The verdicts of every rule on every subject that it is about, by rule and subject; findings are not made. */
export type Verdicts = Map<string, Verdict>

const prepared = new WeakMap<Standards, ActiveRule[]>()

/** The rules of a run, optional ones too; compiled once an estate. */
export function rulesOf(standards: Standards): ActiveRule[] {
  let active = prepared.get(standards)
  if (!active) {
    active = activeRules(standards.rules, standards.policy, factIndex, new Set(standards.rules.map(rule => rule.id)))
    prepared.set(standards, active)
  }
  return active
}

/** A subject as a key: what stays the same of it whatever else is read. */
export const subjectKey = ({ kind, type, arn, id, account, region }: Subject): string =>
  [kind, type, arn ?? id, account ?? '', region ?? ''].join(' ')

/** Judges every subject of an inventory. */
export function verdictsOf(inventory: Inventory, standards: Standards): Verdicts {
  const verdicts: Verdicts = new Map()
  const find = ruleFinder(rulesOf(standards))
  for (let place = 0; place < inventory.size; place++) {
    const { kind, type } = inventory.kindOf(place)
    const subject = inventory.subject(place)
    const key = subjectKey(subject)
    for (const rule of find(kind, type))
      verdicts.set(`${rule.rule.id} ${key}`, rule.judge(subject.facts, rule.parameters(subject.facts)))
  }
  return verdicts
}
