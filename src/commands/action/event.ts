/** What made the workflow run, as far as it tells what changed. */
import { readFileSync } from 'node:fs'

/** A change that a run is about. */
export interface TriggeringChange {
  /**
   * `proposal`: somebody asks that it be taken (a pull request, a merge queue). `push`: it has been pushed. `none`: the run is
   * about no change (schedule, dispatch).
   */
  kind: 'proposal' | 'push' | 'none'
  /** Commit that it is compared with, as the event names it. */
  base?: string
  /** Newest commit of the change. */
  head?: string
  /** It was pushed to the branch that everything is merged into. */
  isOnDefaultBranch?: boolean
}

const none: TriggeringChange = { kind: 'none' }
const commitId = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

const commit = (value: unknown): string | undefined =>
  typeof value === 'string' && commitId.test(value) && !/^0+$/.test(value) ? value : undefined

const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? (value as { [name: string]: unknown })[name] : undefined

const change = (kind: TriggeringChange['kind'], base: unknown, head: unknown): TriggeringChange => {
  const commits = { base: commit(base), head: commit(head) }
  return {
    kind,
    ...(commits.base === undefined ? {} : { base: commits.base }),
    ...(commits.head === undefined ? {} : { head: commits.head }),
  }
}

/**
 * The change of an event's payload. Commits are taken only where they are whole ids: they become arguments of git.
 * https://docs.github.com/en/webhooks/webhook-events-and-payloads
 */
export function changeOfEvent(payload: unknown): TriggeringChange {
  const pullRequest = member(payload, 'pull_request')
  if (pullRequest !== undefined)
    return change('proposal', member(member(pullRequest, 'base'), 'sha'), member(member(pullRequest, 'head'), 'sha'))
  const group = member(payload, 'merge_group')
  if (group !== undefined) return change('proposal', member(group, 'base_sha'), member(group, 'head_sha'))
  if (member(payload, 'before') === undefined) return none
  const branch = member(member(payload, 'repository'), 'default_branch')
  return {
    ...change('push', member(payload, 'before'), member(payload, 'after')),
    isOnDefaultBranch: typeof branch === 'string' && member(payload, 'ref') === `refs/heads/${branch}`,
  }
}

/** The change that this run is about; none where there is no event, or it cannot be read. */
export function readChange(environment: { readonly [name: string]: string | undefined }): TriggeringChange {
  const { GITHUB_EVENT_PATH: path } = environment
  if (path === undefined || path === '') return none
  try {
    return changeOfEvent(JSON.parse(readFileSync(path, 'utf8')))
  } catch {
    return none
  }
}
