/** Takes values out of Terraform's JSON documents one by one: a plan may be larger than a string may be. */
import type { GapRecord } from '../../model/record.ts'
import { isObject, type JsonObject, parseJsonBytes, quote, type ScanStep, scanJson } from '../json.ts'
import { chunksOf, damagedRemedy, type Loss, oversizedRemedy } from '../scan-file.ts'
import { lostPart } from '../scope.ts'
import type { InputFile, Reading } from '../source.ts'
import { isKnownType } from './definitions.ts'
import type { PlanEntry } from './plan.ts'
import { positionsIn } from './positions.ts'

/** A value that was taken: its path in the document, its bytes and the line that it begins at. */
export interface Taken {
  path: string
  value: unknown
  bytes: Buffer
  line: number
}

/** Reads a document. What cannot be read is told as a problem of the file, and returned. Never throws. */
export async function readDocument(
  file: InputFile,
  reading: Reading,
  stepAt: (path: string) => ScanStep,
  take: (taken: Taken) => void,
): Promise<Loss[]> {
  const losses: Loss[] = []
  function lose(reason: Loss['reason'], line: number, message: string): void {
    reading.problem(file.name, message, line)
    losses.push({ reason, line })
  }
  const scan = scanJson(
    {
      begin: stepAt,
      value(path, bytes, line) {
        const parsed = parseJsonBytes(bytes)
        if ('value' in parsed) take({ path, value: parsed.value, bytes, line })
        else lose('truncated', line, `holds a value that ${parsed.fault}`)
      },
      tooLarge(path, line) {
        const limit = `${reading.maxRecordBytes} bytes`
        lose('oversized', line, `holds more under ${quote(path)} than is read at once (${limit})`)
      },
    },
    { maxValueBytes: reading.maxRecordBytes },
  )
  let isCutShort = false
  const chunks = chunksOf(file, reading, () => {
    isCutShort = true
    losses.push({ reason: 'truncated' })
  })
  for await (const chunk of chunks) if (!scan.push(chunk)) break
  const fault = isCutShort ? undefined : scan.end()
  if (fault) lose('truncated', fault.line, fault.message)
  return losses
}

/** A resource's JSON as an entry, with the lines of its properties where the file has lines and a rule concerns the type. */
function entryOf(json: JsonObject, { bytes, line }: Taken, file: string, below: string): PlanEntry {
  const isLocated = bytes.includes(10) && isKnownType(String(json.type))
  const found = isLocated ? positionsIn(bytes, line, below) : { address: line, endLine: line, positions: {} }
  const location = { file, line: found.address, ...(found.endLine > found.address ? { endLine: found.endLine } : {}) }
  return { json, location, positions: found.positions }
}

/** The resource that was taken, as an entry; anything else becomes a loss. */
export function takeResource(
  taken: Taken,
  file: InputFile,
  reading: Reading,
  losses: Loss[],
  below: string,
): PlanEntry | undefined {
  if (isObject(taken.value)) return entryOf(taken.value, taken, file.name, below)
  reading.problem(file.name, 'holds a resource that is no object', taken.line)
  losses.push({ reason: 'truncated', line: taken.line })
  return undefined
}

/** What was lost, as gaps of a scope. */
export function* lossGaps(
  scope: string,
  losses: readonly Loss[],
  file: InputFile,
  reading: Reading,
): Generator<GapRecord> {
  for (const loss of losses) {
    const remedy = loss.reason === 'oversized' ? oversizedRemedy(reading.maxRecordBytes) : damagedRemedy
    yield lostPart(scope, loss.reason, file.name, loss.line, remedy)
  }
}

/** Versions 0.1 and 0.2 (Terraform 0.12 to 1.0) are written as version 1 is. */
export function isReadableFormat(version: unknown): boolean {
  return version === undefined || (typeof version === 'string' && /^[01]\.\d+$/.test(version))
}
