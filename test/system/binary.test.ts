// Protects the command as it is released: whatever it is given, it ends in time and in bounded memory with an exit code that
// is documented, tells each problem in one line with file and line, and shows neither a stack nor an absolute path; and the
// same records in another order give the same reports.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  closeSync,
  createReadStream,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { reporters } from '../../src/generated/reporters.ts'
import { Binary } from './binary.ts'

// Generous: the machine may be busy. What hangs is killed by `Binary.run` before.
vi.setConfig({ testTimeout: 240_000 })

const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url))
const estates = ['bookshop', 'clinic', 'traps'] as const
const textOf = (estate: string) => readFileSync(join(fixtures, estate, 'snapshot.ndjson'), 'utf8')
const bookshop = textOf('bookshop')
const lines = bookshop.trimEnd().split('\n')
const delivered = readFileSync(
  join(
    fixtures,
    'aws-config/bookshop/AWSLogs/111122223333/Config/eu-west-1/2026/1/15/ConfigSnapshot',
    '111122223333_Config_eu-west-1_ConfigSnapshot_20260115T060000Z_93839a31-34ba-459d-a49e-777664c250ba.json',
  ),
  'utf8',
)
const table = lines.find(line => line.includes('"type":"AWS::DynamoDB::Table"'))!
const withLine = (...added: string[]) => [...lines.slice(0, 3), ...added, ...lines.slice(3)].join('\n')
const now = ['--now', '2026-01-15T06:00:00Z']

let binary: Binary
beforeAll(() => {
  binary = new Binary()
  binary.write('shop.ndjson', bookshop)
}, 240_000)
afterAll(() => binary.remove())

interface Report {
  summary: { stores: number; resources: number }
  findings: { fingerprint: string; verdict: string; severity: string }[]
  gaps: { reason: string; file?: string; line?: number; types: string[] }[]
  problems?: { file: string; line?: number }[]
  notEvaluated: { file?: string; type?: string; reason: string; count: number }[]
}

const read = (text: string) => JSON.parse(text) as Report

/** Runs and checks what holds of every run; standard error has just the lines that are wanted. */
async function expectRun(args: readonly string[], code: number, wanted: readonly RegExp[], input?: string) {
  const outcome = await binary.run(args, input === undefined ? {} : { input })
  binary.expectDecent(outcome)
  expect([outcome.code, outcome.errors]).toEqual([code, wanted.map(line => expect.stringMatching(line))])
  return outcome
}

