/** Folds records into the join while they stream; records may come in any order. */
import type { RecoveryPoint } from '../model/backup.ts'
import type { Facts } from '../model/facts.ts'
import type { Inventory } from '../model/inventory.ts'
import type { GapRecord, ResourceRecord, ScopeRecord, SnapshotRecord, SourceKind } from '../model/record.ts'
import { AlikeReadings } from '../resources/alike-readings.ts'
import type { EvidenceDefinition, EvidenceKind, ResourceDefinition, StoreDefinition } from '../resources/definition.ts'
import { partitionOf } from '../resources/identity.ts'
import type { StoreReading } from '../resources/reading.ts'
import { parseArn } from './arn.ts'
import { secondsOf } from './clock.ts'
import type { ScopeState } from './completeness.ts'
import { placeKey, seenTypeKey } from './completeness.ts'
import { DefinitionIndex } from './definition-index.ts'
import { factLocator } from './fact-places.ts'
import { finishJoin } from './finish.ts'
import { emptyFold, type Fold, type InventoryOptions } from './fold.ts'
import { parentOf, placeIdentity } from './identity.ts'
import { Interner, isSame } from './interning.ts'
import { emptyJobFold, emptyRestoreFold, foldJob, foldRestoreJob } from './job-folds.ts'
import type { Declared, EvidenceItem, Header, SourceEntry } from './join.ts'
import { StoreItem, unknownThrough } from './join.ts'

import type { VaultName } from './point-groups.ts'
import { foldPoint, PointGroup, standsAt } from './point-groups.ts'
import { emptySnapshotGroup, foldSnapshot } from './snapshot-groups.ts'

/** Sources that may hold several states of one item, up to its deletion. */
const repeating: ReadonlySet<SourceKind> = new Set(['aws-config-history', 'aws-config-item', 'aws-config-event'])

/** How much of a good run of foreseen sources is remembered when they come otherwise. */
const mostForesight = 32

/** Settings of a type that are looked at before all that are known. */
const mostRecent = 6

/** A recovery point or native snapshot of which another state may follow. */
interface Held {
  definition: EvidenceDefinition<'recovery-point'> | EvidenceDefinition<'native-snapshot'>
  record: ResourceRecord
  scope: ScopeState
}

/** Builds an {@link Inventory} from records in any order. */
export class InventoryBuilder {
  private readonly fold: Fold
  private readonly definitions: DefinitionIndex
  private readonly scopesById = new Map<string, ScopeState>()
  private readonly waiting = new Map<string, ResourceRecord[]>()
  /** Points and snapshots of sources that repeat themselves: only the newest state of each is folded. */
  private readonly held = new Map<string, Held>()
  private readonly texts = new Interner<string>(10_000)
  private readonly objects = new Interner<object>(5_000)
  private readonly recentSettings = new Map<StoreDefinition, Facts[]>()
  private readonly readings = new AlikeReadings((definition, own) => this.settings(definition, own))
  private readonly clockSeconds: number | undefined
  /** Points of one source often come in a run, and sources in the order in which they came before: every day's points, the restores, the stores. */
  private lastEntry: SourceEntry | undefined
  /** How often the order was foreseen of late; where it is not, comparing costs more than it saves. */
  private foresight = mostForesight
  private lastVault:
    | {
        arn: string | undefined
        name: string | undefined
        account: string | undefined
        region: string | undefined
        vault: VaultName
      }
    | undefined

  constructor(options: InventoryOptions) {
    this.definitions = new DefinitionIndex(options.definitions)
    this.clockSeconds = secondsOf(options.clock)
    this.fold = emptyFold(options)
  }

  /**
   * Takes one record. `evidenceOnly`: it is there to judge others by (`--with`), and is no subject itself. Records of a scope
   * that has not come yet wait for it: its clock decides their ages.
   */
  add(record: SnapshotRecord, evidenceOnly = false): void {
    if (record.record === 'resource') {
      const scope = this.scopesById.get(record.scope)
      if (scope) this.addResource(record, scope)
      else {
        const waiting = this.waiting.get(record.scope)
        if (waiting) waiting.push(record)
        else this.waiting.set(record.scope, [record])
      }
    } else if (record.record === 'scope') this.addScope(record, evidenceOnly)
    else this.fold.gaps.push(record)
  }

