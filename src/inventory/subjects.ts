/** The inventory: every subject in order, its facts made when they are asked for. */
import type { Facts } from '../model/facts.ts'
import type { Inventory } from '../model/inventory.ts'
import type { Location } from '../model/record.ts'
import type { RelatedResource, Subject, SubjectKind } from '../model/subject.ts'
import { alikeFinder, varyingFactsOf } from './alike.ts'
import { classify } from './classification.ts'
import type { Fold } from './fold.ts'
import { keyFacts, snapshotGroupFacts, snapshotPolicyFacts, transferTaskFacts } from './guards.ts'
import type { EvidenceItem, Header, Join, Place, SelectionState, StoreItem } from './join.ts'
import { accountFacts, policyFacts, regionFacts } from './places.ts'
import { planFacts } from './plans.ts'
import { pointGroupFacts } from './point-facts.ts'
import type { PointGroup } from './point-groups.ts'
import { principalFacts } from './principals.ts'
import { selectionFacts } from './selection-facts.ts'
import type { SnapshotGroup } from './snapshot-groups.ts'
import { storeFacts } from './stores.ts'
import { testingPlanFacts } from './testing-plans.ts'
import { isStoreCut } from './tiers.ts'
import { vaultFacts } from './vaults.ts'
import { whyMissing } from './why-missing.ts'

/** One subject that has not been built yet. */
interface Pending {
  kind: SubjectKind
  type: string
  /** What it is ordered by: ARN, else file and address, else what identifies it. */
  key: string
  /** Tells apart what has the same key. */
  subkey: string
  make: () => Subject
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

/** Orders the subjects of a join and builds each on demand. */
export function subjectsOf(join: Join, fold: Fold): Inventory {
  const build = new SubjectFactory(join, fold.repeatedTags)
  const few = build.few()
  // Stores and point groups are many and already in order: they are merged in, not wrapped.
  const stores = join.stores
  const groups = join.groups
  const order: (Pending | StoreItem | PointGroup)[] = []
  few.sort((a, b) => compare(a.key, b.key) || compare(a.kind, b.kind) || compare(a.subkey, b.subkey))
  let s = 0
  let g = 0
  let f = 0
  while (s < stores.length || g < groups.length || f < few.length) {
    const keys = [
      stores[s] ? storeKey(stores[s]!) : undefined,
      groups[g] ? (groups[g]!.sourceArn ?? groups[g]!.vault.arn) : undefined,
      few[f]?.key,
    ]
    let best = -1
    for (let i = 0; i < 3; i++) if (keys[i] !== undefined && (best < 0 || keys[i]! < keys[best]!)) best = i
    if (best === 0) order.push(stores[s++]!)
    else if (best === 1) order.push(groups[g++]!)
    else order.push(few[f++]!)
  }
  const isStore = (entry: Pending | StoreItem | PointGroup): entry is StoreItem => 'coverage' in entry
  const isGroup = (entry: Pending | StoreItem | PointGroup): entry is PointGroup => 'usable' in entry
  return {
    size: order.length,
    resourceCount: fold.resourceCount,
    scopes: fold.scopes
      .map(state => state.scope)
      .sort(
        (a, b) =>
          compare(a.account ?? '', b.account ?? '') || compare(a.region ?? '', b.region ?? '') || compare(a.id, b.id),
      ),
    gaps: [...fold.gaps].sort((a, b) => compare(JSON.stringify(a), JSON.stringify(b))),
    notEvaluated: fold.unjudged.list(),
    varyingFacts: varyingFactsOf(join.policy),
    kindOf: index => {
      const entry = order[index]!
      return isStore(entry)
        ? { kind: 'data-store', type: entry.type }
        : isGroup(entry)
          ? { kind: 'recovery-point', type: 'AWS::Backup::RecoveryPoint' }
          : { kind: entry.kind, type: entry.type }
    },
    subject: index => {
      const entry = order[index]!
      return isStore(entry) ? build.store(entry) : isGroup(entry) ? build.group(entry) : entry.make()
    },
    whyMissing: (subject, path, factGroup) => whyMissing(join.completeness, subject, path, factGroup),
  }
}

const storeKey = (store: StoreItem) => store.arn ?? `${store.file ?? ''}\u0000${store.address ?? store.id}`

function locationOf(file: string | null | undefined, line: number): Location | undefined {
  return file == null || line < 1 ? undefined : { file, line }
}

class SubjectFactory {
  private readonly alike: (store: StoreItem) => object | undefined

  constructor(
    private readonly join: Join,
    repeatedTags: ReadonlySet<object>,
  ) {
    this.alike = alikeFinder(repeatedTags)
  }

