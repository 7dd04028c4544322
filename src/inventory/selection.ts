/**
 * Which stores a backup selection selects:
 * ( Resources ∪ ListOfTags ) ∩ Conditions ∖ NotResources, then the Region's service opt-in.
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupSelection.html,
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html. A list that is not known (AWS Config
 * records no tags of selections), unknown tags or an unknown opt-in leave the answer open unless the rest decides. Of a template's
 * texts with placeholders, those that are the same match, and others only may.
 */
import type { BackupSelection, RestoreTestingSelection, TagCondition } from '../model/backup.ts'
import { hasPlaceholder, opaqueText, possibleText } from '../model/placeholder.ts'
import type { Glob } from './arn.ts'
import { arnGlob, globsMeet, parseArn, splitArn, textGlob } from './arn.ts'
import type { Ternary } from './ternary.ts'
import { and3, not3, or3 } from './ternary.ts'

/** Tags by key; `null` = known to have none, `undefined` = not known. */
export type Tags = Readonly<Record<string, string>> | null | undefined

/** What a selection looks at. */
export interface SelectableStore {
  /** `null`: it has none; `undefined`: not known (an ARN made at deployment). */
  arn: string | null | undefined
  /** Other ARNs by which a selection may name it. */
  otherArns: readonly string[]
  /** Canonical type (`AWS::DocDB::DBCluster`). */
  type: string
  /** AWS Backup's name of the type (`Aurora`, `EBS`); `null` = AWS Backup does not support it. */
  service: string | null | undefined
  tags: Tags
  /** Where given, the tags that selection by tag looks at in place of the store's own: an FSx for ONTAP file system's volumes'. */
  selectionTags?: Tags
  account: string | undefined
  region: string | undefined
  name?: string | undefined
}

/** What matching assumes. */
export interface SelectionOptions {
  /** The Region's opt-in for the store's service; `undefined` = not known. */
  optIn: boolean | undefined
  /** Whether an ARN is that of a resource that was read: two resources never share one. */
  isTaken?: ((arn: string) => boolean) | undefined
  /** Whether StringNotEquals and StringNotLike hold for a store without the tag; AWS's documents disagree. Default `include`. */
  stringNotEqualsOnMissingTag?: 'include' | 'exclude'
}

type MissingTags = Pick<SelectionOptions, 'stringNotEqualsOnMissingTag'>

/** What kept a store out; the values of `protection.nearMisses[].reason`. */
export type NearMissReason =
  | 'tagValueCase'
  | 'tagKeyCase'
  | 'tagValue'
  | 'tagMissing'
  | 'excluded'
  | 'condition'
  | 'optInOff'
  | 'otherRegion'
  | 'otherAccount'
  | 'pattern'

/**
 * The one thing that kept a store out. `byAHair`: a slip rather than a choice, and mending it alone would select the store;
 * `undefined` where that is not known.
 */
export interface NearMiss {
  reason: NearMissReason
  byAHair: boolean | undefined
  /** What the selection wants and what the store has. */
  detail: string
}

/** A part that was needed and is not known. */
export type UnknownPart =
  | 'resources'
  | 'listOfTags'
  | 'conditions'
  | 'notResources'
  | 'tags'
  | 'arn'
  | 'optIn'
  | 'account'
  | 'region'

/** Whether a selection selects a store, and why. */
export type SelectionMatch =
  | { matched: true; why: string }
  | { matched: undefined; why: string; unknown: UnknownPart[] }
  | { matched: false; why?: undefined; readonly nearMiss: NearMiss | null }

interface Patterns {
  /** `*` alone: every resource. */
  everything: boolean
  exact: ReadonlySet<string>
  globs: readonly { pattern: string; glob: Glob }[]
  isEmpty: boolean
  /** An entry could not be read (made at deployment): what does not match may match it. */
  open: boolean
  /** Entries of which a part is known only at deployment. */
  possible: readonly string[]
}

