// Protects the upload to code scanning: SARIF 2.1.0 as its schema, Microsoft's validator and GitHub's ingestion want it.
import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Log, Result } from 'sarif'
import { describe, expect, test } from 'vitest'
import { builtInRules } from '../../src/generated/rules.ts'
import type { Report } from '../../src/model/report.ts'
import type { Rule } from '../../src/model/rule.ts'
import { reporter } from '../../src/reporters/sarif.ts'
import { mostResults, selectFindings } from '../../src/reporters/sarif-selection.ts'
import { clinic, everything, findingOf, nasty, rendered, reportOf, rules } from './clinic.ts'

const read = (report: Report, options = {}): Log => JSON.parse(rendered(reporter, report, options))
const resultsOf = (report: Report, options = {}): Result[] => read(report, options).runs[0]?.results ?? []

const longRule: Rule = {
  ...rules[0]!,
  id: 'long-winded',
  title: 't'.repeat(3000),
  description: 'd'.repeat(3000),
  references: ['not a url'],
  controls: { config: Array.from({ length: 40 }, (_, i) => `control-${i}`) },
}

const logs: readonly (readonly [name: string, log: Log])[] = [
  ['the clinic', read(clinic())],
  ['the clinic, every verdict', read(clinic(), everything)],
  ['nasty names', read(nasty(), everything)],
  ['nothing', read(reportOf(() => []))],
  ['no anchor', read(clinic(), { anchor: undefined })],
  ['an anchor out of the repository', read(clinic(), { anchor: '/etc/rel09.yaml' })],
  ['built-in rules', read(reportOf(() => [], { rules: [...builtInRules] }))],
  ['long texts', read(reportOf(() => [], { rules: [longRule] }))],
]

const multitool = dirname(createRequire(import.meta.url).resolve('@microsoft/sarif-multitool-linux/package.json'))

const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(
  JSON.parse(readFileSync(join(multitool, 'sarif-2.1.0.json'), 'utf8')),
)

test.each(logs)('%s: keeps to the schema of SARIF 2.1.0', (_, log) => {
  expect(validate(log), JSON.stringify(validate.errors)).toBe(true)
})

