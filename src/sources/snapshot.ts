/**
 * rel09's own snapshots: one record a line (`schemas/snapshot.schema.json`). Resource records are passed on as they were
 * parsed, checked by hand (a JSON Schema validator would cost more than the parser), with the line they stand on.
 */
import type { GapReason, GapRecord, ResourceRecord, ScopeRecord, SnapshotRecord, SourceKind } from '../model/record.ts'
import { isObject, type JsonObject, own, parseJson, quote } from './json.ts'
import { LineTemplates } from './line-template.ts'
import { splitLines } from './lines.ts'
import { chunksOf, damagedRemedy, oversizedRemedy } from './scan-file.ts'
import { lostPart } from './scope.ts'
import type { InputFile, Reading, Sample, Source } from './source.ts'

const sourceKinds: { [kind in SourceKind]: true } = {
  aws: true,
  'aws-config-snapshot': true,
  'aws-config-history': true,
  'aws-config-item': true,
  'aws-config-event': true,
  'aws-config-query': true,
  cloudformation: true,
  cdk: true,
  'terraform-plan': true,
  'terraform-state': true,
  'terraform-hcl': true,
}

const gapReasons: { [reason in GapReason]: true } = {
  denied: true,
  throttled: true,
  notEnabled: true,
  interrupted: true,
  truncated: true,
  expired: true,
  oversized: true,
  contradictory: true,
  notInSource: true,
}

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every(isText)
}

function isTags(value: unknown): boolean {
  if (value === null) return true
  if (!isObject(value)) return false
  for (const key in value) if (typeof value[key] !== 'string') return false
  return true
}

function isLineNumber(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 1
}

/** Absolute paths of any system, and URLs. */
const absolute = /^(?:[/\\]|[A-Za-z]:[/\\]|[A-Za-z][A-Za-z0-9+.-]*:\/\/)/

/** True for a path that may be printed: neither absolute nor a URL. */
function isRelative(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && !absolute.test(value)
}

function isLocation(value: unknown): boolean {
  if (!isObject(value)) return false
  for (const key in value) {
    if (
      key === 'file' ? !isRelative(value[key]) : !/^(?:line|column|endLine)$/.test(key) || !isLineNumber(value[key])
    ) {
      return false
    }
  }
  return Object.hasOwn(value, 'file') && Object.hasOwn(value, 'line')
}

/** A moment as snapshots state it: ISO 8601, UTC. */
function isMoment(value: unknown): boolean {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/.test(value)) return false
  return !Number.isNaN(Date.parse(value))
}

function isPositions(value: unknown): boolean {
  if (!isObject(value)) return false
  for (const key in value) if (!isLineNumber(value[key])) return false
  return true
}

function isRelatedMember(key: string, value: unknown): boolean {
  if (key === 'location') return isLocation(value)
  if (key === 'positions') return isPositions(value)
  return /^(?:type|id|address|name|at)$/.test(key) && isText(value)
}

function isRelatedResource(value: unknown): boolean {
  if (!isObject(value) || !Object.hasOwn(value, 'type')) return false
  for (const key in value) if (!isRelatedMember(key, value[key])) return false
  return true
}

function isModuleCall(value: unknown): boolean {
  if (!isObject(value)) return false
  const { address, file, line, ...rest } = value
  return isText(address) && isRelative(file) && isLineNumber(line) && Object.keys(rest).length === 0
}

function isTool(value: unknown): boolean {
  if (!isObject(value)) return false
  const { name, version, ...rest } = value
  return isText(name) && isText(version) && Object.keys(rest).length === 0
}

/** Whether a value may stand in a member of a resource record; `undefined` where there is no such member. */
function isRightMember(key: string, value: unknown): boolean | undefined {
  switch (key) {
    case 'scope':
    case 'type':
    case 'id':
    case 'arn':
    case 'account':
    case 'region':
    case 'address':
      return typeof value === 'string' && value !== ''
    case 'record':
      return value === 'resource'
    case 'name':
      return typeof value === 'string'
    case 'configuration':
    case 'supplementary':
      return isObject(value)
    case 'encoding':
      return value === 'config' || value === 'api' || value === 'cloudformation' || value === 'terraform'
    case 'tags':
      return isTags(value)
    case 'deleted':
      return typeof value === 'boolean'
    case 'seenAt':
    case 'createdAt':
      return isMoment(value)
    case 'location':
      return isLocation(value)
    case 'unknown':
      return isTexts(value)
    case 'positions':
      return isPositions(value)
    case 'related':
      return Array.isArray(value) && value.every(isRelatedResource)
    case 'constructPath':
      return isText(value)
    case 'moduleCalls':
      return Array.isArray(value) && value.every(isModuleCall)
    default:
      return undefined
  }
}