type Operator = 'StringEquals' | 'StringNotEquals' | 'StringLike' | 'StringNotLike'

interface Condition {
  operator: Operator
  /** Bare tag key. */
  key: string
  value: string
  holds: (actual: string) => Ternary
}

/** A selection, ready to be matched against many stores. */
export interface CompiledSelection {
  selection: BackupSelection
  resources: Patterns | undefined
  notResources: Patterns | undefined
  /** `ListOfTags` as values by key. */
  tags: { byKey: ReadonlyMap<string, ReadonlySet<string>>; isEmpty: boolean; open: boolean } | undefined
  conditions: { all: readonly Condition[]; open: boolean } | undefined
  /** The selection is known to have no Conditions. */
  unconditional: boolean
}

const tagPrefix = 'aws:ResourceTag/'

/** The tag key of a condition key, with or without the prefix that Conditions want and ListOfTags do not. */
function tagKey(key: string): string {
  return key.startsWith(tagPrefix) ? key.slice(tagPrefix.length) : key
}

function compilePatterns(list: readonly string[] | null | undefined): Patterns | undefined {
  if (list === undefined) return undefined
  const entries = list ?? []
  const known = entries.filter(entry => typeof entry === 'string')
  return {
    everything: known.some(entry => /^\*+$/.test(entry)),
    exact: new Set(known.filter(entry => !entry.includes('*'))),
    globs: [...new Set(known)]
      .filter(entry => entry.includes('*'))
      .map(pattern => ({ pattern, glob: arnGlob(opaqueText(pattern)) })),
    isEmpty: entries.length === 0,
    open: known.length < entries.length,
    possible: known.filter(hasPlaceholder),
  }
}

function readable(entry: TagCondition): boolean {
  return typeof entry?.key === 'string' && typeof entry.value === 'string'
}

function compileTags(list: readonly TagCondition[] | null | undefined): CompiledSelection['tags'] {
  if (list === undefined) return undefined
  const byKey = new Map<string, Set<string>>()
  const known = (list ?? []).filter(readable)
  for (const { key, value } of known) {
    const bare = tagKey(key)
    const values = byKey.get(bare)
    if (values) values.add(value)
    else byKey.set(bare, new Set([value]))
  }
  return { byKey, isEmpty: !list?.length, open: known.length < (list?.length ?? 0) }
}

const operators: readonly { member: keyof NonNullable<BackupSelection['conditions']>; operator: Operator }[] = [
  { member: 'stringEquals', operator: 'StringEquals' },
  { member: 'stringNotEquals', operator: 'StringNotEquals' },
  { member: 'stringLike', operator: 'StringLike' },
  { member: 'stringNotLike', operator: 'StringNotLike' },
]

function compileCondition(operator: Operator, { key, value }: TagCondition): Condition {
  const glob = operator.endsWith('Like') ? arnGlob(opaqueText(value)) : (actual: string) => actual === opaqueText(value)
  const matches = (actual: string) =>
    glob(opaqueText(actual)) || (mayBe(value, actual, operator.endsWith('Like')) ? undefined : false)
  const holds = operator.startsWith('StringNot') ? (actual: string) => not3(matches(actual)) : matches
  return { operator, key: tagKey(key), value, holds }
}

/** Whether two texts that differ may turn out to match at deployment. `isPattern`: `*` in the first stands for any run of characters. */
function mayBe(wanted: string, actual: string, isPattern: boolean): boolean {
  if (!hasPlaceholder(wanted) && !hasPlaceholder(actual)) return false
  // A star in what is no pattern is a star; taking it for one only makes the answer more open.
  return isPattern || !wanted.includes('*') ? globsMeet(possibleText(wanted), possibleText(actual)) : true
}