test.skipIf(process.platform !== 'linux' || process.arch !== 'x64')(
  "Microsoft's validator finds no error, by the rules of SARIF and of GitHub",
  { timeout: 120_000 },
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'rel09-sarif-'))
    try {
      const binary = join(folder, 'multitool')
      copyFileSync(join(multitool, 'Sarif.Multitool'), binary)
      chmodSync(binary, 0o755)
      for (const [i, [, log]] of logs.entries()) writeFileSync(join(folder, `${i}.sarif`), JSON.stringify(log))
      const output = join(folder, 'validation.json')
      execFileSync(binary, ['validate', join(folder, '*.sarif'), '--rule-kind', 'Sarif;Ghas', '--output', output], {
        env: { DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1', DOTNET_BUNDLE_EXTRACT_BASE_DIR: folder, HOME: folder },
        stdio: 'pipe',
      })
      expect(existsSync(output)).toBe(true)
      const results = (JSON.parse(readFileSync(output, 'utf8')) as Log).runs[0]?.results ?? []
      const errors = results.filter(({ level }) => level === 'error')
      expect(
        errors.map(({ ruleId, message, locations }) => [
          ruleId,
          message,
          locations?.[0]?.physicalLocation?.artifactLocation?.uri,
        ]),
      ).toEqual([])
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
)

describe.each(logs)('GitHub takes %s', (_, log) => {
  const [run, ...others] = log.runs
  const driver = run!.tool.driver
  const described = driver.rules ?? []
  const results = run!.results ?? []

  test('one run of version 2.1.0 with a category', () => {
    expect(others).toEqual([])
    expect(log.version).toBe('2.1.0')
    expect(log.$schema).toMatch(/sarif-2\.1\.0/)
    expect(run!.automationDetails?.id).toBe('rel09/')
    expect(driver.name).toBe('rel09')
    expect(run).not.toHaveProperty('originalUriBaseIds')
  })

  test('every rule is described within the limits', () => {
    for (const rule of described) {
      for (const text of [rule.shortDescription?.text, rule.fullDescription?.text]) {
        expect(text).toBeTruthy()
        expect(text!.length).toBeLessThanOrEqual(1024)
      }
      expect(rule.help?.text).toBeTruthy()
      expect(rule.help?.markdown).toBeTruthy()
      expect(rule.helpUri).toMatch(/^https:\/\//)
      expect(['error', 'warning', 'note']).toContain(rule.defaultConfiguration?.level)
      expect(Number(rule.properties?.['security-severity'])).toBeGreaterThan(0)
      expect(typeof rule.properties?.['security-severity']).toBe('string')
      const tags = rule.properties?.tags ?? []
      expect(tags.length).toBeLessThanOrEqual(20)
      expect(new Set(tags).size).toBe(tags.length)
      expect(tags).toContain('security')
      expect(tags.some(tag => /^REL09-BP0[1-4]$/.test(tag))).toBe(true)
    }
    expect(new Set(described.map(({ id }) => id)).size).toBe(described.length)
  })

  test('every result names its rule and has one place', () => {
    expect(results.length).toBeLessThanOrEqual(25_000)
    for (const { ruleId, ruleIndex, message, locations, relatedLocations = [], partialFingerprints } of results) {
      expect(described[ruleIndex!]?.id).toBe(ruleId)
      expect(message.text).toBeTruthy()
      expect(message.text).not.toMatch(/\]\(|\{\d/)
      expect(locations).toHaveLength(1)
      expect(relatedLocations.length).toBeLessThanOrEqual(100)
      expect(locations![0]?.logicalLocations?.[0]?.fullyQualifiedName).toBeTruthy()
      expect(partialFingerprints?.primaryLocationLineHash).toBeTruthy()
      expect(partialFingerprints?.['rel09/v1']).toMatch(/^[0-9a-f]{32}$/)
      for (const { physicalLocation } of [...locations!, ...relatedLocations]) {
        const uri = physicalLocation?.artifactLocation?.uri ?? ''
        expect(uri).toMatch(/^[A-Za-z0-9%._~!'()*-]+(\/[A-Za-z0-9%._~!'()*-]+)*$/)
        expect(uri).not.toMatch(/^arn|(^|\/)\.\.(\/|$)/)
        const { startLine = 0, startColumn = 0, endLine = 0, endColumn = 0 } = physicalLocation?.region ?? {}
        expect(startLine).toBeGreaterThanOrEqual(1)
        expect(startColumn).toBeGreaterThanOrEqual(1)
        expect(endLine).toBe(startLine)
        expect(endColumn).toBeGreaterThan(startColumn)
      }
    }
  })

  test('only a failure has a level', () => {
    for (const { kind, level } of results) expect(level === 'none').toBe(kind !== 'fail')
  })
})

test('only what is wrong and not accepted is a result', () => {
  const results = resultsOf(clinic())
  expect(results).toHaveLength(5)
  for (const { kind, suppressions } of results) {
    expect(kind).toBe('fail')
    expect(suppressions).toBeUndefined()
  }
})

test('every verdict: exempted and baselined findings are suppressed', () => {
  const results = resultsOf(clinic(), everything)
  expect(results.map(({ kind }) => kind).sort()).toEqual([
    'fail',
    'fail',
    'fail',
    'fail',
    'fail',
    'fail',
    'fail',
    'notApplicable',
    'open',
    'pass',
  ])
  expect(results.filter(({ suppressions }) => suppressions?.[0]?.status === 'accepted')).toHaveLength(2)
})

test('what has no place points at the anchor; what has one at its own line', () => {
  const uris = (options: object) =>
    resultsOf(clinic(), options).map(({ locations }) => locations![0]!.physicalLocation!.artifactLocation!.uri)
  expect(uris({ anchor: 'policies/my rel09.yaml' })).toEqual([
    'infra/clinic%20stack.yaml',
    ...Array(4).fill('policies/my%20rel09.yaml'),
  ])
  expect(uris({ anchor: undefined })[1]).toBe('rel09.yaml')
  expect(uris({ anchor: '/abs/rel09.yaml' })[1]).toBe('rel09.yaml')
})

test('a fingerprint outlives a moved line', () => {
  const at = (line: number) => resultsOf(reportOf(() => [findingOf(1, { location: { file: 'a.yaml', line } })]))[0]!
  expect(at(3).partialFingerprints).toEqual(at(300).partialFingerprints)
  expect(at(3).locations).not.toEqual(at(300).locations)
})

test('gaps are notifications of the run', () => {
  const notifications = read(clinic()).runs[0]!.invocations![0]!.toolExecutionNotifications!
  expect(notifications.filter(({ descriptor }) => descriptor?.id === 'gap').map(({ level }) => level)).toEqual([
    'warning',
    'warning',
  ])
  expect(notifications.map(({ descriptor }) => descriptor?.id)).toEqual([
    'gap',
    'gap',
    'undetermined',
    'not-evaluated',
    'unused-exemption',
  ])
})

const severities = ['low', 'medium', 'critical', 'high'] as const

test('too many findings: the worst are kept, in order, and the cut is told', () => {
  function* many() {
    for (let i = 0; i < 60_000; i++)
      yield findingOf(i, { severity: severities[i % 4], state: i % 12 === 2 ? 'exempted' : 'open' })
  }
  const log = read(reportOf(many))
  const results = log.runs[0]!.results!
  expect(results).toHaveLength(mostResults)
  const levels = new Map<string, number>()
  for (const { properties } of results) levels.set(properties?.severity, (levels.get(properties?.severity) ?? 0) + 1)
  expect(Object.fromEntries(levels)).toEqual({ critical: 10_000, high: 15_000 })
  expect(log.runs[0]!.invocations![0]!.toolExecutionNotifications![0]!.message.text).toContain('30,000 more findings')
  const prints = results.map(({ partialFingerprints }) => partialFingerprints!['rel09/v1']!)
  expect(prints).toEqual([...prints].sort())
})

test('exactly as many as may be are all kept', () => {
  const findings = () => Array.from({ length: 6 }, (_, i) => findingOf(i, { state: i < 2 ? 'baselined' : 'open' }))
  const report = reportOf(findings)
  const take = (limit: number) => {
    const selection = selectFindings(report, new Set(['non-compliant']), limit)
    return [findings().filter(selection.takes).length, selection.cut]
  }
  expect(take(6)).toEqual([4, 0])
  expect(take(4)).toEqual([4, 0])
  expect(take(3)).toEqual([3, 1])
})
