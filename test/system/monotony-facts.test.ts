// Protects the logic between facts and verdicts: a rule that is told less may only answer «undetermined». No single fact, of any
// subject of the estates, may by its absence turn a verdict into another.
import { beforeAll, describe, expect, it } from 'vitest'
import type { ActiveRule } from '../../src/engine/active-rule.ts'
import { ruleFinder } from '../../src/engine/active-rule.ts'
import { type Facts, isBound } from '../../src/model/facts.ts'
import type { Inventory } from '../../src/model/inventory.ts'
import { type Estate, estateNames, joinRecords, readEstate, rulesOf, subjectKey } from './estate.ts'

type Tree = { [key: string]: unknown }

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null

/** Every tree that lacks one member of the given one, with the path of what it lacks. Elements of lists stay; bounds are whole. */
function* lackingOne(tree: Tree, path = ''): Generator<{ path: string; tree: Tree }> {
  for (const [name, value] of Object.entries(tree)) {
    const at = path === '' ? name : `${path}.${name}`
    const isElement = Array.isArray(tree) || name === '$partial'
    if (!isElement) {
      const { [name]: _, ...rest } = tree
      yield { path: at, tree: rest }
    }
    if (!isTree(value) || isBound(value)) continue
    for (const lacking of lackingOne(value, at)) {
      const changed = Array.isArray(tree)
        ? Object.assign([...tree], { [name]: lacking.tree })
        : { ...tree, [name]: lacking.tree }
      yield { path: lacking.path, tree: changed as Tree }
    }
  }
}

const judge = (rule: ActiveRule, facts: Facts) => rule.judge(facts, rule.parameters(facts))

describe.each(estateNames)('%s', name => {
  let estate: Estate
  let inventory: Inventory
  beforeAll(async () => {
    estate = await readEstate(name)
    inventory = joinRecords(estate.records, estate.standards)
  })

  it('answers only «undetermined» otherwise, whatever single fact is not known', () => {
    const find = ruleFinder(rulesOf(estate.standards))
    const wrong: string[] = []
    const seen = new Set<string>()
    let tried = 0
    for (let place = 0; place < inventory.size; place++) {
      const subject = inventory.subject(place)
      // Facts are made when they are read: all of them, as plain data.
      const facts = JSON.parse(JSON.stringify(subject.facts)) as Facts
      const rules = find(subject.kind, subject.type).map(rule => ({ rule, before: judge(rule, subject.facts) }))
      for (const { rule, before } of rules)
        expect(judge(rule, facts), `${rule.rule.id} ${subjectKey(subject)}`).toBe(before)
      for (const { path, tree } of lackingOne(facts)) {
        // What a rule does not read cannot change its answer.
        const readers = rules.filter(({ rule }) => mentions(rule, path))
        for (const { rule, before } of readers) {
          const after = judge(rule, tree as Facts)
          tried++
          if (after === before || after === 'undetermined') continue
          const key = `${rule.rule.id} without ${path}: ${before} became ${after}`
          if (!seen.has(key)) wrong.push(`${key} (${subjectKey(subject)})`)
          seen.add(key)
        }
      }
    }
    expect(wrong).toEqual([])
    expect(tried).toBeGreaterThan(1000)
  }, 240_000)
})

const texts = new WeakMap<ActiveRule, string>()

/** Whether a rule names the first part of a path anywhere, its parameters' objectives included. */
function mentions(rule: ActiveRule, path: string): boolean {
  let text = texts.get(rule)
  if (text === undefined) texts.set(rule, (text = JSON.stringify(rule.rule)))
  const [first] = path.split('.')
  return first === 'objectives' || text.includes(first!)
}
