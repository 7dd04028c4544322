// Protects what a team hangs on the Action: a change is blamed for what it brings and for nothing else, it cannot silence
// itself, what could not be judged fails loudly, and no name in a repository steers the runner or the page.
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cartsArn, factGroups, Shop, snapshot } from '../commands/bookshop.ts'
import { estates } from '../fixtures/estates.ts'
import { commandsOf, type Files, metadata, pullRequest, type Run, type Setting, TestRepository } from './repository.ts'

const project = join(import.meta.dirname, '../..')
beforeAll(() => {
  execFileSync(process.execPath, ['scripts/build-action.mjs'], { cwd: project })
}, 120_000)

const repositories: TestRepository[] = []
afterAll(() => {
  for (const repository of repositories) repository.remove()
})

function repositoryOf(files: Files): TestRepository {
  const repository = new TestRepository(files)
  repositories.push(repository)
  return repository
}

/** A change as a pull request, and the Action run on GitHub's merge of it. */
function judgePullRequest(base: Files, head: Files, setting: Setting = {}): Run {
  const repository = repositoryOf(base)
  const change = repository.propose(head)
  return repository.run({
    event: pullRequest(change),
    ...setting,
    environment: { GITHUB_SHA: change.merge, ...setting.environment },
  })
}

const shop = snapshot()
const carts = shop.split('\n').find(line => line.includes('"AWS::DynamoDB::Table"'))!
/** A table that no plan selects, like `carts`. */
const table = (name: string): string => `${carts.replaceAll('carts', name)}\n`
const file = 'infra/shop.ndjson'
const policy = (...lines: string[]): string => ['version: 1', ...lines, ''].join('\n')
const exemption = (resource: string, expires = '2027-06-30', rule = 'resource-in-backup-plan'): string =>
  `  - { rule: ${rule}, resource: "${resource}", reason: It is rebuilt., owner: web, expires: ${expires} }`
const exempting = (...entries: string[]): string => policy('exemptions:', ...entries)
const wishesArn = cartsArn.replace('carts', 'wishes')
const withoutRule = policy('rules:', '  resource-in-backup-plan: { enabled: false }')
const now = { now: '2026-01-06' }

/** A template with a table for each name, three lines each. */
const stack = (...names: string[]): string =>
  [
    'Resources:',
    ...names.flatMap(name => [
      `  ${name}:`,
      '    Type: AWS::DynamoDB::Table',
      `    Properties: { TableName: ${name.toLowerCase()} }`,
    ]),
    '',
  ].join('\n')

const beside = (expires = '2027-03-01', rule = 'resource-in-backup-plan'): string =>
  `# rel09:exempt ${rule} until ${expires} owner=web -- Rebuilt.`
/** The template of one table, with a comment right above it. */
const exempted = (comment: string): string => stack('Orders').replace('  Orders', `  ${comment}\n  Orders`)
/** Templates that are judged as all there is, by what a plan covers alone. */
const justCovered = { paths: 'infra', rules: '', 'closed-world': 'true', 'fail-on': 'high', now: '2026-01-06' }
/** Leaves of the rules that a bare table breaks the one about plans. */
const quiet = policy(
  'rules:',
  ...[
    'audit-framework-and-reports',
    'data-store-classified',
    'deletion-protection',
    'destructive-events-alerted',
    'dynamodb-pitr',
    'restore-failure-notified',
    'restore-testing-plan-exists',
  ].map(id => `  ${id}: { enabled: false }`),
)
const ownRule = [
  'id: named\ntitle: Named\nbestPractice: REL09-BP01\nseverity: low\nsubject: data-store',
  'expect:\n  protection.covered: { const: true }\nmessage: m\nremediation: { text: t }',
  'references: [https://docs.aws.amazon.com/]\nexamples:',
  '  - { name: a, facts: { protection: { covered: false } }, verdict: non-compliant }',
  '  - { name: b, facts: { protection: { covered: true } }, verdict: compliant }',
  '  - { name: c, facts: {}, verdict: undetermined }\n',
].join('\n')

/** Rules and lines that errors, warnings and notices beside a line of the change name. */
const annotated = ({ annotations }: Run) =>
  annotations
    .filter(({ title }) => /^rel09 (critical|high|medium|low): /.test(title))
    .map(({ title, file: at, line }) => ({ rule: title.split(': ')[1], at: `${at}:${line}` }))

