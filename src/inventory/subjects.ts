/** The inventory: every subject in order, its facts made when they are asked for. */

import type { Facts } from '../model/facts.ts'
import type { Inventory } from '../model/inventory.ts'
import { hasPlaceholder, shownName } from '../model/placeholder.ts'
import type { Location } from '../model/record.ts'
import type { Alike, RelatedResource, Subject, SubjectKind } from '../model/subject.ts'
import { byText } from '../model/text-order.ts'
import { alikeFinder } from './alike.ts'
import { wordsOf } from './beyond.ts'
import { classify } from './classification.ts'
import { placeKey, templateSources } from './completeness.ts'
import type { Fold } from './fold.ts'
import { keyFacts, snapshotGroupFacts, snapshotPolicyFacts, transferTaskFacts } from './guards.ts'
import type { Declared, EvidenceItem, Header, Join, Place, SelectionState, StoreItem } from './join.ts'
import { accountFacts, policyFacts, regionFacts, tierUseOf } from './places.ts'
import { planOrigin } from './plan-origin.ts'
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

/** Orders the subjects of a join and builds each on demand. */
export function subjectsOf(join: Join, fold: Fold): Inventory {
  const { beyond } = fold.options
  const build = new SubjectFactory(join, !beyond || beyond.tierUse !== undefined)
  const few = build.few()
  // Stores and point groups are many and already in order: they are merged in, not wrapped.
  const hasEvidenceOnly = fold.scopes.some(scope => scope.evidenceOnly)
  const stores = hasEvidenceOnly ? join.stores.filter(isSubject) : join.stores
  const groups = hasEvidenceOnly ? join.groups.filter(({ vault }) => isJudgedPlace(join, vault)) : join.groups
  const order: (Pending | StoreItem | PointGroup)[] = []
  few.sort((a, b) => byText(a.key, b.key) || byText(a.kind, b.kind) || byText(a.subkey, b.subkey))
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
          byText(a.account ?? '', b.account ?? '') || byText(a.region ?? '', b.region ?? '') || byText(a.id, b.id),
      ),
    gaps: [...fold.gaps].sort((a, b) => byText(JSON.stringify(a), JSON.stringify(b))),
    notEvaluated: fold.unjudged.list(),
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
    tierUse: () =>
      tierUseOf(
        join,
        join.stores.filter(({ scope }) => scope.evidenceOnly !== true),
      ),
    words: wanted => wordsOf(join, wanted),
    whyMissing: (subject, path, factGroup) => whyMissing(join.completeness, subject, path, factGroup),
  }
}

/** What is there to judge others by is no subject. */
const isSubject = ({ scope }: Pick<Header, 'scope'>) => scope.evidenceOnly !== true

/** Points and snapshots of a store that is judged are its evidence; they are subjects where their own place was read to be judged. */
function isJudgedPlace(join: Join, { account, region }: { account?: string | undefined; region?: string | undefined }) {
  const place = join.places.get(placeKey(account, region))
  return !place?.scope || isSubject({ scope: place.scope })
}

/**
 * Whether an account in a Region is judged as a whole. What a template says of it is all there is only in a closed world;
 * beside a snapshot that it is judged by, the Region is the snapshot's.
 */
function isRegionSubject({ policy }: Join, { scope, account, region }: Place): boolean {
  if (!scope || !isSubject({ scope }) || region === 'global') return false
  if (templateSources.has(scope.scope.source)) return policy.closedWorld
  return account !== undefined && region !== undefined
}

/** The ARN as far as it is one: a placeholder's is a name within the join. */
const realArn = (arn: string | undefined) => (arn !== undefined && hasPlaceholder(arn) ? undefined : arn)

const storeKey = (store: StoreItem) => store.arn ?? `${store.file ?? ''}\u0000${store.address ?? store.id}`

function locationOf(file: string | null | undefined, line: number): Location | undefined {
  return file == null || line < 1 ? undefined : { file, line }
}

/** What a template's record adds to its subject. */
function declaredParts(
  declared: Declared | undefined,
  file: string | null | undefined,
  origin: (factPath: string) => string = factPath => factPath,
): Pick<Subject, 'related' | 'declared'> | undefined {
  if (!declared) return undefined
  const { positions, related, constructPath, moduleCalls, exemptions, locator } = declared
  const placeOfFact = (factPath: string) =>
    file == null || !(positions || related)
      ? undefined
      : locator(origin(factPath), { positions, related } as Declared, file)
  return {
    related: related?.map(({ at: _, positions: __, ...resource }) => resource),
    declared: { placeOfFact, constructPath, moduleCalls, exemptions },
  }
}

/** Account and Region; of a template that does not tell them, the template. */
/** An account in a Region as people read it; of a template that does not say where it goes, as far as that is known. */
function regionName({ account, region, scope, key }: Place): string {
  const who = account ?? scope?.scope.file ?? key
  return region === undefined ? who : `${who} in ${region}`
}

const regionId = ({ account, region, scope, key }: Place) =>
  account !== undefined && region !== undefined ? `${account}/${region}` : (scope?.scope.file ?? key)

class SubjectFactory {
  private readonly alike: (store: StoreItem) => Alike | undefined

  constructor(
    private readonly join: Join,
    private readonly isPolicyJudged: boolean,
  ) {
    this.alike = alikeFinder(join.policy)
  }

