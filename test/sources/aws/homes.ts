// Estates of the fixtures, account by account, as AWS would tell of them; and what collecting one gives.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { ResourceRecord, SnapshotRecord } from '../../../src/model/record.ts'
import { type Account, collect, type Outcome } from '../../../src/sources/aws/live.ts'
import { outlyingStores } from './outlying-stores.ts'
import { clientsOf, type ServedFault } from './served-estate.ts'

export const takenAt = '2026-01-15T06:00:00.000Z'

/** One account of an estate of the fixtures. */
export interface Home {
  account: string
  regions: string[]
  records: SnapshotRecord[]
  resources: ResourceRecord[]
}

/** The accounts of an estate. */
export function homesOf(name: string): Home[] {
  const file = fileURLToPath(new URL(`../../../fixtures/${name}/snapshot.ndjson`, import.meta.url))
  const all = readFileSync(file, 'utf8').trimEnd().split('\n')
  const records = all.map(line => JSON.parse(line) as SnapshotRecord)
  const places = records.filter(record => record.record === 'scope')
  return [...new Set(places.map(scope => scope.account!))].map(account => {
    const own = records.filter(record => record.account === account)
    const regions = places.filter(scope => scope.account === account && scope.region !== 'global')
    return {
      account,
      regions: [...new Set(regions.map(({ region }) => region!))].sort(),
      records: own,
      // AWS lists nothing that is gone.
      resources: own.filter(record => record.record === 'resource').filter(({ deleted }) => !deleted),
    }
  })
}

const [ofFixture] = homesOf('bookshop') as [Home]
const point = ofFixture.resources.find(
  ({ type, configuration }) =>
    type === 'AWS::Backup::RecoveryPoint' && configuration.BackupVaultName === 'bookshop' && configuration.Status,
)!
const outlying = outlyingStores(point, ofFixture.resources.find(({ region }) => region === 'global')!.scope)
/** The bookshop, with stores that no fixture has. */
export const bookshop: Home = { ...ofFixture, resources: [...ofFixture.resources, ...outlying] }

/** What collecting gives. */
export interface Collected extends Outcome {
  records: SnapshotRecord[]
}

/** Collects an account, the bookshop's unless another is given. */
export async function collectAll(
  fault?: ServedFault,
  services?: string[],
  { account, regions, resources }: Home = bookshop,
): Promise<Collected> {
  const clients = clientsOf(resources, fault)
  const reached: Account = { account, partition: 'aws', regions, enabled: regions, clients }
  const records: SnapshotRecord[] = []
  const outcome = await collect(reached, { takenAt, version: '0.1.0', services }, record => records.push(record))
  return { ...outcome, records: JSON.parse(JSON.stringify(records)) as SnapshotRecord[] }
}
