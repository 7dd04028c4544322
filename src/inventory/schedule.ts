/**
 * What a schedule promises: AWS cron expressions, rates and intervals, and the longest time between two runs.
 * https://docs.aws.amazon.com/aws-backup/latest/devguide/creating-a-backup-plan.html (cron, six fields),
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html (fields and wildcards).
 * Choices where AWS's documents are silent, and how the gaps are found without listing every run: `schedule.md`.
 */
import type { OffsetChange, TimeZone } from './time-zone.ts'
import { timeZone, utc } from './time-zone.ts'

/** One entry of the day-of-month field. */
export type DayOfMonth =
  | { kind: 'day'; day: number }
  /** `L`, `L-n`, `LW`, `L-nW`: days before the last of the month, and whether the nearest weekday to it is meant. */
  | { kind: 'fromLast'; daysBefore: number; nearestWeekday: boolean }
  /** `nW`: the nearest Monday to Friday to a day, in the same month. */
  | { kind: 'nearestWeekday'; day: number }

/** One entry of the day-of-week field. 1 = Sunday … 7 = Saturday, as AWS counts. */
export type DayOfWeek =
  | { kind: 'weekday'; weekday: number }
  /** `6L`: the last of that weekday in the month. */
  | { kind: 'last'; weekday: number }
  /** `2#1`: the nth of that weekday in the month. */
  | { kind: 'nth'; weekday: number; nth: number }

/** What is odd about a schedule that could be read. `rate`: AWS Backup documents cron only. `finerThanHourly`: it backs up hourly at most. */
export type ScheduleWarning = 'rate' | 'finerThanHourly'

/** A cron expression, each field expanded to its values in ascending order. */
export interface CronSchedule {
  kind: 'cron'
  /** The six fields in upper case, one blank between them: equal for schedules that are written alike. */
  expression: string
  minutes: readonly number[]
  hours: readonly number[]
  /** `null`: the field is `?`, days are told by weekday. */
  daysOfMonth: readonly DayOfMonth[] | null
  months: readonly number[]
  /** `null`: the field is `?`, days are told by their number. */
  daysOfWeek: readonly DayOfWeek[] | null
  years: readonly number[]
  warnings: readonly ScheduleWarning[]
}

/** A run every so many minutes, from a start that is not known. */
export interface RateSchedule {
  kind: 'rate'
  expression: string
  intervalMinutes: number
  warnings: readonly ScheduleWarning[]
}

/** A schedule that could be read. */
export type Schedule = CronSchedule | RateSchedule

/** A schedule, or what is wrong with its expression, in one sentence. */
export type ParsedSchedule = { ok: true; schedule: Schedule } | { ok: false; problem: string }

/**
 * The gaps between runs over 2023-01-01 to 2033-01-01 UTC. Hours; `null` = no bound (there is no next run); `undefined` =
 * not known: the time zone is not a known one (`problem`), or the Year field begins inside the window (`startsAt`) and no
 * clock says whether that is past.
 */
export interface ScheduleAnalysis {
  schedule: Schedule
  timezone: string | null
  /** Longest gap by the wall clock: a daily schedule has 24, daylight saving time or not. */
  nominalGapHours: number | null | undefined
  /** Longest elapsed time between two runs, daylight saving time included. */
  longestGapHours: number | null | undefined
  /** Shortest elapsed time between two runs. */
  shortestGapHours: number | null | undefined
  /** ISO 8601 instant of the last run, where the schedule ends before 2033; else `null`. */
  endsAt: string | null
  /** ISO 8601 instant of the first run, where the Year field begins after 2023; else `null`. */
  startsAt: string | null
  /** Runs within the window. */
  runCount: number
  /** Why nothing can be said. */
  problem?: string
}

/** A schedule and the IANA zone its times are in; `null` = UTC. */
export interface ZonedSchedule {
  schedule: Schedule
  timezone: string | null
}

/* Reading expressions */

interface Field {
  name: string
  least: number
  greatest: number
  names?: readonly string[]
  /** A range may run over the end, as `22-2` or `FRI-MON` (years may not). */
  wraps: boolean
}

