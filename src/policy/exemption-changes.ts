/** What a changed policy exempts beyond the one before: what a reviewer of the change must see. */
import { arnGlob } from '../inventory/arn.ts'
import type { Exemption, ExemptionChange, Policy } from '../model/policy.ts'

/** True where both are about the same rule, or both say that the data can be reproduced. */
const isAlike = (a: Exemption, b: Exemption): boolean =>
  (a.kind ?? 'accepted') === (b.kind ?? 'accepted') && a.rule === b.rule

/**
 * True where every resource of the narrow pattern is one of the wide pattern. A star of the narrow one can only be met by a
 * star of the wide one, since no other part of a pattern holds a star.
 */
const covers = (wide: Exemption, narrow: Exemption): boolean => arnGlob(wide.resource)(narrow.resource)

function changeOf(exemption: Exemption, before: readonly Exemption[]): ExemptionChange['change'] | undefined {
  const alike = before.filter(other => isAlike(other, exemption))
  const covering = alike.filter(other => covers(other, exemption))
  if (covering.some(({ expires }) => expires >= exemption.expires)) return undefined
  if (covering.length > 0) return 'extended'
  return alike.some(other => covers(exemption, other)) ? 'widened' : 'added'
}

/** The exemptions that a policy adds, widens or extends, and the rules that it switches off, in the policy's order. */
export function exemptionChanges(before: Policy, after: Policy): ExemptionChange[] {
  const exemptions = after.exemptions.flatMap((exemption): ExemptionChange[] => {
    const change = changeOf(exemption, before.exemptions)
    return change === undefined || change === 'switchedOff' ? [] : [{ change, exemption }]
  })
  const switchedOff = Object.keys(after.rules)
    .filter(rule => after.rules[rule]?.enabled === false && before.rules[rule]?.enabled !== false)
    .map((rule): ExemptionChange => ({ change: 'switchedOff', rule }))
  return [...exemptions, ...switchedOff]
}
