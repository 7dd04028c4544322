/**
 * Which of several records of one resource holds. The newest sight wins, a deletion too; of two that differ and were seen at
 * the same time, the greater canonical JSON does, and the contradiction becomes a gap (DESIGN §2, §10.6). The order of the
 * records never matters.
 */

import type { Facts } from '../model/facts.ts'
import type { GapRecord, ResourceRecord } from '../model/record.ts'
import { byText } from '../model/text-order.ts'
import type { Header } from './join.ts'

/** A record that competes for an identity, with what was read of it. */
export type Contender = Header & {
  own?: Facts
  createdAt?: number | undefined
  pitrRestorableAt?: number | undefined
  nativeRestorableAt?: number | undefined
  through?: readonly string[] | null
  otherArns?: readonly string[] | null
  value?: unknown
}

const sorted = (_key: string, value: unknown) =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => byText(a, b)))
    : value

/** Everything of a record that facts are made of, as text that does not hang on the order of members. */
function canonical(item: Contender): string {
  const { deleted, type, id, account, region, name, tags, own, through, otherArns, value } = item
  const times = [item.createdAt, item.pitrRestorableAt, item.nativeRestorableAt]
  return JSON.stringify([deleted, type, id, account, region, name, tags, own, times, through, otherArns, value], sorted)
}

/** When the source saw the record: as the item says, else when its scope was taken. Epoch milliseconds; `-1` = not said. */
function seenAt({ seenAt: stated, scope }: Header): number {
  const time = Date.parse(stated ?? scope.scope.takenAt ?? '')
  return Number.isNaN(time) ? -1 : time
}

const rankOf = ({ scope, address }: Header) => (scope.evidenceOnly ? 0 : 2) + (address === undefined ? 0 : 1)

/** Of two equal records, the one of the newer scope, then the one that stands first. */
function standsBefore(a: Header, b: Header): boolean {
  const order =
    byText(b.scope.scope.takenAt ?? '', a.scope.scope.takenAt ?? '') ||
    byText(a.scope.scope.id, b.scope.scope.id) ||
    byText(a.file ?? '', b.file ?? '') ||
    a.line - b.line
  return order < 0
}

/** Decides between records of one identity, and remembers which identities are contradictory. */
export class Contest {
  private readonly ties = new Map<string, Header>()

  /** Whether a record replaces the one that held its identity so far. */
  wins(identity: string, item: Contender, old: Contender | null): boolean {
    if (!old) return true
    // What is to be judged stands before what it is judged by, and a change to a resource before the resource as it is.
    const rank = rankOf(item) - rankOf(old)
    if (rank !== 0) return rank > 0
    const newer = seenAt(item) - seenAt(old)
    if (newer > 0) this.ties.delete(identity)
    if (newer !== 0) return newer > 0
    const order = byText(canonical(item), canonical(old))
    if (order === 0) return standsBefore(item, old)
    this.ties.set(identity, order > 0 ? item : old)
    return order > 0
  }

  /** A gap for each resource of which two newest records differ. */
  gaps(): GapRecord[] {
    return [...this.ties].sort(([a], [b]) => byText(a, b)).map(([, item]) => contradiction(item))
  }
}

function contradiction(item: Header): GapRecord {
  return {
    record: 'gap',
    scope: item.scope.scope.id,
    account: item.account,
    region: item.region,
    factGroups: ['configuration'],
    types: [item.sourceType],
    file: item.file,
    line: item.line > 0 ? item.line : undefined,
    reason: 'contradictory',
    remedy: `Two records of ${item.arn ?? item.id} differ though they were seen at the same time: read it again, alone.`,
  }
}

/** What tells a record from others where it has no ARN: in a template its scope and address. `parent`: see DESIGN §2. */
export function placeIdentity(record: ResourceRecord, parent = ''): string {
  return record.address === undefined
    ? `${record.account}|${record.region}|${parent}|${record.id}`
    : `${record.scope}|${parent}|${record.address}`
}

/** Id of what a resource belongs to, where its own id is unique only within that. */
export function parentOf(value: object): string {
  const { planId, planName } = value as { planId?: string; planName?: string }
  return planId ?? planName ?? ''
}