const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const weekdayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']
const minuteField: Field = { name: 'Minutes', least: 0, greatest: 59, wraps: true }
const hourField: Field = { name: 'Hours', least: 0, greatest: 23, wraps: true }
const dayField: Field = { name: 'Day-of-month', least: 1, greatest: 31, wraps: true }
const monthField: Field = { name: 'Month', least: 1, greatest: 12, names: monthNames, wraps: true }
const weekdayField: Field = { name: 'Day-of-week', least: 1, greatest: 7, names: weekdayNames, wraps: true }
const yearField: Field = { name: 'Year', least: 1970, greatest: 2199, wraps: false }

const greatestExpressionLength = 512

/** A list, or the problem with it. */
type Read<T> = { values: T[] } | { problem: string }

function fieldValue(text: string, field: Field): number | undefined {
  const named = field.names?.indexOf(text) ?? -1
  if (named >= 0) return field.least + named
  if (!/^\d{1,4}$/.test(text)) return undefined
  const value = Number(text)
  return value >= field.least && value <= field.greatest ? value : undefined
}

const itemPattern = /^(\*|[A-Z\d]+)(?:-([A-Z\d]+))?(?:\/(\d{1,4}))?$/

/** Values of one item: `*`, `a`, `a-b`, and each with `/step`. */
function itemValues(item: string, field: Field): Read<number> {
  const problem = { problem: `${field.name}: cannot read «${item}»` }
  const found = itemPattern.exec(item)
  if (!found) return problem
  const [, start = '', end, stepText] = found
  const size = field.greatest - field.least + 1
  const step = stepText === undefined ? 1 : Number(stepText)
  if (step < 1 || step > size) return problem
  let from: number | undefined = field.least
  let to: number | undefined = field.greatest
  if (start === '*') {
    if (end !== undefined) return problem
  } else {
    from = fieldValue(start, field)
    if (end !== undefined) to = fieldValue(end, field)
    else if (stepText === undefined) to = from
  }
  if (from === undefined || to === undefined) return problem
  if (to < from && !field.wraps) return { problem: `${field.name}: the range «${item}» runs backwards` }
  const length = to < from ? to - from + size : to - from
  const values: number[] = []
  for (let i = 0; i <= length; i += step) values.push(field.least + ((from - field.least + i) % size))
  return { values }
}

function ascending(values: Iterable<number>): number[] {
  return [...new Set(values)].sort((a, b) => a - b)
}

/** Values of a field that knows only `, - * /`. */
function fieldValues(text: string, field: Field): Read<number> {
  const values: number[] = []
  for (const item of text.split(',')) {
    const read = itemValues(item, field)
    if ('problem' in read) return read
    values.push(...read.values)
  }
  return { values: ascending(values) }
}

function specialDayOfMonth(item: string): DayOfMonth | undefined {
  const last = /^L(?:-(\d{1,2}))?(W)?$/.exec(item)
  if (last) {
    const daysBefore = Number(last[1] ?? 0)
    return daysBefore <= 30 ? { kind: 'fromLast', daysBefore, nearestWeekday: last[2] !== undefined } : undefined
  }
  const nearest = /^(\d{1,2})W$/.exec(item)
  const day = nearest && fieldValue(nearest[1]!, dayField)
  return day ? { kind: 'nearestWeekday', day } : undefined
}

