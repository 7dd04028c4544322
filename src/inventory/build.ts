/** Folds records into the join while they stream. What is held per store and per point group is all that grows. */
import type { Facts } from '../model/facts.ts'
import type { Inventory } from '../model/inventory.ts'
import type { Policy } from '../model/policy.ts'
import type { Encoding, GapRecord, ResourceRecord, ScopeRecord, SnapshotRecord } from '../model/record.ts'
import type { NotEvaluated } from '../model/report.ts'
import type { EvidenceDefinition, ResourceDefinition, StoreDefinition } from '../resources/definition.ts'
import { readStore } from '../resources/reading.ts'
import { parseArn } from './arn.ts'
import { secondsOf } from './clock.ts'
import type { ScopeState } from './completeness.ts'
import { placeKey } from './completeness.ts'
import { finishJoin } from './finish.ts'
import { emptyJobFold, emptyRestoreFold, foldJob, foldRestoreJob } from './job-folds.ts'
import type { EvidenceItem, Header, SourceEntry } from './join.ts'
import { StoreItem } from './join.ts'
import { partitionOf } from './plans.ts'
import type { VaultName } from './point-groups.ts'
import { foldPoint, PointGroup } from './point-groups.ts'
import type { SnapshotGroup } from './snapshot-groups.ts'
import { emptyFlagFold, foldSnapshot } from './snapshot-groups.ts'

/** What the join is built with. */
export interface InventoryOptions {
  definitions: readonly ResourceDefinition[]
  policy: Policy
  /** Present time, ISO 8601: decides only whether exemptions and rehearsals have expired. */
  now?: string
  /** `--now`: replaces every scope's `takenAt`. */
  clock?: string
}

/** Counts of what was read and not judged, by type and reason. */
class Unjudged {
  private readonly counts = new Map<string, NotEvaluated>()
  add(type: string, reason: string): void {
    const key = `${type}\n${reason}`
    const found = this.counts.get(key)
    if (found) found.count++
    // Types come from the input: a hostile one must not fill the memory.
    else if (this.counts.size < 2_000) this.counts.set(key, { type, reason, count: 1 })
  }
  list(): NotEvaluated[] {
    return [...this.counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry)
  }
}

const encodings: readonly Encoding[] = ['config', 'api', 'cloudformation', 'terraform']

/** Definitions by what each encoding calls the type. */
function indexDefinitions(
  definitions: readonly ResourceDefinition[],
): Map<Encoding, Map<string, ResourceDefinition[]>> {
  const index = new Map<Encoding, Map<string, ResourceDefinition[]>>()
  for (const encoding of encodings) {
    const byName = new Map<string, ResourceDefinition[]>()
    index.set(encoding, byName)
    for (const definition of definitions) {
      const { config, cloudformation, terraform } = definition.names
      const names = new Set(
        encoding === 'terraform'
          ? terraform
          : encoding === 'cloudformation'
            ? [...cloudformation, definition.type]
            : [definition.type, ...config, ...cloudformation],
      )
      for (const name of names) {
        const list = byName.get(name)
        if (list) list.push(definition)
        else byName.set(name, [definition])
      }
    }
  }
  return index
}

/** Everything read so far; {@link finishJoin} turns it into the inventory. */
export interface Fold {
  options: InventoryOptions
  scopes: ScopeState[]
  gaps: GapRecord[]
  entries: Map<string, SourceEntry>
  /** Stores without an ARN, by identity. */
  unnamed: Map<string, StoreItem>
  evidence: Map<string, EvidenceItem>
  snapshotGroups: Map<string, SnapshotGroup>
  vaultNames: Map<string, VaultName>
  testingPlanJobs: Map<string, import('./job-folds.ts').RestoreFold>
  restoreRoles: Set<string>
  members: Map<string, number>
  leftovers: { account: string | undefined; region: string | undefined; at: number | undefined }[]
  resourceCount: number
  unjudged: Unjudged
}

/** Builds an {@link Inventory} from records in any order. */
export class InventoryBuilder {
  private readonly fold: Fold
  private readonly index: Map<Encoding, Map<string, ResourceDefinition[]>>
  private readonly scopesById = new Map<string, ScopeState>()
  private readonly waiting = new Map<string, ResourceRecord[]>()
  private readonly interned = new Map<string, unknown>()
  private readonly clockSeconds: number | undefined

  constructor(options: InventoryOptions) {
    this.index = indexDefinitions(options.definitions)
    this.clockSeconds = secondsOf(options.clock)
    this.fold = {
      options,
      scopes: [],
      gaps: [],
      entries: new Map(),
      unnamed: new Map(),
      evidence: new Map(),
      snapshotGroups: new Map(),
      vaultNames: new Map(),
      testingPlanJobs: new Map(),
      restoreRoles: new Set(),
      members: new Map(),
      leftovers: [],
      resourceCount: 0,
      unjudged: new Unjudged(),
    }
  }

