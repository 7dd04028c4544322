// Keeps schemas/rule.schema.json in step with schemas/facts: the generated part is what an editor completes under when and
// expect, each fact path with its meaning. The rest of the file is written by hand and left alone.
//   node scripts/generate-rule-schema.mjs
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { factSchemas, root } from './rule-loader.mjs'

const file = join(root, 'schemas/rule.schema.json')

const ref = name => ({ $ref: `#/$defs/${name}` })

/** Facts of an object as [path, schema], with those of the objects that it groups. */
function factsOf(schema, prefix = '') {
  return Object.entries(schema.properties ?? {}).flatMap(([name, fact]) =>
    fact.properties ? factsOf(fact, `${prefix}${name}.`) : [[prefix + name, fact]],
  )
}

const leafOf = fact => ({
  description: fact.description ?? '',
  ...ref('leaf'),
  ...(fact.enum ? { properties: { const: { anyOf: [{ enum: fact.enum }, ref('operand')] } } } : {}),
})

/** The condition on a subject, or on the elements of one of its lists, and the conditions within it. */
function conditions(name, schema) {
  const facts = factsOf(schema)
  const lists = facts.filter(([, fact]) => fact.items?.properties)
  const maps = facts.filter(([, fact]) => typeof fact.additionalProperties === 'object').map(([path]) => path)
  const own = {
    type: 'object',
    minProperties: 1,
    additionalProperties: false,
    properties: {
      allOf: { description: 'Conditions that must all hold.', type: 'array', minItems: 1, items: ref(name) },
      anyOf: {
        description: 'Conditions of which at least one must hold.',
        type: 'array',
        minItems: 1,
        items: ref(name),
      },
      not: { description: 'A condition that must not hold.', ...ref(name) },
      ...(lists.length > 0 ? operators(name, lists) : {}),
      ...Object.fromEntries(facts.map(([path, fact]) => [path, leafOf(fact)])),
    },
    patternProperties: Object.fromEntries(
      ['parameters', ...maps].map(path => [`^${path.replaceAll('.', '\\.')}\\..+$`, ref('leaf')]),
    ),
  }
  const inner = lists.map(([path, fact]) => conditions(`${name}.${path}`, fact.items))
  return Object.assign({ [name]: own }, ...inner)
}

function operators(name, lists) {
  const properties = Object.fromEntries(
    lists.map(([path, fact]) => [path, { description: fact.description ?? '', ...ref(`${name}.${path}`) }]),
  )
  const empty = { description: 'What the operator is on a list that is known to be empty.', type: 'boolean' }
  const on = (description, more) => ({
    description,
    type: 'object',
    additionalProperties: false,
    properties: { ...properties, ...more },
  })
  return {
    some: {
      ...on('One element of the list satisfies the whole condition. False on an empty list.', {}),
      minProperties: 1,
    },
    every: {
      ...on('Every element of the list satisfies the condition.', { $empty: empty }),
      required: ['$empty'],
      minProperties: 2,
    },
    none: {
      ...on('No element of the list satisfies the condition.', { $empty: empty }),
      required: ['$empty'],
      minProperties: 2,
    },
  }
}

/** The schema with its generated part made anew. */
export function ruleSchema(schema, facts) {
  const subjects = Object.keys(facts).sort()
  const written = Object.fromEntries(
    Object.entries(schema.$defs).filter(([name]) => !subjects.includes(name.split('.')[0])),
  )
  const generated = Object.assign({}, ...subjects.map(subject => conditions(subject, facts[subject])))
  return {
    ...schema,
    allOf: subjects.map(subject => ({
      if: { properties: { subject: { const: subject } }, required: ['subject'] },
      // biome-ignore lint/suspicious/noThenProperty: the keyword of JSON Schema
      then: { properties: { when: ref(subject), expect: ref(subject) } },
    })),
    $defs: { ...written, ...generated },
  }
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  writeFileSync(file, `${JSON.stringify(ruleSchema(JSON.parse(readFileSync(file, 'utf8')), factSchemas()), null, 2)}\n`)
}
