// Protects the loader: a rule file that is wrong in any way gives no rule, and every fault of every file is reported at once
// with its file, line and path. A rule that names an unknown fact, or can't fail, must never run.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { stringify } from 'yaml'
import type { Rule } from '../../src/model/rule.ts'
import { formatProblem, type LoadOptions, loadRules } from '../../src/rules/load.ts'
import { spellPath, suggestion } from '../../src/rules/problem.ts'
import { bookshopIndex, soundRule } from './bookshop.ts'

const load = (text: string, options?: LoadOptions, name = 'rules/REL09-BP01/sells-well.yaml') =>
  loadRules([{ name, text }], bookshopIndex, options)
const loadRule = (change: { [key: string]: unknown }, options?: LoadOptions) =>
  load(stringify({ ...soundRule, ...change }, { aliasDuplicateObjects: false }), options)
const paths = (change: { [key: string]: unknown }, options?: LoadOptions): string[] =>
  loadRule(change, options).problems.map(problem => problem.path)
const messages = (change: { [key: string]: unknown }, options?: LoadOptions): string =>
  loadRule(change, options)
    .problems.map(problem => problem.message)
    .join('\n')
const parameter = (more: object) => ({ description: 'a parameter', ...more })

describe('a sound rule', () => {
  it('loads as it is written, also strictly', () => {
    expect(loadRule({})).toEqual({ rules: [soundRule], problems: [] })
    expect(loadRule({}, { strict: true }).problems).toEqual([])
  })

  it.each([
    { expect: { shelfDays: { maximum: 3 } } },
    { expect: { shelfDays: { const: null } } },
    { expect: { shelfDays: { type: ['number', 'null'], maximum: 3 } } },
    { expect: { shelfDays: { type: 'integer', multipleOf: 2 } } },
    { expect: { genre: { enum: ['crime', 'poetry'] } } },
    { expect: { binding: { enum: ['cloth', null] } } },
    { expect: { name: { pattern: '^[a-z]+$', minLength: 2, maxLength: 5 } } },
    {
      expect: { authors: { contains: { const: 'Sayers' }, uniqueItems: true, minItems: 1, items: { type: 'string' } } },
    },
    { expect: { tags: { required: ['shelf'], minProperties: 1 } } },
    { expect: { 'tags.shelf': { const: null } } },
    { expect: { volumes: { minItems: 2 } } },
    { expect: { copiesSold: { anyOf: [{ const: 1 }, { minimum: 5 }], not: { const: 7 } } } },
    { expect: { every: { volumes: { pages: { minimum: 3 } }, $empty: false } } },
    { expect: { some: { volumes: { pages: { minimum: { $item: 'limit' } } } } } },
    {
      when: { 'objectives.rpoHours': { type: 'number' } },
      expect: { copiesSold: { maximum: { $fact: 'objectives.rpoHours' } } },
    },
    {
      when: { allOf: [{ 'objectives.rpoHours': { minimum: 0 } }] },
      expect: { copiesSold: { maximum: { $fact: 'objectives.rpoHours' } } },
    },
    {
      when: { not: { 'objectives.rpoHours': { const: null } } },
      expect: { copiesSold: { maximum: { $fact: 'objectives.rpoHours' } } },
    },
    { when: { shelfDays: { minimum: { $fact: 'copiesSold' } } } },
    {
      parameters: { genres: parameter({ type: 'array', items: { type: 'string' }, default: [] }) },
      expect: { genre: { enum: { $param: 'genres' } } },
    },
    {
      parameters: { days: parameter({ type: ['number', 'null'], default: null }) },
      expect: { anyOf: [{ 'parameters.days': { const: null } }, { shelfDays: { maximum: { $param: 'days' } } }] },
    },
    {
      parameters: { days: parameter({ type: 'integer', default: 3, objective: 'retentionDays', stricter: 'min' }) },
      when: { copiesSold: { minimum: { $param: 'days' } } },
    },
    { subject: ['data-store', 'backup-vault'], expect: { genre: { const: 'essay' } }, message: '{genre}' },
    { message: '{volumes[].pages} {authors} {objectives.label} {tags.shelf}' },
    {
      remediation: { text: 'a', cli: 'b', cloudformation: 'c', terraform: 'd' },
      controls: { config: ['x'], nist80053: ['CP-9'] },
      enabled: false,
      aliases: ['sold'],
      description: 'Why.',
    },
    {
      examples: [
        {
          name: 'a',
          facts: {
            volumes: { $partial: [{ pages: 3, limit: null }] },
            shelfDays: { $atMost: 3 },
            lock: { strength: 1 },
            tags: { a: 'b' },
            authors: ['x'],
          },
          verdict: 'undetermined',
        },
      ],
    },
  ])('loads with %j', change => {
    expect(loadRule(change).problems.map(formatProblem)).toEqual([])
  })
})

