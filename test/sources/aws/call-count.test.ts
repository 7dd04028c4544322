/**
 * Protects the promise that reading an account costs calls by its pages, not by its stores: a hundred stores a call, a thousand
 * recovery points or jobs, and one for each thing only where the operation says so (AWS has no list form of it).
 */
import { describe, expect, it } from 'vitest'
import { collectors } from '../../../src/generated/collectors.ts'
import type { ResourceRecord } from '../../../src/model/record.ts'
import { collect } from '../../../src/sources/aws/live.ts'
import { bookshop, takenAt } from './homes.ts'
import { clientsOf } from './served-estate.ts'

const stores = [
  'AWS::RDS::DBInstance',
  'AWS::EC2::Volume',
  'AWS::EC2::Instance',
  'AWS::DynamoDB::Table',
  'AWS::S3::Bucket',
  'AWS::EFS::FileSystem',
]
const jobs = ['AWS::Backup::BackupJob', 'AWS::Backup::CopyJob', 'AWS::Backup::RestoreJob']
const { account, regions, resources } = bookshop

/** A record again, under another id wherever it says its own. */
function again(record: ResourceRecord, number: number): ResourceRecord {
  return JSON.parse(JSON.stringify(record).replaceAll(record.id, `${record.id}-${number}`)) as ResourceRecord
}

/** The bookshop with so many stores of each kind, recovery points, and jobs of each kind, in the Region that has them. */
function shopOf(storesEach: number, points: number, jobsEach: number): ResourceRecord[] {
  const wanted = new Map<string, number>([
    ...stores.map(type => [type, storesEach] as const),
    ['AWS::Backup::RecoveryPoint', points],
    ...jobs.map(type => [type, jobsEach] as const),
  ])
  const rest = resources.filter(({ type }) => !wanted.has(type))
  const grown = [...wanted].flatMap(([type, count]) => {
    const one = resources.find(record => record.type === type && record.region === 'eu-west-1')!
    return Array.from({ length: count }, (_, number) => again(one, number))
  })
  return [...rest, ...grown]
}

async function callsOf(records: ResourceRecord[]): Promise<ReadonlyMap<string, number>> {
  const clients = clientsOf(records, undefined, true)
  const reached = { account, partition: 'aws', regions, enabled: regions, clients }
  const { gaps, calls } = await collect(reached, { takenAt, version: '0' }, () => {})
  expect(gaps).toEqual([])
  return calls
}

const operations = Object.values(collectors).flatMap(collector => collector.operations)
const each = new Set(operations.filter(operation => operation.each !== undefined).map(({ api }) => api))
const sum = (calls: ReadonlyMap<string, number>, isMeant: (api: string) => boolean) =>
  [...calls].reduce((all, [api, count]) => all + (isMeant(api) ? count : 0), 0)

describe('the number of calls', () => {
  it('grows with pages of stores, points and jobs, and with what has no list form', async () => {
    const few = await callsOf(shopOf(1, 1, 1))
    const [storesEach, points, jobsEach] = [300, 8_000, 3_000]
    const many = await callsOf(shopOf(storesEach, points, jobsEach))
    const all = storesEach * stores.length
    const isList = (api: string) => !each.has(api)
    const more = sum(many, isList) - sum(few, isList)
    const single = [...many].filter(([api, count]) => each.has(api) && count > 2 * few.get(api)!)
    console.log(
      `calls: ${sum(few, isList)} lists for a small shop; ${sum(many, isList)} for ${all} stores, ${points} recovery points, ${jobsEach * jobs.length} jobs; ` +
        `for each: ${single.map(([api, count]) => `${api} ${count}`).join(', ')}`,
    )
    // A page of stores has its tags asked for, too, where the list does not tell them.
    expect(more).toBeLessThanOrEqual((2 * all) / 100 + (jobsEach * jobs.length) / 1000)
    const lists = 'backup:ListRecoveryPointsByBackupVault'
    expect(many.get(lists)! - few.get(lists)!).toBeLessThanOrEqual(points / 1000)
    // What is asked for each store, by what the operations declare: nothing else may be.
    const perStore = single.filter(([api]) => api !== lists)
    expect(perStore.filter(([, count]) => count > storesEach + 50)).toEqual([])
  })
})