  /** The inventory of everything that was added. */
  finish(): Inventory {
    for (const id of this.waiting.keys()) this.addScope({ record: 'scope', id, source: 'aws-config-item' })
    for (const held of this.held.values()) this.foldMember(held)
    this.held.clear()
    this.fold.gaps.push(...this.fold.contest.gaps())
    return finishJoin(this.fold)
  }

  private addScope(scope: ScopeRecord, evidenceOnly = false): void {
    const known = this.scopesById.get(scope.id)
    if (known) {
      noteTypes(known, scope)
      return
    }
    const state: ScopeState = {
      scope,
      clockSeconds: this.clockSeconds ?? secondsOf(scope.takenAt),
      seenTypes: new Set(),
      places: new Set(),
      evidenceOnly,
    }
    noteTypes(state, scope)
    this.scopesById.set(scope.id, state)
    this.fold.scopes.push(state)
    const waiting = this.waiting.get(scope.id)
    this.waiting.delete(scope.id)
    for (const record of waiting ?? []) this.addResource(record, state)
  }

  private addResource(given: ResourceRecord, scope: ScopeState): void {
    const { fold } = this
    fold.resourceCount++
    if (scope.scope.account === undefined) scope.places.add(placeKey(given.account, given.region))
    if (scope.scope.source === 'aws-config-snapshot')
      scope.seenTypes.add(seenTypeKey(scope.scope, given.type, given.account, given.region))
    const definition = this.definitions.of(given)
    if (!definition) {
      fold.unjudged.add(given.type, 'no rule concerns this type')
      return
    }
    const isClosed = fold.options.policy.closedWorld || scope.scope.closed === true
    const record = isClosed ? given : withOpenCompanions(definition, given)
    switch (definition.role) {
      case 'data-store':
        this.addStore(definition, record, scope)
        break
      case 'recovery-point':
        if (!repeating.has(scope.scope.source)) this.addPoint(definition, record, scope)
        else this.hold({ definition, record, scope })
        break
      case 'backup-job':
        this.addJob(definition, record, scope)
        break
      case 'restore-job':
        this.addRestoreJob(definition, record, scope)
        break
      case 'native-snapshot':
        if (!repeating.has(scope.scope.source)) this.addSnapshot(definition, record, scope)
        else this.hold({ definition, record, scope })
        break
      default:
        this.addEvidence(definition as EvidenceDefinition, record, scope)
    }
  }

  private hold(item: Held): void {
    const { definition, record, scope } = item
    const identity = `${definition.type}|${record.arn ?? placeIdentity(record)}`
    const contender = ({ record: seen, scope: seenIn }: Held) => ({
      ...this.headerOf(definition, seen, seenIn),
      value: seen.configuration,
    })
    const old = this.held.get(identity)
    if (this.fold.contest.wins(identity, contender({ definition, record, scope }), old ? contender(old) : null))
      this.held.set(identity, item)
  }

  private foldMember({ definition, record, scope }: Held): void {
    if (definition.role === 'recovery-point') this.addPoint(definition, record, scope)
    else this.addSnapshot(definition, record, scope)
  }

  private headerOf(definition: ResourceDefinition, record: ResourceRecord, scope: ScopeState): Header {
    return {
      type: definition.type,
      sourceType: record.type,
      id: record.id,
      arn: record.arn,
      account: record.account,
      region: record.region,
      name: record.name,
      tags: record.tags,
      scope,
      seenAt: record.seenAt,
      file: record.location?.file,
      line: record.location?.line ?? 0,
      address: record.address,
      deleted: record.deleted === true,
      ...(record.address === undefined ? {} : { declared: declaredOf(definition, record) }),
    }
  }