describe('a fault in the shape', () => {
  it.each([
    [{ id: 'Sells' }, ['id']],
    [{ id: 'x'.repeat(65) }, ['id']],
    [{ id: 3 }, ['id']],
    [{ title: ' ' }, ['title']],
    [{ severity: 'hihg' }, ['severity']],
    [{ bestPractice: 'REL09-BP05' }, ['bestPractice']],
    [{ subject: 'data-stores' }, ['subject']],
    [{ subject: [] }, ['subject']],
    [{ subject: ['data-store', 'toString'] }, ['subject[1]']],
    [{ enabled: 'yes' }, ['enabled']],
    [{ colour: 'red' }, ['colour']],
    [{ remediation: { cli: 'x' } }, ['remediation']],
    [{ remediation: 'x' }, ['remediation']],
    [{ remediation: { text: 'x', bash: 'y' } }, ['remediation.bash']],
    [{ controls: { config: [] } }, ['controls.config']],
    [{ controls: { config: ['a', 3] } }, ['controls.config[1]']],
    [{ controls: { iso: ['a'] } }, ['controls.iso']],
    [{ references: [] }, ['references']],
    [{ references: ['http://docs.aws.amazon.com/'] }, ['references[0]']],
    [{ references: ['https://docs.aws.amazon.com/', 'https://x/ y'] }, ['references[1]']],
    [{ aliases: ['Old'] }, ['aliases[0]']],
    [{ examples: [] }, ['examples']],
    [{ examples: [{ name: 'a', facts: {} }] }, ['examples[0]']],
    [{ examples: [{ name: 'a', facts: {}, verdict: 'ok' }] }, ['examples[0].verdict']],
    [{ examples: [{ name: 'a', facts: [], verdict: 'compliant' }] }, ['examples[0].facts']],
    [{ examples: [{ name: 'a', facts: {}, verdict: 'compliant', why: 'x' }] }, ['examples[0].why']],
    [{ parameters: [] }, ['parameters']],
    [{ when: 'always' }, ['when']],
    [{ expect: [] }, ['expect']],
  ])('%j is reported at %j', (change, expected) => {
    const { rules, problems } = loadRule(change)
    expect(problems.map(problem => problem.path)).toEqual(expected)
    expect(rules).toEqual([])
  })

  it.each([
    'id',
    'title',
    'bestPractice',
    'severity',
    'subject',
    'expect',
    'message',
    'remediation',
    'references',
    'examples',
  ])('%s may not be missing', key => {
    const { [key as keyof Rule]: _gone, ...rest } = soundRule
    const { problems } = load(stringify(rest))
    expect(problems.map(formatProblem)).toEqual([`rules/REL09-BP01/sells-well.yaml:1: ${key} is missing`])
  })

  it('suggests what was probably meant', () => {
    expect(messages({ severity: 'hihg' })).toContain('did you mean high?')
    expect(messages({ remeditation: 'x' })).toContain('did you mean remediation?')
  })
})

