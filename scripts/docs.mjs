// Writes what the rules and schemas say of themselves: docs/rules.md, docs/facts.md, and the tables of docs/policy.md; and
// deploy/reader-role.yaml, of what the collectors say that they call.
//   node scripts/docs.mjs
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { readerRoleTemplate } from './reader-role.mjs'
import { factSchemas, importModules, root, ruleFiles } from './rule-loader.mjs'

const modules = `
export { clauseLines, clausesOf } from './src/commands/condition-words.ts'
export { subjectKinds } from './src/model/subject.ts'
export { defaultPolicy } from './src/policy/defaults.ts'
export { bestPractices, questionUrl } from './src/reporters/best-practices.ts'
export { indexFacts } from './src/rules/fact-index.ts'
export { formatProblem, loadRules } from './src/rules/load.ts'
`

const generated = '<!-- Written by scripts/docs.mjs. Do not edit. -->'

/** Text of a table cell: one line, no bars. */
const cell = text => String(text).trim().replace(/\s+/g, ' ').replaceAll('|', '\\|')
const row = cells => `| ${cells.map(cell).join(' | ')} |`
const table = (heads, rows) => [row(heads), row(heads.map(() => '---')), ...rows.map(row)]
const code = text => `\`${text}\``
const codes = list => list.map(code).join(', ')
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0)
const counted = (count, word) => `${count} ${word}${count === 1 ? '' : 's'}`
/** The name that GitHub gives a heading's anchor. */
const anchor = heading =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-')

/** A value as a reader of Markdown sees it. */
const valueText = value => (value === null ? 'none' : code(typeof value === 'string' ? value : JSON.stringify(value)))

// The catalogue of rules.

const subjectsOf = rule => [rule.subject].flat()
const subjectText = rule =>
  subjectsOf(rule)
    .map(kind => `[${kind}](facts.md#${kind})`)
    .join(', ')
const clauseText = ({ clauseLines, clausesOf }, condition) =>
  clauseLines(clausesOf(condition), '', (text, indent) => [`${indent}- ${text.replace(/^• /, '')}`])

function parameterRows(rule) {
  return Object.entries(rule.parameters ?? {}).map(([name, parameter]) => {
    const takes = parameter.enum ? codes(parameter.enum.map(String)) : codes([parameter.type ?? 'any'].flat())
    const objective = parameter.objective
      ? ` Objective of the tier: ${code(parameter.objective)}, the stricter counts.`
      : ''
    return [code(name), takes, valueText(parameter.default), `${parameter.description}${objective}`]
  })
}

const controlNames = {
  config: 'AWS Config',
  securityHub: 'Security Hub CSPM',
  backupAuditManager: 'AWS Backup Audit Manager',
  nist80053: 'NIST SP 800-53',
}

function controlLines({ controls = {} }) {
  return Object.entries(controlNames)
    .filter(([kind]) => controls[kind]?.length > 0)
    .map(([kind, name]) => `- ${name}: ${controls[kind].join(', ')}`)
}

function ruleSection(words, { rule, file }) {
  const optional = rule.enabled === false ? ', optional: off unless the policy or `--rule` switches it on' : ''
  const parameters = parameterRows(rule)
  const controls = controlLines(rule)
  return [
    `### ${rule.id}`,
    '',
    `**${rule.title}**`,
    '',
    `${rule.severity}${optional} · judges ${subjectText(rule)} · [rule file](../${file})`,
    ...(rule.aliases?.length > 0 ? ['', `Former ids: ${codes(rule.aliases)}`] : []),
    ...(rule.description ? ['', cell(rule.description)] : []),
    ...(rule.when ? ['', 'Judged where:', '', ...clauseText(words, rule.when)] : []),
    '',
    'Expected:',
    '',
    ...clauseText(words, rule.expect),
    ...(parameters.length > 0 ? ['', ...table(['Parameter', 'Takes', 'Default', 'Meaning'], parameters)] : []),
    '',
    `To mend it: ${cell(rule.remediation.text)}`,
    ...(controls.length > 0 ? ['', 'The same asked elsewhere:', '', ...controls] : []),
    '',
    'Read more:',
    '',
    ...rule.references.map(url => `- <${url}>`),
    '',
  ]
}

function practiceSection(words, { id, title }, entries) {
  const own = entries.filter(({ rule }) => rule.bestPractice === id)
  const rows = own.map(({ rule }) => [
    `[${rule.id}](#${anchor(rule.id)})`,
    rule.title,
    rule.enabled === false ? `${rule.severity}, optional` : rule.severity,
    subjectsOf(rule).join(', '),
  ])
  return [
    `## ${id}`,
    '',
    `${title}. ${counted(own.length, 'rule')}.`,
    '',
    ...table(['Rule', 'What it asks', 'Severity', 'Subject'], rows),
    '',
    ...own.flatMap(entry => ruleSection(words, entry)),
  ]
}

