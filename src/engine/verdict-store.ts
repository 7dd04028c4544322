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

/** The judgements of one rule, in the order of the subjects, in five bytes each. */
export interface VerdictStore {
  readonly size: number
  add(judgement: Judgement): void
  at(position: number): Judgement
}

const kept: readonly Judgement['verdict'][] = ['compliant', 'non-compliant', 'undetermined']
const states: readonly FindingState[] = ['open', 'exempted', 'baselined', 'belowThreshold']

/** An empty store. `not-applicable` is not kept: it is every subject of the rule's kinds that is not in it. */
export function makeVerdictStore(): VerdictStore {
  let subjects = new Uint32Array(16)
  let codes = new Uint8Array(16)
  let size = 0
  const grow = (): void => {
    const more = new Uint32Array(size * 2)
    more.set(subjects)
    subjects = more
    const moreCodes = new Uint8Array(size * 2)
    moreCodes.set(codes)
    codes = moreCodes
  }
  return {
    get size() {
      return size
    },
    add({ subject, verdict, state, severity }) {
      if (size === subjects.length) grow()
      subjects[size] = subject
      codes[size] = kept.indexOf(verdict) | (states.indexOf(state) << 2) | (severities.indexOf(severity) << 4)
      size += 1
    },
    at(position) {
      const code = codes[position] as number
      return {
        subject: subjects[position] as number,
        verdict: kept[code & 3] as Judgement['verdict'],
        state: states[(code >> 2) & 3] as FindingState,
        severity: severities[code >> 4] as Severity,
      }
    },
  }
}