describe('a fault in a condition', () => {
  it.each([
    [{ coppiesSold: { minimum: 1 } }, ['expect.coppiesSold'], 'did you mean copiesSold?'],
    [{ strength: { minimum: 1 } }, ['expect.strength'], 'did you mean'],
    [{ 'volumes[].pages': { minimum: 1 } }, ['expect.volumes[].pages'], 'no fact volumes[].pages'],
    [{ some: { 'volumes[].loans': { days: { minimum: 1 } } } }, ['expect.some.volumes[].loans'], 'no list'],
    [{ copiesSold: { minimum: { $fact: 'volumes[].pages' } } }, ['expect.copiesSold.minimum'], 'no fact'],
    [{ allof: [{ open: { const: true } }] }, ['expect.allof'], 'did you mean allOf?'],
    [{}, ['expect'], 'empty'],
    [{ allOf: [] }, ['expect.allOf'], 'list'],
    [{ anyOf: { open: { const: true } } }, ['expect.anyOf'], 'list'],
    [{ anyOf: [{ open: { const: true } }, {}] }, ['expect.anyOf[1]'], 'empty'],
    [{ not: [] }, ['expect.not'], 'map'],
    [{ not: { open: true } }, ['expect.not.open'], '{ const: true }'],
    [{ open: {} }, ['expect.open'], 'keyword'],
    [{ open: { const: 'true' } }, ['expect.open.const'], 'never string'],
    [{ open: { const: null } }, ['expect.open.const'], 'never null'],
    [{ open: { type: ['boolean', 'null'] } }, ['expect.open.type'], 'never null'],
    [{ open: { type: 'bool' } }, ['expect.open.type'], 'one of'],
    [{ open: { type: [] } }, ['expect.open.type'], 'at least one'],
    [{ open: { minimum: 1 } }, ['expect.open.minimum'], 'number'],
    [{ name: { maxItems: 1 } }, ['expect.name.maxItems'], 'array'],
    [{ copiesSold: { minimum: '3' } }, ['expect.copiesSold.minimum'], 'a number'],
    [{ copiesSold: { minimum: Number.NaN } }, ['expect.copiesSold.minimum'], 'a number'],
    [{ copiesSold: { multipleOf: 0 } }, ['expect.copiesSold'], 'JSON Schema'],
    [{ copiesSold: { minimun: 3 } }, ['expect.copiesSold.minimun'], 'did you mean minimum?'],
    [{ copiesSold: { not: { minimun: 3 } } }, ['expect.copiesSold.not.minimun'], 'no keyword'],
    [{ copiesSold: { anyOf: [{ const: 'x' }] } }, ['expect.copiesSold.anyOf[0].const'], 'never string'],
    [{ copiesSold: { anyOf: 3 } }, ['expect.copiesSold.anyOf'], 'list of schemas'],
    [{ copiesSold: { allOf: [3] } }, ['expect.copiesSold.allOf[0]'], 'schema'],
    [{ authors: { minItems: -1 } }, ['expect.authors.minItems'], 'whole number'],
    [{ authors: { minItems: 1.5 } }, ['expect.authors.minItems'], 'whole number'],
    [{ genre: { const: 'crimes' } }, ['expect.genre.const'], 'did you mean crime?'],
    [{ genre: { enum: ['crime', 'horror'] } }, ['expect.genre.enum[1]'], 'never "horror"'],
    [{ genre: { enum: [] } }, ['expect.genre.enum'], 'at least one'],
    [{ genre: { enum: ['crime', 'crime'] } }, ['expect.genre.enum'], 'once'],
    [{ name: { pattern: '(?=x)' } }, ['expect.name'], 'linear'],
    [{ name: { pattern: 'a'.repeat(501) } }, ['expect.name'], '500'],
    [{ lock: { minProperties: 1 } }, ['expect.lock'], 'name one of them'],
    [{ volumes: { contains: { const: 1 } } }, ['expect.volumes.contains'], 'some, every or none'],
    [{ volumes: { items: {} } }, ['expect.volumes.items'], 'some, every or none'],
    [{ some: { volumes: {} } }, ['expect.some.volumes'], 'empty'],
    [{ some: {} }, ['expect.some'], 'name the list'],
    [{ some: [] }, ['expect.some'], 'some:'],
    [{ some: { volumes: { pages: { minimum: 1 } }, $empty: true } }, ['expect.some.$empty'], 'remove'],
    [{ every: { volumes: { pages: { minimum: 1 } } } }, ['expect.every'], '$empty'],
    [{ none: { volumes: { pages: { minimum: 1 } }, $empty: 'no' } }, ['expect.none.$empty'], '$empty'],
    [{ some: { volume: { pages: { minimum: 1 } } } }, ['expect.some.volume'], 'did you mean volumes?'],
    [{ some: { authors: { name: { const: 'x' } } } }, ['expect.some.authors'], 'plain values'],
    [{ some: { lock: { strength: { const: 1 } } } }, ['expect.some.lock'], 'no list'],
    [{ some: { 'parameters.x': { pages: { const: 1 } } } }, ['expect.some.parameters.x'], 'no list'],
    [{ some: { volumes: { page: { minimum: 1 } } } }, ['expect.some.volumes.page'], 'did you mean pages?'],
    [{ some: { volumes: { open: { const: true } } } }, ['expect.some.volumes.open'], 'volumes[].open'],
  ])('%j is reported at %j', (condition, expected, text) => {
    const { problems } = loadRule({ expect: condition })
    expect(problems.map(problem => problem.path)).toEqual(expected)
    expect(problems.map(problem => problem.message).join()).toContain(text)
  })

  it('in when is reported like one in expect', () => {
    expect(paths({ when: { nothing: { const: 1 } } })).toEqual(['when.nothing'])
  })

  it('is also a path that one of several subjects lacks', () => {
    expect(
      paths({ subject: ['data-store', 'backup-vault'], expect: { shelfDays: { maximum: 1 } }, message: 'x' }),
    ).toEqual(['expect.shelfDays'])
  })
})

