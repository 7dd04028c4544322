/** Whether a resource that one side shows would be shown by the other if it existed there. */
import { type ComparedResource, groupsThatList } from '../model/comparison.ts'
import type { GapRecord, ScopeRecord, SourceKind } from '../model/record.ts'
import type { SubjectKind } from '../model/subject.ts'
import type { ComparedSide, SideFacts } from './compared-side.ts'

const templateSources: ReadonlySet<SourceKind> = new Set([
  'cloudformation',
  'cdk',
  'terraform-plan',
  'terraform-state',
  'terraform-hcl',
])

const agree = (one: string | undefined, other: string | undefined): boolean =>
  one === undefined || other === undefined || one === other

function isOfPlace({ account, region }: ScopeRecord | GapRecord, resource: ComparedResource): boolean {
  return agree(account, resource.account) && agree(region, resource.region)
}

const groupsOf = ({ subject }: ComparedResource): readonly string[] => groupsThatList[subject as SubjectKind] ?? []

/**
 * Why the other side would not show the resource even if it were there, in a sentence; `undefined` where it would, so that the
 * resource is known not to be there.
 */
export function whyUnseen(
  resource: ComparedResource,
  side: SideFacts,
  other: SideFacts,
  shown: ComparedSide,
): string | undefined {
  if (other.isUnreadable) return 'A part of the other side could not be read.'
  if (!other.listsAll) return 'The other report leaves out what is met.'
  if (resource.address !== undefined)
    return other.scopes.some(({ source }) => templateSources.has(source))
      ? undefined
      : 'The other side has no templates.'
  return whyGap(resource, other) ?? whyUnclaimed(resource, side, other, shown)
}

function whyGap(resource: ComparedResource, { gaps }: SideFacts): string | undefined {
  const groups = groupsOf(resource)
  const gap = gaps.find(
    one =>
      isOfPlace(one, resource) &&
      (one.types.length === 0 || one.types.includes(resource.type)) &&
      one.factGroups.some(group => group === '*' || groups.includes(group)),
  )
  return gap && `Not read there: ${gap.api ?? gap.file ?? 'a part'} (${gap.reason}). ${gap.remedy}`
}

function whyUnclaimed(
  resource: ComparedResource,
  side: SideFacts,
  other: SideFacts,
  shown: ComparedSide,
): string | undefined {
  const scopes = other.scopes.filter(scope => isOfPlace(scope, resource))
  if (scopes.length === 0) return 'The other side did not read that account and Region.'
  const groups = groupsOf(resource)
  if (groups.length === 0) return undefined
  if (scopes.some(({ types }) => types?.includes(resource.type))) return undefined
  // An AWS Config snapshot that holds one of a type holds all of them.
  if (scopes.some(({ source }) => source === 'aws-config-snapshot') && shown.hasLike(resource)) return undefined
  const claimed = claimsOf(scopes)
  const own = claimsOf(side.scopes.filter(scope => isOfPlace(scope, resource)))
  const lacking = groups.filter(group => own.has(group) && !claimed.has(group))
  const isClaimed = lacking.length === 0 && groups.some(group => claimed.has(group))
  return isClaimed
    ? undefined
    : `The other side does not claim to have read ${(lacking.length > 0 ? lacking : groups).join(', ')} there.`
}

const claimsOf = (scopes: readonly ScopeRecord[]): ReadonlySet<string> =>
  new Set(scopes.flatMap(({ factGroups = [] }) => factGroups))

/** What tells the tier of a resource, or of the stores that it selects or holds. */
const tierGroups: ReadonlySet<string> = new Set(['*', 'inventory', 'tags', 'configuration', 'selections'])

/** True where a gap of the side may keep it from knowing a tier, by which severities are moved. */
export function tierIsCut(resource: ComparedResource, { gaps, isUnreadable }: SideFacts): boolean {
  return (
    isUnreadable || gaps.some(gap => isOfPlace(gap, resource) && gap.factGroups.some(group => tierGroups.has(group)))
  )
}
