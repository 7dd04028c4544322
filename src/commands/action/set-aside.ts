/** Which findings of a run are not the change's. */
import { earlierFingerprints } from '../../engine/digest.ts'
import type { Finding, Report } from '../../model/report.ts'
import { severities } from '../../model/rule.ts'

const nonCompliant = new Set(['non-compliant'] as const)

/** Findings of the base, by fingerprint, with how severe they were (0 = critical). */
export type KnownFindings = ReadonlyMap<string, number>

/** What the base's report knows. What an exemption answered there is new where nothing answers it any more. */
export function knownFindings(base: Report): KnownFindings {
  const known = new Map<string, number>()
  for (const finding of base.findings(nonCompliant)) {
    if (finding.state === 'exempted') continue
    const rank = severities.indexOf(finding.severity)
    for (const print of earlierFingerprints(finding, undefined))
      known.set(print, Math.min(rank, known.get(print) ?? rank))
  }
  return known
}

/** How a finding is told apart from the change's own. */
export interface ChangeTests {
  known: KnownFindings
  /** What a file was called in the base, where it was called otherwise. */
  formerName(file: string): string | undefined
  /** Whether a finding lies on what was changed; absent where that is not asked. */
  isTouched?: (finding: Finding) => boolean
}

/** Fingerprints of findings that are not the change's, by why. */
export interface SetAside {
  known: ReadonlySet<string>
  untouched: ReadonlySet<string>
}

/** Goes through the findings that are open. One that has become more severe is the change's, although it was there. */
export function setAside(report: Report, { known, formerName, isTouched }: ChangeTests): SetAside {
  const aside = { known: new Set<string>(), untouched: new Set<string>() }
  for (const finding of report.findings(nonCompliant)) {
    if (finding.state !== 'open' && finding.state !== 'belowThreshold') continue
    const rank = severities.indexOf(finding.severity)
    const file = finding.location?.file
    const prints = earlierFingerprints(finding, file === undefined ? undefined : formerName(file))
    if (prints.some(print => (known.get(print) ?? Number.MAX_SAFE_INTEGER) <= rank))
      aside.known.add(finding.fingerprint)
    else if (isTouched && !isTouched(finding)) aside.untouched.add(finding.fingerprint)
  }
  return aside
}
