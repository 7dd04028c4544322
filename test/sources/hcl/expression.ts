/** Evaluates one expression of Terraform's language, with a few names that tests may use. */
import * as re2 from 're2js'
import * as yaml from 'yaml'
import { type Environment, evaluate } from '../../../src/sources/hcl/evaluate.ts'
import { parseHcl } from '../../../src/sources/hcl/parser.ts'
import { budget, Handle, Instances, toJson, Unknown, unknownPart, type Value } from '../../../src/sources/hcl/value.ts'
import { referenceTo } from '../../../src/sources/terraform/resource.ts'

/** What is not known in a result. */
export const notKnown = 'not known'
/** What Terraform would refuse. */
export const refused = 'refused'

const table = (address: string) =>
  new Handle({
    address,
    attribute: name => (name === 'arn' ? referenceTo(address, 'arn') : new Unknown(`${address}.${name}`)),
  })

const roots: { [name: string]: Value } = {
  mystery: new Unknown('nobody says'),
  shops: new Map<string, Value>([
    ['north', 7],
    ['south', 35],
  ]),
  list: ['a', 'b', 'c'],
  half: ['a', new Unknown('nobody says')],
  tables: [table('t[0]'), table('t[1]')],
  perhaps: new Instances(table('p')),
  nothing: null,
}

/** An environment with the names above. */
export function environment(steps = 1_000_000): Environment {
  return {
    evaluation: { budget: budget(steps), depth: 0, uncertain: 0, libraries: { re2, yaml } },
    root: name => (Object.hasOwn(roots, name) ? roots[name] : undefined),
    file: path => (path === 'greeting.txt' ? 'hello ${name}' : new Unknown('no such file')),
  }
}

/** The value of an expression as plain JavaScript; {@link notKnown} or {@link refused} where it has none. */
export function outcome(expression: string, at = environment()): unknown {
  const parsed = parseHcl(`x = ${expression}\n`, 'test.tf')
  if ('problem' in parsed) throw new Error(`${parsed.problem.line}: ${parsed.problem.message}`)
  const value = evaluate(parsed.value.body.attributes[0]!.value, at)
  const unknown = unknownPart(value, at.evaluation.budget)
  if (unknown) return unknown.fails ? refused : notKnown
  return toJson(value, at.evaluation.budget)
}