describe('a fault in an operand', () => {
  const declared = {
    parameters: { days: parameter({ type: 'number', default: 3 }), genres: parameter({ type: 'array', default: [] }) },
  }
  const used = [{ 'parameters.days': { const: 3 } }, { genre: { enum: { $param: 'genres' } } }]
  it.each([
    [{ shelfDays: { maximum: { $param: 'day' } } }, ['maximum'], 'did you mean days?'],
    [{ shelfDays: { maximum: { $param: 'toString' } } }, ['maximum'], 'declare toString'],
    [{ 'parameters.none': { const: 3 } }, [], 'declare none'],
    [{ shelfDays: { maximum: { $param: 'genres' } } }, ['maximum'], 'needs number'],
    [{ genre: { enum: { $param: 'days' } } }, ['enum'], 'needs array'],
    [{ genre: { const: { $param: 'days' } } }, ['const'], 'needs string'],
    [{ shelfDays: { maximum: { $fact: 'copiesSol' } } }, ['maximum'], 'did you mean copiesSold?'],
    [{ shelfDays: { maximum: { $fact: 'name' } } }, ['maximum'], 'needs number'],
    [{ shelfDays: { maximum: { $fact: 'objectives.rpoHours' } } }, ['maximum'], 'may be null'],
    [{ shelfDays: { maximum: { $item: 'pages' } } }, ['maximum'], 'inside some'],
    [{ shelfDays: { minimum: { $param: 'days' }, maximum: { $fact: 'copiesSold' } } }, [], 'at most one operand'],
    [{ shelfDays: { not: { const: { $param: 'days' } } } }, ['not'], 'top of a leaf'],
    [{ authors: { contains: { const: { $param: 'days' } } } }, ['contains'], 'top of a leaf'],
    [{ name: { pattern: { $param: 'days' } } }, ['pattern'], 'top of a leaf'],
    [{ shelfDays: { maximum: { $params: 'days' } } }, ['maximum'], 'an operand is'],
    [{ shelfDays: { enum: [{ $param: 'days' }] } }, ['enum'], 'an operand is'],
  ])('%j', (leaf, at, text) => {
    const { problems } = loadRule({ ...declared, expect: { allOf: [...used, leaf] } })
    expect(problems).toHaveLength(1)
    expect(problems[0]?.path).toBe(['expect.allOf[2]', Object.keys(leaf)[0], ...at].join('.'))
    expect(problems[0]?.message).toContain(text)
  })

  it('within a list names a fact of the element', () => {
    expect(messages({ expect: { some: { volumes: { pages: { minimum: { $item: 'limits' } } } } } })).toContain(
      'volumes[].limits; did you mean limit?',
    )
    expect(messages({ expect: { some: { volumes: { pages: { minimum: { $fact: 'pages' } } } } } })).toContain(
      'no fact pages',
    )
  })

  it.each([
    { when: { anyOf: [{ 'objectives.rpoHours': { type: 'number' } }, { open: { const: true } }] } },
    { when: { 'objectives.rpoHours': { type: ['number', 'null'] } } },
    { when: { 'objectives.rpoHours': { const: null } } },
    { when: { not: { 'objectives.rpoHours': { const: 3 } } } },
    { when: { not: { 'objectives.rpoHours': { const: null }, open: { const: true } } } },
    { when: { 'objectives.retentionDays': { type: 'number' } } },
  ])('on a fact that may be null is not saved by %j', guard => {
    expect(paths({ ...guard, expect: { shelfDays: { maximum: { $fact: 'objectives.rpoHours' } } } })).toEqual([
      'expect.shelfDays.maximum',
    ])
  })
})