  /** One copy of equal strings: an estate repeats them a hundred thousand times. */
  private text(value: string): string
  private text(value: string | undefined): string | undefined
  private text(value: string | undefined): string | undefined {
    return value === undefined ? undefined : this.texts.one(value, value)
  }

  /** One copy of equal objects, as tags and settings are. */
  private shared<T extends object>(key: string, value: T): T {
    return this.objects.one(key, value) as T
  }

  /** A store's own facts; those of a type take turns among few. */
  private settings(definition: StoreDefinition, own: Facts): Facts {
    let recent = this.recentSettings.get(definition)
    if (!recent) this.recentSettings.set(definition, (recent = []))
    for (const facts of recent) if (isSame(facts, own)) return facts
    const shared = this.shared(`${definition.type} ${JSON.stringify(own)}`, own)
    recent.unshift(shared)
    if (recent.length > mostRecent) recent.pop()
    return shared
  }

  private tags(tags: ResourceRecord['tags']): ResourceRecord['tags'] {
    return tags ? this.shared(`tags ${JSON.stringify(tags)}`, tags) : tags
  }

  private through(arns: readonly string[] | undefined): readonly string[] | null {
    if (!arns) return unknownThrough
    return arns.length > 0 ? this.shared(`through ${arns.join(' ')}`, arns.slice()) : null
  }

  private entry(arn: string): SourceEntry {
    const last = this.lastEntry
    if (last?.arn === arn) return last
    const foreseen = this.foresight > 0 ? last?.following : undefined
    if (foreseen?.arn === arn) {
      if (this.foresight < mostForesight) this.foresight++
      this.lastEntry = foreseen
      return foreseen
    }
    if (foreseen) this.foresight--
    const { entries } = this.fold
    let entry = entries.get(arn)
    if (!entry) {
      entry = { arn, store: null, groups: null, backupJobs: null, copyJobs: null, restore: null, following: null }
      entries.set(arn, entry)
    }
    if (last) {
      if (last.following === entry && this.foresight < mostForesight) this.foresight++
      last.following = entry
    }
    this.lastEntry = entry
    return entry
  }

  private addStore(definition: StoreDefinition, record: ResourceRecord, scope: ScopeState): void {
    const { fold } = this
    const judgedAs = definition.judgedAs?.(record)
    if (judgedAs) {
      fold.unjudged.add(definition.type, 'judged as what it belongs to: its cluster, replication group or file system')
      return
    }
    const reading = this.readings.read(definition, record)
    const reason = record.deleted ? null : (definition.notAStore?.(record, reading.own) ?? null)
    if (reason !== null) fold.unjudged.add(definition.type, reason)
    // What is no store any more (a terminated instance) still outdates what was seen of it before.
    const store = this.storeItem(definition, record, scope, reading, record.deleted === true || reason !== null)
    if (isTestArtifact(record)) this.addLeftover(definition, record, store)
    else if (store.entry) this.contend(record, store, store.entry)
    else {
      const identity = `${definition.type}|${placeIdentity(record)}`
      if (fold.contest.wins(identity, store, fold.unnamed.get(identity) ?? null)) fold.unnamed.set(identity, store)
    }
  }

  /**
   * Two records of one ARN are two sights of one resource, but in templates: there two addresses are two resources, though
   * their authors gave them one name (a bucket in the template of each stage).
   */
  private contend(record: ResourceRecord, store: StoreItem, entry: SourceEntry): void {
    const { fold } = this
    const other = entry.store
    const key = ({ scope, address }: Header) => `${scope.scope.id}|${address}`
    if (other && record.address !== undefined && other.address !== undefined && key(other) !== key(store)) {
      // Which of them the ARN stands for must not hang on the order of the inputs.
      const [first, second] = key(store) < key(other) ? [store, other] : [other, store]
      entry.store = first
      fold.unnamed.set(`${second.definition.type}|${key(second)}`, second)
    } else if (fold.contest.wins(entry.arn, store, other)) entry.store = store
  }

