// Protects what programs read: the JSON report keeps to its schema, in one order, whatever the names in it are.
import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, test } from 'vitest'
import { reporter } from '../../src/reporters/json.ts'
import { clinic, clinicFindings, everything, nasty, nastyFindings, rendered, reportOf } from './clinic.ts'

const schemaOf = (name: string) => JSON.parse(readFileSync(new URL(`../../schemas/${name}`, import.meta.url), 'utf8'))
const schema = schemaOf('report.schema.json')
const validate = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true }).compile(schema)

test.each([
  ['the clinic', clinic()],
  ['nothing', reportOf(() => [], { takenAt: undefined, now: undefined })],
])('%s keeps to the schema', (_, report) => {
  const parsed = JSON.parse(rendered(reporter, report, everything))
  expect(validate(parsed), JSON.stringify(validate.errors)).toBe(true)
})

test('findings read back as they are', () => {
  const { findings } = JSON.parse(rendered(reporter, clinic(), everything))
  expect(findings).toEqual(JSON.parse(JSON.stringify(clinicFindings)))
  expect(JSON.parse(rendered(reporter, nasty(), everything)).findings).toEqual(
    JSON.parse(JSON.stringify(nastyFindings)),
  )
})

test('members stand in one order, whoever made the findings', () => {
  const backwards = clinicFindings.map(
    finding => Object.fromEntries(Object.entries(finding).reverse()) as typeof finding,
  )
  expect(rendered(reporter, clinic({ findings: () => backwards }))).toBe(
    rendered(reporter, clinic({ findings: () => clinicFindings })),
  )
})

test('one finding a line', () => {
  const lines = rendered(reporter, clinic(), everything).split('\n')
  expect(lines.filter(line => line.startsWith('{"rule":') && line.includes('"fingerprint":'))).toHaveLength(
    clinicFindings.length,
  )
})

test('verdicts are those asked for', () => {
  const { findings } = JSON.parse(rendered(reporter, clinic(), { verdicts: new Set(['undetermined']) }))
  expect(findings.map(({ verdict }: { verdict: string }) => verdict)).toEqual(['undetermined'])
})

test("scopes, gaps and locations are the snapshot's", () => {
  const { $defs } = schemaOf('snapshot.schema.json')
  for (const name of ['scope', 'gap', 'location', 'moment', 'relativePath'])
    expect(schema.$defs[name], name).toEqual($defs[name])
})