describe('a fault in a parameter', () => {
  const uses = { expect: { shelfDays: { maximum: { $param: 'days' } } } }
  it.each([
    [{ days: { type: 'number', default: 3 } }, ['parameters.days'], 'description is missing'],
    [{ days: parameter({ type: 'number' }) }, ['parameters.days'], 'default is missing'],
    [{ days: parameter({ default: 3 }) }, ['parameters.days'], 'type is missing'],
    [{ days: parameter({ type: 'date', default: 3 }) }, ['parameters.days.type'], 'one of'],
    [{ days: parameter({ type: 'number', default: '3' }) }, ['parameters.days.default'], 'default'],
    [{ days: parameter({ type: 'number', default: 0, minimum: 1 }) }, ['parameters.days.default'], 'default'],
    [{ days: parameter({ type: 'number', default: 3, colour: 1 }) }, ['parameters.days.colour'], 'unknown key'],
    [{ days: parameter({ type: 'number', default: 3, minimum: 'a' }) }, ['parameters.days'], 'JSON Schema'],
    [{ days: parameter({ type: 'number', default: 3, objective: 'retentionDays' }) }, ['parameters.days'], 'stricter'],
    [{ days: parameter({ type: 'number', default: 3, stricter: 'max' }) }, ['parameters.days.objective'], 'objective'],
    [
      { days: parameter({ type: 'number', default: 3, stricter: 'more', objective: 'rpoHours' }) },
      ['parameters.days.stricter'],
      'one of',
    ],
    [
      { days: parameter({ type: 'number', default: 3, stricter: 'max', objective: 'label' }) },
      ['parameters.days.objective'],
      'number',
    ],
    [
      { days: parameter({ type: 'number', default: 3, stricter: 'max', objective: 'retention' }) },
      ['parameters.days.objective'],
      'did you mean',
    ],
  ])('%j is reported', (parameters, at, text) => {
    const { problems } = loadRule({ ...uses, parameters })
    expect(problems.map(problem => problem.path)).toEqual(expect.arrayContaining(at))
    expect(problems.map(problem => problem.message).join('\n')).toContain(text)
  })

  it('with an objective that is no number is reported at its type', () => {
    const parameters = { days: parameter({ type: 'string', default: 'x', stricter: 'max', objective: 'rpoHours' }) }
    expect(paths({ parameters, expect: { name: { const: { $param: 'days' } } } })).toEqual(['parameters.days.type'])
  })

  it.each(['Days', 'a-b', 'policyUri', 'snapshotUri', 'maxSnapshotAgeHours', 'roleArn', 'undeterminedAs'])(
    'the name %s is refused',
    name => {
      expect(paths({ parameters: { [name]: parameter({ type: 'number', default: 3 }) } })).toContain(
        `parameters.${name}`,
      )
    },
  )

  it('that no leaf refers to is reported', () => {
    expect(paths({ parameters: { days: parameter({ type: 'number', default: 3 }) } })).toEqual(['parameters.days'])
  })

  it('and its values in examples are held to its schema', () => {
    const examples = [
      { name: 'a', facts: {}, parameters: { days: 'x' }, verdict: 'undetermined' },
      { name: 'b', facts: {}, parameters: { other: 1 }, verdict: 'undetermined' },
      { name: 'c', facts: {}, parameters: { days: 4 }, verdict: 'undetermined' },
    ]
    expect(paths({ ...uses, parameters: { days: parameter({ type: 'number', default: 3 }) }, examples })).toEqual([
      'examples[0].parameters.days',
      'examples[1].parameters.other',
    ])
  })
})

describe('a fault in a message', () => {
  it.each([
    ['{coppiesSold}', 'did you mean copiesSold?'],
    ['{}', 'no fact'],
    ['{volumes}', '{volumes[].…}'],
    ['{lock}', 'parts'],
    ['{tags}', 'parts'],
    ['{parameters.days}', 'no fact'],
    ['{volumes[].shelf}', 'no fact'],
    ['{$item}', 'no fact'],
  ])('%s is reported', (message, text) => {
    const { problems } = loadRule({ message })
    expect(problems.map(problem => problem.path)).toEqual(['message'])
    expect(problems[0]?.message).toContain(text)
  })
})