/** What is wrong with a resource record; `undefined` where it is right. One pass over its members. */
function checkResource(record: JsonObject): string | undefined {
  for (const key in record) {
    const isRight = isRightMember(key, record[key])
    if (isRight === undefined) return `holds a resource record with the unknown member ${quote(key)}`
    if (!isRight) return `holds a resource record whose ${key} is wrong`
  }
  return lacking(record, 'resource', ['scope', 'type', 'id', 'encoding', 'configuration'])
}

function lacking(record: JsonObject, kind: string, members: readonly string[]): string | undefined {
  const missing = members.find(member => !Object.hasOwn(record, member))
  return missing && `holds a ${kind} record without ${missing}`
}

type Checks = { [member: string]: (value: unknown) => boolean }

const scopeChecks: Checks = {
  record: isText,
  id: isText,
  source: value => typeof value === 'string' && Object.hasOwn(sourceKinds, value),
  account: isText,
  region: isText,
  takenAt: isMoment,
  factGroups: isTexts,
  types: isTexts,
  closed: value => typeof value === 'boolean',
  tool: isTool,
  file: isRelative,
}

const gapChecks: Checks = {
  record: isText,
  scope: isText,
  account: isText,
  region: isText,
  factGroups: isTexts,
  types: isTexts,
  api: isText,
  file: isRelative,
  line: isLineNumber,
  reason: value => typeof value === 'string' && Object.hasOwn(gapReasons, value),
  remedy: isText,
}

function check(record: JsonObject, kind: string, checks: Checks, required: readonly string[]): string | undefined {
  for (const key of Object.keys(record)) {
    const isRight = Object.hasOwn(checks, key) ? checks[key]! : undefined
    if (!isRight) return `holds a ${kind} record with the unknown member ${quote(key)}`
    if (!isRight(record[key])) return `holds a ${kind} record whose ${key} is wrong`
  }
  return lacking(record, kind, required)
}

/** What is wrong with a record (the rest of a sentence); `undefined` where it is right. */
export function checkRecord(value: unknown): string | undefined {
  if (!isObject(value)) return 'holds a line that is no record (a JSON object)'
  switch (own(value, 'record')) {
    case 'resource':
      return checkResource(value)
    case 'scope':
      return check(value, 'scope', scopeChecks, ['id', 'source'])
    case 'gap':
      return check(value, 'gap', gapChecks, ['scope', 'factGroups', 'types', 'reason', 'remedy'])
    default:
      return `holds a record of an unknown kind: ${quote(own(value, 'record'))}`
  }
}

