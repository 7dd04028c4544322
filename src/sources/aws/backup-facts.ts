/** What AWS Backup knows of one account in one Region, read as far as somebody asks, without the collectors of all the stores. */
import type { ResourceRecord, ScopeRecord, SnapshotRecord } from '../../model/record.ts'
import { scopeRecord } from '../scope.ts'
import { collector as backupJobs } from './backup-jobs.ts'
import { collector as backupPlans } from './backup-plans.ts'
import { collector as backupVaults } from './backup-vaults.ts'
import type { Clients } from './clients.ts'
import { type Collector, eachOf } from './collector.ts'
import { Place } from './place.ts'
import { collector as regionSettings } from './region-settings.ts'
import { collector as restoreTesting } from './restore-testing.ts'
import { Stop } from './stop.ts'

/** Collectors with the fact groups that each of them reads whole by itself. */
export const backupCollectors: readonly { collector: Collector; reads: readonly string[] }[] = [
  { collector: backupPlans, reads: ['plans', 'selections'] },
  { collector: backupVaults, reads: ['vaults', 'vault-locks', 'vault-policies', 'recovery-points'] },
  { collector: backupJobs, reads: ['backup-jobs', 'copy-jobs', 'restore-jobs'] },
  { collector: regionSettings, reads: ['region-settings'] },
  { collector: restoreTesting, reads: ['restore-testing'] },
]

/** Where and when facts are read. */
export interface FactsOf {
  account: string
  region: string
  partition: string
  clients: Clients
  /** ISO 8601 UTC. */
  takenAt: string
  version: string
}

/** Reads fact groups, each collector once. */
export class BackupFacts {
  private readonly place: Place
  private readonly read = new Map<Collector, Promise<SnapshotRecord[]>>()

  constructor(private readonly of: FactsOf) {
    const { account, region, partition, clients, takenAt } = of
    const run = { takenAt, clients, counters: { calls: new Map(), repeated: new Map() }, stop: new Stop() }
    this.place = new Place(run, partition, account, region)
  }

  /** The records of all groups that are named, with the scope that claims them. What could not be read is a gap, and never thrown. */
  async records(groups: ReadonlySet<string>): Promise<SnapshotRecord[]> {
    const wanted = backupCollectors.filter(({ reads }) => reads.some(group => groups.has(group)))
    const parts = await Promise.all(wanted.map(({ collector }) => this.once(collector)))
    const { account, region, takenAt, version } = this.of
    const scope: ScopeRecord = {
      ...scopeRecord({ source: 'aws', account, region, takenAt }),
      factGroups: wanted.flatMap(({ reads }) => reads).sort(),
      tool: { name: 'rel09', version },
    }
    return [scope, ...parts.flat()]
  }

  private once(collector: Collector): Promise<SnapshotRecord[]> {
    let part = this.read.get(collector)
    if (!part) this.read.set(collector, (part = this.collect(collector)))
    return part
  }

  private async collect({ collect, fills, service }: Collector): Promise<SnapshotRecord[]> {
    const place = this.place.forPart()
    const records: ResourceRecord[] = []
    try {
      for await (const found of collect(place)) for (const record of eachOf(found)) records.push(record)
    } catch {
      const remedy = 'Report it if it stays: what AWS answered could not be read.'
      const types = [...new Set(Object.values(fills).flat())]
      place.note({ api: service, cuts: Object.keys(fills), types }, { reason: 'truncated', remedy })
    }
    return [...records, ...place.gaps.values()]
  }
}
