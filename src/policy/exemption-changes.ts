/** What a change exempts beyond what was exempted before, in the policy and beside resources: what its reviewer must see. */
import { arnGlob } from '../inventory/arn.ts'
import type { Exemption, ExemptionChange, Policy } from '../model/policy.ts'
import type { DeclaredExemption } from '../model/record.ts'

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

/** A resource without the keys of its instances: an exemption beside it is for all of them. */
const block = (address: string): string => address.replace(/\[[^\]]*\]/g, '')

/**
 * The exemptions beside resources that are new, or end later than before. They are told apart by file, rule and resource: one
 * that moves to another file is new, unless `formerName` says that the file was called otherwise before.
 */
export function declaredExemptionChanges(
  before: readonly DeclaredExemption[],
  after: readonly DeclaredExemption[],
  formerName: (file: string) => string | undefined,
): ExemptionChange[] {
  const key = (file: string, { exemption, resource }: DeclaredExemption) =>
    JSON.stringify([file, exemption.rule, block(resource)])
  const known = new Map<string, string>()
  for (const one of before) {
    const { file, expires } = one.exemption
    const other = known.get(key(file, one))
    if (other === undefined || other < expires) known.set(key(file, one), expires)
  }
  return after.flatMap((one): ExemptionChange[] => {
    const { file, line, ...said } = one.exemption
    const former = formerName(file)
    const expiries = [file, ...(former === undefined ? [] : [former])].map(name => known.get(key(name, one)))
    const last = expiries
      .filter(expires => expires !== undefined)
      .sort()
      .at(-1)
    if (last !== undefined && last >= said.expires) return []
    const change = last === undefined ? 'added' : 'extended'
    return [{ change, exemption: { ...said, resource: one.resource }, location: { file, line } }]
  })
}