  private addLeftover(definition: StoreDefinition, record: ResourceRecord, store: StoreItem): void {
    const { fold } = this
    const identity = `leftover|${definition.type}|${record.arn ?? placeIdentity(record)}`
    if (fold.contest.wins(identity, store, fold.leftovers.get(identity) ?? null)) fold.leftovers.set(identity, store)
    if (!store.deleted) fold.unjudged.add(definition.type, 'restored by a restore test')
  }

  private storeItem(
    definition: StoreDefinition,
    record: ResourceRecord,
    scope: ScopeState,
    { own, times }: StoreReading,
    deleted: boolean,
  ): StoreItem {
    const created = times.ageHours ?? (record.createdAt === undefined ? undefined : Date.parse(record.createdAt))
    const service = typeof definition.service === 'function' ? definition.service(own) : definition.service
    const entry = record.arn === undefined ? undefined : this.entry(record.arn)
    const others = definition.otherArns?.(record)
    const store = new StoreItem(
      definition,
      service,
      own,
      wholeSeconds(created),
      wholeSeconds(times['pitr.latestRestorableAgeHours']),
      wholeSeconds(times['native.latestRestorableAgeHours']),
      definition.coveredThrough ? this.through(definition.coveredThrough(record)) : null,
      others?.length ? others : null,
      definition.type,
      this.text(record.type),
      record.id,
      entry?.arn,
      this.text(record.account),
      this.text(record.region),
      // Many have their id for a name.
      record.name === record.id ? record.id : record.name,
      this.tags(record.tags),
      scope,
      record.seenAt,
      this.text(record.location?.file),
      record.location?.line ?? 0,
      record.address,
      deleted,
    )
    store.entry = entry
    if (record.address !== undefined) store.declared = declaredOf(definition, record)
    return store
  }

  /** As {@link vaultName}; points of one vault come in a run. */
  private vaultOf({ vaultArn, vaultName }: RecoveryPoint, record: ResourceRecord): VaultName {
    const last = this.lastVault
    if (
      last &&
      last.arn === vaultArn &&
      last.name === vaultName &&
      last.account === record.account &&
      last.region === record.region
    )
      return last.vault
    const { account, region } = record
    const vault = this.vaultName(vaultArn, vaultName, record)
    this.lastVault = { arn: vaultArn, name: vaultName, account, region, vault }
    return vault
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
    const vault = this.vaultOf(point, record)
    const entry = this.entry(point.sourceArn ?? '')
    let group = entry.groups
    while (group && group.vault !== vault) group = group.next
    if (!group) {
      group = new PointGroup(point.sourceArn == null ? null : entry.arn, vault)
      group.next = entry.groups
      entry.groups = group
    }
    const file = record.location?.file
    // Most points share both with those before them.
    standsAt(group, group.file === file ? file : this.text(file), record.location?.line ?? 0)
    if (point.service && point.service !== group.service) point.service = this.text(point.service)
    if (point.keyArn) point.keyArn = this.text(point.keyArn)
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
    const alone = record.address === undefined ? '' : placeIdentity(record)
    const key = `${snapshot.service}|${record.account}|${record.region}|${source ?? arn}|${alone}`
    let group = this.fold.snapshotGroups.get(key)
    if (!group) {
      group = emptySnapshotGroup(this.headerOf(definition, record, scope), snapshot.service, source, source ?? arn)
      this.fold.snapshotGroups.set(key, group)
    }
    standsAt(group, record.location?.file, record.location?.line ?? 0)
    const { trustedAccounts, backupAccounts } = this.fold.options.policy.assumptions
    const trusted = new Set([record.account ?? '', ...trustedAccounts, ...backupAccounts])
    foldSnapshot(group, snapshot, arn, trusted, scope.clockSeconds)
  }