function compileConditions(conditions: BackupSelection['conditions'] | null): CompiledSelection['conditions'] {
  if (conditions === undefined) return undefined
  const all: Condition[] = []
  let open = false
  for (const { member, operator } of operators) {
    for (const entry of conditions?.[member] ?? []) {
      if (readable(entry)) all.push(compileCondition(operator, entry))
      else open = true
    }
  }
  return { all, open }
}

/** Prepares a selection, so that a hundred thousand stores can be matched against it. */
export function compileSelection(selection: BackupSelection): CompiledSelection {
  const conditions = compileConditions(selection.conditions)
  return {
    selection,
    resources: compilePatterns(selection.resources),
    notResources: compilePatterns(selection.notResources),
    tags: compileTags(selection.listOfTags),
    conditions,
    unconditional: conditions !== undefined && conditions.all.length === 0 && !conditions.open,
  }
}

/* Parts */

function tagsOf(store: SelectableStore): Tags {
  return Object.hasOwn(store, 'selectionTags') ? store.selectionTags : store.tags
}

function tagValue(tags: NonNullable<Tags> | null, key: string): string | undefined {
  if (tags === null || !Object.hasOwn(tags, key)) return undefined
  const value: unknown = tags[key]
  return typeof value === 'string' ? value : undefined
}

/** The first entry that matches an ARN. */
function firstMatching(patterns: Patterns, arn: string): string | undefined {
  if (patterns.exact.has(arn)) return arn
  const spelt = opaqueText(arn)
  for (const { pattern, glob } of patterns.globs) if (glob(spelt)) return pattern
  return undefined
}

/** The first entry that matches the store by one of its ARNs. */
function entryMatching(patterns: Patterns, store: SelectableStore): string | undefined {
  if (patterns.everything) return '*'
  const own = typeof store.arn === 'string' ? firstMatching(patterns, store.arn) : undefined
  if (own !== undefined) return own
  for (const arn of store.otherArns) {
    const entry = firstMatching(patterns, arn)
    if (entry !== undefined) return entry
  }
  return undefined
}

function inPatterns(
  patterns: Patterns | undefined,
  store: SelectableStore,
  isTaken?: SelectionOptions['isTaken'],
): Ternary {
  if (!patterns) return undefined
  if (entryMatching(patterns, store) !== undefined) return true
  return isOpenTo(patterns, store, isTaken) ? undefined : false
}

/** Whether an entry that does not match the store's ARNs as they are known may match them at deployment. */
function isOpenTo(
  patterns: Patterns,
  { arn, otherArns }: SelectableStore,
  isTaken?: SelectionOptions['isTaken'],
): boolean {
  if (patterns.open || (arn === undefined && !patterns.isEmpty)) return true
  const isPlain = (name: string) => !hasPlaceholder(name)
  if (patterns.possible.length === 0 && (arn == null || isPlain(arn)) && otherArns.every(isPlain)) return false
  const mayName = (entry: string, name: string) =>
    !isTaken?.(entry) && globsMeet(possibleText(entry), possibleText(name))
  return [...(typeof arn === 'string' ? [arn] : []), ...otherArns].some(
    name =>
      patterns.possible.some(entry => mayName(entry, name)) ||
      (hasPlaceholder(name) &&
        [...patterns.exact, ...patterns.globs.map(({ pattern }) => pattern)].some(entry => mayName(entry, name))),
  )
}

function tagMatching(
  tags: NonNullable<CompiledSelection['tags']>,
  storeTags: NonNullable<Tags> | null,
): string | undefined {
  for (const [key, values] of tags.byKey) {
    const actual = tagValue(storeTags, key)
    if (actual !== undefined && values.has(actual)) return `${key}=${actual}`
  }
  return undefined
}

function inTags(tags: CompiledSelection['tags'], storeTags: Tags): Ternary {
  if (!tags) return undefined
  if (tags.isEmpty) return false
  if (storeTags === undefined) return undefined
  return tagMatching(tags, storeTags) !== undefined || (tags.open || mayMatchTag(tags, storeTags) ? undefined : false)
}

