import { isDayOver } from '../model/calendar-day.ts'
import type { Exemption, Policy } from '../model/policy.ts'
import type { DeclaredExemption, InlineExemption } from '../model/record.ts'
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

/** Exemptions that stand beside the resources of templates. Only those that are given count. */
export class InlineExemptions {
  private readonly used = new Set<string>()
  private readonly given: ReadonlyMap<string, DeclaredExemption>

  constructor(
    declared: readonly DeclaredExemption[],
    private readonly now: string | undefined,
  ) {
    this.given = new Map(declared.map(one => [keyOf(one.exemption), one]))
  }

  /** The exemption in force beside a subject that accepts a rule's findings on it. Finding one makes it used. */
  find(rule: Rule, { declared, address, id }: Subject): Exemption | undefined {
    if (!declared?.exemptions) return undefined
    const ids = [rule.id, ...(rule.aliases ?? [])]
    const found = declared.exemptions.find(
      one => ids.includes(one.rule) && this.given.has(keyOf(one)) && !isDayOver(one.expires, this.now),
    )
    if (!found) return undefined
    this.used.add(keyOf(found))
    const { expires, owner, reason } = found
    return { rule: rule.id, resource: address ?? id, expires, owner, reason }
  }

  /** Those that nothing needed, and those that have expired, in the order given. */
  unused(): Report['unusedExemptions'] {
    return [...this.given]
      .filter(([key]) => !this.used.has(key))
      .map(
        ([
          ,
          {
            exemption: { rule, reason, expires, file, line },
            resource,
          },
        ]) => ({
          resource,
          rule,
          reason,
          expires,
          why: isDayOver(expires, this.now) ? ('expired' as const) : ('unused' as const),
          location: { file, line },
        }),
      )
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
