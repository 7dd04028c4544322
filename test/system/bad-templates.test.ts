// Protects what lands on a pull request where a template is bad: one line that names file and line, the other files judged all
// the same, the report written, exit code 2, and memory within bounds. Nothing is run, fetched or read outside the input.
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Binary } from './binary.ts'

let binary: Binary
beforeAll(() => {
  binary = new Binary()
}, 60_000)
afterAll(() => binary.remove())

const table = (id: string) => `
  ${id}:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: ${id.toLowerCase()}
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true }`

const template = (resources: string) => `AWSTemplateFormatVersion: '2010-09-09'\nResources:${resources}\n`
const good = template(table('Good'))
const goodTf = 'resource "aws_dynamodb_table" "good" {\n  name = "good"\n}\n'

/** Ten levels, each repeating the one before ten times. */
const bomb = `x: &l0 [a, a, a, a, a, a, a, a, a, a]\n${Array.from(
  { length: 9 },
  (_, level) => `y${level}: &l${level + 1} [${Array(10).fill(`*l${level}`).join(', ')}]`,
).join('\n')}\n`

const plan = (version: string) =>
  JSON.stringify({ format_version: version, planned_values: { root_module: { resources: [] } }, resource_changes: [] })

interface Case {
  files: { [name: string]: string }
  /** The lines of standard error. */
  told: RegExp[]
}

const bad: [string, Case][] = [
  [
    'a syntax error in YAML',
    { files: { 'bad.yaml': `${good}  Bad: [unclosed\n` }, told: [/^rel09: in\/bad\.yaml:\d+: is not valid YAML/] },
  ],
  [
    'a syntax error in JSON',
    {
      files: { 'bad.json': '{\n  "Resources": {\n    "T": { "Type": "AWS::DynamoDB::Table", }\n  }\n}' },
      told: [/^rel09: in\/bad\.json:3: is not valid JSON/],
    },
  ],
  [
    'a syntax error in HCL',
    {
      files: { 'tf/bad.tf': 'resource "aws_dynamodb_table" "t" {\n  name =\n}\n', 'tf/good.tf': goodTf },
      told: [/^rel09: in\/tf\/bad\.tf:2: /],
    },
  ],
  [
    'a template of 20 MB',
    {
      files: { 'bad.yaml': template(Array.from({ length: 130_000 }, (_, at) => table(`T${at}`)).join('')) },
      told: [/^rel09: in\/bad\.yaml:1: is longer than 2 MiB/],
    },
  ],
  [
    'a bomb of aliases',
    {
      files: { 'bad.yaml': `${bomb}${good}` },
      told: [/^rel09: in\/bad\.yaml:\d+: repeats too much by its aliases/],
    },
  ],
  [
    'an anchor that is not there',
    { files: { 'bad.yaml': `${good}  Bad: *nowhere\n` }, told: [/^rel09: in\/bad\.yaml:\d+: .*nowhere/] },
  ],
  [
    'two documents in one file',
    { files: { 'bad.yaml': `${good}---\n${good}` }, told: [/^rel09: in\/bad\.yaml: holds several YAML documents/] },
  ],
  [
    'deep nesting',
    {
      files: { 'bad.yaml': `${good}  Bad: ${'['.repeat(50_000)}\n` },
      told: [/^rel09: in\/bad\.yaml.*nested too deeply/],
    },
  ],
  [
    'modules that are not there, and outside of the repository',
    {
      files: {
        'tf/main.tf': `${goodTf}module "gone" {\n  source = "./gone"\n}\nmodule "away" {\n  source = "../../../away"\n}\n`,
      },
      told: [
        /^rel09: in\/tf\/main\.tf:4: calls "\.\/gone" as module\.gone, and there is no such directory$/,
        /^rel09: in\/tf\/main\.tf:7: calls "\.\.\/.*outside of the working directory/,
      ],
    },
  ],
  [
    'a plan of another format version',
    {
      files: { 'plan/bad.json': plan('9.0') },
      told: [/^rel09: in\/plan\/bad\.json: is a plan of format version "9\.0"/],
    },
  ],
]

const judgedTypes = (out: string): string[] =>
  (JSON.parse(out) as { findings: { resource: { name?: string; id: string } }[] }).findings.map(
    ({ resource }) => resource.name ?? resource.id,
  )