/** Whether a tag that has not the value wanted may have it at deployment. */
function mayMatchTag(tags: NonNullable<CompiledSelection['tags']>, storeTags: NonNullable<Tags> | null): boolean {
  for (const [key, values] of tags.byKey) {
    const actual = tagValue(storeTags, key)
    if (actual === undefined) continue
    for (const value of values) if (mayBe(value, actual, false)) return true
  }
  return false
}

/** Resources ∪ ListOfTags; everything where both are known to be empty. */
function inBase(
  selection: CompiledSelection,
  store: SelectableStore,
  { isTaken }: Pick<SelectionOptions, 'isTaken'>,
): Ternary {
  const { resources, tags } = selection
  if (resources?.isEmpty && tags?.isEmpty) return true
  return or3(inPatterns(resources, store, isTaken), inTags(tags, tagsOf(store)))
}

function conditionHolds(condition: Condition, tags: NonNullable<Tags> | null, options: MissingTags): Ternary {
  const actual = tagValue(tags, condition.key)
  if (actual !== undefined) return condition.holds(actual)
  return condition.operator.startsWith('StringNot') && options.stringNotEqualsOnMissingTag !== 'exclude'
}

function conditionsHold(selection: CompiledSelection, store: SelectableStore, options: MissingTags): Ternary {
  const { conditions } = selection
  if (!conditions) return undefined
  if (selection.unconditional) return true
  const tags = tagsOf(store)
  if (tags === undefined) return undefined
  const all = conditions.all.map(condition => conditionHolds(condition, tags, options))
  return and3(...all, conditions.open ? undefined : true)
}

/** Services whose opt-in AWS Backup wants even for resources that are named (developer guide, «Assign resources»). */
const optInAlways: ReadonlySet<string> = new Set(['Aurora', 'Neptune', 'DocumentDB', 'FSx'])
/** Types that share the format of their ARNs with others, so that an ARN does not name the type. */
const typesSharingArns = /^AWS::(?:RDS::DBCluster|DocDB::DBCluster|Neptune::DBCluster|FSx::.*)$/

/**
 * Whether an entry names the store's type or the store itself, rather than everything or a whole service
 * (`arn:aws:ec2:*:*:instance/*` does, `arn:aws:ec2:*` does not). Only then the opt-in is not consulted (aws-apis §5.3).
 */
function namesType(entry: string, arn: string): boolean {
  const parsed = parseArn(arn)
  if (!parsed) return false
  if (parsed.service === 's3') return /^[^*]/.test(splitArn(entry)?.[5] ?? '*')
  const { resource, resourceType } = parsed
  return resourceType !== undefined && entry.includes(`:${resource.slice(0, resourceType.length + 1)}`)
}

/** Whether some entry that names the type, or the store itself, selects the store. */
function isNamed(selection: CompiledSelection, store: SelectableStore, { isTaken }: SelectionOptions): Ternary {
  const { resources } = selection
  if (!resources) return undefined
  for (const arn of typeof store.arn === 'string' ? [store.arn, ...store.otherArns] : store.otherArns) {
    if (resources.exact.has(arn)) return true
    if (resources.globs.some(({ pattern, glob }) => glob(opaqueText(arn)) && namesType(pattern, arn))) return true
  }
  return isOpenTo(resources, store, isTaken) ? undefined : false
}

/** Whether AWS Backup wants the opt-in however the store was selected. */
function needsOptIn(store: SelectableStore): boolean {
  return typesSharingArns.test(store.type) || (typeof store.service === 'string' && optInAlways.has(store.service))
}

function isOptedIn(selection: CompiledSelection, store: SelectableStore, options: SelectionOptions): Ternary {
  if (options.optIn === true || needsOptIn(store)) return options.optIn
  return or3(options.optIn, isNamed(selection, store, options))
}

const leftoverMark = 'awsbackup-restore-test'

