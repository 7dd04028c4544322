/** Configuration items of a file, one by one, as records with their scopes; what is lost on the way becomes a gap. */
import type { GapRecord, ResourceRecord, SnapshotRecord } from '../model/record.ts'
import { readConfigurationItem } from './configuration-item.ts'
import { isObject, quote, type ScanStep } from './json.ts'
import { damagedRemedy, type Loss, oversizedRemedy, scanFile } from './scan-file.ts'
import { lostPart, type ScopeBook, type ScopeIdentity } from './scope.ts'
import type { InputFile, Reading } from './source.ts'

/** How the items of one file are found and which scope each belongs to. */
export interface ItemPlan {
  book: ScopeBook
  sequence?: boolean
  begin(path: string, firstByte: number): ScanStep
  /** What is taken becomes an item first (a query's row is JSON text); the identity where not given. */
  decode?(value: unknown): unknown
  /** The scope of an item by what it states; of the file's losses where no item was read. */
  scopeOf(account: string | undefined, region: string | undefined): ScopeIdentity
  /** The rows of a query hold what was selected: an incomplete one is listed as not evaluated, it is no fault of the file. */
  isQuery?: boolean
}

/** Adds the items of one file to batches, and remembers what could not be read. */
export interface ItemCollector {
  add(value: unknown, line: number, batch: SnapshotRecord[]): void
  end(losses: readonly Loss[], batch: SnapshotRecord[]): void
}

/** Collects the items of a file whose values somebody else finds. */
export function itemCollector(
  file: Pick<InputFile, 'name'>,
  reading: Pick<Reading, 'problem' | 'skip' | 'maxRecordBytes'>,
  plan: Pick<ItemPlan, 'book' | 'scopeOf' | 'isQuery'>,
): ItemCollector {
  const scopes = new Set<string>()
  const gaps = new Set<string>()
  const lost: Loss[] = []
  let lastAccount: string | undefined
  let lastRegion: string | undefined
  let lastScope: string | undefined

  function scopeFor(account: string | undefined, region: string | undefined, batch: SnapshotRecord[]): string {
    if (lastScope === undefined || account !== lastAccount || region !== lastRegion) {
      lastScope = plan.book.enter(plan.scopeOf(account, region), batch)
      scopes.add(lastScope)
      lastAccount = account
      lastRegion = region
    }
    return lastScope
  }

  return {
    add(value, line, batch) {
      const item = readConfigurationItem(value, { file: file.name, line })
      switch (item.kind) {
        case 'resource': {
          const record = item.record as ResourceRecord
          record.scope = scopeFor(record.account, record.region, batch)
          batch.push(record)
          return
        }
        case 'notEvaluated':
          reading.skip({ ...(item.type ? { type: item.type } : {}), file: file.name, reason: item.reason, count: 1 })
          return
        case 'wrong':
          if (plan.isQuery && isObject(value)) {
            reading.skip({ file: file.name, reason: 'the query did not select resourceType and resourceId', count: 1 })
            return
          }
          reading.problem(file.name, item.reason, line)
          lost.push({ reason: 'truncated', line })
          return
        case 'unreadable': {
          const reason = plan.isQuery ? `${item.reason} (the query may not have selected it)` : item.reason
          reading.skip({ type: item.type, file: file.name, reason, count: 1 })
          const scope = scopeFor(item.account, item.region, batch)
          const key = `${scope}\n${item.type}`
          if (gaps.has(key)) return
          gaps.add(key)
          const remedy = `Read ${quote(item.type)} ${quote(item.id)} anew: ${item.reason}.`
          const gap: GapRecord = { ...lostPart(scope, 'truncated', file.name, line, remedy), types: [item.type] }
          if (item.account !== undefined) gap.account = item.account
          if (item.region !== undefined) gap.region = item.region
          batch.push(gap)
        }
      }
    },
    end(losses, batch) {
      const all = [...losses, ...lost]
      if (all.length === 0) return
      if (scopes.size === 0) scopeFor(undefined, undefined, batch)
      const damaged = all.find(loss => loss.reason !== 'oversized')
      for (const scope of scopes) {
        for (const loss of all) {
          if (loss.reason === 'oversized') {
            batch.push(lostPart(scope, 'oversized', file.name, loss.line, oversizedRemedy(reading.maxRecordBytes)))
          }
        }
        if (damaged) batch.push(lostPart(scope, damaged.reason, file.name, damaged.line, damagedRemedy))
      }
    },
  }
}

/** Reads the items of one file. */
export async function* readItems(file: InputFile, reading: Reading, plan: ItemPlan): AsyncGenerator<SnapshotRecord[]> {
  const items = itemCollector(file, reading, plan)
  yield* scanFile(file, reading, {
    sequence: plan.sequence ?? false,
    begin: plan.begin,
    value: (_path, value, line, batch) => items.add(plan.decode ? plan.decode(value) : value, line, batch),
    end: (losses, batch) => items.end(losses, batch),
  })
}