describe('an input', () => {
  it.each<[string, string | Buffer, RegExp]>([
    ['is empty', '', /^rel09: bad: is empty$/],
    ['is gzip of nothing', gzipSync(''), /^rel09: bad: is empty$/],
    ['is truncated gzip', gzipSync(bookshop).subarray(0, 3000), /^rel09: bad: is truncated: /],
    ['is nothing but the head of gzip', gzipSync(bookshop).subarray(0, 5), /^rel09: bad: is truncated: /],
    ['is no text', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1]), /^rel09: bad: is not text in UTF-8$/],
    ['is of no kind', '{"hello":"world"}', /^rel09: bad: is no input that is understood/],
    ['ends in a record', bookshop.slice(0, 5000), /^rel09: bad:10: holds a line that is not valid JSON$/],
    ['ends in an item', delivered.slice(0, 9000), /^rel09: bad:\d+: is truncated: /],
    [
      'holds a line that is not UTF-8',
      Buffer.concat([Buffer.from(`${lines[0]}\n`), Buffer.from([0x7b, 0xff, 0x7d, 10]), Buffer.from(bookshop)]),
      /^rel09: bad:2: holds a line that is not valid UTF-8$/,
    ],
    ['is nested deeply', withLine('['.repeat(1_000_000)), /^rel09: bad:4: holds a line that is nested too deeply$/],
    [
      'holds a record that is nested deeply',
      withLine(table.replace(/"configuration":\{/, `"configuration":{"a":${'['.repeat(5000)}${']'.repeat(5000)},`)),
      /^rel09: bad:4: holds a line that is nested too deeply$/,
    ],
    ['holds a record of no kind', withLine('{"record":"resorce"}'), /^rel09: bad:4: holds a record of an unknown kind/],
    ['holds a record without its scope', withLine('{"record":"resource"}'), /^rel09: bad:4: holds a resource record/],
    ['holds a scope of another schema', withLine('{"record":"scope","id":5}'), /^rel09: bad:4: holds a scope record/],
    [
      'names a scope that is not there',
      withLine(table.replace(/"scope":"[0-9a-f]+"/, '"scope":"nowhere"')),
      /^rel09: bad:4: names the scope "nowhere"/,
    ],
    [
      'is captured twice',
      withLine(lines[0]!.replace(/"id":"[0-9a-f]+"/, '"id":"again"')),
      /^rel09: bad:\d+: .*"again"|^rel09: bad:\d+: .*capture/,
    ],
  ])('that %s is one line and exit code 2, and is in the report', async (_, content, line) => {
    binary.write('bad', content)
    const { out } = await expectRun(['scan', 'bad', '--format', 'json', ...now], 2, [line])
    expect(read(out).problems).toHaveLength(1)
  })

  it('that is bad among good ones leaves the rest judged', async () => {
    binary.write('many/good.ndjson', bookshop)
    binary.write('many/cut.ndjson.gz', gzipSync(textOf('clinic')).subarray(0, 4000))
    binary.write('many/notes.md', '# Notes')
    const { out } = await expectRun(['scan', 'many', 'nowhere', '--format', 'json', ...now], 2, [
      /^rel09: many\/cut\.ndjson\.gz: is truncated/,
      /^rel09: nowhere: does not exist$/,
    ])
    const report = read(out)
    expect(report.summary.stores).toBeGreaterThan(10)
    expect(report.notEvaluated).toContainEqual(expect.objectContaining({ file: 'many/notes.md' }))
  })

  it.each<[string, string]>([
    ['an empty name', ''],
    ['an empty standard input', '-'],
  ])('with %s is refused: it is no directory full of inputs', async (_, input) => {
    await expectRun(['scan', input], 2, [/^rel09: .*(empty name|is empty)/])
  })

  it('of bytes that cannot be read leaves no report that looks clean', async () => {
    const args = [
      'scan',
      'nowhere',
      '--format',
      'text',
      '--output',
      'n.txt',
      '--format',
      'sarif',
      '--output',
      'n.sarif',
    ]
    await expectRun(args, 2, [/^rel09: nowhere: does not exist$/])
    expect(binary.read('n.txt')).toContain('nowhere: does not exist')
    expect(binary.read('n.txt')).not.toContain('✓')
    const { runs } = JSON.parse(binary.read('n.sarif')) as {
      runs: { invocations: { executionSuccessful: boolean }[] }[]
    }
    expect(runs[0]!.invocations[0]!.executionSuccessful).toBe(false)
  })

  it('twice the same is judged as once', async () => {
    binary.write('twice.ndjson', [...lines, ...lines].join('\n'))
    const verdictsOf = async (file: string) => {
      const args = ['scan', file, '--format', 'json', '--verdicts', 'all', '--fail-on', 'never', ...now]
      const { findings, gaps } = read((await expectRun(args, 0, [])).out)
      return [gaps, findings.map(({ fingerprint, verdict, severity }) => [fingerprint, verdict, severity])]
    }
    expect(await verdictsOf('twice.ndjson')).toEqual(await verdictsOf('shop.ndjson'))
  })

  it('that contradicts itself leaves a gap', async () => {
    binary.write('two.ndjson', withLine(table.replace(/"(true|false)"|\b(true|false)\b/, 'null')))
    const { out } = await expectRun(['scan', 'two.ndjson', '--format', 'json', ...now], 1, [])
    expect(read(out).gaps).toContainEqual(expect.objectContaining({ reason: 'contradictory' }))
  })

  it('of a type that nobody knows is listed', async () => {
    binary.write('new.ndjson', withLine(table.replace('AWS::DynamoDB::Table', 'AWS::Unheard::Of')))
    const { out } = await expectRun(['scan', 'new.ndjson', '--format', 'json', ...now], 1, [])
    expect(read(out).notEvaluated).toContainEqual(expect.objectContaining({ type: 'AWS::Unheard::Of', count: 1 }))
  })

  it('that is a pipe, a loop of links or a directory of pipes does not hang', async () => {
    mkdirSync(join(binary.path, 'odd/deep'), { recursive: true })
    symlinkSync('..', join(binary.path, 'odd/deep/up'))
    symlinkSync('self', join(binary.path, 'odd/self'))
    execFileSync('mkfifo', [join(binary.path, 'odd/pipe')])
    const loop = /^rel09: odd\/deep\/up: is a symbolic link that leads back to a directory above it$/
    await expectRun(['scan', 'odd'], 2, [/^rel09: odd: holds no files/, loop])
    await expectRun(['scan', 'odd/self'], 2, [/^rel09: odd\/self: is a symbolic link that leads to itself$/])
    binary.write('odd/shop.ndjson', bookshop)
    const { out } = await expectRun(['scan', 'odd', '--format', 'json', ...now], 2, [loop])
    expect(read(out).notEvaluated.map(({ file }) => file)).toEqual(expect.arrayContaining(['odd/pipe', 'odd/self']))
  })
})

