/** Which commits a change is compared with. */
import type { TriggeringChange } from './event.ts'
import type { Repository } from './git.ts'

/** What a run is compared with. */
export interface Comparison {
  /** Findings that this commit has are not new. */
  base?: string
  /** Commit whose policy, rules and baseline count, where those of the change must not. */
  standards?: string
  /** Commit that is checked out. */
  head?: string
  /** Why there is no base, where the event has one. */
  problem?: string
}

const fix = 'give actions/checkout `fetch-depth: 0`'

/**
 * The commit that GitHub merged a pull request into, where its merge is what is checked out. It is nearer than the base of
 * the event, which may lag behind its branch. GitHub makes the merge, so that the change has no say in it.
 */
async function mergedInto(
  repository: Repository,
  change: TriggeringChange,
  head: string,
  merge: string | undefined,
): Promise<string | undefined> {
  if (head !== merge) return undefined
  const [first, second, ...others] = await repository.parents(head)
  return second !== undefined && second === change.head && others.length === 0 ? first : undefined
}

/** The commits of a change; `merge` is what GitHub says that the run is for (`GITHUB_SHA`). */
export async function findComparison(
  repository: Repository | undefined,
  change: TriggeringChange,
  merge: string | undefined,
): Promise<Comparison> {
  if (change.kind === 'none') return {}
  const head = await repository?.head()
  if (repository === undefined || head === undefined)
    return {
      problem: 'There is no clone of the repository here: check it out with actions/checkout and `fetch-depth: 0`.',
    }
  if (change.base === undefined) return { head }
  const tip =
    (change.kind === 'proposal' ? await mergedInto(repository, change, head, merge) : undefined) ?? change.base
  if (!(await repository.holds(tip)))
    return { head, problem: `The base commit ${tip.slice(0, 12)} is not in the clone: ${fix}.` }
  if (change.kind === 'push') return { head, base: tip, ...(change.isOnDefaultBranch ? {} : { standards: tip }) }
  return { head, base: (await repository.mergeBase(tip, head)) ?? tip, standards: tip }
}