/** Keys of the tags that decide whether a selection selects a store. */
export function tagsAskedFor({ tags, conditions }: CompiledSelection): string[] {
  return [...(tags?.byKey.keys() ?? []), ...(conditions?.all ?? []).map(({ key }) => key), leftoverMark]
}

/** A resource that a restore test left behind, which plans ignore: told by its tag or the start of its name. */
export function isRestoreTestLeftover(store: Pick<SelectableStore, 'tags' | 'name' | 'arn'>): boolean {
  if (store.tags && Object.hasOwn(store.tags, leftoverMark)) return true
  if (store.name?.startsWith(leftoverMark)) return true
  if (typeof store.arn !== 'string') return false
  const id = store.arn.slice(Math.max(store.arn.lastIndexOf(':'), store.arn.lastIndexOf('/')) + 1)
  return id.startsWith(leftoverMark)
}

/* The answer */

/** Why a selection selects a store that it is known to select. */
export function reasonOf(selection: CompiledSelection, store: SelectableStore): string {
  const entry = selection.resources && entryMatching(selection.resources, store)
  if (entry !== undefined) return `Resources entry ${entry}`
  const tags = tagsOf(store)
  const tag = selection.tags && tags !== undefined && tagMatching(selection.tags, tags)
  if (tag) return `tag ${tag}`
  const all = (selection.conditions?.all ?? []).map(describe)
  return all.length > 0 ? all.join(' and ') : 'every supported resource'
}

function describe({ operator, key, value }: Condition): string {
  return `condition ${operator} ${key}=${value}`
}

function unknownParts(selection: CompiledSelection, store: SelectableStore, options: SelectionOptions): UnknownPart[] {
  const found: UnknownPart[] = []
  const { resources, tags, conditions, notResources } = selection
  const base = inBase(selection, store, options)
  if (base === undefined && (!resources || resources.open)) found.push('resources')
  if (base === undefined && (!tags || tags.open)) found.push('listOfTags')
  if (!conditions || conditions.open) found.push('conditions')
  if (!notResources || notResources.open) found.push('notResources')
  const usesTags = (base === undefined && tags && !tags.isEmpty) || (conditions && conditions.all.length > 0)
  if (usesTags && tagsOf(store) === undefined) found.push('tags')
  const usesArn = (base === undefined && resources && !resources.isEmpty) || (notResources && !notResources.isEmpty)
  if (usesArn && store.arn === undefined) found.push('arn')
  if (isOptedIn(selection, store, options) === undefined) found.push('optIn')
  return found
}

/**
 * Whether a selection selects a store of the plan's own account and Region (for others see {@link matchPlanSelection}).
 * Of a store with unknown tags, no leftover of a restore test is assumed.
 */
export function matchSelection(
  selection: CompiledSelection | BackupSelection,
  store: SelectableStore,
  options: SelectionOptions,
): SelectionMatch {
  const compiled = 'unconditional' in selection ? selection : compileSelection(selection)
  const matched = selects(compiled, store, options)
  if (matched === true) return { matched, why: reasonOf(compiled, store) }
  if (matched === undefined) {
    const unknown = unknownParts(compiled, store, options)
    return { matched, why: `not known: ${unknown.join(', ')}`, unknown }
  }
  return {
    matched,
    get nearMiss() {
      return nearestMiss(compiled, store, options)
    },
  }
}

/** As {@link matchSelection}, without what it tells besides: asked of every store. */
export function selects(selection: CompiledSelection, store: SelectableStore, options: SelectionOptions): Ternary {
  if (store.service === null) return false
  const base = inBase(selection, store, options)
  if (base === false) return false
  const selected = and3(
    base,
    conditionsHold(selection, store, options),
    not3(inPatterns(selection.notResources, store, options.isTaken)),
  )
  if (selected === false || isRestoreTestLeftover(store)) return false
  return and3(selected, isOptedIn(selection, store, options))
}