  /** Every subject but data stores and recovery point groups. */
  few(): Pending[] {
    const { join } = this
    const pending: Pending[] = []
    const add = (kind: SubjectKind, type: string, key: string, subkey: string, make: () => Subject) =>
      pending.push({ kind, type, key, subkey, make })
    const item = (kind: SubjectKind, entry: EvidenceItem, facts: () => Facts, extra?: Partial<Subject>) =>
      add(
        kind,
        entry.type,
        entry.arn ?? `${entry.file ?? ''}\u0000${entry.address ?? entry.id}`,
        `${entry.account}|${entry.region}|${entry.id}`,
        () => this.evidence(kind, entry, facts(), extra),
      )
    for (const place of join.places.values()) this.placeSubjects(place, item)
    for (const entry of join.evidence['kms-key']) item('kms-key', entry as EvidenceItem, () => keyFacts(join, entry))
    const uses = this.roleUses()
    for (const entry of join.evidence['iam-principal'])
      if (entry.value.principalType !== 'group')
        item('iam-role', entry as EvidenceItem, () => principalFacts(join, entry, uses))
    for (const entry of join.evidence['transfer-task'])
      item('data-transfer-task', entry as EvidenceItem, () => transferTaskFacts(join, entry))
    for (const group of join.snapshotGroups)
      add('native-snapshot', group.type, group.name, `${group.account}|${group.region}|${group.service}`, () =>
        this.snapshots(group),
      )
    for (const place of join.places.values())
      if (place.scope && place.account !== undefined && place.region !== undefined && place.region !== 'global')
        add('region', 'AWS::::Account', `${place.account}/${place.region}`, '', () => this.region(place))
    for (const account of new Set(
      [...join.places.values()].flatMap(place => (place.scope && place.account !== undefined ? [place.account] : [])),
    ))
      add('account', 'AWS::::Account', account, '', () => this.account(account))
    add('policy', 'rel09::Policy', join.policy.file ?? 'default policy', '', () => this.policy())
    return pending
  }

  private placeSubjects(
    place: Place,
    item: (kind: SubjectKind, entry: EvidenceItem, facts: () => Facts, extra?: Partial<Subject>) => void,
  ): void {
    const { join } = this
    for (const state of place.plans)
      item('backup-plan', state.item as EvidenceItem, () => planFacts(join, state), {
        name: state.name,
      })
    for (const state of place.selections)
      item('backup-selection', state.item as EvidenceItem, () => selectionFacts(join, state), {
        configResource: planResource(state),
      })
    for (const state of place.vaults.values())
      item('backup-vault', state.item as EvidenceItem, () => vaultFacts(join, state))
    for (const state of place.testingPlans)
      item('restore-testing-plan', state.item as EvidenceItem, () => testingPlanFacts(join, state))
    for (const entry of place.snapshotPolicies)
      item('snapshot-policy', entry as EvidenceItem, () => snapshotPolicyFacts(join, entry))
  }

  private roleUses(): { backup: Set<string>; restore: Set<string> } {
    const backup = new Set<string>()
    const restore = new Set(this.join.restoreRoles)
    for (const place of this.join.places.values()) {
      for (const { selection } of place.selections) if (selection.roleArn) backup.add(selection.roleArn)
      for (const plan of place.testingPlans)
        for (const { selection } of plan.selections) if (selection.roleArn) restore.add(selection.roleArn)
    }
    return { backup, restore }
  }

  private identity(header: Header): Facts {
    return {
      type: header.type,
      sourceType: header.sourceType,
      id: header.id,
      arn: header.arn ?? null,
      account: header.account,
      region: header.region,
      name: header.name ?? header.id,
      tags: header.tags === undefined ? undefined : ((header.tags ?? {}) as Facts),
    }
  }

  private header(kind: SubjectKind, header: Header): Omit<Subject, 'facts'> {
    return {
      kind,
      type: header.type,
      sourceType: header.sourceType,
      id: header.id,
      arn: header.arn,
      account: header.account,
      region: header.region,
      name: header.name ?? header.id,
      address: header.address,
      location: locationOf(header.file, header.line),
    }
  }

  private evidence(kind: SubjectKind, entry: EvidenceItem, facts: Facts, extra?: Partial<Subject>): Subject {
    const tier = typeof facts.tier === 'string' ? facts.tier : undefined
    return { ...this.header(kind, entry), facts: Object.assign(this.identity(entry), facts), tier, ...extra }
  }

  store(store: StoreItem): Subject {
    return {
      kind: 'data-store',
      type: store.type,
      sourceType: store.sourceType,
      id: store.id,
      arn: store.arn,
      account: store.account,
      region: store.region,
      name: store.name ?? store.id,
      address: store.address,
      location: locationOf(store.file, store.line),
      facts: storeFacts(this.join, store),
      tier: store.classification?.tier ?? undefined,
      alike: this.alike(store),
    }
  }