describe('bad templates among good ones', () => {
  it.each(bad)('%s', async (_, { files, told }) => {
    const folder = `case-${bad.findIndex(([, { files: own }]) => own === files)}`
    binary.write(`${folder}/in/good.yaml`, good)
    for (const [name, text] of Object.entries(files)) binary.write(`${folder}/in/${name}`, text)
    const outcome = await binary.run(['scan', 'in', '--format', 'json', '--verdicts', 'all'], { folder })
    binary.expectDecent(outcome)
    expect([outcome.code, outcome.errors]).toEqual([2, told.map(line => expect.stringMatching(line))])
    expect(judgedTypes(outcome.out)).toContain('good')
    expect(JSON.parse(outcome.out).problems).toHaveLength(told.length)
    expect(outcome.peakMiB).toBeLessThan(300)
  })
})

describe('odd templates that AWS or Terraform would take, or refuse later', () => {
  const scan = async (folder: string) => {
    const outcome = await binary.run(['scan', 'in', '--format', 'json', '--verdicts', 'all', '--fail-on', 'never'], {
      folder,
    })
    binary.expectDecent(outcome)
    return { ...outcome, report: outcome.out === '' ? undefined : JSON.parse(outcome.out) }
  }

  it('a circular Ref: nothing hangs, and what hangs on it is not known', async () => {
    const circle = `
  A:
    Type: AWS::DynamoDB::Table
    Properties: { TableName: !Sub '\${B}-a', PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: !Ref B } }
  B:
    Type: AWS::DynamoDB::Table
    Properties: { TableName: !Sub '\${A}-b' }
Conditions:
  X: !Not [!Condition Y]
  Y: !Not [!Condition X]`
    binary.write('circle/in/t.yaml', template(circle))
    const { report, out } = await scan('circle')
    expect(report.summary.stores).toBe(2)
    const pitr = report.findings.filter(({ rule }: { rule: string }) => rule === 'dynamodb-pitr')
    expect(pitr.map(({ verdict }: { verdict: string }) => verdict)).not.toContain('compliant')
    expect(out).not.toBe('')
  })

  it('resource types that nobody knows are counted, not judged', async () => {
    binary.write(
      'types/in/t.yaml',
      template(`${table('Good')}\n  Odd:\n    Type: AWS::Nowhere::Thing\n  Own:\n    Type: Custom::Thing`),
    )
    const { report } = await scan('types')
    expect(report.notEvaluated).toContainEqual(expect.objectContaining({ type: 'AWS::Nowhere::Thing' }))
    expect(judgedTypes(JSON.stringify(report))).toContain('good')
  })

  it('a module that nobody downloaded, and one outside of the input: what they declare is not known', async () => {
    binary.write('modules/secret/main.tf', 'resource "aws_dynamodb_table" "secret" {\n  name = "secret"\n}\n')
    binary.write(
      'modules/in/main.tf',
      `${goodTf}\nmodule "away" {\n  source = "../secret"\n}\nmodule "net" {\n  source = "git::https://example.com/m.git"\n}\n`,
    )
    const { report, code, errors, out } = await scan('modules')
    expect([code, errors.length]).toEqual([0, 0])
    expect(out).not.toContain('"secret"')
    expect(judgedTypes(JSON.stringify(report))).toContain('good')
    for (const line of [5, 8]) expect(report.gaps).toContainEqual(expect.objectContaining({ file: 'in/main.tf', line }))
  })

  it('links that lead in a loop and outside of the repository are told, and not followed', async () => {
    binary.write('secret/t.yaml', template(table('Secret')))
    binary.write('links/in/t.yaml', good)
    symlinkSync('.', join(binary.path, 'links/in/loop'))
    symlinkSync('../../secret', join(binary.path, 'links/in/away'))
    const { report, out, code, errors } = await scan('links')
    expect([code, errors]).toEqual([
      2,
      [
        expect.stringMatching(/^rel09: in\/away: is a symbolic link that leads out/),
        expect.stringMatching(/^rel09: in\/loop: is a symbolic link that leads back/),
      ],
    ])
    expect(report.summary.stores).toBe(1)
    expect(out).not.toContain('"secret"')
  })

  it('functions of HCL that read files reach nothing outside of the input', async () => {
    binary.write('files/secret.txt', 'hunter2')
    binary.write(
      'files/in/main.tf',
      'resource "aws_dynamodb_table" "t" {\n  name = file("../secret.txt")\n}\nresource "aws_dynamodb_table" "u" {\n  name = file("/etc/hostname")\n}\n',
    )
    const { out } = await scan('files')
    expect(out).not.toContain('hunter2')
  })
})