describe('memory', () => {
  const most = 320

  it('is bounded for a record of 100 MB, which becomes a gap', async () => {
    const file = openSync(join(binary.path, 'long.ndjson'), 'w')
    writeSync(file, `${lines.slice(0, 3).join('\n')}\n${table.slice(0, -1)},"padding":"`)
    for (let i = 0; i < 100; i++) writeSync(file, Buffer.alloc(1_000_000, 'x'))
    writeSync(file, `"}\n${lines.slice(3).join('\n')}\n`)
    closeSync(file)
    const outcome = await expectRun(['scan', 'long.ndjson', '--format', 'json', ...now], 1, [])
    expect(outcome.peakMiB).toBeGreaterThan(20)
    expect(outcome.peakMiB).toBeLessThan(most)
    const { gaps, summary } = read(outcome.out)
    expect(gaps).toEqual([
      expect.objectContaining({ reason: 'oversized', line: 4, types: ['AWS::DynamoDB::Table'], file: 'long.ndjson' }),
    ])
    expect(summary.stores).toBe(11)
  })

  it('is bounded for a JSON document of 300 MB on one line, all of which is read', async () => {
    const { configurationItems, ...head } = JSON.parse(delivered) as {
      configurationItems: { resourceType: string; configuration: object }[]
    }
    const model = configurationItems.find(({ resourceType }) => resourceType === 'AWS::DynamoDB::Table')!
    const items = 1000
    const file = openSync(join(binary.path, 'document.json'), 'w')
    writeSync(file, `${JSON.stringify(head).slice(0, -1)},"configurationItems":[`)
    const padding = 'x'.repeat(300_000)
    for (let i = 0; i < items; i++) {
      const name = `table-${i}`
      const ARN = `arn:aws:dynamodb:eu-west-1:111122223333:table/${name}`
      const configuration = { ...model.configuration, padding }
      const item = { ...model, resourceId: name, resourceName: name, ARN, configuration }
      writeSync(file, `${i === 0 ? '' : ','}${JSON.stringify(item)}`)
    }
    writeSync(file, ']}')
    closeSync(file)
    expect(statSync(join(binary.path, 'document.json')).size).toBeGreaterThan(300e6)
    const args = ['scan', 'document.json', '--rule', 'dynamodb-pitr', '--format', 'json', '--fail-on', 'never', ...now]
    const outcome = await expectRun(args, 0, [])
    expect(outcome.peakMiB).toBeLessThan(most)
    expect(read(outcome.out).summary.stores).toBe(items)
  })
})

const rule = `id: our-rule
title: Tables are ours
bestPractice: REL09-BP01
severity: low
subject: data-store
expect:
  name: { pattern: "PATTERN" }
message: "{name} is not ours"
remediation: { text: Rename it. }
references: ["https://docs.aws.amazon.com/aws-backup/latest/devguide/whatisbackup.html"]
examples:
  - { name: ours, facts: { name: aaa }, verdict: compliant }
  - { name: theirs, facts: { name: b }, verdict: non-compliant }
  - { name: nameless, facts: {}, verdict: undetermined }
`
const ruleOf = (pattern: string) => rule.replace('PATTERN', pattern)