function ruleCatalogue(words, entries) {
  return page([
    '# Rules',
    '',
    generated,
    '',
    `${counted(entries.length, 'rule')} for the four best practices of [AWS Well-Architected REL09](${words.questionUrl}). Each is one file in`,
    '[rules/](../rules), with examples that are its tests. What a rule may read is listed in [facts.md](facts.md); what a policy may change, in [policy.md](policy.md).',
    'The severity given here is the one before the tier of a store moves it. `rel09 explain RULE` shows the same, with commands and code that mend a finding.',
    '',
    'Conditions are read like this: all lines of a list must hold; *none* is a value that is known not to be there; a fact that is not known makes',
    'the verdict undetermined, unless the rest decides.',
    '',
    ...words.bestPractices.flatMap(practice => practiceSection(words, practice, entries)),
  ])
}

// The reference of facts.

/** Facts of an object as [path, schema], each group before its members. */
function factsOf(schema, prefix = '') {
  return Object.entries(schema.properties ?? {}).flatMap(([name, fact]) => [
    [prefix + name, fact],
    ...factsOf(fact, `${prefix}${name}.`),
    ...factsOf(fact.items ?? {}, `${prefix}${name}[].`),
  ])
}

function typeText(fact) {
  const types = [fact.type ?? []].flat()
  const orNone = types.includes('null') ? ' or none' : ''
  if (fact.properties) return 'group'
  if (fact.enum)
    return `${fact.enum
      .filter(value => value !== null)
      .map(value => code(value))
      .join(', ')}${orNone}`
  if (fact.items) return fact.items.properties ? 'list' : `list of ${[fact.items.type].flat().join(' or ')}`
  if (typeof fact.additionalProperties === 'object') return `map of ${fact.additionalProperties.type}`
  return `${types.filter(type => type !== 'null').join(' or ')}${orNone}`
}

const factRow = ([path, fact]) => [
  code(path),
  typeText(fact),
  fact.description ?? '',
  fact.properties ? '' : (fact.factGroup ?? ''),
  codes(fact.assumptions ?? []),
]
const factHeads = ['Fact', 'Value', 'Meaning', 'Fact group', 'Assumes']

/** The members that every schema has in the same words. */
function sharedMembers(schemas) {
  const [first, ...others] = Object.values(schemas)
  return Object.keys(first.properties).filter(name =>
    others.every(({ properties }) => JSON.stringify(properties[name]) === JSON.stringify(first.properties[name])),
  )
}