describe('a fault in the facts of an example', () => {
  it.each([
    [{ coppiesSold: 3 }, ['coppiesSold'], 'did you mean copiesSold?'],
    [{ 'volumes[].pages': 3 }, ['volumes[].pages'], 'with its elements'],
    [{ copiesSold: '3' }, ['copiesSold'], 'never string'],
    [{ copiesSold: null }, ['copiesSold'], 'never null'],
    [{ genre: 'horror' }, ['genre'], 'one of crime'],
    [{ copiesSold: { $partial: [] } }, ['copiesSold'], '$partial'],
    [{ copiesSold: { $atMost: '3' } }, ['copiesSold'], '$atMost'],
    [{ copiesSold: { $atMost: 3, $atLeast: 1 } }, ['copiesSold'], '$atMost'],
    [{ authors: { $atMost: 3 } }, ['authors'], '$atMost'],
    [{ authors: { $partial: 'x' } }, ['authors'], '$partial'],
    [{ authors: [{ name: 'x' }] }, ['authors'], 'plain'],
    [{ volumes: [3] }, ['volumes[0]'], 'as a map'],
    [{ volumes: [{ pages: 1 }, { page: 2 }] }, ['volumes[1].page'], 'no fact volumes[].page'],
    [{ volumes: { $partial: [{ page: 2 }] } }, ['volumes.$partial[0].page'], 'volumes[].page'],
    [{ lock: { strengh: 1 } }, ['lock.strengh'], 'lock.strengh'],
    [{ lock: { strength: 1 }, 'lock.strength': 1 }, ['lock.strength'], 'lock is given too'],
  ])('%j is reported', (facts, at, text) => {
    const { problems } = loadRule({ examples: [{ name: 'a', facts, verdict: 'undetermined' }] })
    if (at.length > 0)
      expect(problems.map(problem => problem.path)).toEqual(at.map(path => `examples[0].facts.${path}`))
    expect(problems.map(problem => problem.message).join('\n')).toContain(text)
  })
})

describe('a strict load', () => {
  const strict = (change: { [key: string]: unknown }): string[] =>
    loadRule(change, { strict: true }).problems.map(problem => `${problem.path}: ${problem.message}`)
  const examples = soundRule.examples

  it('runs the examples', () => {
    const wrong = examples.map(example => ({ ...example, verdict: 'compliant' }))
    expect(strict({ examples: [...wrong, ...examples] })).toEqual([
      'examples[1].verdict: the rule answers non-compliant',
      'examples[2].verdict: the rule answers undetermined: not known here: copiesSold',
    ])
    expect(loadRule({ examples: wrong }).problems).toEqual([])
  })

  it.each(['compliant', 'non-compliant', 'undetermined'])('wants an example that is %s', verdict => {
    const others = examples.filter(example => example.verdict !== verdict)
    expect(strict({ examples: others })).toContain(`examples: add an example that is ${verdict}`)
  })

  it('wants every leaf of expect made false, where the rule applies', () => {
    const rule = {
      when: { open: { const: true } },
      expect: { anyOf: [{ copiesSold: { minimum: 10 } }, { 'lock.strength': { const: 3 } }] },
    }
    const [sold, unsold, unknown] = examples.map(example => ({
      ...example,
      facts: { open: true, 'lock.strength': 1, ...example.facts },
    }))
    expect(strict({ ...rule, examples: [sold, unsold, { ...unknown, facts: {}, verdict: 'undetermined' }] })).toEqual(
      [],
    )
    const neverLocked = [sold, unsold, unknown].map(example => ({
      ...example,
      facts: { ...example?.facts, 'lock.strength': 3 },
      verdict: 'compliant',
    }))
    const missed = strict({ ...rule, examples: neverLocked }).filter(line => line.startsWith('expect'))
    expect(missed).toEqual([
      'expect.anyOf[1].lock.strength: add an example in which lock.strength: {"const":3} is false',
    ])
    const notAbout = neverLocked.map(example => ({
      ...example,
      facts: { ...example.facts, 'lock.strength': 1, open: false },
      verdict: 'not-applicable',
    }))
    expect(strict({ ...rule, examples: notAbout }).filter(line => line.startsWith('expect'))).toHaveLength(2)
  })

  it('wants a negated leaf made true too, and lists tried empty', () => {
    const rule = {
      expect: { none: { volumes: { not: { signed: { const: true } }, pages: { maximum: 3 } }, $empty: true } },
    }
    const at = (facts: object, verdict: string) => ({ name: verdict, facts, verdict })
    const dull = [at({ volumes: [{ signed: false, pages: 9 }] }, 'compliant')]
    const missed = strict({ ...rule, examples: dull })
    expect(missed).toContain('expect.none.volumes.pages: add an example in which pages: {"maximum":3} is true')
    expect(missed).toContain('expect: add an example in which volumes is []')
    expect(missed.some(line => line.startsWith('expect.none.volumes.not'))).toBe(false)
    const full = [
      ...dull,
      at({ volumes: [{ signed: false, pages: 2 }] }, 'non-compliant'),
      at({}, 'undetermined'),
      at({ volumes: [] }, 'compliant'),
    ]
    expect(strict({ ...rule, examples: full })).toEqual([])
  })

  it('wants inner lists tried empty too', () => {
    const rule = { expect: { some: { volumes: { every: { loans: { days: { maximum: 3 } }, $empty: true } } } } }
    const at = (facts: object, verdict: string) => ({ name: verdict, facts, verdict })
    const all = [
      at({ volumes: [{ loans: [{ days: 1 }] }] }, 'compliant'),
      at({ volumes: [{ loans: [{ days: 9 }] }] }, 'non-compliant'),
      at({}, 'undetermined'),
    ]
    expect(strict({ ...rule, examples: all })).toEqual(['expect: add an example in which loans is []'])
    expect(
      strict({ ...rule, examples: [...all, at({ volumes: { $partial: [{ loans: [] }] } }, 'compliant')] }),
    ).toEqual([])
    expect(
      strict({ ...rule, examples: [...all, at({ volumes: [{ loans: { $partial: [] } }] }, 'undetermined')] }),
    ).toHaveLength(1)
  })

  it('wants the file in the folder of its best practice', () => {
    const text = stringify(soundRule)
    expect(load(text, { strict: true }, 'sells-well.yaml').problems.map(problem => problem.path)).toEqual([
      'bestPractice',
    ])
    expect(load(text, {}, 'our-rules/sells-well.yml').problems).toEqual([])
    expect(load(text, {}, 'rules/REL09-BP02/sells-well.yaml').problems.map(problem => problem.path)).toEqual([
      'bestPractice',
    ])
  })
})