describe('a rule', () => {
  it.each<[string, string | Buffer, RegExp[]]>([
    ['with an unknown fact', rule.replace('  name:', '  nmae:'), [/our-rule\.yaml:7: expect\.nmae: .*did you mean/]],
    [
      'with an unknown key',
      rule.replace('title:', 'titel:'),
      [/:2: titel: .*did you mean title\?$/, /:1: title is missing/],
    ],
    ['with an unknown severity', rule.replace('low', 'lo'), [/:4: severity: write one of .*did you mean low\?$/]],
    ['that is no YAML', 'id: [our-rule\n', [/our-rule\.yaml:2: /]],
    ['with a key twice', `${rule}id: our-rule\n`, [/our-rule\.yaml:15: Map keys must be unique$/]],
    ['that is empty', '', [/our-rule\.yaml:1: write a map/]],
    ['that is nested deeply', `id: ${'['.repeat(100_000)}`, [/our-rule\.yaml:1: this file is nested too deeply$/]],
    ['of dashes', '- '.repeat(90_000), [/our-rule\.yaml:1: this file is nested too deeply$/]],
    [
      'of brackets in quotes, nested',
      `id: ${'[ "]", '.repeat(20_000)}`,
      [/our-rule\.yaml:1: this file is nested too deeply$/],
    ],
    [
      'of aliases of aliases',
      `${['a: &a [x, x]', ...'bcdefghijklmn'.split('').map((key, i) => `${key}: &${key} [${Array(9).fill(`*${'abcdefghijklm'[i]}`).join(', ')}]`)].join('\n')}\n`,
      [/our-rule\.yaml:1: this file has more than 50 aliases of aliases$/],
    ],
    ['that is not UTF-8', Buffer.from(`${rule}# \xff\n`, 'latin1'), [/our-rule\.yaml:15: the rule is not valid UTF-8/]],
    ['with a pattern that looks ahead', ruleOf('(?=a)a'), [/our-rule\.yaml:7: expect\.name: .*linear time/]],
    ['with a pattern that is none', ruleOf('(a'), [/our-rule\.yaml:7: expect\.name: /]],
    ['with a pattern of a million states', ruleOf('((a{1000}){1000})'), [/our-rule\.yaml:7: expect\.name: /]],
  ])('%s is refused by its line', async (_, content, wanted) => {
    binary.write('rules/our-rule.yaml', content)
    const { out } = await expectRun(['scan', 'shop.ndjson', '--rules', 'rules'], 2, wanted)
    expect(out).toBe('')
  })

  it.each(['^(a+)+$', '^(a|a?)+$', '(.*.*.*.*.*.*)*x', '((a{31}){31})((a{31}){31})((a{31}){31})b'])(
    'whose pattern is catastrophic elsewhere (%s) runs in linear time',
    async pattern => {
      const named = JSON.stringify({ ...JSON.parse(table), name: `${'a'.repeat(5000)}!` })
      binary.write('named.ndjson', withLine(named))
      binary.write('rules/our-rule.yaml', ruleOf(pattern))
      const args = ['scan', 'named.ndjson', '--rules', 'rules', '--rule', 'our-rule', '--fail-on', 'never', ...now]
      const { code, errors } = await binary.run([...args, '--format', 'json'])
      expect([code, errors]).toEqual([0, []])
    },
  )

  it('that would be passed over is refused', async () => {
    binary.write('elsewhere/our-rule.yaml', ruleOf('a'))
    mkdirSync(join(binary.path, 'links'))
    symlinkSync('../elsewhere/our-rule.yaml', join(binary.path, 'links/our-rule.yaml'))
    await expectRun(['scan', 'shop.ndjson', '--rules', 'links'], 2, [/^rel09: links\/our-rule\.yaml: is no plain file/])
    await expectRun(['scan', 'shop.ndjson', '--rules', 'nowhere'], 2, [/^rel09: nowhere: .*does not exist$/])
  })
})