  group(group: PointGroup): Subject {
    const { join } = this
    const source = group.sourceArn === null ? undefined : join.entries.get(group.sourceArn)?.store
    // Of a source that no input could know, the default tier (DESIGN §10.5).
    const isOpen = source || (group.sourceArn !== null && isStoreCut(join, group.sourceArn))
    const known = source?.classification ?? (isOpen ? undefined : { tier: join.policy.classification.default })
    const name = group.sourceArn === null ? group.vault.name : (source?.name ?? group.sourceArn)
    const id = `${group.vault.arn}|${group.sourceArn ?? ''}`
    const facts: Facts = {
      type: 'AWS::Backup::RecoveryPoint',
      sourceType: 'AWS::Backup::RecoveryPoint',
      id,
      arn: null,
      account: group.vault.account,
      region: group.vault.region,
      name,
      tier: known?.tier,
      objectives: known ? join.objectives.get(known.tier) : undefined,
      ...pointGroupFacts(join, group),
    }
    return {
      kind: 'recovery-point',
      type: 'AWS::Backup::RecoveryPoint',
      sourceType: 'AWS::Backup::RecoveryPoint',
      id,
      account: group.vault.account,
      region: group.vault.region,
      name,
      location: locationOf(group.file, group.line),
      tier: known?.tier ?? undefined,
      get related() {
        return members('AWS::Backup::RecoveryPoint', [
          group.unencryptedArn,
          group.retentionMinArn,
          group.scanFindingsArn,
          group.newestArn ?? group.continuousArn,
        ])
      },
      facts,
      configResource: { type: 'AWS::Backup::BackupVault', id: group.vault.name },
    }
  }

  private snapshots(group: SnapshotGroup): Subject {
    const { join } = this
    const source = group.source === null ? undefined : (join.entries.get(group.source)?.store ?? undefined)
    const classification =
      source?.classification ??
      (group.source === null || !source
        ? classify(
            { type: group.type, account: group.account, region: group.region, name: group.name, tags: undefined },
            join.policy,
          )
        : undefined)
    const id = `${group.service}|${group.account}|${group.region}|${group.name}`
    return {
      kind: 'native-snapshot',
      type: group.type,
      sourceType: group.sourceType,
      id,
      account: group.account,
      region: group.region,
      name: group.name,
      location: locationOf(group.file, group.line),
      tier: classification?.tier ?? undefined,
      related: members(group.type, [
        group.encrypted.falseArn,
        group.isPublic.trueArn,
        group.untrusted.trueArn,
        group.newestArn,
      ]),
      facts: {
        type: group.type,
        sourceType: group.sourceType,
        id,
        arn: null,
        account: group.account,
        region: group.region,
        name: group.name,
        ...snapshotGroupFacts(join, group),
      },
    }
  }

  private region(place: Place): Subject {
    const id = `${place.account}/${place.region}`
    return {
      kind: 'region',
      type: 'AWS::::Account',
      id,
      account: place.account,
      region: place.region,
      name: `${place.account} in ${place.region}`,
      facts: {
        type: 'AWS::::Account',
        sourceType: 'AWS::::Account',
        id,
        arn: null,
        account: place.account,
        region: place.region,
        name: id,
        ...regionFacts(this.join, place),
      },
      configResource: { type: 'AWS::::Account', id: place.account! },
    }
  }

  private account(account: string): Subject {
    return {
      kind: 'account',
      type: 'AWS::::Account',
      id: account,
      account,
      name: account,
      facts: {
        type: 'AWS::::Account',
        sourceType: 'AWS::::Account',
        id: account,
        arn: null,
        account,
        name: account,
        ...accountFacts(this.join, account),
      },
      configResource: { type: 'AWS::::Account', id: account },
    }
  }

  private policy(): Subject {
    const { policy } = this.join
    const name = policy.file ?? 'default policy'
    return {
      kind: 'policy',
      type: 'rel09::Policy',
      id: name,
      name,
      location: policy.file === undefined ? undefined : { file: policy.file, line: 1 },
      facts: {
        type: 'rel09::Policy',
        sourceType: 'rel09::Policy',
        id: name,
        arn: null,
        name,
        ...policyFacts(this.join),
      },
    }
  }
}

/** Members of a group that stand for it: those that show its worst values, and the newest. */
function members(type: string, arns: readonly (string | null)[]): RelatedResource[] {
  return [...new Set(arns)].flatMap(arn => (arn === null ? [] : [{ type, arn, name: arn.replace(/^.*[:/]/, '') }]))
}

/** A selection is filed under its plan (DESIGN §10.11). */
function planResource(state: SelectionState): { type: string; id: string } | undefined {
  const id = state.plan?.item.id ?? state.selection.planId
  return id === undefined ? undefined : { type: 'AWS::Backup::BackupPlan', id }
}
