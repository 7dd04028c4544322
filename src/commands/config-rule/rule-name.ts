/** Which rule of ours a rule of AWS Config stands for. */
import type { Rule } from '../../model/rule.ts'
import { suggestion } from '../../rules/problem.ts'
import { quote } from '../../sources/json.ts'
import { BadEvent } from './bad-event.ts'

/** What AWS puts before and behind the name that a rule was given: of organization rules, and of rules in a conformance pack. */
const organizationPrefix = /^OrgConfigRule-/
const suffix = /^-(?:conformance-pack-[a-z0-9]+|[a-z0-9]{8,12})$/
const ownPrefix = /^rel09-/

/** Finds the rule: the one that is named, else the one that the AWS Config rule is named after. Throws {@link BadEvent}. */
export function ruleFor(configRuleName: string, named: string | undefined, rules: readonly Rule[]): Rule {
  const byId = new Map(rules.flatMap(rule => [rule.id, ...(rule.aliases ?? [])].map(id => [id, rule] as const)))
  if (named !== undefined) {
    const rule = byId.get(named)
    if (rule) return rule
    throw new BadEvent('ruleParameters.rule', `there is no rule ${quote(named)}${suggestion(named, byId.keys())}`)
  }
  const name = configRuleName.replace(organizationPrefix, '').replace(ownPrefix, '')
  const ids = [...byId.keys()].sort((a, b) => b.length - a.length)
  const id =
    ids.find(one => name === one) ?? ids.find(one => name.startsWith(one) && suffix.test(name.slice(one.length)))
  if (id !== undefined) return byId.get(id)!
  throw new BadEvent(
    'configRuleName',
    `no rule is called ${quote(name)}${suggestion(name, byId.keys())}: name the AWS Config rule rel09-ID, or give the parameter rule`,
  )
}