  /** Takes one record. Records of a scope that has not come yet wait for it: its clock decides their ages. */
  add(record: SnapshotRecord): void {
    if (record.record === 'resource') {
      const scope = this.scopesById.get(record.scope)
      if (scope) this.addResource(record, scope)
      else {
        const waiting = this.waiting.get(record.scope)
        if (waiting) waiting.push(record)
        else this.waiting.set(record.scope, [record])
      }
    } else if (record.record === 'scope') this.addScope(record)
    else this.fold.gaps.push(record)
  }

  /** The inventory of everything that was added. */
  finish(): Inventory {
    for (const id of [...this.waiting.keys()].sort()) this.addScope({ record: 'scope', id, source: 'aws-config-item' })
    return finishJoin(this.fold)
  }

  private addScope(scope: ScopeRecord): void {
    if (this.scopesById.has(scope.id)) return
    const state: ScopeState = {
      scope,
      clockSeconds: this.clockSeconds ?? secondsOf(scope.takenAt),
      seenTypes: new Set(),
      places: new Set(),
    }
    this.scopesById.set(scope.id, state)
    this.fold.scopes.push(state)
    const waiting = this.waiting.get(scope.id)
    this.waiting.delete(scope.id)
    for (const record of waiting ?? []) this.addResource(record, state)
  }

  private definitionOf(record: ResourceRecord): ResourceDefinition | undefined {
    const found = this.index.get(record.encoding)?.get(record.type)
    if (!found) return undefined
    return found.length === 1 && !found[0]!.accepts
      ? found[0]
      : found.find(definition => !definition.accepts || definition.accepts(record))
  }

  private addResource(record: ResourceRecord, scope: ScopeState): void {
    const { fold } = this
    fold.resourceCount++
    if (scope.scope.account === undefined) scope.places.add(placeKey(record.account, record.region))
    if (scope.scope.source === 'aws-config-snapshot') scope.seenTypes.add(record.type)
    const definition = this.definitionOf(record)
    if (!definition) {
      fold.unjudged.add(record.type, 'no rule concerns this type')
      return
    }
    switch (definition.role) {
      case 'data-store':
        this.addStore(definition, record, scope)
        break
      case 'recovery-point':
        this.addPoint(definition, record, scope)
        break
      case 'backup-job':
        this.addJob(definition, record, scope)
        break
      case 'restore-job':
        this.addRestoreJob(definition, record, scope)
        break
      case 'native-snapshot':
        this.addSnapshot(definition, record, scope)
        break
      default:
        this.addEvidence(definition as EvidenceDefinition, record, scope)
    }
  }

  /** One copy of equal strings and objects: an estate repeats its tags and settings a hundred thousand times. */
  private intern<T>(key: string, value: T): T {
    const found = this.interned.get(key)
    if (found !== undefined) return found as T
    if (this.interned.size < 20_000 && key.length < 4_000) this.interned.set(key, value)
    return value
  }

  private text(value: string | undefined): string | undefined {
    return value === undefined ? undefined : this.intern(value, value)
  }

  private tags(tags: ResourceRecord['tags']): ResourceRecord['tags'] {
    return tags ? this.intern(`tags ${JSON.stringify(tags)}`, tags) : tags
  }

  private entry(arn: string): SourceEntry {
    const { entries } = this.fold
    let entry = entries.get(arn)
    if (!entry)
      entries.set(arn, (entry = { arn, store: null, groups: null, backupJobs: null, copyJobs: null, restore: null }))
    return entry
  }