describe('a policy', () => {
  const exemption = '{ rule: dynamodb-pitr, resource: "*", reason: x, owner: y, expires: 2027-02-01 }'
  const exempting = (text: string) => `version: 1\nexemptions:\n  - ${text}\n`

  it.each<[string, string | Buffer, RegExp[]]>([
    [
      'with an unknown key',
      'version: 1\nexmptions: []\n',
      [/^rel09: p\.yaml:2: exmptions: .*did you mean exemptions\?/],
    ],
    [
      'with an unknown key of a rule',
      'version: 1\nrules:\n  vault-lock: { enabld: false }\n',
      [/^rel09: p\.yaml:3: rules\.vault-lock\.enabld: .*did you mean enabled\?/],
    ],
    [
      'with an unknown rule',
      'version: 1\nrules:\n  vault-lokc: { enabled: false }\n',
      [/^rel09: p\.yaml:3: rules\.vault-lokc: .*did you mean vault-lock\?/],
    ],
    [
      'that exempts from an unknown rule',
      exempting(exemption.replace('pitr', 'ptir')),
      [/^rel09: p\.yaml:3: exemptions\[0\]\.rule: .*did you mean dynamodb-pitr\?/],
    ],
    [
      'with a date that is none',
      exempting(exemption.replace('2027-02-01', 'soon')),
      [/^rel09: p\.yaml:3: exemptions\[0\]\.expires: write a date as YYYY-MM-DD$/],
    ],
    [
      'with a day that is none',
      exempting(exemption.replace('2027-02-01', '2027-02-30')),
      [/^rel09: p\.yaml:3: exemptions\[0\]\.expires: 2027-02-30 is no date of the calendar/],
    ],
    ['of another version', 'version: 2\n', [/^rel09: p\.yaml:1: version: write 1$/]],
    ['that is empty', '', [/^rel09: p\.yaml:1: version is missing$/]],
    ['that is a list', '[]', [/^rel09: p\.yaml:1: /]],
    ['with a tab', 'version: 1\n\trules: {}\n', [/^rel09: p\.yaml:2: /]],
    [
      'that is not UTF-8',
      Buffer.from(exempting(exemption.replace('*', '\xff')), 'latin1'),
      [/^rel09: p\.yaml:3: .*UTF-8/],
    ],
    ['that is nested deeply', `version: 1\nx: ${'['.repeat(3_000_000)}`, [/^rel09: p\.yaml:2: .*nested too deeply$/]],
    ['that is too long', `version: 1\n#${'x'.repeat(5_000_000)}`, [/^rel09: p\.yaml:1: .*too long/]],
  ])('%s is refused by its line', async (_, content, wanted) => {
    binary.write('p.yaml', content)
    const { out } = await expectRun(['scan', 'shop.ndjson', '--policy', 'p.yaml'], 2, wanted)
    expect(out).toBe('')
  })

  it('of many keys does not take quadratic time', async () => {
    const keys = Array.from({ length: 30_000 }, (_, i) => `  team-${i}: { enabled: false }`).join('\n')
    binary.write('p.yaml', `version: 1\nversion: 1\nrules:\n${keys}\n`)
    await expectRun(['scan', 'shop.ndjson', '--policy', 'p.yaml'], 2, [/^rel09: p\.yaml:2: Map keys must be unique$/])
  })

  it('of the working directory that leads to itself is not passed over', async () => {
    mkdirSync(join(binary.path, 'circle'))
    symlinkSync('rel09.yaml', join(binary.path, 'circle/rel09.yaml'))
    const { code, errors } = await binary.run(['scan', '../shop.ndjson'], { folder: 'circle' })
    expect([code, errors]).toEqual([2, ['rel09: rel09.yaml: the policy is a symbolic link that leads to itself']])
  })
})

