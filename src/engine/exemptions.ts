import { isDayOver } from '../model/calendar-day.ts'
import type { Exemption, Policy } from '../model/policy.ts'
import type { InlineExemption } from '../model/record.ts'
import type { Report } from '../model/report.ts'
import type { Rule, Verdict } from '../model/rule.ts'
import type { Subject } from '../model/subject.ts'

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

/** Exemptions that stand beside the resources of a template, gathered while its subjects are judged. */
export class InlineExemptions {
  private readonly met = new Map<string, { exemption: InlineExemption; resource: string; isUsed: boolean }>()

  constructor(private readonly now: string | undefined) {}

  /** Notes what stands beside a subject, needed or not. */
  meet(subject: Subject): void {
    for (const exemption of subject.declared?.exemptions ?? []) {
      const key = keyOf(exemption)
      if (!this.met.has(key)) this.met.set(key, { exemption, resource: subject.address ?? subject.id, isUsed: false })
    }
  }

  /** The exemption in force beside a subject that accepts a rule's findings on it. */
  find(rule: Rule, { declared, address, id }: Subject): Exemption | undefined {
    const ids = [rule.id, ...(rule.aliases ?? [])]
    const found = declared?.exemptions?.find(
      ({ rule: named, expires }) => ids.includes(named) && !isDayOver(expires, this.now),
    )
    if (!found) return undefined
    const noted = this.met.get(keyOf(found))
    if (noted) noted.isUsed = true
    const { expires, owner, reason } = found
    return { rule: rule.id, resource: address ?? id, expires, owner, reason }
  }

  /** Those that nothing needed, and those that have expired or name no rule of the run, by file and line. */
  unused(): Report['unusedExemptions'] {
    return [...this.met.values()]
      .filter(({ isUsed }) => !isUsed)
      .map(({ exemption: { rule, reason, expires }, resource }) => ({
        resource,
        rule,
        reason,
        expires,
        why: isDayOver(expires, this.now) ? ('expired' as const) : ('unused' as const),
      }))
  }
}

const keyOf = ({ file, line, rule }: InlineExemption) => `${file}\n${line}\n${rule}`

/** Exempts nothing. */
export const noExemptions: Exemptions = { find: () => undefined, used: new Set() }

/** The exemptions that nothing needed, and those that have expired, in the order of the policy. */
export function unusedExemptions(
  { exemptions }: Policy,
  used: ReadonlySet<Exemption>,
  now: string | undefined,
): Report['unusedExemptions'] {
  return exemptions
    .filter(exemption => !used.has(exemption))
    .map(({ resource, rule, reason, expires }) => ({
      resource,
      ...(rule === undefined ? {} : { rule }),
      reason,
      expires,
      why: isDayOver(expires, now) ? 'expired' : 'unused',
    }))
}
