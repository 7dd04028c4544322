/** Sends many things in calls that take a few each, and those that a service failed to take again. */

/** What a service said of something that it will never take. */
export interface Refusal {
  /** AWS's error code. */
  code: string
  message: string
}

/** What came of one call. */
export interface Taken<T> {
  /** To be sent again. */
  again: readonly T[]
  refused: readonly Refusal[]
}

/** How things are sent. */
export interface Sending<T> {
  /** The most that one call may hold, in number and in bytes. */
  most: number
  mostBytes?: number
  /** How many bytes one counts. */
  bytesOf?(one: T): number
  send(batch: readonly T[]): Promise<Taken<T>>
  wait(milliseconds: number): Promise<void>
}

/** What sending took. */
export interface Sent {
  calls: number
  /** Things that were sent more than once. */
  repeated: number
}

/** What came of sending. */
export interface SentAll extends Sent {
  /** How many were not taken however often they were sent. */
  left: number
  refused: Refusal[]
}

/** How often a thing is sent until it has failed. */
export const mostAttempts = 5

const firstWaitMilliseconds = 500

/** Calls, as large as they may be, in the order of the things. */
function* batchesOf<T>(things: Iterable<T>, { most, mostBytes = Infinity, bytesOf }: Sending<T>): Generator<T[]> {
  let batch: T[] = []
  let bytes = 0
  for (const one of things) {
    const own = bytesOf?.(one) ?? 0
    if (batch.length === most || (batch.length > 0 && bytes + own > mostBytes)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(one)
    bytes += own
  }
  if (batch.length > 0) yield batch
}

/** Sends all things once, then those that failed, round by round. Rejects with what a call rejects with. */
export async function sendInRounds<T>(things: Iterable<T>, sending: Sending<T>): Promise<SentAll> {
  const sent: SentAll = { calls: 0, repeated: 0, left: 0, refused: [] }
  let left = await sendOnce(things, sending, sent)
  for (let attempt = 2; left.length > 0 && attempt <= mostAttempts; attempt++) {
    sent.repeated += left.length
    await sending.wait(firstWaitMilliseconds * 2 ** (attempt - 2))
    left = await sendOnce(left, sending, sent)
  }
  sent.left = left.length
  return sent
}

async function sendOnce<T>(things: Iterable<T>, sending: Sending<T>, sent: SentAll): Promise<T[]> {
  const failed: T[] = []
  for (const batch of batchesOf(things, sending)) {
    sent.calls++
    const { again, refused } = await sending.send(batch)
    failed.push(...again)
    sent.refused.push(...refused)
  }
  return failed
}