function factReference({ subjectKinds }, schemas) {
  const shared = sharedMembers(schemas)
  const common = {
    properties: Object.fromEntries(shared.map(name => [name, Object.values(schemas)[0].properties[name]])),
  }
  const objectives = schemas['data-store'].properties.objectives
  const hasSameObjectives = fact => JSON.stringify(fact.properties) === JSON.stringify(objectives.properties)
  const sections = subjectKinds.flatMap(kind => {
    const schema = schemas[kind]
    const own = {
      properties: Object.fromEntries(Object.entries(schema.properties).filter(([name]) => !shared.includes(name))),
    }
    const withObjectives = schema.properties.objectives && hasSameObjectives(schema.properties.objectives)
    const facts = factsOf(own).filter(([path]) => !(withObjectives && path.startsWith('objectives')))
    const also = withObjectives ? ['[`objectives`](#objectives)'] : []
    return [
      `## ${kind}`,
      '',
      schema.description,
      '',
      `Also: ${['[the facts of every subject](#every-subject)', ...also].join(', ')}.`,
      '',
      ...table(factHeads, facts.map(factRow)),
      '',
    ]
  })
  const groups = [
    ...new Set(Object.values(schemas).flatMap(schema => factsOf(schema).map(([, fact]) => fact.factGroup))),
  ]
    .filter(group => group !== undefined)
    .sort(compare)
  return page([
    '# Facts',
    '',
    generated,
    '',
    'What a rule may read, by subject. The source is [schemas/facts/](../schemas/facts), which an editor completes from.',
    '',
    'A fact has one of three states: a **value**; **none** (`null`: known not to be there); **absent** (not known: denied, not collected, not told by this kind of input, or',
    'known only when a template is deployed). No fact is ever guessed.',
    '',
    '- A list may be known in part: then `some` may hold, `every` and `none` may fail, and everything else on it is unknown.',
    '- A number may be known as a bound, where what is missing could only lower or only raise it.',
    '- `copies[].ageHours` is a field of each entry of `copies`. A rule reads it inside `some`, `every` or `none`.',
    '- Units are in the names. Ages are measured at the time that the input states (`takenAt`), or at `--now`.',
    '- The **fact group** is what must have been read for a fact to be known. A finding that lacks a fact names the group and what would make it known.',
    '- **Assumes** names the [assumptions of the policy](policy.md#assumptions) that a fact depends on. Evidence prints them.',
    '',
    `Fact groups: ${codes(groups)}.`,
    '',
    `Subjects: ${subjectKinds.map(kind => `[${kind}](#${kind})`).join(' · ')}`,
    '',
    '## Every subject',
    '',
    ...table(factHeads, factsOf(common).map(factRow)),
    '',
    '## Objectives',
    '',
    'What the tier of a subject asks for. A plan, a vault or a restore testing plan has the strictest tier of the stores it serves.',
    '',
    ...table(factHeads, factsOf({ properties: { objectives } }).map(factRow)),
    '',
    ...sections,
  ])
}

// The tables of the policy's page.

function tierTable({ defaultPolicy }, schema) {
  const fields = schema.properties.tiers.additionalProperties.properties
  const tiers = Object.entries(defaultPolicy.tiers)
  const value = (tier, name) =>
    tier[name] === undefined ? 'not asked' : [tier[name]].flat().map(String).join(', ') || 'none'
  return table(
    ['Objective', 'Meaning', ...tiers.map(([name]) => name)],
    Object.entries(fields).map(([name, { description }]) => [
      code(name),
      description,
      ...tiers.map(([, tier]) => value(tier, name)),
    ]),
  )
}

/** The facts that depend on an assumption, by subject. */
function dependants(schemas, name) {
  return Object.entries(schemas)
    .filter(([, schema]) => factsOf(schema).some(([, fact]) => fact.assumptions?.includes(name)))
    .map(([kind]) => `[${kind}](facts.md#${kind})`)
}

function assumptionTable({ defaultPolicy }, schema, schemas) {
  const rows = Object.entries(schema.properties.assumptions.properties).map(
    ([name, { description, enum: own, items }]) => {
      const words = own ?? items?.enum
      return [
        code(name),
        // The default has a column of its own.
        `${description.replace(/ Default:? [\w-]+\.$/, '')}${words ? ` One of ${codes(words)}.` : ''}`,
        defaultText(defaultPolicy.assumptions[name]),
        dependants(schemas, name).join(', '),
      ]
    },
  )
  return table(['Assumption', 'Meaning', 'Default', 'Facts of'], rows)
}

const defaultText = value => (Array.isArray(value) ? codes(value) || 'none' : valueText(value))

/** Replaces what stands between `<!-- name -->` and `<!-- /name -->`. */
function fill(text, name, lines) {
  const [open, close] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const [from, to] = [text.indexOf(open), text.indexOf(close)]
  if (from < 0 || to < from) throw new Error(`docs/policy.md lacks ${open} … ${close}`)
  return `${text.slice(0, from + open.length)}\n\n${lines.join('\n')}\n\n${text.slice(to)}`
}

const page = lines => `${lines.join('\n').trimEnd()}\n`

/** Every generated document: its path and its text. */
export async function documents() {
  const words = await importModules(modules)
  const schemas = factSchemas()
  const files = ruleFiles()
  const { rules, problems } = words.loadRules(files, words.indexFacts(schemas))
  if (problems.length > 0) throw new Error(`rules with problems:\n${problems.map(words.formatProblem).join('\n')}`)
  const entries = rules
    .map(rule => ({ rule, file: files.find(({ name }) => name.endsWith(`/${rule.id}.yaml`)).name }))
    .sort((a, b) => compare(a.rule.id, b.rule.id))
  const schema = JSON.parse(readFileSync(join(root, 'schemas/policy.schema.json'), 'utf8'))
  const policy = readFileSync(join(root, 'docs/policy.md'), 'utf8')
  return new Map([
    ['docs/rules.md', ruleCatalogue(words, entries)],
    ['docs/facts.md', factReference(words, schemas)],
    ['deploy/reader-role.yaml', await readerRoleTemplate()],
    [
      'docs/policy.md',
      fill(fill(policy, 'tiers', tierTable(words, schema)), 'assumptions', assumptionTable(words, schema, schemas)),
    ],
  ])
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const [file, text] of await documents()) {
    writeFileSync(join(root, file), text)
    console.log(`${file}: ${text.split('\n').length - 1} lines`)
  }
}
