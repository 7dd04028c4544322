// Protects: the published schema of a snapshot record and the readers say the same: all that a source emits is valid, and
// the hand-written checks refuse what the schema refuses.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { checkRecord } from '../../src/sources/snapshot.ts'
import { configHistory, configSnapshot, item, ndjson, readAll, readText, resource, scope } from './estate.ts'
import { change, plan } from './terraform-inputs.ts'

const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../../schemas/snapshot.schema.json'), 'utf8'))
const validate = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: false }).compile(schema)

const corpus = join(import.meta.dirname, '../../../shared/corpus/inputs')

/** Recorded items, events and answers of AWS Config that other projects publish with their tests. */
function recorded(): string[] {
  if (!existsSync(corpus)) return []
  const folders = [
    'awslabs+aws-config-rdk/rdk/template/example_ci',
    'cloud-custodian+cloud-custodian/tests/data/config',
    'cloud-custodian+cloud-custodian/tests/data/placebo',
  ]
  const files: string[] = []
  const walk = (path: string) => {
    if (!existsSync(join(corpus, path))) return
    for (const name of readdirSync(join(corpus, path)).sort()) {
      const at = `${path}/${name}`
      if (statSync(join(corpus, at)).isDirectory()) walk(at)
      else if (!path.includes('placebo') || /^config\.(?:Select|GetResourceConfigHistory|BatchGet)/.test(name))
        files.push(at)
    }
  }
  for (const folder of folders) walk(folder)
  return files
}

describe('records of recorded inputs', () => {
  const files = recorded()
  it.runIf(files.length > 0)('are valid, and none of the files is refused', async () => {
    let resources = 0
    for (const file of files) {
      const outcome = await readAll([file], { cwd: corpus })
      expect(outcome.problems).toEqual([])
      expect(outcome.records.length + outcome.notEvaluated.length, file).toBeGreaterThanOrEqual(
        /Select/.test(file) ? 0 : 1,
      )
      for (const record of outcome.records) {
        expect(validate(record), `${file}: ${JSON.stringify(validate.errors)}`).toBe(true)
        expect(checkRecord(record), file).toBeUndefined()
      }
      resources += outcome.resources.length
      for (const { location } of outcome.resources) expect(location).toMatchObject({ file })
    }
    expect(resources).toBeGreaterThan(files.length / 2)
  })

  it.runIf(files.length > 0)('are the same when they are read together', async () => {
    const together = await readAll(files, { cwd: corpus })
    let apart = 0
    for (const file of files) apart += (await readAll([file], { cwd: corpus })).resources.length
    expect(together.resources).toHaveLength(apart)
    expect(together.problems).toEqual([])
  })
})

describe('records of every source', () => {
  it.each([
    ndjson(
      scope,
      resource(),
      resource({ tags: { a: 'b' }, deleted: true, seenAt: '2026-01-05T10:00:00Z', unknown: ['a.b'] }),
    ),
    configSnapshot([item(), item({ configuration: null }), 7]),
    configHistory([item({ configurationItemStatus: 'ResourceDeleted', configuration: null })]),
    JSON.stringify(item({ ARN: undefined, awsAccountId: undefined, awsRegion: undefined, tags: undefined })),
    JSON.stringify({ Results: [JSON.stringify(item({ supplementaryConfiguration: undefined }))], QueryInfo: {} }),
    JSON.stringify({ configurationItemSummary: { resourceType: 'AWS::S3::Bucket', resourceId: 'covers' } }),
    JSON.stringify(
      plan({
        changes: [
          change({ address: 'aws_s3_bucket.b', after: { bucket: 'b' }, unknown: { tags: true } }),
          change({ address: 'aws_s3_bucket_versioning.v', after: { bucket: 'b' } }),
        ],
        more: { complete: false },
      }),
      null,
      1,
    ),
  ])('are valid (%#)', async text => {
    const { records } = await readText(text)
    expect(records.length).toBeGreaterThan(1)
    for (const record of records) expect(validate(record), JSON.stringify([record, validate.errors])).toBe(true)
  })
})

describe('the schema and the checks agree', () => {
  const gap = { record: 'gap', scope: scope.id, factGroups: ['*'], types: [], reason: 'denied', remedy: 'Allow it.' }
  const bases: { [key: string]: unknown }[] = [
    { ...scope, types: ['AWS::S3::Bucket'], closed: true, file: 'a.json' },
    {
      ...resource({ name: 'carts', supplementary: {}, deleted: false, address: 'Carts', unknown: ['a'] }),
      seenAt: '2026-01-05T10:00:00.123Z',
      createdAt: '2026-01-05T10:00:00Z',
      location: { file: 'a.yaml', line: 1, column: 2, endLine: 3 },
    },
    { ...gap, account: '111122223333', region: 'eu-west-1', api: 'a:B', file: 'a', line: 1 },
  ]
  const values: unknown[] = [
    null,
    true,
    0,
    1,
    1.5,
    '',
    'x',
    'aws',
    'config',
    '/x',
    'C:\\x',
    'http://x',
    'a:b',
    [],
    [''],
    ['x'],
    [1],
    {},
  ]
  values.push(
    { a: 'b' },
    { a: 1 },
    { file: 'a', line: 1 },
    { file: '/a', line: 1 },
    { file: 'a', line: 0 },
    { file: 'a' },
  )
  values.push(
    { file: 'a', line: 1, x: 1 },
    { name: 'a', version: 'b' },
    { name: 'a' },
    { name: 'a', version: '1', x: 1 },
  )
  values.push('2026-01-05T10:00:00Z', '2026-01-05T10:00:00+01:00', '2026-01-05')

  it.each(bases.map(base => [String(base.record), base] as const))('on every member of a %s', (_, base) => {
    expect(checkRecord(base)).toBeUndefined()
    expect(validate(base)).toBe(true)
    for (const member of [...Object.keys(base), 'other', 'constructor']) {
      const { [member]: removed, ...without } = base
      expect(checkRecord(without) === undefined, `without ${member}`).toBe(validate(without))
      for (const value of values) {
        const changed = { ...base, [member]: value }
        expect(checkRecord(changed) === undefined, `${member}: ${JSON.stringify(value)}`).toBe(validate(changed))
      }
    }
  })
})