  /** Every subject but data stores and recovery point groups. */
  few(): Pending[] {
    const { join } = this
    const pending: Pending[] = []
    const add = (kind: SubjectKind, type: string, key: string, subkey: string, make: () => Subject) =>
      pending.push({ kind, type, key, subkey, make })
    const item = (kind: SubjectKind, entry: EvidenceItem, facts: () => Facts, extra?: Partial<Subject>) => {
      if (!isSubject(entry)) return
      add(
        kind,
        entry.type,
        realArn(entry.arn) ?? `${entry.file ?? ''}\u0000${entry.address ?? entry.id}`,
        `${entry.account}|${entry.region}|${entry.id}`,
        () => this.evidence(kind, entry, facts(), extra),
      )
    }
    for (const place of join.places.values()) this.placeSubjects(place, item)
    for (const entry of join.evidence['kms-key']) item('kms-key', entry as EvidenceItem, () => keyFacts(join, entry))
    const uses = this.roleUses()
    for (const entry of join.evidence['iam-principal'])
      if (entry.value.principalType !== 'group')
        item('iam-role', entry as EvidenceItem, () => principalFacts(join, entry, uses))
    for (const entry of join.evidence['transfer-task'])
      item('data-transfer-task', entry as EvidenceItem, () => transferTaskFacts(join, entry))
    for (const group of join.snapshotGroups.filter(group => isJudgedPlace(join, group)))
      add(
        'native-snapshot',
        group.type,
        group.address === undefined ? group.name : `${group.file ?? ''}\u0000${group.address}`,
        `${group.account}|${group.region}|${group.service}`,
        () => this.snapshots(group),
      )
    for (const place of join.places.values())
      if (isRegionSubject(join, place)) add('region', 'AWS::::Account', regionId(place), '', () => this.region(place))
    for (const account of new Set(
      [...join.places.values()].flatMap(({ scope, account }) =>
        scope && isSubject({ scope }) && account !== undefined ? [account] : [],
      ),
    ))
      add('account', 'AWS::::Account', account, '', () => this.account(account))
    if (this.isPolicyJudged)
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
        ...declaredParts(state.item.declared, state.item.file, path => planOrigin(state, path)),
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
      id: shownName(header.id),
      arn: realArn(header.arn) ?? null,
      account: header.account,
      region: header.region,
      name: shownName(header.name ?? header.id),
      tags: header.tags === undefined ? undefined : ((header.tags ?? {}) as Facts),
    }
  }

  private header(kind: SubjectKind, header: Header): Omit<Subject, 'facts'> {
    return {
      kind,
      type: header.type,
      sourceType: header.sourceType,
      id: shownName(header.id),
      arn: realArn(header.arn),
      account: header.account,
      region: header.region,
      name: shownName(header.name ?? header.id),
      address: header.address,
      location: locationOf(header.file, header.line),
      ...declaredParts(header.declared, header.file),
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
      id: shownName(store.id),
      arn: realArn(store.arn),
      account: store.account,
      region: store.region,
      name: shownName(store.name ?? store.id),
      address: store.address,
      location: locationOf(store.file, store.line),
      ...(store.declared && declaredParts(store.declared, store.file)),
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
    const objectives = known && join.objectives.get(known.tier)
    const facts = pointGroupFacts(join, group, { id, name, tier: known?.tier, objectives })
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
      related: members('AWS::Backup::RecoveryPoint', [
        group.unencryptedArn,
        group.retentionMinArn,
        group.scanFindingsArn,
        group.newestArn ?? group.continuousArn,
      ]),
      facts,
      configResource:
        vaultResource(group.vault.name) ?? (source ? { type: source.sourceType, id: source.id } : undefined),
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
    const { address } = group
    const id = address ?? `${group.service}|${group.account}|${group.region}|${group.name}`
    const name = address ?? group.name
    return {
      kind: 'native-snapshot',
      type: group.type,
      sourceType: group.sourceType,
      id,
      account: group.account,
      region: group.region,
      name,
      address,
      location: locationOf(group.file, group.line),
      tier: classification?.tier ?? undefined,
      related: members(
        group.type,
        [group.encrypted.falseArn, group.isPublic.trueArn, group.untrusted.trueArn, group.newestArn].map(
          arn => realArn(arn ?? undefined) ?? null,
        ),
      ),
      ...declaredParts(group.declared, group.file),
      facts: {
        type: group.type,
        sourceType: group.sourceType,
        id,
        arn: null,
        account: group.account,
        region: group.region,
        name,
        ...snapshotGroupFacts(join, group),
      },
      configResource: source ? { type: source.sourceType, id: source.id } : accountResource(group.account),
    }
  }

  private region(place: Place): Subject {
    const id = regionId(place)
    const { account, region, scope } = place
    const isKnown = account !== undefined && region !== undefined
    return {
      kind: 'region',
      type: 'AWS::::Account',
      id,
      account,
      region,
      name: regionName(place),
      location: isKnown ? undefined : locationOf(scope?.scope.file, 1),
      facts: {
        type: 'AWS::::Account',
        sourceType: 'AWS::::Account',
        id,
        arn: null,
        account,
        region,
        name: regionName(place),
        ...regionFacts(this.join, place),
      },
      configResource: accountResource(account),
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
      configResource: accountResource(account),
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
  const found: RelatedResource[] = []
  for (const arn of arns) {
    if (arn === null || found.some(member => member.arn === arn)) continue
    found.push({ type, arn, name: arn.slice(Math.max(arn.lastIndexOf(':'), arn.lastIndexOf('/')) + 1) })
  }
  return found
}

/** Filed under its account: what has no resource of its own in AWS Config. */
const accountResource = (account: string | undefined) =>
  account === undefined ? undefined : { type: 'AWS::::Account', id: account }

const vaultResource = (name: string) => (name === '' ? undefined : { type: 'AWS::Backup::BackupVault', id: name })

/** A selection is filed under its plan (DESIGN §10.11). */
function planResource(state: SelectionState): { type: string; id: string } | undefined {
  const id = state.plan?.item.id ?? state.selection.planId
  return id === undefined ? undefined : { type: 'AWS::Backup::BackupPlan', id }
}