describe('several files', () => {
  const text = (id: string, more: object = {}) => stringify({ ...soundRule, id, ...more })
  it('are all reported at once, by name, and the sound ones load by id', () => {
    const { rules, problems } = loadRules(
      [
        { name: 'b/zebra.yaml', text: text('zebra') },
        { name: 'a/bad.yaml', text: text('bad', { severity: 'x', title: '' }) },
        { name: 'a/worse.yaml', text: 'id: [' },
        { name: 'c/apple.yaml', text: text('apple') },
      ],
      bookshopIndex,
    )
    expect(rules.map(rule => rule.id)).toEqual(['apple', 'zebra'])
    expect(problems.map(problem => problem.file)).toEqual(
      ['a/bad.yaml', 'a/bad.yaml', 'a/worse.yaml', 'a/worse.yaml'].slice(0, problems.length),
    )
    expect(problems.length).toBeGreaterThanOrEqual(3)
  })

  it('share no id and no alias, among themselves or with other rules', () => {
    const files = [
      { name: 'a/one.yaml', text: text('one', { aliases: ['former'] }) },
      { name: 'b/one.yaml', text: text('one') },
      { name: 'c/two.yaml', text: text('two', { aliases: ['former', 'zero'] }) },
      { name: 'd/taken.yaml', text: text('taken') },
      { name: 'e/other.yaml', text: text('different') },
    ]
    const { rules, problems } = loadRules(files, bookshopIndex, { taken: ['taken'] })
    expect(problems.map(problem => [problem.file, problem.path])).toEqual([
      ['b/one.yaml', 'id'],
      ['c/two.yaml', 'aliases[0]'],
      ['d/taken.yaml', 'id'],
      ['e/other.yaml', 'id'],
    ])
    expect(problems[0]?.message).toContain('a/one.yaml')
    expect(rules.map(rule => rule.id)).toEqual(['one'])
  })
})

