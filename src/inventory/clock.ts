/** Ages. The only clock is the `takenAt` of the scope that holds the record, or `--now` in its place. */

/** Hours from an instant (epoch seconds) to the clock (epoch seconds), to a hundredth; `undefined` where there is no clock. */
export function ageHours(atSeconds: number, clockSeconds: number | undefined): number | undefined {
  if (clockSeconds === undefined) return undefined
  return Math.round(((clockSeconds - atSeconds) / 3600) * 100) / 100
}

/** Days of a number of hours, to a hundredth. */
export function hoursToDays(hours: number): number {
  return Math.round((hours / 24) * 100) / 100
}

const iso8601 = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/

/** Epoch seconds of ISO 8601 text, UTC where it names no zone: never the machine's own. `undefined` where it is none. */
export function secondsOf(text: string | undefined | null): number | undefined {
  const match = text ? iso8601.exec(text) : null
  if (!match) return undefined
  const time = Date.parse(match[1] !== undefined && match[4] === undefined ? `${text}Z` : text!)
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000)
}
