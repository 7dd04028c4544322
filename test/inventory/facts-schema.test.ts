// Protects the facts schemas as the contract between the join and the rules: whatever the fixture estates make the join say,
// a schema allows. A list known in part, or a number known by a bound, may stand wherever a whole one may.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import type { SnapshotRecord } from '../../src/model/record.ts'
import { type SubjectKind, subjectKinds } from '../../src/model/subject.ts'
import { inventoryOf, plain, resource, subjectsOf } from './records.ts'

const root = resolve(import.meta.dirname, '../..')

type Schema = { [keyword: string]: unknown }

/** A bound on a number, as `FactNumber` writes it. */
const bound = {
  oneOf: ['$atMost', '$atLeast'].map(name => ({
    type: 'object',
    additionalProperties: false,
    required: [name],
    properties: { [name]: { type: 'number' } },
  })),
}

/** A schema that also allows partial lists and bounds, wherever it allows lists and numbers. */
function loosened(schema: Schema): Schema {
  const inner: Schema = { ...schema }
  for (const name of ['properties'] as const)
    if (schema[name])
      inner[name] = Object.fromEntries(
        Object.entries(schema[name] as Record<string, Schema>).map(([key, value]) => [key, loosened(value)]),
      )
  if (schema.items) inner.items = loosened(schema.items as Schema)
  if (typeof schema.additionalProperties === 'object')
    inner.additionalProperties = loosened(schema.additionalProperties as Schema)
  const types = [schema.type].flat()
  if (types.includes('array'))
    return {
      anyOf: [
        inner,
        {
          type: 'object',
          additionalProperties: false,
          required: ['$partial'],
          properties: { $partial: inner },
        },
      ],
    }
  return types.includes('number') ? { anyOf: [inner, bound] } : inner
}

const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true })
for (const keyword of ['factGroup', 'assumptions']) ajv.addKeyword(keyword)

function validatorOf(kind: SubjectKind) {
  const schema = JSON.parse(readFileSync(join(root, `schemas/facts/${kind}.schema.json`), 'utf8')) as Schema
  return ajv.compile(loosened(schema))
}

const validators = new Map(subjectKinds.map(kind => [kind, validatorOf(kind)]))

function recordsIn(file: string): SnapshotRecord[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as SnapshotRecord)
}

const estates = readdirSync(join(root, 'fixtures')).filter(name =>
  existsSync(join(root, 'fixtures', name, 'snapshot.ndjson')),
)

/** Everything that no schema allows, in words. */
function violations(records: readonly SnapshotRecord[]): string[] {
  return subjectsOf(inventoryOf(records)).flatMap(subject => {
    const validate = validators.get(subject.kind)!
    return validate(plain(subject.facts))
      ? []
      : (validate.errors ?? []).map(
          e =>
            `${subject.kind} ${subject.arn ?? subject.id}: ${e.instancePath} ${e.message} ${JSON.stringify(e.params)}`,
        )
  })
}

describe.each(estates)('facts of the estate «%s»', estate => {
  const records = recordsIn(join(root, 'fixtures', estate, 'snapshot.ndjson'))

  it('are as their schemas say, where everything was read', () => {
    expect(violations(records)).toEqual([])
  })

  it('are as their schemas say, where nothing is known to be complete', () => {
    const open = records.map(record => (record.record === 'scope' ? { ...record, factGroups: [] } : record))
    expect(violations(open)).toEqual([])
  })

  it('are as their schemas say, where no time is known', () => {
    const timeless = records.map(record => {
      if (record.record !== 'scope') return record
      const { takenAt: _, ...rest } = record
      return rest
    })
    expect(violations(timeless)).toEqual([])
  })

  it('are as their schemas say, of the stores alone', () => {
    const few = records.filter(record => record.record !== 'resource' || !record.type.startsWith('AWS::Backup::'))
    expect(violations(few)).toEqual([])
  })
})

/** Transfers, of which no estate has any. */
const transfers = [
  resource('AWS::DataSync::LocationNFS', 'loc-1', {
    LocationArn: 'arn:aws:datasync:eu-west-1:111122223333:location/loc-1',
  }),
  resource('AWS::DataSync::Task', 'task-1', {
    TaskArn: 'arn:aws:datasync:eu-west-1:111122223333:task/task-1',
    SourceLocationArn: 'arn:aws:datasync:eu-west-1:111122223333:location/loc-1',
    Schedule: { ScheduleExpression: 'rate(12 hours)', Status: 'ENABLED' },
    Options: { VerifyMode: 'NONE', LogLevel: 'OFF' },
  }),
  resource('AWS::StorageGateway::FileShare', 'share-1', {
    FileShareARN: 'arn:aws:storagegateway:eu-west-1:111122223333:share/share-1',
    KMSEncrypted: true,
    KMSKey: 'alias/aws/s3',
  }),
]

describe('the estates and some transfers together', () => {
  const kinds = new Set(
    [...estates.map(estate => recordsIn(join(root, 'fixtures', estate, 'snapshot.ndjson'))), transfers].flatMap(
      records => subjectsOf(inventoryOf(records)).map(subject => subject.kind),
    ),
  )

  it.each(subjectKinds)('have a subject of kind %s', kind => {
    expect(kinds).toContain(kind)
  })

  it('have transfers as their schema says', () => {
    expect(violations(transfers)).toEqual([])
  })
})