interface Case {
  name: string
  base: Files
  head: Files
  inputs?: { [name: string]: string }
  code: number
  outputs?: { [name: string]: string }
  /** Places of annotations, in any order, each once; absent: not asked. */
  at?: string[]
  summary?: RegExp[]
  log?: RegExp[]
  never?: RegExp[]
}

const old: Files = { [file]: shop }
const grown: Files = { [file]: shop + table('wishes') }

/** Adding a form of input, or a way to silence a change, is adding a row. */
const cases: Case[] = [
  {
    name: 'brings nothing new',
    base: old,
    head: { 'README.md': 'shop' },
    code: 0,
    outputs: { new: '0', worst: 'none', 'exit-code': '0' },
    at: [],
    summary: [/no new finding/, /there before/],
  },
  {
    name: 'adds a store without a backup',
    base: old,
    head: grown,
    code: 1,
    outputs: { new: '2', high: '1', medium: '1', critical: '0', low: '0', worst: 'high', 'exit-code': '1' },
    at: [`${file}:9`],
    summary: [/2 new findings: 1 high, 1 medium/, /wishes/],
  },
  {
    name: 'adds one below fail-on',
    base: old,
    head: grown,
    inputs: { 'fail-on': 'critical' },
    code: 0,
    outputs: { new: '2', worst: 'high' },
    at: [`${file}:9`],
  },
  {
    name: 'moves a file',
    base: old,
    head: { [file]: null, 'live/shop.ndjson': shop },
    code: 0,
    outputs: { new: '0' },
  },
  {
    name: 'makes what was there more severe',
    base: old,
    head: { [file]: shop.replace('"criticality":"tier2"', '"criticality":"tier0"') },
    code: 1,
    outputs: { critical: '2', worst: 'critical' },
    at: [`${file}:8`],
  },
  {
    name: 'mends what was there',
    base: grown,
    head: { [file]: shop },
    code: 0,
    outputs: { new: '0' },
    summary: [/no new finding/],
  },
  {
    name: 'switches the rule off that it breaks',
    base: { ...old, 'rel09.yaml': policy() },
    head: { ...grown, 'rel09.yaml': withoutRule },
    code: 1,
    outputs: { 'new-exemptions': '1', high: '1' },
    summary: [
      /^## ⚠️ This change exempts more than before: 1 entry/,
      /switched off/,
      /by the policy of the base commit/,
    ],
  },
  {
    name: 'exempts itself',
    base: { ...old, 'rel09.yaml': policy() },
    head: { ...grown, 'rel09.yaml': exempting(exemption(wishesArn)) },
    code: 1,
    outputs: { 'new-exemptions': '1', high: '1' },
    summary: [/^## ⚠️ This change exempts/, /They do not count in this run/, /It is rebuilt\./],
  },
  {
    name: 'exempts itself, by a policy that is new',
    base: old,
    head: { ...grown, 'rel09.yaml': exempting(exemption(wishesArn)) },
    code: 1,
    outputs: { 'new-exemptions': '1', high: '1' },
    summary: [/rel09\.yaml is not in the base commit/],
  },
  {
    name: 'exempts itself, by a policy that the step names',
    base: { ...old, 'policies/strict.yaml': policy() },
    head: { ...grown, 'policies/strict.yaml': exempting(exemption(wishesArn)) },
    inputs: { policy: 'policies/strict.yaml' },
    code: 1,
    outputs: { 'new-exemptions': '1', high: '1' },
  },
  {
    name: 'exempts itself, by a link in place of the folder of policies',
    base: old,
    head: { ...grown, 'own/strict.yaml': withoutRule, policies: ['own'] },
    inputs: { policy: 'policies/strict.yaml' },
    code: 1,
    outputs: { high: '1' },
    summary: [/is not in the base commit/],
  },
  {
    name: 'exempts itself where the step allows it',
    base: { ...old, 'rel09.yaml': policy() },
    head: {
      ...grown,
      'rel09.yaml': exempting(exemption(wishesArn), exemption(wishesArn, '2027-06-30', 'selection-near-miss')),
    },
    inputs: { 'policy-from': 'head', ...now },
    code: 0,
    outputs: { 'new-exemptions': '2', new: '0' },
    summary: [/They count in this run/],
  },
  {
    name: 'writes itself into the baseline',
    base: { ...old, 'baseline.json': '{"version":1,"fingerprints":[]}' },
    head: { ...grown, 'baseline.json': '{"version":1,"fingerprints":["every"]}' },
    inputs: { baseline: 'baseline.json' },
    code: 1,
    outputs: { new: '2' },
  },
  {
    name: 'is met by an exemption that was there',
    base: { ...old, 'rel09.yaml': exempting(exemption(cartsArn.replace('carts', '*'))) },
    head: grown,
    inputs: now,
    code: 1,
    outputs: { high: '0', medium: '1', 'new-exemptions': '0' },
    summary: [/2 exempted/],
  },
  ...(
    [
      ['adds an exemption', '', exemption(cartsArn), 1],
      ['widens an exemption', exemption(cartsArn), exemption(cartsArn.replace('carts', '*')), 1],
      ['extends an exemption', exemption(cartsArn), exemption(cartsArn, '2028-06-30'), 1],
      ['narrows an exemption', exemption(cartsArn.replace('carts', 'c*')), exemption(cartsArn), 0],
      ['shortens an exemption', exemption(cartsArn), exemption(cartsArn, '2027-01-01'), 0],
      ['keeps an exemption', exemption(cartsArn), `${exemption(cartsArn)} # as before`, 0],
      ['drops an exemption', exemption(cartsArn), '', 0],
    ] as const
  ).map(
    ([name, before, after, code]): Case => ({
      name: `${name}, where new exemptions fail`,
      base: { ...old, 'rel09.yaml': before === '' ? policy() : exempting(before) },
      head: { 'rel09.yaml': after === '' ? policy('# none') : exempting(after) },
      inputs: { 'fail-on-new-exemption': 'true', ...now },
      code,
      outputs: { new: '0', 'new-exemptions': String(code) },
    }),
  ),
  {
    name: 'breaks the policy',
    base: { ...old, 'rel09.yaml': policy() },
    head: { 'rel09.yaml': policy('assumption: {}') },
    code: 2,
    outputs: { new: '0', 'exit-code': '2' },
    summary: [/rel09\.yaml:2/],
  },
  {
    name: 'brings an input that cannot be read beside one that can',
    base: old,
    head: { ...grown, 'infra/broken.json': '{"fileVersion":"1.0","configurationItems": [{"resourceType": ' },
    code: 2,
    outputs: { 'exit-code': '2' },
    at: [`${file}:9`],
    summary: [/infra\/broken\.json/],
  },
  {
    name: 'lacks evidence that is required',
    base: { [file]: snapshot(factGroups.filter(group => group !== 'selections')) },
    head: { 'README.md': 'shop' },
    inputs: { 'require-evidence': 'true' },
    code: 3,
    outputs: { new: '0', 'exit-code': '3' },
    summary: [/evidence is missing/],
  },
  {
    name: 'leaves a store uncovered whose line it does not touch, where only touched lines count',
    // The tag that the plan looks for changes, so that the database is no longer selected.
    base: old,
    head: { [file]: shop.replace('"ConditionValue":"daily"', '"ConditionValue":"nightly"') },
    inputs: { 'only-changed': 'true' },
    code: 1,
    outputs: { new: '1' },
    at: [`${file}:4`],
    summary: [/4 outside the changed lines/],
  },
  {
    name: 'touches the line of the new finding, where only touched lines count',
    base: old,
    head: grown,
    inputs: { 'only-changed': 'true' },
    code: 1,
    outputs: { new: '2' },
    at: [`${file}:9`],
  },
  {
    name: 'says that its file is not text, where only touched lines count',
    base: old,
    head: { ...grown, '.gitattributes': '*.ndjson -diff export-ignore\n' },
    inputs: { 'only-changed': 'true' },
    code: 1,
    outputs: { new: '2' },
  },
  {
    name: 'imitates a diff, where only touched lines count',
    base: { 'a.txt': 'x\n', ...old },
    head: { ...grown, 'a.txt': '++ b/infra/none.ndjson\n@@ -1 +1 @@\n' },
    inputs: { 'only-changed': 'true' },
    code: 1,
    outputs: { new: '2' },
  },
  ...(
    [
      ['counts for nothing', {}, 1, { new: '1', high: '1' }, ['infra/stack.yaml:6'], 'They do not count in this run'],
      ['counts where the step allows it', { 'policy-from': 'head' }, 0, { new: '0' }, [], 'They count in this run'],
      [
        'fails where new exemptions do',
        { 'fail-on': 'never', 'fail-on-new-exemption': 'true' },
        1,
        { new: '1' },
        ['infra/stack.yaml:6'],
        'They do not count in this run',
      ],
    ] as const
  ).map(
    ([name, inputs, code, outputs, at, counts]): Case => ({
      name: `exempts beside the resource what it brings, which ${name}`,
      base: { 'rel09.yaml': quiet, 'infra/stack.yaml': stack('Orders') },
      head: { 'infra/stack.yaml': stack('Orders', 'Wishes').replace('  Wishes', `  ${beside()}\n  Wishes`) },
      inputs: { ...justCovered, ...inputs },
      code,
      outputs: { ...outputs, 'new-exemptions': '1', 'exit-code': String(code) },
      at: [...at],
      summary: [
        /^## ⚠️ This change exempts more than before: 1 entry/,
        new RegExp(counts),
        /\| new \| <code>resource-in-backup-plan<\/code> \| <code>Wishes<\/code><br><code>infra\/stack\.yaml:5<\/code> \| Rebuilt\. \| web \| 2027-03-01 \|/,
      ],
    }),
  ),
  ...(
    [
      ['keeps an exemption', stack('Added', 'Orders').replace('  Orders', `  ${beside()}\n  Orders`), '0', '1'],
      ['shortens an exemption', exempted(beside('2027-02-01')), '0', '0'],
      ['extends an exemption', exempted(beside('2027-04-01')), '1', '0'],
      ['drops an exemption', stack('Orders'), '0', '0'],
      ['takes an exemption to another resource', stack('Orders', 'B').replace('  B', `  ${beside()}\n  B`), '1', '1'],
    ] as const
  ).map(
    ([name, after, changes, fresh]): Case => ({
      name: `${name} beside a resource`,
      base: { 'rel09.yaml': quiet, 'infra/stack.yaml': exempted(beside()) },
      head: { 'infra/stack.yaml': after },
      inputs: { ...justCovered, 'fail-on': 'never' },
      code: 0,
      outputs: { new: fresh, 'new-exemptions': changes },
    }),
  ),
  {
    name: 'renames a file with an exemption',
    base: { 'rel09.yaml': quiet, 'infra/stack.yaml': exempted(beside()) },
    head: { 'infra/stack.yaml': null, 'infra/tables.yaml': exempted(beside()) },
    inputs: justCovered,
    code: 0,
    outputs: { new: '0', 'new-exemptions': '0' },
  },
  {
    name: 'exempts beside a resource without saying who answers for it',
    base: { 'rel09.yaml': quiet, 'infra/stack.yaml': stack('Orders') },
    head: { 'infra/stack.yaml': exempted('# rel09:exempt resource-in-backup-plan until 2027-03-01 -- Rebuilt.') },
    inputs: justCovered,
    code: 2,
    outputs: { new: '0', 'new-exemptions': '0', 'exit-code': '2' },
    at: [],
    summary: [/infra\/stack\.yaml:2: .*owner=/],
  },
  {
    name: 'exempts beside a resource from a rule that it brings itself',
    base: { 'rel09.yaml': quiet, 'infra/stack.yaml': stack('Orders') },
    head: { 'infra/stack.yaml': exempted(beside('2027-03-01', 'named')), 'own/named.yaml': ownRule },
    inputs: { ...justCovered, rules: 'own' },
    code: 0,
    outputs: { new: '0', 'new-exemptions': '1' },
  },
  {
    name: 'names a snapshot that is not there',
    base: old,
    head: grown,
    inputs: { 'with-snapshot': 'live.ndjson' },
    code: 2,
    log: [/live\.ndjson/],
  },
  {
    name: 'adds a table to a template, which the plans of the live account do not select',
    base: { 'infra/stack.yaml': stack('Orders') },
    head: { 'infra/stack.yaml': stack('Orders', 'Wishes'), 'live.ndjson': shop },
    inputs: {
      paths: 'infra',
      rules: '',
      'with-snapshot': 'live.ndjson',
      account: '111122223333',
      region: 'eu-west-1',
      'fail-on': 'high',
    },
    code: 1,
    at: ['infra/stack.yaml:5'],
    summary: [/wishes/],
  },
  {
    name: 'comes with inputs that say nothing',
    base: old,
    head: {},
    inputs: { 'fail-on': 'severe', annotations: 'many', 'only-changed': 'perhaps', paths: '-', now: 'today' },
    code: 2,
    summary: [/fail-on/, /annotations/, /only-changed/, /paths/, /now/],
  },
  {
    name: 'names an input that is not there',
    base: old,
    head: {},
    inputs: { paths: 'nowhere' },
    code: 2,
    summary: [/nowhere/],
  },
  {
    name: 'names a policy that is not there',
    base: old,
    head: {},
    inputs: { policy: 'nowhere.yaml' },
    code: 2,
    summary: [/nowhere\.yaml/],
  },
]

describe('a pull request that', () => {
  it.each(cases)('$name', ({ base, head, inputs, code, outputs = {}, at, summary = [], log = [], never = [] }) => {
    const run = judgePullRequest(base, head, inputs ? { inputs } : {})
    expect(run.code, run.log + run.summary).toBe(code)
    expect(run.outputs).toMatchObject(outputs)
    if (at) expect([...new Set(annotated(run).map(({ at: place }) => place))].sort()).toEqual([...at].sort())
    for (const pattern of summary) expect(run.summary).toMatch(pattern)
    for (const pattern of log) expect(run.log).toMatch(pattern)
    for (const pattern of never) expect(run.log + run.summary).not.toMatch(pattern)
    expect(run.annotations.some(({ level, title }) => level === 'error' && !/^rel09 (critical|high)/.test(title))).toBe(
      code !== 0,
    )
    expect(run.log).not.toContain('fault of rel09')
  })
})

describe('what is compared', () => {
  it('is what GitHub merged into, although the branch has moved since the event', () => {
    const repository = repositoryOf(old)
    const eventBase = repository.git('rev-parse', 'main')
    repository.write({ [file]: shop + table('wishes') })
    repository.commit('others add a finding')
    const change = repository.propose({ 'README.md': 'shop' })
    const event = pullRequest({ ...change, base: eventBase })
    expect(repository.run({ event, environment: { GITHUB_SHA: change.merge } }).outputs.new).toBe('0')
  })

  it('is where the branch began, where the branch itself is checked out', () => {
    const repository = repositoryOf(grown)
    const change = repository.propose({ 'README.md': 'shop' })
    repository.git('checkout', '--quiet', 'main')
    repository.write(old)
    const base = repository.commit('others mend a finding')
    repository.git('checkout', '--quiet', change.head)
    expect(repository.run({ event: pullRequest({ ...change, base }) }).outputs.new).toBe('0')
  })

  it.each<[string, (change: { base: string; head: string }) => object, string]>([
    ['the base of a merge queue', ({ base, head }) => ({ merge_group: { base_sha: base, head_sha: head } }), '2'],
    ['what a push came after', ({ base, head }) => ({ before: base, after: head, ref: 'refs/heads/main' }), '2'],
    ['nothing, for a new branch', ({ head }) => ({ before: '0'.repeat(40), after: head, ref: 'refs/heads/new' }), '9'],
    ['nothing, for a schedule', () => ({ schedule: '0 5 * * *' }), '9'],
    ['nothing, for a run by hand', () => ({ inputs: {}, ref: 'refs/heads/main' }), '9'],
    ['nothing, for an event with no commit in it', () => ({ before: '--output=/tmp/x', after: 'x' }), '9'],
  ])('is %s', (_, eventOf, expected) => {
    const repository = repositoryOf(old)
    const change = repository.propose(grown)
    const run = repository.run({ event: eventOf(change) })
    expect(run.outputs.new, run.log).toBe(expected)
    expect(run.code).toBe(1)
  })

  it('is a push to the default branch with what it exempts beside resources: it has been accepted', () => {
    const repository = repositoryOf({ 'rel09.yaml': quiet, 'infra/stack.yaml': stack('Orders') })
    const { base, head } = repository.propose({ 'infra/stack.yaml': exempted(beside()) })
    const event = { before: base, after: head, ref: 'refs/heads/main', repository: { default_branch: 'main' } }
    for (const of of [event, { schedule: '0 5 * * *' }]) {
      const run = repository.run({ event: of, inputs: justCovered })
      expect(run.outputs, run.log).toMatchObject({ findings: '0', 'new-exemptions': '0', 'exit-code': '0' })
      expect(run.summary).toMatch(/1 exempted/)
    }
  })

  it('is what a push to another branch came after, with what it exempts beside resources', () => {
    const repository = repositoryOf({ 'rel09.yaml': quiet, 'infra/stack.yaml': stack('Orders') })
    const { base, head } = repository.propose({ 'infra/stack.yaml': exempted(beside()) })
    const event = { before: base, after: head, ref: 'refs/heads/work', repository: { default_branch: 'main' } }
    const run = repository.run({ event, inputs: justCovered })
    expect(run.outputs, run.log).toMatchObject({ findings: '0', 'new-exemptions': '1' })
    expect(run.summary).toMatch(/They count in this run/)
  })

  it('is the policy of a push to the default branch with what it exempts: it has been accepted', () => {
    const repository = repositoryOf({ ...old, 'rel09.yaml': policy() })
    const { base, head } = repository.propose({ 'rel09.yaml': exempting(exemption(cartsArn)) })
    const event = { before: base, after: head, ref: 'refs/heads/main', repository: { default_branch: 'main' } }
    const run = repository.run({ event, inputs: now })
    expect(run.summary).toMatch(/1 exempted/)
    expect(run.outputs['new-exemptions']).toBe('0')
  })
})

describe('a clone without the base commit', () => {
  const proposal: Files = { ...grown, 'rel09.yaml': withoutRule }
  const shallow = (inputs: { [name: string]: string } = {}) => {
    const repository = repositoryOf({ ...old, 'rel09.yaml': policy() })
    const change = repository.propose(proposal)
    return repository.run({
      workspace: repository.shallowClone(),
      event: pullRequest(change),
      environment: { GITHUB_SHA: change.merge },
      inputs,
    })
  }

  it('names the fix, and everything is judged, by nothing that the change wrote', () => {
    const run = shallow()
    expect(run.code).toBe(1)
    expect(run.outputs).toMatchObject({ new: '9', high: '3' })
    expect(run.annotations.filter(({ message }) => message.includes('fetch-depth: 0'))).toHaveLength(1)
    expect(run.summary).toContain('fetch-depth: 0')
  })

  it('cannot tell what is exempted anew, and says so where that must fail', () => {
    expect(shallow({ 'fail-on-new-exemption': 'true', 'fail-on': 'never' }).code).toBe(2)
    expect(shallow({ 'fail-on': 'never' }).code).toBe(0)
  })

  it('is no error where there is no repository at all', () => {
    const repository = repositoryOf({})
    const workspace = join(repository.directory, 'bare')
    cpSync(join(project, 'fixtures/bookshop'), join(workspace, 'shop'), { recursive: true })
    const run = repository.run({ workspace, event: pullRequest({ base: 'a'.repeat(40), head: 'b'.repeat(40) }) })
    expect(run.code).toBe(1)
    expect(run.summary).toContain('fetch-depth: 0')
  })
})

it('a fork: nothing is asked of GitHub, no token is needed', () => {
  const fork = { repo: { full_name: 'reader/bookshop', fork: true } }
  const repository = repositoryOf(old)
  const change = repository.propose(grown)
  const run = repository.run({ event: pullRequest(change, fork), environment: { GITHUB_SHA: change.merge } })
  expect(run.outputs).toMatchObject({ new: '2', 'exit-code': '1' })
  expect(readFileSync(join(project, 'dist-action/index.mjs'), 'utf8')).not.toMatch(
    /(?:from|import|require)[\s(]*["'](?:node:)?(?:https?|http2|net|tls|dgram|dns)["']|\bfetch\(/,
  )
})

it('no secret of the step is told', () => {
  const secret = 'b00kshop-s3cret'
  const environment = { GITHUB_TOKEN: secret, AWS_SECRET_ACCESS_KEY: secret, ACTIONS_RUNTIME_TOKEN: secret }
  const steps: { [name: string]: string }[] = [{}, { policy: 'nowhere' }, { format: 'json' }]
  for (const inputs of steps) {
    const run = judgePullRequest(old, grown, { inputs, environment })
    expect(run.log + run.summary + JSON.stringify(run.outputs)).not.toContain(secret)
  }
})

describe('names that others chose', () => {
  const nasty = [
    'x\n::error::owned',
    '::set-output name=worst::none',
    '::stop-commands::x',
    '##[error]owned',
    '<img src=x onerror=alert(1)>',
    '| a | b |\n# heading',
    '[link](https://evil.example) @everyone #1 `code`',
    '\u202egnp.exe \u001b[2J',
    'a%0A::error::b',
  ]
  const rows = nasty
    .map((name, i) => {
      const record = JSON.parse(table(`t${i}`)) as { name: string; id: string }
      return `${JSON.stringify({ ...record, name, id: name })}\n`
    })
    .join('')
  const evil = `infra/::error file=a,b::%0A${'é'}'"$(touch owned) <b>.ndjson`
  const head: Files = {
    [evil]: rows
      .replaceAll('"scope":"shop"', '"scope":"other"')
      .replace(/^/, `${shop.split('\n')[0]!.replace('"id":"shop"', '"id":"other"')}\n`),
    'infra/shop.ndjson': shop + rows,
    'rel09.yaml': exempting(
      ...nasty.map(
        name =>
          `  - ${JSON.stringify({ rule: 'resource-in-backup-plan', resource: `${name}*`, reason: name, owner: name, expires: '2027-01-01' })}`,
      ),
    ),
  }

  it.each(['text', 'json', 'markdown', 'csv', 'junit', 'sarif'])(
    'steer neither the runner nor the page (%s)',
    format => {
      const run = judgePullRequest(old, head, { inputs: { format } })
      expect(run.code, run.log).not.toBe(0)
      expect(run.outputs['new-exemptions']).toBe(String(nasty.length))
      const commands = new Set(commandsOf(run.log).map(({ command }) => command))
      expect([...commands].sort()).toEqual(['endgroup', 'error', 'group', 'notice', 'stop-commands', 'warning'])
      expect(run.annotations.map(({ title }) => title).filter(title => !title.startsWith('rel09'))).toEqual([])
      for (const character of ['\u001b', '\u202e']) expect(run.log + run.summary).not.toContain(character)
      if (format !== 'json' && format !== 'sarif') expect(run.log).not.toContain('##[')
      expect(run.summary).not.toMatch(/<(?!\/?(code|details|summary)>|br>|!-- -->)/)
      expect(run.summary).not.toMatch(/\]\(|https?:\/\/|^# /m)
      for (const line of run.summary.split('\n').filter(text => text.startsWith('|')))
        expect([5, 6, 7, 8, 4].includes(line.split('|').length), line).toBe(true)
    },
  )
})

it('sixty findings: ten of each level at most, worst first, the others counted on the page', () => {
  const many = Array.from({ length: 60 }, (_, i) => table(`wishes-${i}`)).join('')
  const run = judgePullRequest(old, { [file]: shop + many })
  expect(run.outputs.new).toBe('120')
  for (const level of ['error', 'warning', 'notice'])
    expect(run.annotations.filter(annotation => annotation.level === level).length).toBeLessThanOrEqual(10)
  expect(run.annotations.filter(({ title }) => title.startsWith('rel09 high'))).toHaveLength(9)
  expect(run.annotations.at(-1)?.message).toMatch(/^101 more findings/)
  expect(run.summary).toMatch(/… and 110 more findings/)
  expect(Buffer.byteLength(run.summary)).toBeLessThan(900 * 1024)
  const quiet = judgePullRequest(old, { [file]: shop + many }, { inputs: { annotations: '3' } })
  expect(annotated(quiet)).toHaveLength(3)
  expect(annotated(judgePullRequest(old, { [file]: shop + many }, { inputs: { annotations: '0' } }))).toEqual([])
})

describe('files that the step asks for', () => {
  it('are SARIF with every finding at its place from the top of the repository, and a report', () => {
    const repository = repositoryOf({ 'app/infra/shop.ndjson': shop, 'app/rel09.yaml': policy() })
    const change = repository.propose({ 'app/infra/shop.ndjson': shop + table('wishes') })
    const run = repository.run({
      event: pullRequest(change),
      environment: { GITHUB_SHA: change.merge },
      inputs: {
        'working-directory': 'app',
        paths: 'infra\n',
        'sarif-file': 'out/rel09.sarif',
        format: 'json',
        'report-file': 'out/report.json',
      },
    })
    expect(run.outputs).toMatchObject({ 'sarif-file': 'app/out/rel09.sarif', 'report-file': 'app/out/report.json' })
    const read = (path: string) => JSON.parse(readFileSync(join(repository.path, path), 'utf8'))
    const { results } = read('app/out/rel09.sarif').runs[0] as {
      results: { locations: { physicalLocation: { artifactLocation: { uri: string } } }[] }[]
    }
    // Code scanning compares by itself, and takes what is missing for mended.
    expect(results).toHaveLength(Number(run.outputs.findings))
    const uris = new Set(results.map(({ locations }) => locations[0]!.physicalLocation.artifactLocation.uri))
    expect([...uris].sort()).toEqual(['app/infra/shop.ndjson', 'app/rel09.yaml'])
    const { findings } = read('app/out/report.json') as { findings: { state: string; verdict: string }[] }
    expect(findings.filter(({ verdict, state }) => verdict === 'non-compliant' && state === 'open')).toHaveLength(2)
    expect(run.log).not.toContain('::group::')
  })

  it('are a baseline of the command line, which the Action takes too', async () => {
    const repository = repositoryOf(grown)
    const shelf = new Shop({ [file]: shop + table('wishes') })
    await shelf.run(['scan', 'infra', '--write-baseline', 'b.json'])
    repository.write({ 'b.json': shelf.read('b.json') })
    shelf.remove()
    const run = repository.run({ inputs: { baseline: 'b.json' } })
    expect(run.outputs).toMatchObject({ new: '0', 'exit-code': '0' })
    expect(run.summary).toMatch(/in the baseline/)
  })
})

it('a run leaves nothing in the clone or the temporary directory', () => {
  const repository = repositoryOf(old)
  const change = repository.propose(grown)
  const before = repository.git('count-objects', '-v')
  repository.run({ event: pullRequest(change), environment: { GITHUB_SHA: change.merge } })
  expect(repository.git('status', '--porcelain')).toBe('')
  expect(repository.git('count-objects', '-v')).toBe(before)
  expect(readdirSync(join(repository.directory, 'temp'))).toEqual([])
  expect(existsSync(join(repository.path, '.git/worktrees'))).toBe(false)
})

describe('action.yml', () => {
  const sources = ['inputs.ts', 'run-action.ts']
    .map(name => readFileSync(join(project, 'src/commands/action', name), 'utf8'))
    .join('')

  it('runs the bundle on Node 24', () => {
    expect(metadata.runs).toEqual({ using: 'node24', main: 'dist-action/index.mjs' })
  })

  it('declares every input that is read, and reads every input that it declares', () => {
    for (const name of Object.keys(metadata.inputs)) expect(sources).toContain(`'${name}'`)
    const read = [...sources.matchAll(/read\.(?:text|lines|flag|choice|count)\('([\w-]+)'/g)].map(([, name]) => name)
    expect(read.length).toBeGreaterThan(10)
    for (const name of read) expect(Object.keys(metadata.inputs)).toContain(name)
  })

  it('declares every output that is set', () => {
    const run = judgePullRequest(old, grown)
    expect(Object.keys(run.outputs).sort()).toEqual(Object.keys(metadata.outputs).sort())
  })
})

describe('of every estate', () => {
  it.each(estates)('the Action reports what the command line does: %s', async estate => {
    const fixture = (name: string) => readFileSync(join(project, 'fixtures', estate, name), 'utf8')
    const files: { [path: string]: string } = { 'estate.ndjson': fixture('snapshot.ndjson') }
    if (estate === 'clinic') files['rel09.yaml'] = fixture('rel09.yaml')
    const repository = repositoryOf(files)
    const at = '2026-01-15T07:00:00Z'
    repository.run({ inputs: { paths: 'estate.ndjson', format: 'json', 'report-file': 'report.json', now: at } })
    const cli = new Shop(files)
    const { out } = await cli.run(['scan', 'estate.ndjson', '--format', 'json', '--no-progress', '--now', at])
    cli.remove()
    const verdictsIn = (report: string) =>
      (JSON.parse(report).findings as { [name: string]: unknown }[]).map(
        ({ fingerprint, rule, verdict, severity, message }) => ({ fingerprint, rule, verdict, severity, message }),
      )
    const reported = verdictsIn(readFileSync(join(repository.path, 'report.json'), 'utf8'))
    expect(reported.length).toBeGreaterThan(10)
    expect(reported).toEqual(verdictsIn(out))
  })
})
