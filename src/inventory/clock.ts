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

/** Epoch seconds of ISO 8601 text; `undefined` where it is none. */
export function secondsOf(text: string | undefined | null): number | undefined {
  if (!text) return undefined
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : Math.floor(time / 1000)
}