/** The account and Region of a plan; `undefined` = not known. */
export interface PlanPlace {
  account: string | undefined
  region: string | undefined
}

/** Whether a selection of a plan selects a store: only in the plan's own account and Region. */
export function matchPlanSelection(
  plan: PlanPlace,
  selection: CompiledSelection | BackupSelection,
  store: SelectableStore,
  options: SelectionOptions,
): SelectionMatch {
  const match = matchSelection(selection, store, options)
  if (match.matched === false) return match
  for (const [part, reason] of [
    ['account', 'otherAccount'],
    ['region', 'otherRegion'],
  ] as const) {
    const here = plan[part]
    const there = store[part]
    if (here !== undefined && there !== undefined && here !== there) {
      const detail = `the plan is of ${part === 'account' ? 'account' : 'Region'} ${here}, the store of ${there}`
      return { matched: false, nearMiss: match.matched ? { reason, byAHair: false, detail } : null }
    }
  }
  const unknown = (['account', 'region'] as const).filter(part => plan[part] === undefined || store[part] === undefined)
  if (unknown.length === 0) return match
  const all = [...(match.matched === undefined ? match.unknown : []), ...unknown]
  return { matched: undefined, why: `not known: ${all.join(', ')}`, unknown: all }
}

/* Near misses */

const missOrder: readonly NearMissReason[] = ['tagValueCase', 'tagKeyCase', 'pattern', 'tagValue', 'tagMissing']

/** How a store's tags fall short of one wanted tag, whose value may be a pattern. */
function tagMiss(key: string, value: string, isPattern: boolean, tags: NonNullable<Tags> | null): NearMiss {
  const matches = (wanted: string, actual: string) => (isPattern ? textGlob(wanted, actual) : wanted === actual)
  const want = `wants tag ${key}=${value}`
  const exact = tagValue(tags, key)
  if (exact !== undefined) {
    const isCase = matches(value.toLowerCase(), exact.toLowerCase())
    const isBlank = matches(value.trim(), exact.trim())
    return {
      reason: isCase ? 'tagValueCase' : 'tagValue',
      byAHair: isCase || isBlank,
      detail: `${want}, the store has ${key}=${exact}`,
    }
  }
  for (const other of Object.keys(tags ?? {})) {
    const actual = tagValue(tags, other)
    if (actual === undefined || other.toLowerCase() !== key.toLowerCase()) continue
    return {
      reason: 'tagKeyCase',
      byAHair: matches(value, actual),
      detail: `${want}, the store has ${other}=${actual}`,
    }
  }
  return { reason: 'tagMissing', byAHair: false, detail: `${want}, the store has no tag ${key}` }
}

/** Why a pattern that does not match was probably meant to: letter case, an empty Region or account, a bare name. */
function patternMiss(pattern: string, store: SelectableStore): NearMiss | undefined {
  const { arn } = store
  if (typeof arn !== 'string') return undefined
  const miss = (why: string): NearMiss => ({
    reason: 'pattern',
    byAHair: true,
    detail: `Resources entry ${pattern}: ${why}`,
  })
  if (arnGlob(pattern.toLowerCase())(arn.toLowerCase())) return miss('differs from the ARN in letter case')
  const fields = splitArn(pattern)
  if (!fields) return !pattern.startsWith('arn:') && endsWithName(arn, pattern) ? miss('is no ARN') : undefined
  const filled = fields.map((field, i) => (field === '' && (i === 3 || i === 4) ? '*' : field)).join(':')
  return filled !== pattern && arnGlob(filled)(arn) ? miss('its Region or account is empty') : undefined
}

function endsWithName(arn: string, name: string): boolean {
  return name !== '' && (arn.endsWith(`:${name}`) || arn.endsWith(`/${name}`))
}

