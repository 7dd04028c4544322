import type { Rule } from '../model/rule.ts'

/**
 * What a rule tells people. No verdict and no message needs it, and it is most of a rule, so the built-in rules have it
 * parsed only where somebody reads it.
 */
const textNames = ['description', 'remediation', 'controls', 'references', 'examples'] as const

type Texts = Pick<Rule, (typeof textNames)[number]>

const textsIn = (rule: object) => textNames.filter(name => Object.hasOwn(rule, name))

/** The texts of a rule alone. */
export const textsOf = (rule: Rule): object => Object.fromEntries(textsIn(rule).map(name => [name, rule[name]]))

/** A rule with `null` in the place of its texts: the order of its members is kept. */
export const withoutTexts = (rule: Rule): object => ({
  ...rule,
  ...Object.fromEntries(textsIn(rule).map(name => [name, null])),
})

/** Gives rules made by `withoutTexts` their texts back: `texts` tells what `textsOf` made, as JSON, one rule a line. */
export function withTexts(rules: object[], texts: () => string): Rule[] {
  let lines: string[] | undefined
  const places = new Map(rules.map((rule, at) => [rule, at]))
  const parsed: Texts[] = []
  const read = (rule: object): Texts => {
    const at = places.get(rule)!
    lines ??= texts().split('\n')
    parsed[at] ??= JSON.parse(lines[at]!) as Texts
    return parsed[at]
  }
  // One function a text, not one for each text of each rule: a start makes them all.
  const getters = Object.fromEntries(
    textNames.map(name => [
      name,
      {
        enumerable: true,
        configurable: true,
        get(this: object) {
          return read(this)[name]
        },
      },
    ]),
  )
  for (const rule of rules) for (const name of textsIn(rule)) Object.defineProperty(rule, name, getters[name]!)
  return rules as Rule[]
}