  private addStore(definition: StoreDefinition, record: ResourceRecord, scope: ScopeState): void {
    const { fold } = this
    const judgedAs = definition.judgedAs?.(record)
    if (judgedAs) {
      fold.unjudged.add(definition.type, 'judged as what it belongs to: its cluster, replication group or file system')
      return
    }
    const { own, times } = readStore(definition, record)
    const reason = record.deleted ? null : (definition.notAStore?.(record, own) ?? null)
    if (reason !== null) {
      fold.unjudged.add(definition.type, reason)
      return
    }
    if (isTestArtifact(record)) {
      const created = times.ageHours ?? (record.createdAt ? Date.parse(record.createdAt) : Number.NaN)
      fold.leftovers.push({
        account: record.account,
        region: record.region,
        at: Number.isNaN(created) ? undefined : Math.floor(created / 1000),
      })
      fold.unjudged.add(definition.type, 'restored by a restore test')
      return
    }
    if (times.ageHours === undefined && record.createdAt !== undefined) {
      const created = Date.parse(record.createdAt)
      if (!Number.isNaN(created)) times.ageHours = created
    }
    const service = typeof definition.service === 'function' ? definition.service(own) : definition.service
    const entry = record.arn === undefined ? undefined : this.entry(record.arn)
    const through = definition.coveredThrough?.(record) ?? []
    const others = definition.otherArns?.(record) ?? []
    let hasTimes = false
    for (const _ in times) hasTimes = true
    const store = new StoreItem(
      definition,
      service ?? null,
      this.intern(`${definition.type} ${JSON.stringify(own)}`, own),
      hasTimes ? times : null,
      through.length > 0 ? through : null,
      others.length > 0 ? others : null,
      definition.type,
      this.text(record.type)!,
      record.id,
      entry?.arn,
      this.text(record.account),
      this.text(record.region),
      record.name,
      this.tags(record.tags),
      scope,
      record.seenAt,
      this.text(record.location?.file),
      record.location?.line ?? 0,
      record.address,
      record.deleted === true,
    )
    if (entry) {
      if (wins(store, entry.store, record, this.fold.gaps)) entry.store = store
      store.entry = entry
    } else {
      const identity =
        record.address === undefined
          ? `${definition.type}|${record.account}|${record.region}|${record.id}`
          : `${record.scope}|${record.address}`
      if (wins(store, fold.unnamed.get(identity) ?? null, record, this.fold.gaps)) fold.unnamed.set(identity, store)
    }
  }

  private vaultName(arn: string | undefined, name: string | undefined, record: ResourceRecord): VaultName {
    const key =
      arn ??
      `arn:${partitionOf(record.region ?? '')}:backup:${record.region ?? ''}:${record.account ?? ''}:backup-vault:${name ?? ''}`
    let found = this.fold.vaultNames.get(key)
    if (!found) {
      const parsed = parseArn(key)
      found = {
        arn: key,
        name: name ?? parsed?.resource.replace(/^backup-vault:/, '') ?? '',
        account: parsed?.account ?? record.account,
        region: parsed?.region ?? record.region,
      }
      this.fold.vaultNames.set(key, found)
    }
    return found
  }

  private addPoint(definition: EvidenceDefinition<'recovery-point'>, record: ResourceRecord, scope: ScopeState): void {
    if (record.deleted) return
    const point = definition.read(record)
    if (!point) {
      this.unreadable(record)
      return
    }
    if (point.isChild) return
    const vault = this.vaultName(point.vaultArn, point.vaultName, record)
    const entry = this.entry(point.sourceArn ?? '')
    let group = entry.groups
    while (group && group.vault !== vault) group = group.next
    if (!group) {
      group = new PointGroup(
        point.sourceArn == null ? null : entry.arn,
        vault,
        this.text(point.service ?? undefined) ?? null,
      )
      group.next = entry.groups
      group.file = this.text(record.location?.file) ?? null
      group.line = record.location?.line ?? 0
      entry.groups = group
    }
    const line = record.location?.line ?? 0
    if (line > 0 && line < group.line) group.line = line
    if (point.keyArn) point.keyArn = this.intern(point.keyArn, point.keyArn)
    foldPoint(group, point, scope.clockSeconds, this.fold.options.policy.assumptions.lookbackDays)
  }

  private addJob(definition: EvidenceDefinition<'backup-job'>, record: ResourceRecord, scope: ScopeState): void {
    const job = definition.read(record)
    if (!job?.sourceArn) {
      this.unreadable(record)
      return
    }
    const entry = this.entry(job.sourceArn)
    const fold = job.kind === 'backup' ? (entry.backupJobs ??= emptyJobFold()) : (entry.copyJobs ??= emptyJobFold())
    foldJob(fold, job, scope.clockSeconds, this.fold.options.policy.assumptions.jobWindowDays)
  }

  private addRestoreJob(
    definition: EvidenceDefinition<'restore-job'>,
    record: ResourceRecord,
    scope: ScopeState,
  ): void {
    const job = definition.read(record)
    if (!job) {
      this.unreadable(record)
      return
    }
    const windowDays = this.fold.options.policy.assumptions.restoreJobWindowDays
    if (job.sourceArn)
      foldRestoreJob((this.entry(job.sourceArn).restore ??= emptyRestoreFold()), job, scope.clockSeconds, windowDays)
    if (job.roleArn) this.fold.restoreRoles.add(job.roleArn)
    if (!job.testingPlanArn) return
    let fold = this.fold.testingPlanJobs.get(job.testingPlanArn)
    if (!fold) this.fold.testingPlanJobs.set(job.testingPlanArn, (fold = emptyRestoreFold()))
    foldRestoreJob(fold, job, scope.clockSeconds, windowDays)
  }