describe('a line', () => {
  const source = stringify(soundRule)
  const lineOf = (fragment: string, in_: string): number => in_.slice(0, in_.indexOf(fragment)).split('\n').length
  it.each([
    ['severity: medium', 'severity: mediun'],
    ['minimum: 10', 'minimun: 10'],
    ['copiesSold: 9', 'copiesSold: nine'],
    ['verdict: undetermined', 'verdict: unsure'],
    ['- https://docs', '- http://docs'],
  ])('of %s is that of the fault', (sound, faulty) => {
    const text = source.replace(sound, faulty)
    expect(load(text).problems.map(problem => problem.line)).toEqual([lineOf(faulty, text)])
  })

  it('of a syntax error is where the parser stopped', () => {
    expect(load('id: a\ntitle: "open\n').problems[0]).toMatchObject({
      path: '',
      file: 'rules/REL09-BP01/sells-well.yaml',
    })
    expect(load('id: a\nid: b\n').problems[0]?.line).toBe(2)
  })

  it('of what an alias brings in is that of the alias', () => {
    const text = source.replace('expect:', 'when: &cond\n  copiesSold:\n    minimun: 1\nexpect: *cond\nignored:')
    const lines = load(text).problems.map(problem => [problem.path, problem.line])
    expect(lines).toContainEqual(['ignored', lineOf('ignored:', text)])
  })
})

describe('hostile text', () => {
  it.each([
    '',
    'null',
    '3',
    '[]',
    '- a',
    '--- a\n--- b',
    'a: *nobody',
    '!!js/function x',
    'id: !secret x',
    '? [a]\n: b',
    '__proto__: { polluted: true }',
    'expect: { __proto__: { const: 1 } }',
    `a: ${'['.repeat(5000)}`,
    '\u0000\u0001',
    `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghi'
      .split('')
      .map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[at]}`).join(',')}]`)
      .join('\n')}`,
    'x'.repeat(200_001),
  ])('gives problems and no rule: %#', text => {
    const { rules, problems } = load(text)
    expect(rules).toEqual([])
    expect(problems.length).toBeGreaterThan(0)
    expect(problems.every(problem => problem.line >= 1)).toBe(true)
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it('never throws, whatever is in the place of a rule’s parts', () => {
    const anything = fc.jsonValue({ maxDepth: 3 })
    const keys = Object.keys(soundRule) as (keyof Rule)[]
    fc.assert(
      fc.property(fc.constantFrom(...keys, 'when' as const, 'parameters' as const), anything, (key, value) => {
        const { rules, problems } = loadRule({ [key]: value })
        expect(rules.length === 1).toBe(problems.length === 0)
      }),
      { numRuns: 300 },
    )
  })

  it('never throws, whatever stands in a condition', () => {
    const word = fc.constantFrom(
      'copiesSold',
      'volumes',
      'some',
      'every',
      'not',
      'allOf',
      'anyOf',
      'const',
      'enum',
      'minimum',
      'type',
      '$param',
      '$fact',
      '$empty',
      'tags.x',
      'parameters.x',
      '__proto__',
    )
    const { node } = fc.letrec(tie => ({
      node: fc.oneof(
        { depthSize: 'small' },
        fc.jsonValue({ maxDepth: 1 }),
        fc.dictionary(word, tie('node'), { noNullPrototype: true }),
        fc.array(tie('node'), { maxLength: 3 }),
      ),
    }))
    fc.assert(
      fc.property(node, value => {
        const { rules, problems } = loadRule({ expect: value })
        expect(rules.length === 1).toBe(problems.length === 0)
      }),
      { numRuns: 400 },
    )
  })
})

describe('words', () => {
  it('spells paths as people read them', () => {
    expect(spellPath(['expect', 'anyOf', 1, 'lock.strength'])).toBe('expect.anyOf[1].lock.strength')
    expect(spellPath([])).toBe('')
  })

  it.each([
    ['copiessold', '; did you mean copiesSold?'],
    ['strength', '; did you mean lock.strength?'],
    ['zebra', ''],
    ['x'.repeat(101), ''],
  ])('suggests for %s: %s', (word, text) => {
    expect(suggestion(word, ['copiesSold', 'lock.strength', 'name'])).toBe(text)
  })

  it('prints a problem as one line', () => {
    expect(formatProblem({ file: 'a.yaml', line: 3, path: 'expect', message: 'no' })).toBe('a.yaml:3: expect: no')
    expect(formatProblem({ file: 'a.yaml', line: 3, path: '', message: 'no' })).toBe('a.yaml:3: no')
  })
})