  private addEvidence(definition: EvidenceDefinition, record: ResourceRecord, scope: ScopeState): void {
    const groups = record.mayNotExist && groupsOfDoubtful[definition.role]
    if (groups) {
      this.fold.gaps.push(doubtGap(record, groups))
      return
    }
    const value = definition.read(record)
    if (value === undefined) {
      this.unreadable(record)
      return
    }
    const header = this.headerOf(definition as ResourceDefinition, record, scope)
    const { arn, name } = value as { arn?: string; name?: string }
    if (arn?.startsWith('arn:')) header.arn ??= arn
    header.name ??= name
    const item = { ...header, role: definition.role, value } as EvidenceItem
    const named = record.address === undefined ? header.arn : undefined
    const identity = `${definition.role}|${definition.type}|${named ?? placeIdentity(record, parentOf(value))}`
    const old = this.fold.evidence.get(identity) ?? null
    if (this.fold.contest.wins(identity, item, old)) this.fold.evidence.set(identity, item)
  }

  private unreadable(record: ResourceRecord): void {
    this.fold.unjudged.add(record.type, 'the item lacks what identifies it')
  }
}

/** Evidence from elsewhere comes without most of what was read there: its scope tells which types were seen. */
function noteTypes({ evidenceOnly, seenTypes }: ScopeState, { source, account, types = [] }: ScopeRecord): void {
  if (evidenceOnly && source === 'aws-config-snapshot' && account !== undefined)
    for (const type of types) seenTypes.add(type)
}

/**
 * Fact groups that evidence of a kind feeds, of which what may not be made says nothing for certain: it is left out, and the
 * groups are not complete. The other kinds are subjects, or whoever uses them asks whether they are there.
 */
const groupsOfDoubtful: { readonly [role in EvidenceKind]?: string[] } = {
  trail: ['trails'],
  alarm: ['alerts'],
  'event-rule': ['alerts'],
  topic: ['alerts'],
  framework: ['audit'],
  'report-plan': ['audit'],
  'kms-alias': ['keys'],
  'iam-managed-policy': ['iam'],
  'region-settings': ['region-settings'],
  'account-settings': ['global-settings'],
  'resilience-app': ['resilience'],
  'organization-backup-policy': ['plans', 'selections', 'organization'],
  companion: ['*'],
}

function doubtGap({ scope, account, region, type, address, location }: ResourceRecord, groups: string[]): GapRecord {
  return {
    record: 'gap',
    scope,
    ...(account === undefined ? {} : { account }),
    ...(region === undefined ? {} : { region }),
    factGroups: groups,
    types: [],
    ...(location === undefined ? {} : { file: location.file, line: location.line }),
    reason: 'truncated',
    remedy: `State the values of parameters and variables: whether ${address ?? type} is made hangs on them.`,
  }
}

function declaredOf(definition: ResourceDefinition, record: ResourceRecord): Declared {
  const { positions, related, constructPath, moduleCalls, exemptions, mayNotExist, encoding } = record
  return {
    positions,
    related,
    constructPath,
    moduleCalls,
    exemptions,
    mayNotExist,
    locator: factLocator(definition, encoding),
  } as Declared
}

/** In an open world a companion that the scope does not hold may be declared elsewhere: what it would say is not known. */
function withOpenCompanions(definition: ResourceDefinition, record: ResourceRecord): ResourceRecord {
  const { companions = {}, cloudFormationCompanions = [] } = definition
  const declared =
    record.encoding === 'terraform'
      ? Object.values(companions)
      : record.encoding === 'cloudformation'
        ? cloudFormationCompanions.map(({ as }) => ({ as, many: true }))
        : []
  const keys = new Map(declared.map(({ as, many }) => [as, many]))
  const open = [...keys].flatMap(([as, many]) =>
    Object.hasOwn(record.configuration, as) ? (many ? [`${as}[]`] : []) : [as],
  )
  return open.length === 0 ? record : { ...record, unknown: [...(record.unknown ?? []), ...open], like: undefined }
}

function wholeSeconds(milliseconds: number | undefined): number | undefined {
  return milliseconds === undefined || Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000)
}

/** AWS Backup names and tags what a restore test restores (aws-controls §6); plans and this scan leave it alone. */
function isTestArtifact(record: ResourceRecord): boolean {
  if (record.name?.startsWith('awsbackup-restore-test') || record.id.startsWith('awsbackup-restore-test')) return true
  return record.tags != null && Object.hasOwn(record.tags, 'awsbackup-restore-test')
}
