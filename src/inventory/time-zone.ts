/**
 * Offsets of IANA time zones, in whole minutes, read from the host's tables through `Intl`. Rounding and the choices at the
 * changes of daylight saving time: `schedule.md`.
 */

/** A change of a zone's offset. Minutes since 1970-01-01T00:00Z, and minutes ahead of UTC. */
export interface OffsetChange {
  at: number
  before: number
  after: number
}

/** A time zone, as a table that grows by the years asked for. */
export interface TimeZone {
  /** Minutes ahead of UTC at an instant (minutes since 1970). */
  offsetAt(minute: number): number
  /** Changes of offset with `from` ≤ at < `to` (minutes since 1970), earliest first. */
  changes(from: number, to: number): OffsetChange[]
}

const minutesPerDay = 1440
/** Far enough apart to be quick, close enough to miss nothing: no zone changes twice within 21 days from 2019 to 2036. */
const sampleMinutes = 14 * minutesPerDay
/** A period of the table: 52 samples, about two years. */
const periodMinutes = 52 * sampleMinutes

const offsetText = /GMT(?:([+-])(\d{2}):(\d{2})(?::\d{2})?)?$/

function offsetReader(format: Intl.DateTimeFormat): (minute: number) => number {
  return minute => {
    const found = offsetText.exec(format.format(minute * 60_000))
    if (!found?.[1]) return 0
    const minutes = Number(found[2]) * 60 + Number(found[3])
    return found[1] === '-' ? -minutes : minutes
  }
}

/** The first minute in (low, high] at which the offset is no longer `before`. */
function bisect(read: (minute: number) => number, low: number, high: number, before: number): number {
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (read(middle) === before) low = middle
    else high = middle
  }
  return high
}

function createZone(read: (minute: number) => number): TimeZone {
  const periods = new Map<number, OffsetChange[]>()
  const period = (index: number): OffsetChange[] => {
    const known = periods.get(index)
    if (known) return known
    const found: OffsetChange[] = []
    let minute = index * periodMinutes
    const end = minute + periodMinutes
    let offset = read(minute)
    while (minute < end) {
      const next = minute + sampleMinutes
      const reached = read(next)
      let low = minute
      while (offset !== reached) {
        const at = bisect(read, low, next, offset)
        const after = read(at)
        found.push({ at, before: offset, after })
        offset = after
        low = at
      }
      minute = next
    }
    periods.set(index, found)
    return found
  }
  return {
    offsetAt(minute) {
      const index = Math.floor(minute / periodMinutes)
      const changes = period(index)
      for (let i = changes.length - 1; i >= 0; i--) if (changes[i]!.at <= minute) return changes[i]!.after
      return changes[0]?.before ?? read(minute)
    },
    changes(from, to) {
      const found: OffsetChange[] = []
      for (let index = Math.floor(from / periodMinutes); index * periodMinutes < to; index++)
        for (const change of period(index)) if (change.at >= from && change.at < to) found.push(change)
      return found
    },
  }
}

/** Coordinated Universal Time. */
export const utc: TimeZone = { offsetAt: () => 0, changes: () => [] }

const zoneName = /^[A-Za-z][A-Za-z0-9_+-]{0,31}(?:\/[A-Za-z0-9_+-]{1,31}){0,2}$/
const greatestCache = 700
const zones = new Map<string, TimeZone | undefined>()

/** The time zone of an IANA name (`Europe/Berlin`); `undefined` where the host knows no zone of that name. */
export function timeZone(name: string): TimeZone | undefined {
  if (name === 'UTC' || name === 'Etc/UTC') return utc
  if (!zoneName.test(name)) return undefined
  if (zones.has(name)) return zones.get(name)
  let zone: TimeZone | undefined
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: name, year: 'numeric', timeZoneName: 'longOffset' })
    zone = createZone(offsetReader(format))
  } catch {
    // RangeError is how Intl says that it knows no such zone.
    zone = undefined
  }
  // Names come from hostile inputs: the cache must not grow without bound.
  if (zones.size >= greatestCache) zones.clear()
  zones.set(name, zone)
  return zone
}
