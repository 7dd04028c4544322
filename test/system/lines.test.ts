// Protects: a finding stands where its author can mend it. For every rule that a template can be judged by, in every form of
// template: the file and the line of the property that is wrong, or the first line of the resource that lacks it.
import { describe, expect, it } from 'vitest'
import { isPair, isScalar, LineCounter, type Node, type Pair, parseDocument, visit } from 'yaml'
import type { CommandContext } from '../../src/commands/command.ts'
import { loadStandards } from '../../src/commands/pipeline.ts'
import { judge } from '../../src/engine/judge.ts'
import { resourceDefinitions } from '../../src/generated/resources.ts'
import { InventoryBuilder } from '../../src/inventory/build.ts'
import type { Policy } from '../../src/model/policy.ts'
import type { Finding } from '../../src/model/report.ts'
import { builtInRules } from '../../src/rules/built-in.ts'
import { account, readFiles, region } from '../sources/estate.ts'
import { type LineCase, lineCases } from './line-cases.ts'
import { planOf } from './plan-of.ts'

const marker = /\s*# <-$/

/** The text without its marker, and the line that it stood on. */
function marked(text: string): { text: string; line: number } {
  const lines = text.split('\n')
  const found = lines.flatMap((line, i) => (marker.test(line) ? [i + 1] : []))
  if (found.length !== 1) throw new Error(`${found.length} markers in ${text}`)
  return { text: lines.map(line => line.replace(marker, '')).join('\n'), line: found[0]! }
}

/** The same template as JSON: the marked member is found again by a name that nothing else has. */
function asJson(yaml: { text: string; line: number }): { text: string; line: number } {
  const counter = new LineCounter()
  const document = parseDocument(yaml.text, { lineCounter: counter })
  const sign = '\u2190'
  let isFound = false
  visit(document, {
    Pair(_key, pair: Pair) {
      const key = pair.key as Node
      if (isFound || !isPair(pair) || !isScalar(key) || counter.linePos(key.range![0]).line !== yaml.line) return
      key.value = `${String(key.value)}${sign}`
      isFound = true
    },
  })
  const text = JSON.stringify(document.toJS(), null, 2)
  return { text: text.replace(sign, ''), line: text.split('\n').findIndex(line => line.includes(sign)) + 1 }
}

interface Form {
  name: string
  files: { [path: string]: string }
  file: string
  line: number
}

/** A case in every form that it has. */
function formsOf({ cloudformation, terraform }: LineCase): Form[] {
  const forms: Form[] = []
  if (cloudformation !== undefined) {
    const yaml = marked(`AWSTemplateFormatVersion: '2010-09-09'\nResources:${cloudformation}`)
    const json = asJson(yaml)
    forms.push(
      { name: 'CloudFormation YAML', files: { 'shop.yaml': yaml.text }, file: 'shop.yaml', line: yaml.line },
      { name: 'CloudFormation JSON', files: { 'shop.json': json.text }, file: 'shop.json', line: json.line },
    )
  }
  if (terraform !== undefined) {
    const tf = marked(terraform)
    forms.push(
      { name: 'Terraform', files: { 'main.tf': tf.text }, file: 'main.tf', line: tf.line },
      {
        name: 'Terraform plan beside its configuration',
        files: { 'main.tf': tf.text, 'plan.json': planOf(tf.text) },
        file: 'main.tf',
        line: tf.line,
      },
    )
  }
  return forms
}

async function findingsOf(files: { [path: string]: string }, { rule, parameters }: LineCase): Promise<Finding[]> {
  const { policy: found, rules } = await loadStandards({ closedWorld: true }, { cwd: '/nowhere' } as CommandContext)
  const policy: Policy = { ...found, rules: parameters ? { [rule]: { parameters } as never } : {} }
  const { records, problems } = await readFiles(files, ['.'], { template: { account, region } })
  expect(problems).toEqual([])
  const builder = new InventoryBuilder({ definitions: resourceDefinitions, policy, now: '2026-01-15T06:00:00Z' })
  for (const record of records) builder.add(record)
  const report = judge(builder.finish(), rules, policy, { now: '2026-01-15T06:00:00Z', ruleIds: [rule], version: '0' })
  return [...report.findings(new Set(['compliant', 'non-compliant', 'undetermined']))]
}

const cases = lineCases.flatMap(one =>
  formsOf(one).map(form => [`${one.rule}${one.about ? `, ${one.about}` : ''}: ${form.name}`, one, form] as const),
)

describe('a finding stands at its line', () => {
  it.each(cases)('%s', async (_name, one, { files, file, line }) => {
    const findings = await findingsOf(files, one)
    const wanted = one.verdict ?? 'non-compliant'
    const places = findings
      .filter(({ verdict }) => verdict === wanted)
      .map(({ location }) => `${location?.file}:${location?.line}`)
    expect({ places, others: findings.map(({ verdict }) => verdict) }).toEqual({
      places: [`${file}:${line}`],
      others: expect.anything(),
    })
  })
})

/** Subjects that no line declares: what happened, places as a whole, and the policy. */
const withoutLine = new Set(['recovery-point', 'region', 'account', 'policy'])

/** Rules of other subjects that no template is ever refused by. */
const neverRefused: { [rule: string]: string } = {
  'air-gapped-copy-recent': 'the age of copies',
  'automated-not-manual': 'who made the points',
  'backup-job-success': 'jobs',
  'copies-survive-one-account': 'where copies lie',
  'copy-job-success': 'jobs',
  'key-loss-loses-backups': 'which keys points and copies hang on',
  'last-recovery-point-fresh': 'the age of points',
  'restore-evidence-independent': 'whose restore was proven',
  'restore-test-recent': 'the age of restores',
  'restore-test-success-rate': 'restore jobs',
  'restore-time-meets-rto': 'how long a restore took',
  'restore-validated': 'restores',
  'restored-data-meets-rpo': 'the age of what was restored',
  'separate-security-domain': 'where copies lie',
  'snapshot-not-public': 'with whom a snapshot is shared',
  'snapshot-sharing-trusted': 'with whom a snapshot is shared',
  'vm-backed-up': 'machines of Backup gateway, which no template declares',
}

describe('every rule has its line', () => {
  const judged = builtInRules.filter(({ subject }) => ![subject].flat().every(kind => withoutLine.has(kind)))
  const withCase = new Set(lineCases.map(({ rule }) => rule))

  it('or says why no template is refused by it', () => {
    const without = judged.filter(({ id }) => !withCase.has(id)).map(({ id }) => id)
    expect(without.sort()).toEqual(Object.keys(neverRefused).sort())
  })

  it('in both languages, unless the case says what is missing', () => {
    const partial = lineCases.filter(
      one => one.cloudformation === undefined || one.terraform === undefined || one.verdict,
    )
    expect(partial.filter(({ because }) => !because?.endsWith('.')).map(({ rule }) => rule)).toEqual([])
  })
})