describe('a slip on the command line', () => {
  it.each<[string[], number, RegExp[]]>([
    [[], 2, []],
    [['scna'], 2, [/did you mean scan\?/]],
    [['scan'], 2, [/name at least one input/]],
    [['scan', 'shop.ndjson', '--formt', 'json'], 2, [/unknown option '--formt'; did you mean --format\?/]],
    [['scan', 'shop.ndjson', '--format', 'jsn'], 2, [/'jsn' is invalid: write one of .*did you mean json\?/]],
    [['scan', 'shop.ndjson', '--format'], 2, [/argument missing/]],
    [['scan', 'shop.ndjson', '--fail-on', 'hi'], 2, [/write one of critical, high/]],
    [['scan', 'shop.ndjson', '--verdicts', 'bad'], 2, [/--verdicts bad: write all, or/]],
    [['scan', 'shop.ndjson', '--rule', 'nosuch'], 2, [/there is no rule nosuch/]],
    [['scan', 'shop.ndjson', '--rule', 'vault-lokc'], 2, [/did you mean vault-lock\?/]],
    [['scan', 'shop.ndjson', '--rule', ','], 2, [/names no rule/]],
    [['scan', 'shop.ndjson', '--now', 'yesterday'], 2, [/--now yesterday: write a time as/]],
    [['scan', 'shop.ndjson', '--now', '2026-02-30'], 2, [/--now 2026-02-30: write a time as/]],
    [['scan', 'shop.ndjson', '--policy', 'nowhere.yaml'], 2, [/^rel09: nowhere\.yaml: the policy does not exist$/]],
    [['scan', 'shop.ndjson', '--policy', '.'], 2, [/^rel09: \.: the policy is a directory$/]],
    [['scan', 'shop.ndjson', '--baseline', 'nowhere.json'], 2, [/^rel09: nowhere\.json: the baseline does not exist$/]],
    [['scan', 'shop.ndjson', '--output', '.'], 2, [/^rel09: \.: cannot be written: it is a directory/]],
    [['scan', 'shop.ndjson', '--output', 'shop.ndjson/x'], 2, [/^rel09: shop\.ndjson\/x: cannot be written/]],
    [['scan', 'shop.ndjson', '--output', '/proc/nowhere/x'], 2, [/^rel09: x: cannot be written/]],
    [['scan', 'shop.ndjson', '--output', './shop.ndjson'], 2, [/^rel09: shop\.ndjson: is read by this scan/]],
    [
      ['scan', 'shop.ndjson', '--format', 'csv', '--output', 'a', '--format', 'json', '--output', './a'],
      2,
      [/written twice/],
    ],
    [['explain'], 2, [/missing required argument 'rule'/]],
    [['explain', 'vault-lok'], 2, [/did you mean vault-lock\?/]],
    [['explain', 'a', 'b'], 2, [/too many arguments: 1 expected, 2 given/]],
    [['why', 'sesions', 'shop.ndjson'], 2, [/no resource .* called sesions; did you mean sessions\?/]],
    [['why', '\u001b[2J', 'shop.ndjson'], 2, [/called \\u001b\[2J/]],
    [['\u001b[2J'], 2, [/no command \\u001b\[2J/]],
    [['scan', '--format', 'a\nb', 'shop.ndjson'], 2, [/'a\\nb' is invalid/]],
    [['help', 'nosuch'], 2, [/there is no command nosuch/]],
    [['--help'], 0, []],
    [['scan', '--help'], 0, []],
  ])('%j', async (args, code, wanted) => {
    const outcome = await binary.run(args)
    if (args.length > 0) binary.expectDecent(outcome)
    expect([outcome.code, outcome.errors]).toEqual([code, wanted.map(line => expect.stringMatching(line))])
  })

  it.each<[string, string, RegExp]>([
    ['is empty', '', /^rel09: b\.json:1: the baseline is not valid JSON/],
    ['breaks off', '{\n"version":1,\n"fingerprints":[', /^rel09: b\.json:3: the baseline is not valid JSON/],
    ['is something else', '[]', /^rel09: b\.json:1: this is no baseline/],
    [
      'holds no fingerprints',
      '{"version":1,\n"fingerprints":[\n1]}',
      /^rel09: b\.json:3: fingerprints\[0\] is no fingerprint/,
    ],
  ])('a baseline that %s is refused by its line', async (_, content, line) => {
    binary.write('b.json', content)
    await expectRun(['scan', 'shop.ndjson', '--baseline', 'b.json'], 2, [line])
  })
})

describe('an output', () => {
  const args = ['scan', 'shop.ndjson', '--format', 'csv', '--fail-on', 'never', ...now]

  it('never replaces a pipe, a link, or who may read a file', async () => {
    execFileSync('mkfifo', [join(binary.path, 'fifo')])
    const reading = new Promise<string>(resolve => {
      const chunks: string[] = []
      const stream = createReadStream(join(binary.path, 'fifo'), 'utf8')
      stream.on('data', chunk => chunks.push(String(chunk)))
      stream.on('end', () => resolve(chunks.join('')))
    })
    await expectRun([...args, '--output', 'fifo'], 0, [])
    expect(statSync(join(binary.path, 'fifo')).isFIFO()).toBe(true)
    const { out } = await expectRun(args, 0, [])
    expect(await reading).toBe(out)

    binary.write('secret.csv', 'old')
    chmodSync(join(binary.path, 'secret.csv'), 0o600)
    symlinkSync('secret.csv', join(binary.path, 'link.csv'))
    await expectRun([...args, '--output', 'link.csv'], 0, [])
    expect(lstatSync(join(binary.path, 'link.csv')).isSymbolicLink()).toBe(true)
    expect(statSync(join(binary.path, 'secret.csv')).mode & 0o777).toBe(0o600)
    expect(binary.read('secret.csv')).toBe(out)
    expect(readdirSync(binary.path).filter(name => name.endsWith('.part'))).toEqual([])
  })

  it.each<[{ [name: string]: string }, boolean]>([
    [{}, false],
    [{ FORCE_COLOR: '1' }, true],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('with %j has colours: %s', async (env, coloured) => {
    const { out } = await binary.run(['explain', 'vault-lock'], { env })
    expect(out.includes('\u001b[')).toBe(coloured)
  })

  it('of hostile names steers nothing that reads it', async () => {
    const names = [
      '\u001b[2J\u0007',
      "=cmd|' /C calc'!A0",
      '::error::x',
      '##[error]x',
      '<script>x</script>|`',
      '\u202e\u0000\ud800',
    ]
    const records = lines.map((line, i) => {
      const record = JSON.parse(line) as { record: string; name?: string; tags?: object | null }
      if (record.record !== 'resource') return line
      const name = i % 7 === 0 ? 'x'.repeat(100_000) : names[i % names.length]!
      return JSON.stringify({ ...record, name, ...(record.tags ? { tags: { ...record.tags, [name]: name } } : {}) })
    })
    binary.write('evil.ndjson', records.join('\n'))
    const each = Object.keys(reporters).flatMap(format => ['--format', format, '--output', `evil.${format}`])
    await expectRun(['scan', 'evil.ndjson', '--verdicts', 'all', '--fail-on', 'never', ...each, ...now], 0, [])
    for (const format of Object.keys(reporters)) {
      const text = binary.read(`evil.${format}`)
      expect(text.replace(/[\r\n]/g, '')).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}]/u)
      expect(text).not.toContain('##[')
      expect(text).not.toMatch(/^\s*::(?!error |warning |notice )/m)
      if (format === 'csv') expect(text).not.toMatch(/(^|,)"?=/m)
      if (format === 'markdown' || format === 'junit') expect(text).not.toContain('<script')
    }
  })
})

/** A report without where its records stand; text is wrapped by the width of what it says. */
function withoutPlaces(text: string): string {
  return text
    .replace(/("(?:line|startLine|endLine|endColumn)": ?)\d+/g, '$1#')
    .replace(/\b((?:endL|l)ine="?)\d+/g, '$1#')
    .replace(/(\.ndjson[:,])\d+/g, '$1#')
    .replace(/\s+/g, ' ')
}

/** Where two texts part, in a few words of each: whole reports are too long to be read. */
function firstDifference(a: string, b: string): [string, string] | undefined {
  if (a === b) return undefined
  let at = 0
  while (a[at] === b[at]) at++
  const around = (text: string) => text.slice(Math.max(0, at - 100), at + 100)
  return [around(a), around(b)]
}

describe.each(estates)('%s, its records in another order', estate => {
  const formats = Object.keys(reporters)

  async function reportsOf(records: readonly string[]): Promise<string[]> {
    binary.write('all.ndjson', `${records.join('\n')}\n`)
    const outputs = formats.flatMap(format => ['--format', format, '--output', `out.${format}`])
    const policy = estate === 'clinic' ? ['--policy', join(fixtures, 'clinic/rel09.yaml')] : []
    const args = ['scan', 'all.ndjson', ...policy, '--verdicts', 'all', '--fail-on', 'never', ...outputs, ...now]
    await expectRun(args, 0, [])
    return formats.map(format => binary.read(`out.${format}`))
  }

  it('gives the same reports but for line numbers, and the same bytes for the same order', async () => {
    const records = textOf(estate).trimEnd().split('\n')
    const before = await reportsOf(records)
    expect(before.every(text => text.length > 200)).toBe(true)
    const again = await reportsOf(records)
    for (const [i, format] of formats.entries()) expect(firstDifference(again[i]!, before[i]!), format).toBeUndefined()
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray(records, { minLength: records.length }), async shuffled => {
        const after = await reportsOf(shuffled)
        for (const [i, format] of formats.entries())
          expect(firstDifference(withoutPlaces(after[i]!), withoutPlaces(before[i]!)), format).toBeUndefined()
      }),
      { numRuns: estate === 'traps' ? 1 : 2, endOnFailure: true },
    )
  })
})

describe('fuzz', () => {
  const small = [
    Buffer.from(lines.filter((_, i) => i < 3 || i % 8 === 0).join('\n')),
    Buffer.from(delivered.slice(0, 20_000)),
    Buffer.from(JSON.stringify((JSON.parse(delivered) as { configurationItems: unknown[] }).configurationItems[0])),
    readFileSync(join(fixtures, 'clinic/rel09.yaml')),
  ]
  const sources = small.flatMap(bytes => [bytes, gzipSync(bytes)])
  const damage = fc.record({
    source: fc.constantFrom(...sources),
    cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    changes: fc.array(
      fc.record({
        at: fc.double({ min: 0, max: 1, noNaN: true }),
        remove: fc.nat(30),
        insert: fc.oneof(
          fc.uint8Array({ maxLength: 6 }),
          fc
            .constantFrom('{', '}', '[', ']', ',', ':', '"', '\\', '\n', 'null', '1e999')
            .map(text => Buffer.from(text)),
        ),
      }),
      { maxLength: 4 },
    ),
  })

  function damaged({ source, cut, changes }: typeof damage extends fc.Arbitrary<infer T> ? T : never): Buffer {
    let bytes = cut === null ? source : source.subarray(0, Math.floor(cut * source.length))
    for (const { at, remove, insert } of changes) {
      const from = Math.floor(at * bytes.length)
      bytes = Buffer.concat([bytes.subarray(0, from), insert, bytes.subarray(from + remove)])
    }
    return bytes
  }

  it(
    'of inputs: an exit code that is documented, one line a problem, nothing else',
    () =>
      fc.assert(
        fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 8 }), async damages => {
          const names = damages.map((entry, i) => {
            binary.write(`fuzz/${i}`, damaged(entry))
            return `fuzz/${i}`
          })
          const outcome = await binary.run(['scan', ...names, '--format', 'json', ...now])
          binary.expectDecent(outcome)
          for (const line of outcome.errors) expect(line).toMatch(/^rel09: fuzz\/[0-7](:\d+)?: \S/)
          expect(() => read(outcome.out)).not.toThrow()
        }),
        { numRuns: 20 },
      ),
    240_000,
  )

  it(
    'of a policy and a rule: refused by file and line, or judged',
    () =>
      fc.assert(
        fc.asyncProperty(damage, damage, fc.boolean(), async (policy, own, isRule) => {
          binary.write('fuzz.yaml', damaged({ ...policy, source: small[3]! }))
          binary.write('fuzzed/our-rule.yaml', damaged({ ...own, source: Buffer.from(ruleOf('a')) }))
          const args = isRule ? ['--rules', 'fuzzed'] : ['--policy', 'fuzz.yaml']
          const outcome = await binary.run(['scan', 'shop.ndjson', ...args, ...now])
          binary.expectDecent(outcome)
          for (const line of outcome.errors) expect(line).toMatch(/^rel09: (fuzz\.yaml|fuzzed\/our-rule\.yaml):\d+: \S/)
        }),
        { numRuns: 12 },
      ),
    240_000,
  )
})
