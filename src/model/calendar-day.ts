/** Days as people write them in policies, in exemptions beside resources and on the command line: `YYYY-MM-DD`, UTC. */

/** True for a day of the calendar. `Date.parse` alone takes 30 February for 2 March. */
export function isCalendarDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const start = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(start) && new Date(start).toISOString().startsWith(text)
}

/** True where a day is over at a present time (ISO 8601 UTC). What expires holds through its last day, and without a present time. */
export function isDayOver(day: string, now: string | undefined): boolean {
  return now !== undefined && day < now.slice(0, 'YYYY-MM-DD'.length)
}
