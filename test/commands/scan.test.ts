// Protects what a pipeline hangs on: exit codes and their order, which report goes where, baselines, and that a slip on the
// command line, in a policy or in a rule is told with its place and never judged around.
import { execFileSync, spawn } from 'node:child_process'
import { lstatSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { cartsArn, emptyShelf, factGroups, Shop, snapshot } from './bookshop.ts'

const shop = new Shop({
  'shop.ndjson': snapshot(),
  'partial.ndjson': snapshot(factGroups.filter(group => group !== 'selections' && group !== 'region-settings')),
  'empty.ndjson': emptyShelf,
  'broken.json': '{"configurationItems": [{"resourceType": "AWS::S3::Bucket"',
  'mixed/shop.ndjson': snapshot(),
  'mixed/broken.json': '{"fileVersion":"1.0","configSnapshotId":"1","configurationItems": [{"resourceType": ',
  'strict.yaml': 'version: 1\nrules:\n  resource-in-backup-plan: { severity: critical }\n',
  'off.yaml': 'version: 1\nrules:\n  resource-in-backup-plan: { enabled: false }\n',
  'exempt.yaml': `version: 1\nexemptions:\n  - { rule: resource-in-backup-plan, resource: "${cartsArn}", reason: r, owner: o, expires: 2026-06-30 }\n`,
  'slip.yaml': 'version: 1\nassumptions:\n  jobMinute: 5\n',
  'shop.yaml':
    'Parameters: {Recovery: {Type: String}}\nResources:\n  Orders:\n    Type: AWS::DynamoDB::Table\n    Properties:\n' +
    '      TableName: orders\n      PointInTimeRecoverySpecification: {PointInTimeRecoveryEnabled: !Ref Recovery}\n',
  'prod.txt': 'Recovery=true\n',
  'rules/slip.yaml':
    'id: slip\ntitle: Slips\nbestPractice: REL09-BP01\nseverity: low\nsubject: data-store\nexpect:\n  protection.coverd: { const: true }\nmessage: m\nremediation: { text: t }\nreferences: [https://docs.aws.amazon.com/]\nexamples:\n  - { name: a, facts: {}, verdict: undetermined }\n',
})
afterAll(() => shop.remove())

const plan = ['--rule', 'resource-in-backup-plan']
const json = (out: string) =>
  JSON.parse(out) as { findings: { rule: string; verdict: string; state: string; resource: { arn: string } }[] }

/** Templates of one bucket each, with what stands beside it; they are judged as all there is. */
const bucket = (...comments: string[]) =>
  `Resources:\n${comments.map(comment => `  # rel09:exempt ${comment}\n`).join('')}  Images:\n    Type: AWS::S3::Bucket\n`
const inForce = 's3-versioning until 2026-06-30 owner=web -- Public images.'

describe('an exemption beside a resource', () => {
  const beside = new Shop({
    'ok.yaml': bucket(inForce),
    'idle.yaml': bucket(inForce, 'dynamodb-pitr until 2026-06-30 owner=web -- No table.'),
    'slip.yaml': bucket(inForce, 's3-versionin until 2026-06-30 owner=web -- A slip.'),
    'other.yaml': bucket(),
    'plan/main.tf': `resource "aws_s3_bucket" "a" {\n  # rel09:exempt ${inForce}\n  bucket = "a"\n}\n`,
    'plan/plan.json': JSON.stringify({
      format_version: '1.2',
      terraform_version: '1.9.0',
      resource_changes: [
        {
          address: 'aws_s3_bucket.a',
          mode: 'managed',
          type: 'aws_s3_bucket',
          name: 'a',
          provider_name: 'registry.terraform.io/hashicorp/aws',
          change: { actions: ['create'], before: null, after: { bucket: 'a' }, after_unknown: {} },
        },
      ],
      configuration: { root_module: {} },
    }),
  })
  afterAll(() => beside.remove())
  const versioning = ['--rule', 's3-versioning', '--closed-world', '--format', 'json', '--verdicts', 'all']
  const until = (day: string) => [...versioning, '--now', day]

  it.each<[string, string[], number, string[], [rule: string, why: string, line: number][]]>([
    ['accepts its finding', ['ok.yaml', ...until('2026-06-30')], 0, ['exempted'], []],
    [
      'accepts nothing when it is over, and is told',
      ['ok.yaml', ...until('2026-07-01')],
      1,
      ['open'],
      [['s3-versioning', 'expired', 2]],
    ],
    [
      'is told where nothing needs it',
      ['idle.yaml', ...until('2026-06-01')],
      0,
      ['exempted'],
      [['dynamodb-pitr', 'unused', 3]],
    ],
    ['of a rule that there is not is a problem', ['slip.yaml', ...until('2026-06-01')], 2, ['exempted'], []],
    [
      'that cannot be read leaves the others judged',
      ['slip.yaml', 'other.yaml', ...until('2026-06-01')],
      2,
      ['exempted', 'open'],
      [],
    ],
    ['of a configuration counts for its plan', ['plan', ...until('2026-06-01')], 0, ['exempted'], []],
  ])('%s', async (_, args, code, states, idle) => {
    const run = await beside.run(['scan', ...args])
    expect(run.code).toBe(code)
    const report = JSON.parse(run.out) as {
      findings: { state: string }[]
      unusedExemptions: { rule: string; why: string; location: { line: number } }[]
      problems?: { file: string; line: number; message: string }[]
    }
    expect(report.findings.map(({ state }) => state).sort()).toEqual(states)
    expect(report.unusedExemptions.map(({ rule, why, location }) => [rule, why, location.line])).toEqual(idle)
    const slip = { file: 'slip.yaml', line: 3, message: expect.stringContaining('s3-versioning') }
    expect(report.problems ?? []).toEqual(code === 2 ? [slip] : [])
  })

  it('is known to why', async () => {
    const run = await beside.run([
      'why',
      'Images',
      'ok.yaml',
      '--closed-world',
      '--format',
      'json',
      '--now',
      '2026-06-01',
    ])
    const { findings } = JSON.parse(run.out) as { findings: { rule: string; state: string }[] }
    expect(findings.find(({ rule }) => rule === 's3-versioning')?.state).toBe('exempted')
  })
})

describe('the exit code', () => {
  it.each<[string, string[], number]>([
    ['nothing is wrong', ['empty.ndjson', ...plan], 0],
    ['a finding', ['shop.ndjson', ...plan], 1],
    ['a finding below --fail-on', ['shop.ndjson', ...plan, '--fail-on', 'critical'], 0],
    ['a finding at --fail-on', ['shop.ndjson', ...plan, '--fail-on', 'high'], 1],
    [
      'a finding that the policy makes worse',
      ['shop.ndjson', ...plan, '--fail-on', 'critical', '--policy', 'strict.yaml'],
      1,
    ],
    ['a finding with --fail-on never', ['shop.ndjson', ...plan, '--fail-on', 'never'], 0],
    ['an exempted finding', ['shop.ndjson', ...plan, '--policy', 'exempt.yaml'], 0],
    [
      'an exempted finding after the exemption ended',
      ['shop.ndjson', ...plan, '--policy', 'exempt.yaml', '--now', '2026-07-01'],
      1,
    ],
    ['missing evidence', ['partial.ndjson', ...plan], 0],
    ['missing evidence that is required', ['partial.ndjson', ...plan, '--require-evidence'], 3],
    ['no missing evidence where it is required', ['empty.ndjson', '--rule', 'vault-lock', '--require-evidence'], 0],
    ['a finding beside missing evidence', ['shop.ndjson', '--require-evidence'], 1],
    ['a bad input', ['broken.json', ...plan], 2],
    ['a bad input beside a finding', ['shop.ndjson', 'broken.json', ...plan], 2],
    ['a bad input beside missing evidence', ['partial.ndjson', 'broken.json', ...plan, '--require-evidence'], 2],
    ['an input that is not there', ['nowhere.json', ...plan], 2],
    ['no input', [], 2],
    ['an unknown option', ['shop.ndjson', '--fial-on', 'high'], 2],
    ['an unknown format', ['shop.ndjson', '--format', 'jsn'], 2],
    ['an unknown severity', ['shop.ndjson', '--fail-on', 'severe'], 2],
    ['an unknown verdict', ['shop.ndjson', '--verdicts', 'bad'], 2],
    ['an unknown rule', ['shop.ndjson', '--rule', 'vault-lokc'], 2],
    ['a time that is none', ['shop.ndjson', '--now', 'today'], 2],
    ['a time without a zone', ['shop.ndjson', '--now', '2026-01-05T10:00'], 2],
    ['an account that is none', ['shop.yaml', '--account', '1111'], 2],
    ['a Region that is none', ['shop.yaml', '--region', 'Ireland'], 2],
    ['parameters that are not there', ['shop.yaml', '--parameters', 'nowhere.json'], 2],
    ['parameters that are none', ['shop.yaml', '--parameters', 'shop.yaml'], 2],
    ['a policy that is not there', ['shop.ndjson', '--policy', 'nowhere.yaml'], 2],
    ['a policy with a slip', ['shop.ndjson', '--policy', 'slip.yaml'], 2],
    ['a rule with a slip', ['shop.ndjson', '--rules', 'rules'], 2],
    ['rules that are not there', ['shop.ndjson', '--rules', 'nowhere'], 2],
    ['a baseline that is none', ['shop.ndjson', '--baseline', 'strict.yaml'], 2],
    ['a report that cannot be written', ['shop.ndjson', ...plan, '--output', 'shop.ndjson/report.txt'], 2],
    ['a baseline that cannot be written', ['shop.ndjson', ...plan, '--write-baseline', 'shop.ndjson/base.json'], 2],
    ['--help', ['--help'], 0],
  ])('for %s', async (_, args, code) => {
    const { code: got, err } = await shop.run(['scan', ...args])
    expect(got, err).toBe(code)
    expect(err).not.toContain('fault of rel09')
    if (code === 2) expect(err).toMatch(/^rel09: /)
  })
})

describe('an unreadable input among good ones', () => {
  it('is told, and the report of the others is written', async () => {
    const { code, out, err } = await shop.run(['scan', 'mixed', ...plan, '--format', 'json'])
    expect(code).toBe(2)
    expect(err).toContain('mixed/broken.json')
    expect(json(out).findings.map(({ resource }) => resource.arn)).toContain(cartsArn)
  })
})

describe('outputs', () => {
  it('belong to the format before them', async () => {
    const { out, code } = await shop.run([
      ...['scan', 'shop.ndjson', ...plan, '--format', 'text', '--format', 'json', '--output', 'a/report.json'],
      ...['--format', 'csv', '--output', 'report.csv'],
    ])
    expect(code).toBe(1)
    expect(json(shop.read('a/report.json')).findings.length).toBeGreaterThan(0)
    expect(shop.read('report.csv').split('\n')[0]).toContain('rule')
    expect(out).toContain('carts')
    expect(out.startsWith('{')).toBe(false)
  })

  it.each<[string, string[]]>([
    ['the format first', ['--format', 'json', '--output', 'one.json']],
    ['the output first', ['--output', 'one.json', '--format', 'json']],
  ])('one of each belong together: %s', async (_, args) => {
    shop.write('one.json', '')
    const { out } = await shop.run(['scan', 'shop.ndjson', ...plan, ...args])
    expect(out).toBe('')
    expect(json(shop.read('one.json')).findings.length).toBeGreaterThan(0)
  })

  it('take text where no format is named', async () => {
    await shop.run(['scan', 'shop.ndjson', ...plan, '--output', 'plain.txt'], { colour: true })
    expect(shop.read('plain.txt')).toContain('carts')
    expect(shop.read('plain.txt')).not.toContain('\u001b')
  })

  it('go into a pipe that is there, which stays one', async () => {
    const pipe = join(shop.path, 'pipe')
    execFileSync('mkfifo', [pipe])
    const reader = spawn('cat', [pipe])
    const read = reader.stdout.toArray()
    await shop.run(['scan', 'shop.ndjson', ...plan, '--format', 'json', '--output', 'pipe'])
    expect(lstatSync(pipe).isFIFO()).toBe(true)
    expect(json(Buffer.concat(await read).toString()).findings.length).toBeGreaterThan(0)
  })

  it.each<[string, string[]]>([
    ['two formats for standard output', ['--format', 'json', '--format', 'csv']],
    ['two outputs for a format', ['--format', 'json', '--output', 'a', '--output', 'b']],
    ['an output before two formats', ['--output', 'a', '--format', 'json', '--format', 'csv']],
  ])('%s are refused', async (_, args) => {
    expect((await shop.run(['scan', 'shop.ndjson', ...args])).code).toBe(2)
  })
})

describe('a baseline', () => {
  it('of a run makes the same run clean, and only what is new counts', async () => {
    expect((await shop.run(['scan', 'shop.ndjson', '--write-baseline', 'base.json'])).code).toBe(1)
    const { code, out } = await shop.run(['scan', 'shop.ndjson', '--baseline', 'base.json', '--format', 'json'])
    expect(code).toBe(0)
    expect(
      new Set(
        json(out)
          .findings.filter(({ verdict }) => verdict === 'non-compliant')
          .map(({ state }) => state),
      ),
    ).toEqual(new Set(['baselined']))
    const known = JSON.parse(shop.read('base.json')) as { fingerprints: string[] }
    shop.write('base.json', JSON.stringify({ ...known, fingerprints: known.fingerprints.slice(1) }))
    expect((await shop.run(['scan', 'shop.ndjson', '--baseline', 'base.json'])).code).toBe(1)
  })

  it('is the same bytes for the same input', async () => {
    await shop.run(['scan', 'shop.ndjson', '--write-baseline', 'one.json'])
    await shop.run(['scan', 'shop.ndjson', '--write-baseline', 'two.json'])
    expect(shop.read('one.json')).toBe(shop.read('two.json'))
  })

  it('leaves out what an exemption answers, lest it outlive the exemption', async () => {
    await shop.run(['scan', 'shop.ndjson', ...plan, '--policy', 'exempt.yaml', '--write-baseline', 'exempted.json'])
    expect(JSON.parse(shop.read('exempted.json'))).toMatchObject({ fingerprints: [] })
  })
})

describe('what is judged', () => {
  it('is limited by --rule, given once or several times', async () => {
    const rulesOf = async (...args: string[]) => {
      const { out } = await shop.run(['scan', 'shop.ndjson', '--format', 'json', '--verdicts', 'all', ...args])
      return [...new Set(json(out).findings.map(({ rule }) => rule))]
    }
    const both = ['data-store-classified', 'resource-in-backup-plan']
    expect(await rulesOf('--rule', both.join(','))).toEqual(both)
    expect(await rulesOf('--rule', both[0]!, '--rule', both[1]!)).toEqual(both)
  })

  it('takes the policy of the working directory', async () => {
    const own = new Shop({
      'shop.ndjson': snapshot(),
      'rel09.yaml': 'version: 1\nrules:\n  resource-in-backup-plan: { enabled: false }\n',
    })
    expect((await own.run(['scan', 'shop.ndjson', ...plan])).code).toBe(0)
    own.write('rel09.yaml', 'version: 1\nrulez: {}\n')
    const { code, err } = await own.run(['scan', 'shop.ndjson'])
    own.remove()
    expect(code).toBe(2)
    expect(err).toContain('rel09.yaml:2: rulez')
  })

  it('a policy of the working directory that cannot be read is not passed over', async () => {
    const own = new Shop({ 'shop.ndjson': snapshot(), 'rel09.yaml/not-a-file': '' })
    const { code, err } = await own.run(['scan', 'shop.ndjson'])
    own.remove()
    expect(code).toBe(2)
    expect(err).toContain('rel09.yaml: the policy is a directory')
  })

  it('standard input is an input', async () => {
    expect((await shop.run(['scan', '-', ...plan], { stdin: snapshot() })).code).toBe(1)
  })

  it('a template is judged by what its deployment states', async () => {
    const pitr = ['scan', 'shop.yaml', '--rule', 'dynamodb-pitr', '--format', 'json', '--verdicts', 'all']
    const stated = ['--parameters', 'prod.txt', '--account', '111122223333', '--region', 'eu-west-1']
    const judged = json((await shop.run([...pitr, ...stated])).out).findings
    expect(judged.map(({ verdict, resource }) => [verdict, resource.arn])).toEqual([
      ['compliant', 'arn:aws:dynamodb:eu-west-1:111122223333:table/orders'],
    ])
    expect(json((await shop.run(pitr)).out).findings.map(({ verdict }) => verdict)).toEqual(['undetermined'])
  })

  it('--closed-world shows in the digest of the policy', async () => {
    const digest = async (...args: string[]) => {
      const { out } = await shop.run(['scan', 'empty.ndjson', '--format', 'json', ...args])
      return (JSON.parse(out) as { policyDigest: string }).policyDigest
    }
    expect(await digest('--closed-world')).not.toBe(await digest())
  })
})

describe('a slip', () => {
  it.each<[string, string[], string]>([
    [
      'in a policy',
      ['shop.ndjson', '--policy', 'slip.yaml'],
      'rel09: slip.yaml:3: assumptions.jobMinute: there is no such key; did you mean jobMinutes?',
    ],
    ['in a rule', ['shop.ndjson', '--rules', 'rules'], 'rel09: rules/slip.yaml:7: expect.protection.coverd'],
    ['in the name of a rule', ['shop.ndjson', '--rule', 'vault-lokc'], 'did you mean vault-lock?'],
    ['in an option', ['shop.ndjson', '--requireevidence'], '--require-evidence'],
  ])('%s is told with its place', async (_, args, text) => {
    const { err, out } = await shop.run(['scan', ...args])
    expect(err).toContain(text)
    expect(out).toBe('')
  })

  it('in the name of a file cannot steer a terminal', async () => {
    const { err } = await shop.run(['scan', '\u001b[2Jgone.json'])
    expect(err).not.toContain('\u001b')
  })
})

describe('a terminal', () => {
  const slow = { step: 1000 }

  it('sees progress, which is gone at the end', async () => {
    const { err } = await shop.run(['scan', 'shop.ndjson', ...plan], { terminal: true, ...slow })
    expect(err).toContain('reading')
    expect(err.endsWith('\u001b[2K')).toBe(true)
  })

  it.each<[string, string[], object]>([
    ['standard error is no terminal', [], slow],
    ['--no-progress', ['--no-progress'], { terminal: true, ...slow }],
    ['the work is short', [], { terminal: true, step: 1 }],
  ])('shows nothing where %s', async (_, args, setting) => {
    expect((await shop.run(['scan', 'shop.ndjson', ...plan, ...args], setting)).err).toBe('')
  })

  it.each([['--no-colour'], ['--no-color']])('has no colours with %s', async flag => {
    const coloured = await shop.run(['scan', 'shop.ndjson', ...plan], { colour: true })
    const plain = await shop.run(['scan', 'shop.ndjson', ...plan, flag], { colour: true })
    expect(coloured.out).toContain('\u001b')
    expect(plain.out).not.toContain('\u001b')
  })
})