/** How the collector writes a resource's line: enough to tell, of a line too long to read, what it would have fed. */
const resourceStart = /^\{"record":"resource","scope":"([^"\\]+)","type":"([^"\\]+)"/

/** What the snapshots of one run share. */
interface Run {
  /** Scopes by id, with where they were declared. */
  scopes: Map<string, { text: string; file: string; line: number }>
  /** Captures by account and Region. */
  captures: Map<string, { scope: ScopeRecord; file: string; line: number }[]>
  /** Second captures: their records are not passed on. */
  refused: Set<string>
  /** Scopes that records name, with where they were named first. */
  named: Map<string, { file: string; line: number }>
}

/** Registers a scope; `false` where it is to be left out: known already, or a second capture. */
function registerScope(scope: ScopeRecord, file: string, line: number, run: Run, reading: Reading): boolean {
  const stated = Object.entries(scope).filter(([, value]) => value !== undefined)
  const text = JSON.stringify(stated.sort(([a], [b]) => (a < b ? -1 : 1)))
  const known = run.scopes.get(scope.id)
  if (known) {
    if (known.text !== text) reading.problem(file, `describes the scope ${quote(scope.id)} in two ways`, line)
    return false
  }
  run.scopes.set(scope.id, { text, file, line })
  if (scope.account === undefined || scope.region === undefined) return true
  const place = `${scope.account} ${scope.region}`
  const captures = run.captures.get(place) ?? []
  for (const other of captures) {
    const shared = scope.factGroups?.find(group => other.scope.factGroups?.includes(group))
    if (shared === undefined) continue
    const message = `holds a second capture of account ${quote(scope.account)} in ${quote(scope.region)} (${quote(shared)}, …; the first: ${other.file}:${other.line}): give one of them`
    reading.problem(file, message, line)
    run.refused.add(scope.id)
    return false
  }
  run.captures.set(place, [...captures, { scope, file, line }])
  return true
}

/** Reads one snapshot file. Its batches hold what one chunk of the file holds. */
async function* readFile(file: InputFile, reading: Reading, run: Run): AsyncGenerator<SnapshotRecord[]> {
  let batch: SnapshotRecord[] = []
  let lastScope: string | undefined
  let damagedLine: number | undefined
  const inFile = new Set<string>()
  const oversizedLines: number[] = []
  const remedy = oversizedRemedy(reading.maxRecordBytes)

  function bad(message: string, line: number | undefined): void {
    reading.problem(file.name, message, line)
    damagedLine ??= line ?? 1
  }

  function nameScope(scope: string, line: number): void {
    lastScope = scope
    inFile.add(scope)
    if (!run.named.has(scope)) run.named.set(scope, { file: file.name, line })
  }

  function take(record: SnapshotRecord, line: number): void {
    if (record.record === 'scope') {
      inFile.add(record.id)
      if (registerScope(record, file.name, line, run, reading)) batch.push(record)
      return
    }
    if (record.scope !== lastScope) nameScope(record.scope, line)
    if (run.refused.size > 0 && run.refused.has(record.scope)) return
    if (record.record === 'resource') locate(record, file.name, line)
    batch.push(record)
  }

  // A line is learnt where its record was found right; below the members that are asked for, types are all that counts.
  const templates = new LineTemplates({
    extra: { location: undefined, like: undefined },
    accepts: (key, value) => isRightMember(key, value) === true,
  })
  const lines = splitLines(
    {
      read(chunk, view, start, limit, line) {
        const value = templates.read(chunk, view, start, limit) as SnapshotRecord | undefined
        if (!value || templates.end - start > reading.maxRecordBytes) return -1
        if (value.record === 'resource') value.like = templates.like
        take(value, line)
        return templates.end
      },
      line(text, line) {
        const parsed = parseJson(text)
        if (!('value' in parsed)) {
          if (text.trim() !== '') bad(`holds a line that ${parsed.fault}`, line)
          return
        }
        const wrong = checkRecord(parsed.value)
        if (wrong !== undefined) return bad(wrong, line)
        const record = parsed.value as SnapshotRecord
        if (record.record === 'resource') templates.learn(text)
        take(record, line)
      },
      notUtf8: line => bad('holds a line that is not valid UTF-8', line),
      tooLong(line, start) {
        const resource = resourceStart.exec(start)
        if (!resource) {
          oversizedLines.push(line)
          return
        }
        const [, scope, type] = resource
        nameScope(scope!, line)
        const gap: GapRecord = { ...lostPart(scope!, 'oversized', file.name, line, remedy), types: [type!] }
        batch.push(gap)
      },
    },
    reading.maxRecordBytes,
  )

  let isCutShort = false
  const chunks = chunksOf(file, reading, () => {
    isCutShort = true
    damagedLine ??= 1
  })
  for await (const chunk of chunks) {
    lines.push(chunk)
    if (batch.length === 0) continue
    yield batch
    batch = []
  }
  // The line that was being read when the file broke off is told with the file.
  if (!isCutShort) lines.end()

  // What a lost line would have fed is not known: every scope of the file is incomplete.
  for (const scope of inFile) {
    for (const line of oversizedLines) batch.push(lostPart(scope, 'oversized', file.name, line, remedy))
    if (damagedLine !== undefined) batch.push(lostPart(scope, 'truncated', file.name, damagedLine, damagedRemedy))
  }
  if (oversizedLines.length > 0 && inFile.size === 0) {
    reading.problem(file.name, 'holds a record that is too long to read, and no scope', oversizedLines[0])
  }
  if (batch.length > 0) yield batch
}

/** A record that was read from a template before keeps pointing there. */
function locate(record: ResourceRecord, file: string, line: number): void {
  if (!record.location) record.location = { file, line }
}

function detect(sample: Sample): boolean {
  return sample.members.has(sample.shape === 'array' ? '[].record' : '.record')
}

async function* read(files: readonly InputFile[], reading: Reading): AsyncGenerator<SnapshotRecord[]> {
  const run: Run = { scopes: new Map(), captures: new Map(), refused: new Set(), named: new Map() }
  for (const file of files) {
    if (file.sample.shape === 'array') {
      reading.problem(file.name, 'is a list of records: a snapshot holds one record a line (jq -c ".[]" makes it so)')
    } else yield* readFile(file, reading, run)
  }
  for (const [scope, { file, line }] of run.named) {
    if (!run.scopes.has(scope))
      reading.problem(file, `names the scope ${quote(scope)}, which no scope record describes`, line)
  }
}

/** rel09's own snapshots. */
export const source: Source = {
  name: 'rel09 snapshots',
  markers: [/"record"\s*:\s*"(?:scope|resource|gap)"/],
  detect,
  read,
}