function baseMisses(selection: CompiledSelection, store: SelectableStore): NearMiss[] {
  const misses: NearMiss[] = []
  const tags = tagsOf(store)
  if (tags !== undefined) {
    for (const [key, values] of selection.tags?.byKey ?? [])
      for (const value of values) misses.push(tagMiss(key, value, false, tags))
  }
  const { resources } = selection
  for (const pattern of [...(resources?.exact ?? []), ...(resources?.globs ?? []).map(entry => entry.pattern)]) {
    const miss = patternMiss(pattern, store)
    if (miss) misses.push(miss)
  }
  return misses
}

/** The least of the misses: those by a hair first, then in the order of {@link missOrder}, then as listed. */
function nearest(misses: readonly NearMiss[]): NearMiss | undefined {
  const rank = (miss: NearMiss) => (miss.byAHair ? 0 : missOrder.length) + missOrder.indexOf(miss.reason)
  let best: NearMiss | undefined
  for (const miss of misses) if (!best || rank(miss) < rank(best)) best = miss
  return best
}

function conditionMiss(condition: Condition, tags: NonNullable<Tags> | null): NearMiss {
  const has = tagValue(tags, condition.key)
  const plain: NearMiss = {
    reason: 'condition',
    byAHair: false,
    detail: `${describe(condition)}, the store has ${has === undefined ? `no tag ${condition.key}` : `${condition.key}=${has}`}`,
  }
  if (condition.operator.startsWith('StringNot')) return plain
  const miss = tagMiss(condition.key, condition.value, condition.operator === 'StringLike', tags)
  return miss.reason === 'tagValueCase' || miss.reason === 'tagKeyCase' ? miss : plain
}

/** What kept a store out of a selection that is known not to select it; `null` where nothing came near. */
function nearestMiss(selection: CompiledSelection, store: SelectableStore, options: SelectionOptions): NearMiss | null {
  if (store.service === null || isRestoreTestLeftover(store)) return null
  const base = inBase(selection, store, options)
  const conditions = conditionsHold(selection, store, options)
  const excluded = inPatterns(selection.notResources, store, options.isTaken)
  const optedIn = isOptedIn(selection, store, options)
  const alone = (miss: NearMiss, ...others: Ternary[]): NearMiss => ({
    ...miss,
    byAHair: and3(miss.byAHair, ...others),
  })
  if (base === false) {
    const miss = nearest(baseMisses(selection, store))
    if (!miss) return null
    // A pattern names the type, so that most services need no opt-in.
    const optInEnough = options.optIn !== false || (miss.reason === 'pattern' && !needsOptIn(store))
    return alone(miss, conditions, not3(excluded), optInEnough)
  }
  if (excluded === true) {
    const entry = selection.notResources && entryMatching(selection.notResources, store)
    return alone(
      { reason: 'excluded', byAHair: true, detail: `NotResources entry ${entry}` },
      base,
      conditions,
      optedIn,
    )
  }
  const tags = tagsOf(store)
  if (conditions === false && tags !== undefined) {
    const failing = (selection.conditions?.all ?? []).filter(
      condition => conditionHolds(condition, tags, options) === false,
    )
    return alone(conditionMiss(failing[0]!, tags), base, failing.length === 1, not3(excluded), optedIn)
  }
  return alone(
    { reason: 'optInOff', byAHair: true, detail: `the Region has not opted in to ${store.service ?? store.type}` },
    base,
    conditions,
    not3(excluded),
  )
}

/* Doubtful entries */

/** An entry that probably does not do what its author meant; the values of `backup-selection` `doubtfulPatterns[].why`. */
export interface DoubtfulPattern {
  pattern: string
  why: 'emptyField' | 'innerWildcard' | 'keySpelling'
}