  private addSnapshot(
    definition: EvidenceDefinition<'native-snapshot'>,
    record: ResourceRecord,
    scope: ScopeState,
  ): void {
    if (record.deleted) return
    const snapshot = definition.read(record)
    if (!snapshot) {
      this.unreadable(record)
      return
    }
    const arn = record.arn ?? snapshot.arn ?? snapshot.id
    const source = snapshot.sourceArn ?? snapshot.sourceId ?? null
    const key = `${snapshot.service}|${record.account}|${record.region}|${source ?? arn}`
    let group = this.fold.snapshotGroups.get(key)
    if (!group) {
      group = {
        service: snapshot.service,
        type: definition.type,
        sourceType: record.type,
        source,
        account: record.account,
        region: record.region,
        count: 0,
        manual: 0,
        automated: 0,
        manualUnknown: 0,
        encrypted: emptyFlagFold(),
        isPublic: emptyFlagFold(),
        untrusted: emptyFlagFold(),
        newestAt: -1,
        newestArn: null,
        oldestAt: -1,
        oldestArn: null,
        clockSeconds: scope.clockSeconds,
        file: record.location?.file ?? null,
        line: record.location?.line ?? 0,
        name: source ?? arn,
      }
      this.fold.snapshotGroups.set(key, group)
    }
    const { trustedAccounts, backupAccounts } = this.fold.options.policy.assumptions
    foldSnapshot(group, snapshot, arn, new Set([record.account ?? '', ...trustedAccounts, ...backupAccounts]))
  }

  private addEvidence(definition: EvidenceDefinition, record: ResourceRecord, scope: ScopeState): void {
    const value = definition.read(record)
    if (value === undefined) {
      this.unreadable(record)
      return
    }
    const header: Header = {
      type: definition.type,
      sourceType: record.type,
      id: record.id,
      arn: record.arn ?? (value as { arn?: string }).arn,
      account: record.account,
      region: record.region,
      name: record.name ?? (value as { name?: string }).name,
      tags: record.tags,
      scope,
      seenAt: record.seenAt,
      file: record.location?.file,
      line: record.location?.line ?? 0,
      address: record.address,
      deleted: record.deleted === true,
    }
    const item = { ...header, role: definition.role, value } as EvidenceItem
    const identity = `${definition.role}|${definition.type}|${header.arn ?? `${record.account}|${record.region}|${parentOf(value)}|${record.id}`}`
    const old = this.fold.evidence.get(identity)
    if (wins(item, old ?? null, record, this.fold.gaps, old && JSON.stringify(old.value), JSON.stringify(value)))
      this.fold.evidence.set(identity, item)
  }

  private unreadable(record: ResourceRecord): void {
    this.fold.unjudged.add(record.type, 'the item lacks what identifies it')
  }
}

/** Id of what a resource belongs to, where its own id is unique only within that. */
function parentOf(value: object): string {
  const { planId, planName } = value as { planId?: string; planName?: string }
  return planId ?? planName ?? ''
}

/** AWS Backup names and tags what a restore test restores (aws-controls §6); plans and this scan leave it alone. */
function isTestArtifact(record: ResourceRecord): boolean {
  if (record.name?.startsWith('awsbackup-restore-test') || record.id.startsWith('awsbackup-restore-test')) return true
  return record.tags != null && Object.hasOwn(record.tags, 'awsbackup-restore-test')
}

/**
 * Whether a record replaces another of the same identity: the newest `seenAt` wins; of two that differ and were seen at the
 * same time, the greater canonical JSON, and the contradiction is a gap.
 */
function wins(
  item: Header & { own?: Facts },
  old: (Header & { own?: Facts }) | null,
  record: ResourceRecord,
  gaps: GapRecord[],
  oldText?: string,
  newText?: string,
): boolean {
  if (!old) return true
  const seen = item.seenAt ?? ''
  const oldSeen = old.seenAt ?? ''
  if (seen !== oldSeen) return seen > oldSeen
  const mine = newText ?? canonical(item)
  const other = oldText ?? canonical(old)
  if (mine === other && item.deleted === old.deleted) return item.line > 0 && item.line < old.line
  gaps.push({
    record: 'gap',
    scope: record.scope,
    account: record.account,
    region: record.region,
    factGroups: ['configuration'],
    types: [record.type],
    file: record.location?.file,
    line: record.location?.line,
    reason: 'contradictory',
    remedy: `Two records of ${item.arn ?? item.id} differ though they were seen at the same time: read it again, alone.`,
  })
  return mine > other
}

const canonical = (item: Header & { own?: Facts }) =>
  JSON.stringify([item.own ?? null, item.tags ?? null, item.name ?? null])
