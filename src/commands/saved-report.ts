/** Reads a JSON report of rel09 (`schemas/report.schema.json`) finding by finding, however large it is. */
import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { gunzipSync } from 'node:zlib'
import type { ComparedFinding, SideFacts } from '../engine/compared-side.ts'
import type { GapRecord, ScopeRecord } from '../model/record.ts'
import { severities, type Verdict } from '../model/rule.ts'
import { contentReader, fileReader } from '../sources/bytes.ts'
import { isObject, type JsonObject, own, parseJsonBytes, scanJson } from '../sources/json.ts'
import type { CommandContext } from './command.ts'
import { displayPath } from './display-path.ts'
import { unreadable } from './named-file.ts'
import { UsageError } from './usage-error.ts'

const longestMember = 64 * 1024 * 1024
const sampleLength = 64 * 1024

/** What a report begins with, as it is written, or with its members in the order of their names. */
const marker = /"(?:policyDigest|rulesDigest)"\s*:\s*"|^\s*\{\s*"assumptions"\s*:/

/** True where a file looks like a saved report. What cannot be read is for the readers of inputs to tell. */
export function isSavedReport(file: string, context: CommandContext): boolean {
  if (file === '-') return false
  const path = resolve(context.cwd, file)
  try {
    if (!statSync(path).isFile()) return false
    const text = sampleOf(path).toString('latin1')
    return /^\s*\{\s*"(?!record")/.test(text) && marker.test(text)
  } catch {
    return false
  }
}

function sampleOf(path: string): Buffer {
  const bytes = Buffer.alloc(sampleLength)
  const file = openSync(path, 'r')
  try {
    const sample = bytes.subarray(0, readSync(file, bytes))
    if (sample[0] !== 0x1f || sample[1] !== 0x8b) return sample
    // The first bytes of a gzip stream inflate without its end.
    return gunzipSync(sample, { finishFlush: 2, maxOutputLength: 256 * sampleLength }).subarray(0, sampleLength)
  } finally {
    closeSync(file)
  }
}

/** Reads a report; each finding goes to `take`. Throws {@link UsageError} where it is none. */
export async function readSavedReport(
  file: string,
  context: CommandContext,
  take: (finding: ComparedFinding) => void,
): Promise<SideFacts> {
  const input = displayPath(file, context.cwd)
  const members: { [name: string]: unknown } = {}
  const listed = new Set<Verdict>()
  const refuse = (line: number, what: string) => new UsageError([`${input}:${line}: ${what}`])
  let wrong: UsageError | undefined
  const scan = scanJson(
    {
      begin: (path, first) =>
        wrong ? 'stop' : path === '' ? (first === 0x7b ? 'enter' : 'stop') : path === '.findings' ? 'enter' : 'take',
      value(path, bytes, line) {
        const parsed = parseJsonBytes(bytes)
        if ('fault' in parsed) wrong ??= refuse(line, parsed.fault)
        else if (path !== '.findings[]') members[path.slice(1)] = parsed.value
        else if (isFinding(parsed.value)) {
          listed.add(parsed.value.verdict)
          take(parsed.value)
        } else wrong ??= refuse(line, 'this is no finding of a rel09 report')
      },
      tooLarge: (_path, line) => {
        wrong ??= refuse(line, 'is too large for a rel09 report')
      },
    },
    { maxValueBytes: longestMember, sequence: false },
  )
  try {
    const reader = await contentReader(fileReader(resolve(context.cwd, file), () => {}))
    try {
      for (let bytes = await reader.next(); bytes && scan.push(bytes); bytes = await reader.next());
    } finally {
      reader.close()
    }
  } catch (error) {
    throw unreadable(file, 'the report', error, context)
  }
  const fault = scan.end()
  if (wrong) throw wrong
  if (fault) throw refuse(fault.line, `the report ${fault.message}`)
  return factsOf(members, listed, input)
}

function factsOf(members: JsonObject, listed: ReadonlySet<Verdict>, input: string): SideFacts {
  const { tool, takenAt, policyDigest, rulesDigest, summary, scopes, gaps, problems } = members
  const version = isObject(tool) ? tool.version : undefined
  const counts = isObject(summary) && isObject(summary.byRule) ? summary.byRule : undefined
  const verdicts = isObject(summary) && isObject(summary.verdicts) ? summary.verdicts : undefined
  if (
    members.version !== 1 ||
    typeof version !== 'string' ||
    typeof policyDigest !== 'string' ||
    typeof rulesDigest !== 'string' ||
    !counts ||
    !verdicts
  )
    throw new UsageError([`${input}: this is no JSON report of rel09: write one with rel09 scan --format json`])
  const isComplete = (['compliant', 'not-applicable'] as const).every(
    verdict => listed.has(verdict) || own(verdicts, verdict) === 0,
  )
  const rules = Object.entries(counts).map(
    ([rule, count]) => [rule, { appliesToAll: isObject(count) && own(count, 'not-applicable') === 0 }] as const,
  )
  return {
    head: {
      input,
      kind: 'report',
      toolVersion: version,
      ...(typeof takenAt === 'string' ? { takenAt } : {}),
      policyDigest,
      rulesDigest,
    },
    scopes: listOf<ScopeRecord>(scopes, ({ source }) => typeof source === 'string'),
    gaps: listOf<GapRecord>(gaps, isGap),
    isUnreadable: Array.isArray(problems) && problems.length > 0,
    rules: new Map(rules),
    listsAll: isComplete,
  }
}

function listOf<T>(value: unknown, isOne: (entry: JsonObject) => boolean): T[] {
  return Array.isArray(value) ? (value.filter(entry => isObject(entry) && isOne(entry)) as T[]) : []
}

const isTextList = (value: unknown): boolean => Array.isArray(value) && value.every(one => typeof one === 'string')

const isGap = ({ factGroups, types, reason, remedy }: JsonObject): boolean =>
  isTextList(factGroups) && isTextList(types) && typeof reason === 'string' && typeof remedy === 'string'

const verdictNames: readonly unknown[] = ['compliant', 'non-compliant', 'not-applicable', 'undetermined']
const optionalTexts = ['arn', 'account', 'region', 'name', 'address', 'sourceType'] as const

/** Only what is compared is checked. */
function isFinding(value: unknown): value is ComparedFinding {
  if (!isObject(value)) return false
  const { rule, verdict, severity, state, subject, resource, message, missing, location } = value
  return (
    [rule, state, subject, message].every(text => typeof text === 'string') &&
    verdictNames.includes(verdict) &&
    (severities as readonly unknown[]).includes(severity) &&
    isResource(resource) &&
    isMissingList(missing) &&
    (location === undefined || (isObject(location) && typeof location.file === 'string'))
  )
}

const isResource = (value: unknown): boolean =>
  isObject(value) &&
  typeof value.type === 'string' &&
  typeof value.id === 'string' &&
  optionalTexts.every(name => value[name] === undefined || typeof value[name] === 'string')

const isMissingList = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every(
    one => isObject(one) && ['path', 'factGroup', 'reason', 'remedy'].every(name => typeof one[name] === 'string'),
  )