function doubtOf(pattern: string): DoubtfulPattern[] {
  const fields = splitArn(pattern)
  if (!fields) return []
  const [, , service, region, account, resource = ''] = fields
  const doubts: DoubtfulPattern[] = []
  // The ARN of a bucket has neither Region nor account.
  if (service !== 's3' && (region === '' || account === '')) doubts.push({ pattern, why: 'emptyField' })
  const id = resource.replace(/^[A-Za-z-]+[:/]/, '')
  if (/\*[^*]/.test(id)) doubts.push({ pattern, why: 'innerWildcard' })
  return doubts
}

/** Entries of a selection that AWS Backup may read otherwise than their author (aws-apis §5.2). */
export function doubtfulPatterns(selection: BackupSelection): DoubtfulPattern[] {
  const compiled = compileConditions(selection.conditions)
  const conditions = compiled ? operators.flatMap(({ member }) => selection.conditions?.[member] ?? []) : []
  const doubts = [...(selection.resources ?? []), ...(selection.notResources ?? [])]
    .filter(entry => typeof entry === 'string')
    .flatMap(doubtOf)
  for (const entry of (selection.listOfTags ?? []).filter(readable))
    if (entry.key.startsWith(tagPrefix)) doubts.push({ pattern: entry.key, why: 'keySpelling' })
  for (const entry of conditions.filter(readable))
    if (!entry.key.startsWith(tagPrefix)) doubts.push({ pattern: entry.key, why: 'keySpelling' })
  return doubts
}

/* Restore testing */

/** Whether a restore testing selection covers a store, and why. */
export type RestoreTestingMatch = { matched: true; why: string } | { matched: false | undefined; why?: undefined }

/** A restore testing selection, ready to be matched against many stores. */
export interface CompiledTesting {
  selection: RestoreTestingSelection
  patterns: Patterns | undefined
  /** Its conditions as those of a backup selection; `undefined` = not known. */
  conditional: CompiledSelection | undefined
  /** It has conditions; where it names no ARNs, they alone select. */
  stated: boolean
}

/** Prepares a restore testing selection. */
export function compileTesting(selection: RestoreTestingSelection): CompiledTesting {
  const { conditions } = selection
  return {
    selection,
    patterns: compilePatterns(selection.resourceArns),
    conditional:
      conditions &&
      compileSelection({
        resources: [],
        listOfTags: [],
        notResources: [],
        conditions: { ...conditions, stringLike: [], stringNotLike: [] },
      }),
    stated: conditions !== undefined && conditions.stringEquals.length + conditions.stringNotEquals.length > 0,
  }
}

/**
 * Whether a restore testing selection covers a store: one type, and either ARNs or `*` with conditions that must all hold.
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/API_RestoreTestingSelectionForCreate.html
 */
export function matchRestoreTestingSelection(
  given: CompiledTesting | RestoreTestingSelection,
  store: SelectableStore,
  options: MissingTags = {},
): RestoreTestingMatch {
  const compiled = 'stated' in given ? given : compileTesting(given)
  const matched = tests(compiled, store, options)
  if (matched !== true) return { matched }
  return { matched, why: `${compiled.selection.service} ${testedBy(compiled, store)}` }
}

/** As {@link matchRestoreTestingSelection}, without the reason: asked of every store. */
export function tests(
  { selection, patterns, conditional, stated }: CompiledTesting,
  store: SelectableStore,
  options: MissingTags,
): Ternary {
  const isType =
    selection.service === undefined || store.service === undefined ? undefined : selection.service === store.service
  const conditions = conditional && conditionsHold(conditional, store, options)
  // Conditions alone mean every resource of the type; neither ARNs nor conditions mean none.
  const named = patterns?.isEmpty ? (conditional ? stated : undefined) : inPatterns(patterns, store)
  return isRestoreTestLeftover(store) ? false : and3(isType, named, conditions)
}

/** The entry by which a restore testing selection covers a store that it is known to cover. */
export function testedBy({ patterns }: CompiledTesting, store: SelectableStore): string {
  return (patterns && entryMatching(patterns, store)) ?? 'with conditions'
}
