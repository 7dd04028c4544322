import type { Exemption, Policy } from '../model/policy.ts'
import type { Report } from '../model/report.ts'
import type { Verdict } from '../model/rule.ts'

/** The exemptions of a policy, as the policy matches them. */
export interface Exemptions {
  /**
   * The exemption in force that accepts a verdict of a rule on a resource (its ARN; in a template also its address; its
   * id where it has neither), or `undefined`. Finding one makes it used.
   */
  find(ruleId: string, resource: string, verdict: Verdict): Exemption | undefined
  /** Exemptions that were found at least once. */
  readonly used: ReadonlySet<Exemption>
}

/** Exempts nothing. */
export const noExemptions: Exemptions = { find: () => undefined, used: new Set() }

/**
 * The exemptions that nothing needed, and those that have expired, in the order of the policy. An exemption holds through
 * its last day, UTC; without a present time none counts as expired.
 */
export function unusedExemptions(
  { exemptions }: Policy,
  used: ReadonlySet<Exemption>,
  now: string | undefined,
): Report['unusedExemptions'] {
  const today = now?.slice(0, 'YYYY-MM-DD'.length)
  return exemptions
    .filter(exemption => !used.has(exemption))
    .map(({ resource, rule, reason, expires }) => ({
      resource,
      ...(rule === undefined ? {} : { rule }),
      reason,
      expires,
      why: today !== undefined && expires < today ? 'expired' : 'unused',
    }))
}