function specialDayOfWeek(item: string): DayOfWeek | undefined {
  if (item === 'L') return { kind: 'weekday', weekday: 7 }
  const found = /^([A-Z\d]+?)(?:L|#([1-5]))$/.exec(item)
  const weekday = found && fieldValue(found[1]!, weekdayField)
  if (!weekday) return undefined
  return found[2] === undefined ? { kind: 'last', weekday } : { kind: 'nth', weekday, nth: Number(found[2]) }
}

/** Entries of a day field that is not `?`. */
function dayValues<T>(
  text: string,
  field: Field,
  special: (item: string) => T | undefined,
  plain: (value: number) => T,
): Read<T> {
  const items = text.split(',')
  // AWS takes `3#1,6#3` for two expressions and refuses it.
  if (items.length > 1 && text.includes('#')) return { problem: `${field.name}: «#» admits one entry only` }
  const values: T[] = []
  for (const item of items) {
    const entry = special(item)
    if (entry !== undefined) {
      values.push(entry)
      continue
    }
    const read = itemValues(item, field)
    if ('problem' in read) return read
    values.push(...read.values.map(plain))
  }
  return { values }
}

function parseCron(text: string): ParsedSchedule {
  const fields = text.toUpperCase().split(/\s+/)
  if (fields.length !== 6)
    return {
      ok: false,
      problem: `a cron expression of AWS has 6 fields (minutes hours day-of-month month day-of-week year), not ${fields.length}`,
    }
  const [minuteText, hourText, dayText, monthText, weekdayText, yearText] = fields as [
    string,
    string,
    string,
    string,
    string,
    string,
  ]
  if ((dayText === '?') === (weekdayText === '?'))
    return { ok: false, problem: 'exactly one of Day-of-month and Day-of-week must be «?»' }
  const minutes = fieldValues(minuteText, minuteField)
  const hours = fieldValues(hourText, hourField)
  const months = fieldValues(monthText, monthField)
  const years = fieldValues(yearText, yearField)
  const daysOfMonth: Read<DayOfMonth> =
    dayText === '?' ? { values: [] } : dayValues(dayText, dayField, specialDayOfMonth, day => ({ kind: 'day', day }))
  const daysOfWeek: Read<DayOfWeek> =
    weekdayText === '?'
      ? { values: [] }
      : dayValues(weekdayText, weekdayField, specialDayOfWeek, weekday => ({ kind: 'weekday', weekday }))
  for (const read of [minutes, hours, daysOfMonth, months, daysOfWeek, years])
    if ('problem' in read) return { ok: false, problem: read.problem }
  const values = <T>(read: Read<T>): T[] => ('values' in read ? read.values : [])
  return {
    ok: true,
    schedule: {
      kind: 'cron',
      expression: fields.join(' '),
      minutes: values(minutes),
      hours: values(hours),
      daysOfMonth: dayText === '?' ? null : values(daysOfMonth),
      months: values(months),
      daysOfWeek: weekdayText === '?' ? null : values(daysOfWeek),
      years: values(years),
      // Two minutes of one hour are less than an hour apart.
      warnings: values(minutes).length > 1 ? ['finerThanHourly'] : [],
    },
  }
}

const minutesPerUnit: { [unit: string]: number } = { minute: 1, hour: 60, day: 1440 }

function rateOf(expression: string, intervalMinutes: number, warnings: ScheduleWarning[]): ParsedSchedule {
  if (intervalMinutes < 60) warnings.push('finerThanHourly')
  return { ok: true, schedule: { kind: 'rate', expression, intervalMinutes, warnings } }
}

/**
 * Reads a schedule expression: AWS cron (`cron(0 5 ? * * *)`, with or without the wrapper, names in any letter case) or
 * `rate(1 day)`, which AWS Backup does not document (a warning says so).
 */
export function parseSchedule(expression: string): ParsedSchedule {
  if (expression.length > greatestExpressionLength)
    return { ok: false, problem: `longer than ${greatestExpressionLength} characters` }
  // Letters beyond ASCII may fold to ASCII ones in upper case (ı, ſ): AWS has no use for any.
  if (/[^\t\n\r -~]/.test(expression)) return { ok: false, problem: 'a character that no schedule expression holds' }
  const text = expression.trim()
  const wrapped = /^([A-Za-z]+)\s*\(([^()]*)\)$/.exec(text)
  if (!wrapped) return parseCron(text)
  const kind = wrapped[1]!.toLowerCase()
  const inner = wrapped[2]!.trim()
  if (kind === 'cron') return parseCron(inner)
  if (kind !== 'rate') return { ok: false, problem: `«${kind}(…)» is neither cron nor rate` }
  const rate = /^(\d{1,7})\s+(minute|hour|day)s?$/i.exec(inner)
  const interval = rate ? Number(rate[1]) * minutesPerUnit[rate[2]!.toLowerCase()]! : 0
  return interval > 0
    ? rateOf(`rate ${interval}`, interval, ['rate'])
    : { ok: false, problem: `«rate(${inner})» is not «rate(number unit)»` }
}

/** The schedule of a run every so many hours, as Data Lifecycle Manager states it (`CreateRule.Interval`). */
export function intervalSchedule(hours: number): ParsedSchedule {
  if (!Number.isInteger(hours) || hours < 1 || hours > 87_600)
    return { ok: false, problem: 'an interval is a whole number of hours' }
  return rateOf(`interval ${hours}`, hours * 60, [])
}

/* Days */

const minutesPerDay = 1440

/** Days from 1970-01-01 to a date of the Gregorian calendar. */
function dayNumber(year: number, month: number, day: number): number {
  return Date.UTC(year, month - 1, day) / 86_400_000
}

function yearOf(day: number): number {
  return new Date(day * 86_400_000).getUTCFullYear()
}

/** First and last year of the window; its end is the start of the year after. */
const firstYear = 2023
const endYear = 2033
const windowStart = dayNumber(firstYear, 1, 1)
const windowEnd = dayNumber(endYear, 1, 1)

/** Weekday of a day number: 1 = Sunday … 7 = Saturday. 1970-01-01 was a Thursday. */
function weekdayOf(day: number): number {
  return ((day + 4) % 7) + 1
}

interface Month {
  /** Day number of the first. */
  first: number
  /** Days in the month. */
  length: number
}

function monthOf(year: number, month: number): Month {
  const first = dayNumber(year, month, 1)
  return { first, length: dayNumber(year, month + 1, 1) - first }
}

/** The Monday to Friday nearest to a day without leaving its month. */
function nearestWeekday({ first, length }: Month, day: number): number {
  const weekday = weekdayOf(first + day - 1)
  if (weekday === 7) return day > 1 ? day - 1 : day + 2
  if (weekday === 1) return day < length ? day + 1 : day - 2
  return day
}

/** The day of a month that an entry names; outside 1…length where the month has no such day. */
function dayOfMonth(entry: DayOfMonth, month: Month): number {
  if (entry.kind === 'day') return entry.day
  const day = entry.kind === 'fromLast' ? month.length - entry.daysBefore : entry.day
  const exists = day >= 1 && day <= month.length
  return exists && (entry.kind === 'nearestWeekday' || entry.nearestWeekday) ? nearestWeekday(month, day) : day
}

/** The days of a month that an entry names. */
function daysOfWeek(entry: DayOfWeek, { first, length }: Month): number[] {
  const earliest = ((entry.weekday - weekdayOf(first) + 7) % 7) + 1
  const all: number[] = []
  for (let day = earliest; day <= length; day += 7) all.push(day)
  if (entry.kind === 'weekday') return all
  return entry.kind === 'last' ? all.slice(-1) : all.slice(entry.nth - 1, entry.nth)
}

/** The days of a month on which a schedule runs, ascending. */
function daysOf(schedule: CronSchedule, month: Month): number[] {
  const days = schedule.daysOfWeek
    ? schedule.daysOfWeek.flatMap(entry => daysOfWeek(entry, month))
    : (schedule.daysOfMonth ?? []).map(entry => dayOfMonth(entry, month))
  return ascending(days.filter(day => day >= 1 && day <= month.length))
}

/** Days of the month by what they hang on besides the schedule: weekday of the first and length of the month. */
const daysByMonth = new WeakMap<CronSchedule, Map<number, readonly number[]>>()

/** The days of one month on which a schedule runs, worked out once for all months that look alike. */
function daysInMonth(schedule: CronSchedule, month: Month): readonly number[] {
  let known = daysByMonth.get(schedule)
  if (!known) daysByMonth.set(schedule, (known = new Map()))
  const key = 32 * weekdayOf(month.first) + month.length
  let days = known.get(key)
  if (!days) known.set(key, (days = daysOf(schedule, month)))
  return days
}

/** Day numbers on which a schedule runs in one year, whether or not its Year field admits it; ascending. */
function daysInYear(schedule: CronSchedule, year: number): number[] {
  const all: number[] = []
  for (const number of schedule.months) {
    const month = monthOf(year, number)
    for (const day of daysInMonth(schedule, month)) all.push(month.first + day - 1)
  }
  return all
}

/** Day numbers from `from` on and before `to` on which a schedule runs, ascending. */
function daysOfSpan(schedule: CronSchedule, from: number, to: number): number[] {
  const all: number[] = []
  const years = new Set(schedule.years)
  const lastYear = yearOf(to - 1)
  for (let year = yearOf(from); year <= lastYear; year++) {
    if (!years.has(year)) continue
    for (const day of daysInYear(schedule, year)) if (day >= from && day < to) all.push(day)
  }
  return all
}

function runsInYear(schedule: CronSchedule, year: number): boolean {
  return schedule.months.some(month => daysInMonth(schedule, monthOf(year, month)).length > 0)
}

/** The last year before `before` in which a schedule runs. */
function yearBefore(schedule: CronSchedule, before: number): number | undefined {
  for (let i = schedule.years.length - 1; i >= 0; i--) {
    const year = schedule.years[i]!
    if (year < before && runsInYear(schedule, year)) return year
  }
  return undefined
}

/** The first year from `from` on in which a schedule runs. */
function yearFrom(schedule: CronSchedule, from: number): number | undefined {
  return schedule.years.find(year => year >= from && runsInYear(schedule, year))
}

/** Times of day at which a schedule runs, in minutes after midnight, ascending. */
function timesOf(schedule: CronSchedule): number[] {
  return schedule.hours.flatMap(hour => schedule.minutes.map(minute => hour * 60 + minute))
}

/* Runs */

/** Which of the two instants a local time that occurs twice stands for. */
type Twice = 'earlier' | 'later'

/** The instant (minutes since 1970) of a local time; `undefined` in the hole where clocks go forward. */
function instantOf(local: number, zone: TimeZone, offsets: Iterable<number>, twice: Twice): number | undefined {
  let found: number | undefined
  for (const offset of offsets) {
    const instant = local - offset
    if (zone.offsetAt(instant) !== offset) continue
    if (found === undefined || (twice === 'earlier' ? instant < found : instant > found)) found = instant
  }
  return found
}

/** Offsets that hold within two days of a local time. */
function offsetsNear(zone: TimeZone, local: number): Set<number> {
  const from = local - 2 * minutesPerDay
  return new Set([zone.offsetAt(from), ...zone.changes(from, local + 2 * minutesPerDay).map(change => change.after)])
}

function isoTime(minute: number): string {
  return `${new Date(minute * 60_000).toISOString().slice(0, 19)}Z`
}

/** First or last instant at which a schedule runs in a year. */
function edgeOfYear(schedule: CronSchedule, zone: TimeZone, year: number, edge: 'first' | 'last'): number | undefined {
  const days = daysInYear(schedule, year)
  const times = timesOf(schedule)
  if (edge === 'last') {
    days.reverse()
    times.reverse()
  }
  for (const day of days) {
    for (const time of times) {
      const local = day * minutesPerDay + time
      const instant = instantOf(local, zone, offsetsNear(zone, local), 'earlier')
      if (instant !== undefined) return instant
    }
  }
  return undefined
}

/** The runs of one UTC day, and the gaps between them. Minutes. */
interface DayRuns {
  id: number
  /** 1 at each minute of the day with a run. */
  marks: Uint8Array
  count: number
  first: number
  last: number
  longest: number
  shortest: number
}

function dayRunsOf(id: number, marks: Uint8Array): DayRuns {
  const runs: DayRuns = { id, marks, count: 0, first: -1, last: -1, longest: 0, shortest: Infinity }
  for (let minute = 0; minute < minutesPerDay; minute++) {
    if (marks[minute] === 0) continue
    if (runs.count === 0) runs.first = minute
    else {
      runs.longest = Math.max(runs.longest, minute - runs.last)
      runs.shortest = Math.min(runs.shortest, minute - runs.last)
    }
    runs.last = minute
    runs.count++
  }
  return runs
}

interface ZonedCron {
  schedule: CronSchedule
  zone: TimeZone
}

/** Makes the runs of each UTC day of a span, for one schedule. Days that look alike share one object. */
function dayMaker(
  { schedule, zone }: ZonedCron,
  span: Span,
  twice: Twice,
  nextId: () => number,
): (day: number) => DayRuns {
  const times = timesOf(schedule)
  const base = span.from - 1
  const runsOn = new Uint8Array(span.to - base + 1)
  for (const day of daysOfSpan(schedule, base, span.to + 1)) runsOn[day - base] = 1
  const changes = zone.changes((base - 1) * minutesPerDay, (span.to + 2) * minutesPerDay)
  const alike = new Map<number, DayRuns>()
  let next = 0
  /** Whether the offset changes within a day of this one; days are asked for in ascending order. */
  const changesNear = (day: number): boolean => {
    const isPast = (change: OffsetChange | undefined) => change !== undefined && change.at < (day - 1) * minutesPerDay
    while (isPast(changes[next])) next++
    const change = changes[next]
    return change !== undefined && change.at < (day + 2) * minutesPerDay
  }
  const mark = (day: number, toInstant: (local: number) => number | undefined): Uint8Array => {
    const marks = new Uint8Array(minutesPerDay)
    for (let local = day - 1; local <= day + 1; local++) {
      if (runsOn[local - base] !== 1) continue
      for (const time of times) {
        const instant = toInstant(local * minutesPerDay + time)
        const minute = instant === undefined ? -1 : instant - day * minutesPerDay
        if (minute >= 0 && minute < minutesPerDay) marks[minute] = 1
      }
    }
    return marks
  }
  return day => {
    if (changesNear(day)) {
      const offsets = offsetsNear(zone, day * minutesPerDay)
      return dayRunsOf(
        nextId(),
        mark(day, local => instantOf(local, zone, offsets, twice)),
      )
    }
    const offset = zone.offsetAt(day * minutesPerDay)
    const pattern = runsOn[day - 1 - base]! + 2 * runsOn[day - base]! + 4 * runsOn[day + 1 - base]!
    const key = pattern + 8 * (offset + minutesPerDay)
    let runs = alike.get(key)
    if (!runs) {
      runs = dayRunsOf(
        nextId(),
        mark(day, local => local - offset),
      )
      alike.set(key, runs)
    }
    return runs
  }
}

/** Days, `to` excluded. */
interface Span {
  from: number
  to: number
}

interface Gaps {
  /** Minutes; `undefined` where there are fewer than two runs. */
  longest: number | undefined
  shortest: number | undefined
  /** Runs within the window. */
  count: number
}

/** Whether a schedule runs on each day of a span. */
function runsDaily({ months, daysOfWeek, daysOfMonth, years }: CronSchedule, { from, to }: Span): boolean {
  const days = daysOfWeek
    ? daysOfWeek.flatMap(entry => (entry.kind === 'weekday' ? entry.weekday : []))
    : (daysOfMonth ?? []).flatMap(entry => (entry.kind === 'day' ? entry.day : []))
  if (months.length < 12 || new Set(days).size < (daysOfWeek ? 7 : 31)) return false
  for (let year = yearOf(from); year <= yearOf(to - 1); year++) if (!years.includes(year)) return false
  return true
}

/** Gaps between the runs of one schedule in UTC, where each day with runs is like the next. */
function gapsInUtc(schedule: CronSchedule, span: Span): Gaps {
  const times = timesOf(schedule)
  const overnight = times[0]! - times.at(-1)!
  const isDaily = runsDaily(schedule, span)
  const days = isDaily ? [span.from, span.from + 1] : daysOfSpan(schedule, span.from, span.to)
  const inWindow = isDaily ? windowEnd - windowStart : days.filter(day => day >= windowStart && day < windowEnd).length
  let longest = 0
  let shortest = Infinity
  const take = (gap: number): void => {
    longest = Math.max(longest, gap)
    shortest = Math.min(shortest, gap)
  }
  if (days.length > 0) for (let i = 1; i < times.length; i++) take(times[i]! - times[i - 1]!)
  for (let i = 1; i < days.length; i++) take((days[i]! - days[i - 1]!) * minutesPerDay + overnight)
  const count = inWindow * times.length
  return longest === 0 ? { longest: undefined, shortest: undefined, count } : { longest, shortest, count }
}

/** Gaps between the runs of several schedules together, over a span of days. */
function gapsOver(rules: readonly ZonedCron[], span: Span, twice: Twice): Gaps {
  let ids = 0
  const nextId = () => ids++
  const makers = rules.map(rule => dayMaker(rule, span, twice, nextId))
  const merged = new Map<string, DayRuns>()
  const together = (parts: DayRuns[]): DayRuns => {
    if (parts.length === 1) return parts[0]!
    const key = parts.map(part => part.id).join()
    let runs = merged.get(key)
    if (!runs) {
      const marks = new Uint8Array(minutesPerDay)
      for (let minute = 0; minute < minutesPerDay; minute++)
        if (parts.some(part => part.marks[minute] === 1)) marks[minute] = 1
      runs = dayRunsOf(-1, marks)
      merged.set(key, runs)
    }
    return runs
  }
  let previous: number | undefined
  let longest = 0
  let shortest = Infinity
  let count = 0
  for (let day = span.from; day < span.to; day++) {
    const runs = together(makers.map(make => make(day)))
    if (runs.count === 0) continue
    if (day >= windowStart && day < windowEnd) count += runs.count
    if (previous !== undefined) {
      const gap = day * minutesPerDay + runs.first - previous
      longest = Math.max(longest, gap)
      shortest = Math.min(shortest, gap)
    }
    longest = Math.max(longest, runs.longest)
    shortest = Math.min(shortest, runs.shortest)
    previous = day * minutesPerDay + runs.last
  }
  return longest === 0 ? { longest: undefined, shortest: undefined, count } : { longest, shortest, count }
}

/**
 * The days over which the gaps of several schedules are taken: the window, made longer on either side where no schedule's
 * Year field holds the window's edge, so that a hole in the Year field counts in full.
 */
function spanOf(rules: readonly ZonedCron[]): Span {
  const span = { from: windowStart, to: windowEnd }
  const holds = (year: number) => rules.some(rule => rule.schedule.years.includes(year))
  if (!holds(firstYear)) {
    const years = rules.map(rule => yearBefore(rule.schedule, firstYear)).filter(year => year !== undefined)
    if (years.length > 0) span.from = dayNumber(Math.max(...years), 1, 1)
  }
  if (!holds(endYear - 1)) {
    const years = rules.map(rule => yearFrom(rule.schedule, endYear)).filter(year => year !== undefined)
    if (years.length > 0) span.to = dayNumber(Math.min(...years) + 1, 1, 1)
  }
  return span
}

/** Gaps whichever of two instants a time that occurs twice stands for: the longer and the shorter of both readings. */
function worstGaps(rules: readonly ZonedCron[]): Gaps {
  const span = spanOf(rules)
  const [only, ...others] = rules
  if (only?.zone === utc && others.length === 0) return gapsInUtc(only.schedule, span)
  const earlier = gapsOver(rules, span, 'earlier')
  const goesBack = (change: OffsetChange) => change.after < change.before
  const hasTwice = rules.some(({ zone }) =>
    zone.changes((span.from - 1) * minutesPerDay, (span.to + 1) * minutesPerDay).some(goesBack),
  )
  if (!hasTwice) return earlier
  const later = gapsOver(rules, span, 'later')
  if (earlier.longest === undefined || later.longest === undefined) return earlier
  return {
    longest: Math.max(earlier.longest, later.longest),
    shortest: Math.min(earlier.shortest!, later.shortest!),
    count: earlier.count,
  }
}

/* Analysis */

/** An analysis before a clock says whether the schedule has begun. */
interface Core {
  nominal: number | null
  longest: number | null
  shortest: number | null
  endsAt: number | undefined
  startsAt: number | undefined
  count: number
}

function hoursOf(minutes: number | undefined): number | null {
  return minutes === undefined ? null : minutes / 60
}

const never: Core = { nominal: null, longest: null, shortest: null, endsAt: undefined, startsAt: undefined, count: 0 }

function analyseCron(rule: ZonedCron): Core {
  const { schedule, zone } = rule
  const lastYear = yearBefore(schedule, Infinity)
  if (lastYear === undefined) return never
  const begins = !schedule.years.includes(firstYear) && yearBefore(schedule, firstYear) === undefined
  const ends = lastYear < endYear
  const gaps = worstGaps([rule])
  const bounded = !ends && gaps.count > 0
  return {
    nominal: bounded ? hoursOf(zone === utc ? gaps.longest : worstGaps([{ schedule, zone: utc }]).longest) : null,
    longest: bounded ? hoursOf(gaps.longest) : null,
    shortest: gaps.count > 0 ? hoursOf(gaps.shortest) : null,
    endsAt: ends ? edgeOfYear(schedule, zone, lastYear, 'last') : undefined,
    startsAt: begins ? edgeOfYear(schedule, zone, yearFrom(schedule, firstYear) ?? lastYear, 'first') : undefined,
    count: gaps.count,
  }
}

function analyseRate({ intervalMinutes }: RateSchedule): Core {
  const windowMinutes = (windowEnd - windowStart) * minutesPerDay
  const hours = intervalMinutes > windowMinutes ? null : intervalMinutes / 60
  return {
    ...never,
    nominal: hours,
    longest: hours,
    shortest: hours,
    count: Math.floor(windowMinutes / intervalMinutes),
  }
}

const greatestCache = 5_000

/** Remembers what was worked out, within bounds. Keys must tell everything that the result depends on. */
function remember<T>(cache: Map<string, T>, key: string, make: () => T): T {
  const known = cache.get(key)
  if (known !== undefined) return known
  const made = make()
  if (cache.size >= greatestCache) cache.clear()
  cache.set(key, made)
  return made
}

const cores = new Map<string, Core>()
/** Longest gaps of several schedules together, in hours; infinite where there is no bound. */
const unions = new Map<string, number>()

function keyOf({ schedule, timezone }: ZonedSchedule): string {
  return `${schedule.expression}|${timezone ?? 'UTC'}`
}

function zoneOf(timezone: string | null): TimeZone | undefined {
  return timezone === null ? utc : timeZone(timezone)
}

/** Whether a schedule with such a first run (ISO 8601) has begun at a clock; `undefined` where there is no clock. */
function hasBegun(startsAt: string | null, asOf: number | undefined): boolean | undefined {
  if (startsAt === null) return true
  return asOf === undefined ? undefined : asOf >= Date.parse(startsAt)
}

function isoOrNull(minute: number | undefined): string | null {
  return minute === undefined ? null : isoTime(minute)
}

/**
 * Works out what a schedule promises. `timezone` is an IANA name, `null` = UTC (AWS Backup's default). `asOf` is the
 * scope's `takenAt` in epoch milliseconds and decides one thing only: whether a schedule whose Year field begins inside
 * the window has begun.
 */
export function analyseSchedule(schedule: Schedule, timezone: string | null, asOf?: number): ScheduleAnalysis {
  const zone = zoneOf(timezone)
  const unknown = { nominalGapHours: undefined, longestGapHours: undefined, shortestGapHours: undefined }
  if (!zone)
    return {
      schedule,
      timezone,
      ...unknown,
      endsAt: null,
      startsAt: null,
      runCount: 0,
      problem: `«${timezone?.slice(0, 64)}» is no known IANA time zone`,
    }
  const core = remember(cores, keyOf({ schedule, timezone }), () =>
    schedule.kind === 'rate' ? analyseRate(schedule) : analyseCron({ schedule, zone }),
  )
  const startsAt = isoOrNull(core.startsAt)
  const begun = core.longest === null || hasBegun(startsAt, asOf)
  const known = (gap: number | null) => (begun === undefined ? undefined : begun ? gap : null)
  return {
    schedule,
    timezone,
    nominalGapHours: known(core.nominal),
    longestGapHours: known(core.longest),
    shortestGapHours: core.shortest,
    endsAt: isoOrNull(core.endsAt),
    startsAt,
    runCount: core.count,
  }
}

/** Longest gap of the runs of several cron schedules together, which all run within the window. */
function unionGap(rules: readonly (ZonedSchedule & { zone: TimeZone })[]): number | null {
  const crons: ZonedCron[] = []
  for (const { schedule, zone } of rules) if (schedule.kind === 'cron') crons.push({ schedule, zone })
  if (crons.length === 0 || crons.every(({ schedule }) => yearBefore(schedule, Infinity)! < endYear)) return null
  return hoursOf(worstGaps(crons).longest)
}

/**
 * Longest elapsed time, in hours, in which none of several schedules runs: the gap of all their runs merged, exact for cron.
 * A rate has no known start, so that a union with one is bounded by the smaller of the two. `null` = no bound;
 * `undefined` = not known, because every schedule has a problem, or none is known to have begun (`asOf` as above).
 */
export function mergedGaps(rules: readonly ZonedSchedule[], asOf?: number): number | null | undefined {
  if (rules.length === 0) return null
  const sound = rules.flatMap(rule => {
    const zone = zoneOf(rule.timezone)
    return zone ? [{ ...rule, zone, analysis: analyseSchedule(rule.schedule, rule.timezone, asOf) }] : []
  })
  if (sound.length === 0) return undefined
  const live = sound.filter(rule => rule.analysis.runCount > 0)
  const begun = live.filter(rule => hasBegun(rule.analysis.startsAt, asOf) === true)
  if (begun.length === 0) return live.some(rule => rule.analysis.longestGapHours === undefined) ? undefined : null
  const gaps = begun.flatMap(({ schedule, analysis }) =>
    schedule.kind === 'rate' && analysis.longestGapHours ? [analysis.longestGapHours] : [],
  )
  if (begun.some(rule => rule.schedule.kind === 'cron')) {
    const crons = live.filter(rule => rule.schedule.kind === 'cron')
    const union = remember(unions, crons.map(keyOf).sort().join('\n'), () => unionGap(crons) ?? Infinity)
    if (union !== Infinity) gaps.push(union)
  }
  return gaps.length === 0 ? null : Math.min(...gaps)
}
