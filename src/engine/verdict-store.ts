import type { FindingState } from '../model/report.ts'
import { type Severity, severities, type Verdict } from '../model/rule.ts'

/** What is kept of a judgement: a finding is made from it, and from the subject, when somebody wants to read it. */
export interface Judgement {
  /** Place of the subject in the inventory. */
  subject: number
  verdict: Exclude<Verdict, 'not-applicable'>
  state: FindingState
  severity: Severity
}

/** The judgements of one rule, in the order of the subjects, in three bytes each. */
export interface VerdictStore {
  readonly size: number
  /** Takes a judgement in parts: a run makes millions. */
  add(subject: number, verdict: Judgement['verdict'], state: FindingState, severity: Severity): void
  at(position: number): Judgement
  /** The verdict of a judgement alone: asked of all, to find the few that a report tells. */
  verdictAt(position: number): Judgement['verdict']
}

const kept: readonly Judgement['verdict'][] = ['compliant', 'non-compliant', 'undetermined']
const states: readonly FindingState[] = ['open', 'exempted', 'baselined', 'belowThreshold']

/** Judgements that are kept together. */
interface Chunk {
  /** Subject of its first judgement. */
  first: number
  /** How far each subject is from that one; wider where a rule judges few subjects among many. */
  offsets: Uint16Array | Uint32Array
  codes: Uint8Array
}

const chunkSize = 4_096
const firstSize = 16

/** An empty store. `not-applicable` is not kept: it is every subject of the rule's kinds that is not in it. */
export function makeVerdictStore(): VerdictStore {
  const chunks: Chunk[] = []
  let size = 0
  const chunkFor = (subject: number): Chunk => {
    const place = size % chunkSize
    if (place === 0)
      chunks.push({ first: subject, offsets: new Uint16Array(firstSize), codes: new Uint8Array(firstSize) })
    const chunk = chunks.at(-1) as Chunk
    if (place === chunk.codes.length) lengthen(chunk)
    if (subject - chunk.first > 0xffff && chunk.offsets instanceof Uint16Array)
      chunk.offsets = Uint32Array.from(chunk.offsets)
    return chunk
  }
  return {
    get size() {
      return size
    },
    add(subject, verdict, state, severity) {
      const { first, offsets, codes } = chunkFor(subject)
      const place = size % chunkSize
      offsets[place] = subject - first
      codes[place] = kept.indexOf(verdict) | (states.indexOf(state) << 2) | (severities.indexOf(severity) << 4)
      size += 1
    },
    verdictAt(position) {
      const { codes } = chunks[Math.floor(position / chunkSize)] as Chunk
      return kept[(codes[position % chunkSize] as number) & 3] as Judgement['verdict']
    },
    at(position) {
      const { first, offsets, codes } = chunks[Math.floor(position / chunkSize)] as Chunk
      const place = position % chunkSize
      const code = codes[place] as number
      return {
        subject: first + (offsets[place] as number),
        verdict: kept[code & 3] as Judgement['verdict'],
        state: states[(code >> 2) & 3] as FindingState,
        severity: severities[code >> 4] as Severity,
      }
    },
  }
}

/** Most rules judge few subjects, so that a chunk starts small. */
function lengthen(chunk: Chunk): void {
  const length = Math.min(chunkSize, chunk.codes.length * 4)
  const offsets = chunk.offsets instanceof Uint16Array ? new Uint16Array(length) : new Uint32Array(length)
  offsets.set(chunk.offsets)
  chunk.offsets = offsets
  const codes = new Uint8Array(length)
  codes.set(chunk.codes)
  chunk.codes = codes
}
