/** Terraform plans as JSON: `terraform show -json PLANFILE`, of Terraform and OpenTofu alike. */
import type { GapRecord, SnapshotRecord } from '../model/record.ts'
import { isObject, type JsonObject, parseJsonBytes, quote, type ScanStep, scanJson } from './json.ts'
import { chunksOf, damagedRemedy, type Loss, oversizedRemedy } from './scan-file.ts'
import { lostPart, scopeId, scopeRecord } from './scope.ts'
import type { InputFile, Reading, Sample, Source } from './source.ts'
import { isKnownType } from './terraform/definitions.ts'
import { type PlanEntry, planResources } from './terraform/plan.ts'
import { positionsIn } from './terraform/positions.ts'
import { rootRecords } from './terraform/root.ts'

/** What is read of a plan; everything else is passed over. */
interface Plan {
  version: unknown
  changes: PlanEntry[]
  planned: PlanEntry[]
  configuration: unknown
  variables: unknown
  /** Terraform could not plan all of it. */
  isPartial: boolean
  losses: Loss[]
}

const scalars = new Set(['.format_version', '.errored', '.complete'])
const plannedResource = /^\.planned_values\.root_module(?:\.child_modules\[\])*\.resources\[\]$/
const plannedModules =
  /^\.planned_values(?:\.root_module(?:(?:\.child_modules(?:\[\])?)*|(?:\.child_modules\[\])*\.resources))?$/

function stepAt(path: string): ScanStep {
  if (path === '' || path === '.resource_changes' || plannedModules.test(path)) return 'enter'
  const isTaken =
    path === '.resource_changes[]' ||
    path === '.configuration' ||
    path === '.variables' ||
    scalars.has(path) ||
    plannedResource.test(path)
  return isTaken ? 'take' : 'skip'
}

/** A resource's JSON as an entry, with the lines of its properties where the file has lines and a rule concerns the type. */
function entryOf(json: JsonObject, bytes: Buffer, line: number, file: string, below: string): PlanEntry {
  const isLocated = bytes.includes(10) && isKnownType(String(json.type))
  const found = isLocated ? positionsIn(bytes, line, below) : { address: line, endLine: line, positions: {} }
  const location = { file, line: found.address, ...(found.endLine > found.address ? { endLine: found.endLine } : {}) }
  return { json, location, positions: found.positions }
}

/** Reads a plan file. Tells problems; `undefined` only where nothing of it can be read. */
async function readPlan(file: InputFile, reading: Reading): Promise<Plan> {
  const plan: Plan = {
    version: undefined,
    changes: [],
    planned: [],
    configuration: undefined,
    variables: undefined,
    isPartial: false,
    losses: [],
  }
  function lose(reason: Loss['reason'], line: number | undefined, message: string): void {
    reading.problem(file.name, message, line)
    plan.losses.push({ reason, ...(line === undefined ? {} : { line }) })
  }
  function take(path: string, value: unknown, bytes: Buffer, line: number): void {
    switch (path) {
      case '.format_version':
        plan.version = value
        return
      case '.errored':
        plan.isPartial ||= value === true
        return
      case '.complete':
        plan.isPartial ||= value === false
        return
      case '.configuration':
        plan.configuration = value
        return
      case '.variables':
        plan.variables = value
        return
    }
    if (!isObject(value)) lose('truncated', line, 'holds a resource that is no object')
    else if (path === '.resource_changes[]') plan.changes.push(entryOf(value, bytes, line, file.name, '.change.after'))
    else plan.planned.push(entryOf(value, bytes, line, file.name, '.values'))
  }
  const scan = scanJson(
    {
      begin: stepAt,
      value(path, bytes, line) {
        const parsed = parseJsonBytes(bytes)
        if ('value' in parsed) take(path, parsed.value, bytes, line)
        else lose('truncated', line, `holds a value that ${parsed.fault}`)
      },
      tooLarge: (path, line) =>
        lose(
          'oversized',
          line,
          `holds more under ${quote(path)} than is read at once (${reading.maxRecordBytes} bytes)`,
        ),
    },
    { maxValueBytes: reading.maxRecordBytes },
  )
  let isCutShort = false
  const chunks = chunksOf(file, reading, () => {
    isCutShort = true
    plan.losses.push({ reason: 'truncated' })
  })
  for await (const chunk of chunks) if (!scan.push(chunk)) break
  const fault = isCutShort ? undefined : scan.end()
  if (fault) lose('truncated', fault.line, fault.message)
  return plan
}

/** Versions 0.1 and 0.2 (Terraform 0.12 to 1.0) are written as version 1 is. */
const readable = /^[01]\.\d+$/

function* recordsOf(plan: Plan, file: InputFile, reading: Reading): Generator<SnapshotRecord> {
  const { version, losses } = plan
  if (version !== undefined && !(typeof version === 'string' && readable.test(version))) {
    reading.problem(file.name, `is a plan of format version ${quote(version)}: version 1 is read`)
    return
  }
  const id = scopeId({ source: 'terraform-plan', file: file.name })
  const { resources, unreadable, home } = planResources(plan, id, reading.template ?? {})
  for (const entry of unreadable) {
    reading.problem(file.name, 'holds a resource without address, type, name or values', entry.location.line)
    losses.push({ reason: 'truncated', line: entry.location.line })
  }
  yield* rootRecords({
    scope: { ...scopeRecord({ source: 'terraform-plan', file: file.name }), ...placeOf(home) },
    resources,
    isWhole: losses.length === 0 && !plan.isPartial,
    file: file.name,
    reading,
  })
  yield* gapsOf(id, plan, file, reading)
}

function placeOf({ account, region }: { account?: string | undefined; region?: string | undefined }) {
  return { ...(account === undefined ? {} : { account }), ...(region === undefined ? {} : { region }) }
}

function* gapsOf(id: string, { losses, isPartial }: Plan, file: InputFile, reading: Reading): Generator<GapRecord> {
  for (const loss of losses) {
    const remedy = loss.reason === 'oversized' ? oversizedRemedy(reading.maxRecordBytes) : damagedRemedy
    yield lostPart(id, loss.reason, file.name, loss.line, remedy)
  }
  const remedy =
    'Make the plan anew: Terraform says itself that this one is not complete (errored, or deferred changes).'
  if (isPartial) yield lostPart(id, 'truncated', file.name, undefined, remedy)
}

function detect({ shape, members }: Sample): boolean {
  if (shape !== 'object' || members.has('.record')) return false
  return members.has('.planned_values') || (members.has('.resource_changes') && members.has('.format_version'))
}

async function* read(files: readonly InputFile[], reading: Reading): AsyncGenerator<SnapshotRecord[]> {
  for (const file of files) yield [...recordsOf(await readPlan(file, reading), file, reading)]
}

/** Terraform plans. */
export const source: Source = {
  name: 'Terraform plans (terraform show -json)',
  markers: [/"planned_values"/],
  detect,
  read,
}
