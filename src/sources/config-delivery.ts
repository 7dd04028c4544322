/**
 * Files that AWS Config delivers to S3: configuration snapshots and configuration history, `{ fileVersion, configSnapshotId?,
 * configurationItems: […] }`, as they lie in the bucket (gzip) or unpacked. A snapshot's time is the one in its S3 key; of
 * several snapshots of one account and Region, told by their names, the newest is read. All history files of an account and
 * Region make one scope.
 * https://docs.aws.amazon.com/config/latest/developerguide/deliver-snapshot-cli.html,
 * https://docs.aws.amazon.com/config/latest/developerguide/view-manage-resource-console.html
 */
import type { SnapshotRecord } from '../model/record.ts'
import { readItems } from './items.ts'
import { type ScopeIdentity, scopeBook } from './scope.ts'
import type { InputFile, Reading, Sample, Source } from './source.ts'

/** What the name of a delivered file tells; AWS gives it as the last part of the S3 key. */
export interface DeliveryName {
  account: string
  region: string
  kind: 'ConfigSnapshot' | 'ConfigHistory'
  /** ISO 8601 UTC: when a snapshot was taken. Absent for history, and where the name holds no real instant. */
  takenAt?: string
}

const deliveryName = /(?:^|\/)(\d{12})_Config_([a-z0-9-]{1,40})_(ConfigSnapshot|ConfigHistory)_([^/]+)$/

/** Reads the name of a delivered file; `undefined` for any other name. */
export function readDeliveryName(name: string): DeliveryName | undefined {
  const match = deliveryName.exec(name)
  if (!match) return undefined
  const delivery: DeliveryName = {
    account: match[1]!,
    region: match[2]!,
    kind: match[3] === 'ConfigSnapshot' ? 'ConfigSnapshot' : 'ConfigHistory',
  }
  const time = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z(?=[_.]|$)/.exec(match[4]!)
  if (delivery.kind === 'ConfigSnapshot' && time) {
    const iso = `${time[1]}-${time[2]}-${time[3]}T${time[4]}:${time[5]}:${time[6]}.000Z`
    const at = Date.parse(iso)
    // A day that does not exist (30 February) rolls over; such a name states no time.
    if (!Number.isNaN(at) && new Date(at).toISOString() === iso) delivery.takenAt = iso
  }
  return delivery
}

function isSnapshot(sample: Sample, delivery: DeliveryName | undefined): boolean {
  if (delivery) return delivery.kind === 'ConfigSnapshot'
  return sample.members.has('.configSnapshotId') || sample.members.has('.requestId')
}

function detect(sample: Sample, name: string): boolean {
  if (sample.shape !== 'object' || !sample.members.has('.configurationItems')) return false
  // A saved GetResourceConfigHistory has the same list, but neither a version nor such a name.
  return sample.members.has('.fileVersion') || isSnapshot(sample, undefined) || readDeliveryName(name) !== undefined
}

/** The files to read: of the snapshots whose names tell account, Region and time, the newest each. */
function newest(files: readonly InputFile[], reading: Reading): InputFile[] {
  const latest = new Map<string, { file: InputFile; takenAt: string }>()
  for (const file of files) {
    const delivery = readDeliveryName(file.name)
    if (!delivery?.takenAt) continue
    const { takenAt } = delivery
    const key = `${delivery.account} ${delivery.region}`
    const other = latest.get(key)
    const isNewer = !other || takenAt > other.takenAt || (takenAt === other.takenAt && file.name > other.file.name)
    if (isNewer) latest.set(key, { file, takenAt })
  }
  return files.filter(file => {
    const delivery = readDeliveryName(file.name)
    if (!delivery?.takenAt) return true
    const chosen = latest.get(`${delivery.account} ${delivery.region}`)!
    if (chosen.file === file) return true
    const reason = `older AWS Config snapshot of ${delivery.account} in ${delivery.region}: the one of ${chosen.takenAt} is read`
    reading.skip({ file: file.name, reason, count: 1 })
    return false
  })
}

/** The scope of an item: the file's own account and Region, global resources included; whatever else the file holds, by item. */
function scopeOf(file: InputFile): (account?: string, region?: string) => ScopeIdentity {
  const delivery = readDeliveryName(file.name)
  const snapshot = isSnapshot(file.sample, delivery)
  return (itemAccount, itemRegion) => {
    const isOfFile =
      delivery !== undefined &&
      (itemAccount === undefined || itemAccount === delivery.account) &&
      (itemRegion === undefined || itemRegion === 'global' || itemRegion === delivery.region)
    const account = isOfFile ? delivery.account : itemAccount
    const region = isOfFile ? delivery.region : itemRegion
    if (!snapshot) {
      return { source: 'aws-config-history', account, region, file: account === undefined ? file.name : undefined }
    }
    const takenAt = delivery?.takenAt
    const isIdentified = account !== undefined && takenAt !== undefined
    return { source: 'aws-config-snapshot', account, region, takenAt, file: isIdentified ? undefined : file.name }
  }
}

async function* read(files: readonly InputFile[], reading: Reading): AsyncGenerator<SnapshotRecord[]> {
  const book = scopeBook()
  for (const file of newest(files, reading)) {
    yield* readItems(file, reading, {
      book,
      scopeOf: scopeOf(file),
      begin: path =>
        path === '' || path === '.configurationItems' ? 'enter' : path === '.configurationItems[]' ? 'take' : 'skip',
    })
  }
}

/** AWS Config snapshots and history files. */
export const source: Source = {
  name: 'AWS Config snapshots and history files',
  markers: [/"configurationItem/],
  nameMarkers: [/^\d{12}_Config_[a-z0-9-]+_(?:ConfigSnapshot|ConfigHistory|ChangeNotification)_/],
  ignored: [/^ConfigWritabilityCheckFile$/],
  detect,
  read,
}
