/** Which rule and copy action of a plan an element of its `targets` or `copies` was made of, for the line to point at. */
import type { PlanState } from './join.ts'

/** The path of what a fact of a plan comes from: `targets[2].exists` from `rules[1].targetVaultName`; others from themselves. */
export function planOrigin({ rules }: PlanState, factPath: string): string {
  const [, list, index, rest] = /^(targets|copies)\[(\d+)\](.*)$/.exec(factPath) ?? []
  if (list === undefined) return factPath
  const origins = rules.flatMap(({ rule }, i) => {
    const copies = (rule.copyActions ?? []).map((_, j) => `rules[${i}].copyActions[${j}]`)
    return list === 'copies'
      ? copies
      : [`rules[${i}].targetVaultName`, ...copies, ...(rule.targetAirGappedVaultArn ? [`rules[${i}]`] : [])]
  })
  const origin = origins[Number(index)]
  return origin === undefined ? factPath : list === 'copies' ? `${origin}${rest}` : origin
}
