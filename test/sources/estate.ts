/** Inputs of a small bookshop, written to a temporary directory, and what reading them gives. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import type { GapRecord, ResourceRecord, ScopeRecord, SnapshotRecord } from '../../src/model/record.ts'
import type { InputProblem, NotEvaluated } from '../../src/model/report.ts'
import { type ReadOptions, readInputs } from '../../src/sources/read.ts'

export const account = '111122223333'
export const otherAccount = '444455556666'
export const region = 'eu-west-1'

export interface Outcome {
  records: SnapshotRecord[]
  scopes: ScopeRecord[]
  resources: ResourceRecord[]
  gaps: GapRecord[]
  problems: InputProblem[]
  notEvaluated: NotEvaluated[]
}

/** Reads inputs to the end. */
export async function readAll(paths: string[], options: ReadOptions): Promise<Outcome> {
  const reading = readInputs(paths, options)
  const records: SnapshotRecord[] = []
  for await (const batch of reading.records) records.push(...batch)
  return {
    records,
    scopes: records.filter(record => record.record === 'scope'),
    resources: records.filter(record => record.record === 'resource'),
    gaps: records.filter(record => record.record === 'gap'),
    problems: reading.problems,
    notEvaluated: reading.notEvaluated,
  }
}

/** A temporary directory with files; call `remove` when done. */
export function directoryOf(files: { [path: string]: string | Buffer }): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'rel09-sources-'))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), content)
  }
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) }
}

/** Reads files of a temporary directory: all of it, or the paths named. */
export async function readFiles(
  files: { [path: string]: string | Buffer },
  paths: string[] = ['.'],
  options: Partial<ReadOptions> = {},
): Promise<Outcome> {
  const directory = directoryOf(files)
  try {
    return await readAll(paths, { cwd: directory.path, ...options })
  } finally {
    directory.remove()
  }
}

/** Reads one document through standard input. */
export function readText(text: string | Buffer, options: Partial<ReadOptions> = {}): Promise<Outcome> {
  return readAll(['-'], { cwd: tmpdir(), stdin: Readable.from([Buffer.from(text)]), ...options })
}

/** A configuration item of the bookshop, as a snapshot file holds it. */
export function item(more: { [key: string]: unknown } = {}): { [key: string]: unknown } {
  return {
    configurationItemVersion: '1.3',
    configurationItemCaptureTime: '2026-01-05T10:00:00.000Z',
    configurationStateId: 1767607200000,
    awsAccountId: account,
    configurationItemStatus: 'OK',
    resourceType: 'AWS::RDS::DBInstance',
    resourceId: 'db-BOOKSHOP',
    resourceName: 'orders',
    ARN: `arn:aws:rds:${region}:${account}:db:orders`,
    awsRegion: region,
    tags: { backup: 'daily' },
    configuration: { dBInstanceIdentifier: 'orders', backupRetentionPeriod: 7 },
    supplementaryConfiguration: {},
    ...more,
  }
}

/** A configuration snapshot file. */
export function configSnapshot(items: unknown[]): string {
  return JSON.stringify({ fileVersion: '1.0', configSnapshotId: 'aaaa-1', configurationItems: items })
}

/** A configuration history file. */
export function configHistory(items: unknown[]): string {
  return JSON.stringify({ fileVersion: '1.0', configurationItems: items })
}

export const scope: ScopeRecord = {
  record: 'scope',
  id: 'feedfacefeedface',
  source: 'aws',
  account,
  region,
  takenAt: '2026-01-05T10:00:00.000Z',
  factGroups: ['inventory', 'tags'],
  tool: { name: 'rel09', version: '0.1.0' },
}

/** A resource record of the bookshop's own snapshot. */
export function resource(more: Partial<ResourceRecord> = {}): ResourceRecord {
  return {
    record: 'resource',
    scope: scope.id,
    type: 'AWS::DynamoDB::Table',
    id: 'carts',
    arn: `arn:aws:dynamodb:${region}:${account}:table/carts`,
    account,
    region,
    tags: null,
    encoding: 'api',
    configuration: { TableName: 'carts' },
    ...more,
  }
}

/** Lines of a snapshot. */
export function ndjson(...records: unknown[]): string {
  return records.map(record => `${JSON.stringify(record)}\n`).join('')
}
