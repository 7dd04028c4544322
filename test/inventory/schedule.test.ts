/**
 * Protects the schedule arithmetic: which expressions are legal, when they run, and the longest time between two runs. A
 * gap that is too short is a recovery point objective that is met on paper only.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Schedule, ScheduleAnalysis } from '../../src/inventory/schedule.ts'
import { analyseSchedule, intervalSchedule, mergedGaps, parseSchedule } from '../../src/inventory/schedule.ts'
import { timeZone, utc } from '../../src/inventory/time-zone.ts'

function scheduleOf(expression: string): Schedule {
  const parsed = parseSchedule(expression)
  if (!parsed.ok) throw new Error(`${expression}: ${parsed.problem}`)
  return parsed.schedule
}

function analyse(expression: string, timezone: string | null = null, asOf?: number): ScheduleAnalysis {
  return analyseSchedule(scheduleOf(expression), timezone, asOf)
}

describe('gaps in UTC', () => {
  test.each([
    ['0 5 ? * * *', 24, 24],
    ['0 5 * * ? *', 24, 24],
    ['15 * ? * * *', 1, 1],
    ['0 */12 * * ? *', 12, 12],
    ['0 5,17 ? * * *', 12, 12],
    ['0 0/5 * * ? *', 4, 5],
    ['0 5 ? * MON-FRI *', 24, 72],
    ['0 9-17 ? * MON-FRI *', 1, 64],
    ['0 22-2 * * ? *', 1, 20],
    ['0 5 ? * 1 *', 168, 168],
    ['0 5 ? * L *', 168, 168],
    ['0 5 ? * 2,5 *', 72, 96],
    ['0 5 1/2 * ? *', 24, 48],
    ['0 5 1 * ? *', 672, 744],
    ['0 5 L * ? *', 672, 744],
    ['0 5 1,15 * ? *', 336, 408],
    ['0 5 1W * ? *', 672, 792],
    ['0 5 LW * ? *', 672, 792],
    ['0 5 ? * 2#1 *', 672, 840],
    ['0 5 ? * 6L *', 672, 840],
    ['0 5 ? * 2#5 *', 1512, 2856],
    ['0 5 31 * ? *', 744, 1464],
    ['0 5 1 1,7 ? *', 4344, 4416],
    ['0 5 1 1 ? *', 8760, 8784],
    ['0 5 ? JAN-MAR * *', 24, 6624],
    ['0 5 29 2 ? *', 35064, 35064],
    ['* * * * ? *', 1 / 60, 1 / 60],
    ['0,30 * * * ? *', 0.5, 0.5],
    ['59 23,0 * * ? *', 1, 23],
    ['0 5 ? * FRI-MON *', 24, 96],
    ['0 5 28-2 * ? *', 24, 26 * 24],
    ['0 5 ? NOV-FEB 1 *', 168, 36 * 168],
    ['0 0 1 1/3 ? *', 90 * 24, 92 * 24],
    ['0 5 ? * 2/2 *', 48, 72],
    ['0 5-20/5 * * ? *', 5, 9],
    ['0 22-4/3 * * ? *', 3, 18],
    ['0 5 L-2 * ? *', 672, 744],
    ['0 5 L-2W * ? *', 672, 768],
    ['0 5 15W * ? *', 672, 768],
    ['0 5 31W * ? *', 696, 1512],
    ['0 5 * * ? */2', 24, 366 * 24],
  ])('%s: shortest %d h, longest %d h', (expression, shortest, longest) => {
    const analysis = analyse(expression)
    expect(analysis).toMatchObject({ nominalGapHours: longest, longestGapHours: longest, shortestGapHours: shortest })
    expect(analysis).toMatchObject({ endsAt: null, startsAt: null })
    expect(analysis.problem).toBeUndefined()
  })

  test('counts the runs of the window', () => {
    expect(analyse('0 5 ? * * *').runCount).toBe(3653)
    expect(analyse('* * * * ? *').runCount).toBe(3653 * 1440)
    expect(analyse('0 5 29 2 ? *').runCount).toBe(3)
    expect(analyse('0 0 1 1 ? *').runCount).toBe(10)
  })
})

describe('the Year field', () => {
  test('a schedule that ends inside the window has no bound, and says when it ends', () => {
    expect(analyse('0 5 * * ? 2023-2027')).toMatchObject({
      nominalGapHours: null,
      longestGapHours: null,
      shortestGapHours: 24,
      endsAt: '2027-12-31T05:00:00Z',
      runCount: 5 * 365 + 1,
    })
    expect(analyse('0 5 * * ? 2027')).toMatchObject({
      longestGapHours: null,
      endsAt: '2027-12-31T05:00:00Z',
      runCount: 365,
    })
    expect(analyse('0 5 * * ? 1970-2032')).toMatchObject({ longestGapHours: null, endsAt: '2032-12-31T05:00:00Z' })
    expect(analyse('0 5,17 ? 3 6L 2020-2030')).toMatchObject({ longestGapHours: null, endsAt: '2030-03-29T17:00:00Z' })
  })

  test('a schedule that ended before the window has no runs and says when it ended', () => {
    const gone = { nominalGapHours: null, longestGapHours: null, shortestGapHours: null, runCount: 0 }
    expect(analyse('0 5 * * ? 2019')).toMatchObject({ ...gone, endsAt: '2019-12-31T05:00:00Z' })
    expect(analyse('0 5 29 2 ? 2017-2022')).toMatchObject({ ...gone, endsAt: '2020-02-29T05:00:00Z' })
  })

  test('a schedule ends with its last run, not with its last year', () => {
    expect(analyse('0 5 29 2 ? 2020-2035')).toMatchObject({ longestGapHours: null, endsAt: '2032-02-29T05:00:00Z' })
    expect(analyse('0 5 29 2 ? 2020-2036')).toMatchObject({ longestGapHours: 35064, endsAt: null })
  })

  test('a schedule beyond the window, or that never runs, has no bound', () => {
    const gone = { nominalGapHours: null, longestGapHours: null, shortestGapHours: null, runCount: 0 }
    expect(analyse('0 5 * * ? 2040')).toMatchObject({ ...gone, endsAt: null, startsAt: '2040-01-01T05:00:00Z' })
    expect(analyse('0 5 * * ? 2033-2199')).toMatchObject({ ...gone, endsAt: null, startsAt: '2033-01-01T05:00:00Z' })
    expect(analyse('0 5 30 2 ? *')).toMatchObject({ ...gone, endsAt: null, startsAt: null })
    expect(analyse('0 5 L-30 4 ? *')).toMatchObject(gone)
    expect(analyse('0 5 * * ? 2040', null, Date.UTC(2026, 0))).toMatchObject(gone)
  })

  test('a schedule that begins inside the window is known only by a clock', () => {
    const starts = { startsAt: '2027-01-01T05:00:00Z', endsAt: null, runCount: 2192, shortestGapHours: 24 }
    const at = Date.UTC(2027, 0, 1, 5)
    expect(analyse('0 5 * * ? 2027-2199')).toEqual(
      expect.objectContaining({ ...starts, longestGapHours: undefined, nominalGapHours: undefined }),
    )
    expect(analyse('0 5 * * ? 2027-2199', null, at - 1)).toMatchObject({
      ...starts,
      longestGapHours: null,
      nominalGapHours: null,
    })
    expect(analyse('0 5 * * ? 2027-2199', null, at)).toMatchObject({
      ...starts,
      longestGapHours: 24,
      nominalGapHours: 24,
    })
    expect(analyse('0 5 * * ? 2023-2199')).toMatchObject({ longestGapHours: 24, startsAt: null })
    expect(analyse('0 5 29 2 ? 2023-2199')).toMatchObject({ longestGapHours: 35064, startsAt: null })
  })

  test('a hole at an edge of the window counts in full', () => {
    const days = (from: number, to: number) => (Date.UTC(to, 0, 1) - Date.UTC(from, 0, 0)) / 3_600_000
    expect(analyse('0 5 * * ? 2020,2028-2199')).toMatchObject({ longestGapHours: days(2021, 2028), startsAt: null })
    expect(analyse('0 5 * * ? 2000,2020,2028-2199')).toMatchObject({ longestGapHours: days(2021, 2028) })
    expect(analyse('0 5 * * ? 2023-2025,2040,2050')).toMatchObject({ longestGapHours: days(2026, 2040), endsAt: null })
    expect(analyse('0 5 1 1 ? 2023,2026-2199')).toMatchObject({ longestGapHours: 3 * 8760 + 24 })
    expect(analyse('0 5 * * ? 2020,2040')).toMatchObject({ longestGapHours: null, endsAt: null, runCount: 0 })
  })
})

describe('daylight saving time', () => {
  test.each([
    // The night in March is skipped: 23 hours to the skipped time, 24 to the next.
    ['30 2 * * ? *', 'America/New_York', 24, 24, 47],
    // Runs once in the night in November.
    ['30 1 * * ? *', 'America/New_York', 24, 23, 25],
    ['0 5 ? * * *', 'Europe/Berlin', 24, 23, 25],
    ['0 5 ? * * *', 'Etc/UTC', 24, 24, 24],
    ['0 5 ? * * *', 'Asia/Kolkata', 24, 24, 24],
    ['30 * * * ? *', 'America/New_York', 1, 1, 2],
    ['0 * * * ? *', 'Australia/Lord_Howe', 1, 1, 1.5],
    ['0 5 ? * 1 *', 'Europe/London', 168, 167, 169],
    ['0 5 1 * ? *', 'Europe/Berlin', 744, 672, 745],
  ])('%s in %s', (expression, zone, nominal, shortest, longest) => {
    expect(analyse(expression, zone)).toMatchObject({
      nominalGapHours: nominal,
      shortestGapHours: shortest,
      longestGapHours: longest,
    })
  })

  test('of two readings of a repeated time the worse counts', () => {
    // 01:30 is once 23.25 h, once 24.25 h after 02:15 of the day before.
    expect(analyse('30 1 ? 11 1#1 *', 'America/New_York').shortestGapHours).toBe(364 * 24)
    expect(mergedGaps([zoned('15 2 * * ? *', 'America/New_York'), zoned('30 1 * * ? *', 'America/New_York')])).toBe(
      24.25,
    )
  })

  test('ends and starts are instants', () => {
    expect(analyse('0 22 * * ? 2020-2027', 'America/New_York').endsAt).toBe('2028-01-01T03:00:00Z')
    expect(analyse('0 22 * * ? 2027-2199', 'Asia/Tokyo').startsAt).toBe('2027-01-01T13:00:00Z')
    // The only run of the last year lies in the hole.
    expect(analyse('30 2 ? 3 1#2 2023-2024', 'America/New_York').endsAt).toBeNull()
    expect(analyse('30 1-2 ? 3 1#2 2023-2024', 'America/New_York').endsAt).toBe('2024-03-10T06:30:00Z')
  })

  test.each(['No/Where', '', '+01:00', 'Europe/Berlin\n', '../etc/passwd', 'x'.repeat(1000)])(
    'an unknown zone is a problem: %j',
    zone => {
      const analysis = analyse('0 5 ? * * *', zone)
      expect(analysis.problem).toBeTypeOf('string')
      expect(analysis).toMatchObject({
        longestGapHours: undefined,
        nominalGapHours: undefined,
        shortestGapHours: undefined,
        runCount: 0,
      })
      expect(analysis).toMatchObject({ endsAt: null, startsAt: null })
    },
  )
})

describe('expressions', () => {
  test.each([
    'cron(0 5 ? * * *)',
    'CRON( 0  5 ? * * * )',
    '  0 5 ? * * *  ',
    '00 05 ? jan-dec sun-sat 1970-2199',
    '0 5 */1 * ? *',
    '0\t5 1-31 1-12 ? *',
    '0 5 ? * 1,2,3,4,5,6,l *',
  ])('%j is daily at five', expression => {
    expect(analyse(expression)).toMatchObject({ longestGapHours: 24, shortestGapHours: 24, runCount: 3653 })
  })

  test.each([
    ['0 5 l * ? *', '0 5 L * ? *'],
    ['0 5 lw * ? *', '0 5 LW * ? *'],
    ['0 5 15w * ? *', '0 5 15W * ? *'],
    ['0 5 ? * fril *', '0 5 ? * 6L *'],
    ['0 5 ? * mon#1 *', '0 5 ? * 2#1 *'],
    ['0 5 ? feb,aug Tue *', '0 5 ? 2,8 3 *'],
    ['0 5 L-0 * ? *', '0 5 L * ? *'],
    ['0 5 1,L * ? *', '0 5 1,L,1-1 * ? *'],
    ['0 5 ? * 7 *', '0 5 ? * L *'],
  ])('%s is %s', (one, other) => {
    const { schedule: _, ...a } = analyse(one)
    const { schedule: __, ...b } = analyse(other)
    expect(a).toEqual(b)
  })

  test.each([
    '',
    '0 5 * * *',
    '0 5 ? * * * *',
    '0 5 * * * *',
    '0 5 ? * ? *',
    '0 5 1 * 2 *',
    '0 5 1 * * *',
    '60 5 ? * * *',
    '-1 5 ? * * *',
    '0 24 ? * * *',
    '0 5 0 * ? *',
    '0 5 32 * ? *',
    '0 5 ? 0 * *',
    '0 5 ? 13 * *',
    '0 5 ? * 0 *',
    '0 5 ? * 8 *',
    '0 5 ? * * 1969',
    '0 5 ? * * 2200',
    '0 5 ? * * 2030-2025',
    '0 5 ? * * 02023-2199',
    '? 5 ? * 1 *',
    '0 5 ? ? 1 *',
    '0 5 ?,1 * ? *',
    '0 5 ?/2 * * *',
    '0 5,,6 ? * * *',
    '0 5, ? * * *',
    '0 5- ? * * *',
    '0 -5 ? * * *',
    '0 5-6-7 ? * * *',
    '0 */0 ? * * *',
    '0 0/25 ? * * *',
    '0/61 0 ? * * *',
    '0 /5 ? * * *',
    '0 0/ ? * * *',
    '0 *-5 ? * * *',
    '0 5 ? * 3#6 *',
    '0 5 ? * 3#0 *',
    '0 5 ? * 8#1 *',
    '0 5 ? * 3#1,6#3 *',
    '0 5 ? * MON,3#1 *',
    '0 5 ? * #1 *',
    '0 5 ? * 0L *',
    '0 5 ? * MONDAY *',
    '0 5 ? * MO *',
    '0 5 ? JANUARY * *',
    '0 5 MON * ? *',
    '0 JAN ? * * *',
    '0 5 32W * ? *',
    '0 5 0W * ? *',
    '0 5 W * ? *',
    '0 5 L-31 * ? *',
    '0 5 L15 * ? *',
    '0 5 15L * ? *',
    '0 L ? * * *',
    '0 5 1.5 * ? *',
    '0 5 ? * frı *',
    '0 5 ? * ſun *',
    'cron(0 5 ? * * *',
    'cron 0 5 ? * * *',
    'cron(cron(0 5 ? * * *))',
    'at(2026-01-01T05:00:00)',
    'rate()',
    'rate(0 days)',
    'rate(-1 day)',
    'rate(1 week)',
    'rate(1.5 hours)',
    'rate(1day)',
    'daily',
    `0 5 ? * ${'1,'.repeat(400)}1 *`,
  ])('%j is refused', expression => {
    const parsed = parseSchedule(expression)
    expect(parsed.ok).toBe(false)
    expect(!parsed.ok && parsed.problem.length > 0).toBe(true)
  })

  test('never throws on any text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9A-Z*?,\-/#LW() ]{0,40}$/)), text => {
        const parsed = parseSchedule(text)
        return parsed.ok || parsed.problem.length > 0
      }),
    )
  })

  test('the expanded fields', () => {
    expect(scheduleOf('cron(5,0/20 22-2 L-3,lw,2w,4-5 nov-jan ? 2030,2029)')).toEqual({
      kind: 'cron',
      expression: '5,0/20 22-2 L-3,LW,2W,4-5 NOV-JAN ? 2030,2029',
      minutes: [0, 5, 20, 40],
      hours: [0, 1, 2, 22, 23],
      daysOfMonth: [
        { kind: 'fromLast', daysBefore: 3, nearestWeekday: false },
        { kind: 'fromLast', daysBefore: 0, nearestWeekday: true },
        { kind: 'nearestWeekday', day: 2 },
        { kind: 'day', day: 4 },
        { kind: 'day', day: 5 },
      ],
      months: [1, 11, 12],
      daysOfWeek: null,
      years: [2029, 2030],
      warnings: ['finerThanHourly'],
    })
    expect(scheduleOf('0 5 ? * 2,6L *')).toMatchObject({
      daysOfMonth: null,
      daysOfWeek: [
        { kind: 'weekday', weekday: 2 },
        { kind: 'last', weekday: 6 },
      ],
      warnings: [],
    })
    expect(scheduleOf('0 5 ? * WED#5 *')).toMatchObject({ daysOfWeek: [{ kind: 'nth', weekday: 4, nth: 5 }] })
  })
})

describe('rates and intervals', () => {
  test.each([
    ['rate(1 day)', 24, ['rate']],
    ['rate(12 hours)', 12, ['rate']],
    ['Rate( 90  Minutes )', 1.5, ['rate']],
    ['rate(60 minutes)', 1, ['rate']],
    ['rate(5 minutes)', 5 / 60, ['rate', 'finerThanHourly']],
  ])('%s', (expression, hours, warnings) => {
    const analysis = analyse(expression, 'Europe/Berlin')
    expect(analysis).toMatchObject({
      nominalGapHours: hours,
      longestGapHours: hours,
      shortestGapHours: hours,
      endsAt: null,
      startsAt: null,
    })
    expect(analysis.runCount).toBe(Math.floor((3653 * 24) / hours))
    expect(analysis.schedule.warnings).toEqual(warnings)
  })

  test('a rate longer than the window has no bound', () => {
    expect(analyse('rate(3653 days)').longestGapHours).toBe(3653 * 24)
    expect(analyse('rate(3654 days)')).toMatchObject({
      nominalGapHours: null,
      longestGapHours: null,
      shortestGapHours: null,
      runCount: 0,
    })
  })

  test.each([1, 2, 3, 4, 6, 8, 12, 24, 87_600])('every %d hours', hours => {
    const parsed = intervalSchedule(hours)
    expect(parsed.ok && analyseSchedule(parsed.schedule, null)).toMatchObject({
      longestGapHours: hours,
      schedule: { warnings: [] },
    })
  })

  test.each([0, -1, 1.5, Number.NaN, Infinity, 87_601])('an interval of %d is refused', hours => {
    expect(intervalSchedule(hours).ok).toBe(false)
  })
})

function zoned(expression: string, timezone: string | null = null) {
  return { schedule: scheduleOf(expression), timezone }
}

describe('several schedules together', () => {
  test.each([
    [['0 5 ? * * *', '0 17 ? * * *'], 12],
    [['0 5 ? * * *', '0 5 ? * * *'], 24],
    [['0 5 ? * MON-FRI *', '0 5 ? * 7 *'], 48],
    [['0 5 1 * ? *', '0 5 15 * ? *'], 408],
    [['0 5 ? * 1 *', 'rate(2 days)'], 48],
    [['0 5 ? * * *', 'rate(7 days)'], 24],
    [['rate(3 days)', 'rate(2 days)'], 48],
    [['0 5 ? * 1 *', '0 5 * * ? 2023-2027'], 168],
    [['0 5 ? * 1 *', '0 5 * * ? 2027-2199'], 168],
    [['rate(7 days)', '0 5 * * ? 2027-2199'], 168],
    [['0 5 ? * 1 *', '0 5 30 2 ? *'], 168],
    [['0 5 * * ? 2023-2024', '0 5 * * ? 2025-2199'], 24],
    [['0 5 * * ? 2023-2024', '0 5 * * ? 2026-2199'], 366 * 24],
  ])('%j: %d h', (expressions, hours) => {
    expect(mergedGaps(expressions.map(expression => zoned(expression)))).toBe(hours)
    expect(mergedGaps(expressions.map(expression => zoned(expression)).reverse())).toBe(hours)
  })

  test('no bound, and not known', () => {
    expect(mergedGaps([])).toBeNull()
    expect(mergedGaps([zoned('0 5 * * ? 2027')])).toBeNull()
    expect(mergedGaps([zoned('0 5 * * ? 2023-2027'), zoned('0 5 * * ? 2040')])).toBeNull()
    expect(mergedGaps([zoned('0 5 30 2 ? *')])).toBeNull()
    expect(mergedGaps([zoned('rate(3654 days)')])).toBeNull()
    expect(mergedGaps([zoned('0 5 ? * * *', 'No/Where')])).toBeUndefined()
    expect(mergedGaps([zoned('0 5 ? * 1 *'), zoned('0 5 ? * * *', 'No/Where')])).toBe(168)
    expect(mergedGaps([zoned('0 5 * * ? 2027-2199')])).toBeUndefined()
    expect(mergedGaps([zoned('0 5 * * ? 2027-2199')], Date.UTC(2026, 0))).toBeNull()
    expect(mergedGaps([zoned('0 5 * * ? 2027-2199')], Date.UTC(2028, 0))).toBe(24)
  })

  test('each in its own zone', () => {
    // 05:00 in Berlin is 03:00 or 04:00 UTC.
    expect(mergedGaps([zoned('0 5 ? * * *', 'Europe/Berlin'), zoned('0 16 ? * * *')])).toBe(13)
  })
})

/* An oracle that walks through time minute by minute. */

const dayMinutes = 1440
const start = Date.UTC(2023, 0, 1) / 60_000
const end = Date.UTC(2033, 0, 1) / 60_000

interface CronCase {
  text: string
  time: (hour: number, minute: number) => boolean
  day: (date: { year: number; month: number; day: number; weekday: number; length: number }) => boolean
}

interface FieldCase {
  text: string
  has: (value: number) => boolean
}

function walk(from: number, to: number, min: number, max: number, step: number): Set<number> {
  const values = new Set<number>()
  let value = from
  for (let i = 0; ; i++) {
    if (i % step === 0) values.add(value)
    if (value === to) return values
    value = value === max ? min : value + 1
  }
}

function field(min: number, max: number, names: string[] = []): fc.Arbitrary<FieldCase> {
  const value = fc.integer({ min, max })
  const step = fc.integer({ min: 1, max: max - min + 1 })
  const spelt = (n: number) => names[n - min] ?? String(n)
  const item = fc.oneof(
    fc.constant({ text: '*', values: walk(min, max, min, max, 1) }),
    value.map(a => ({ text: spelt(a), values: new Set([a]) })),
    fc.tuple(value, value).map(([a, b]) => ({ text: `${spelt(a)}-${b}`, values: walk(a, b, min, max, 1) })),
    fc.tuple(value, step).map(([a, s]) => ({ text: `${spelt(a)}/${s}`, values: walk(a, max, min, max, s) })),
    step.map(s => ({ text: `*/${s}`, values: walk(min, max, min, max, s) })),
    fc
      .tuple(value, value, step)
      .map(([a, b, s]) => ({ text: `${a}-${spelt(b)}/${s}`, values: walk(a, b, min, max, s) })),
  )
  return fc.array(item, { minLength: 1, maxLength: 2 }).map(items => ({
    text: items.map(({ text }) => text).join(),
    has: n => items.some(({ values }) => values.has(n)),
  }))
}

const weekdays = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']
type DayTest = CronCase['day']
const workingDaysOf = (length: number, weekday: number, day: number) =>
  Array.from({ length }, (_, i) => i + 1).filter(d => {
    const w = (((weekday - 1 + d - day) % 7) + 7) % 7
    return w !== 0 && w !== 6
  })
const nearest = (wanted: number, length: number, weekday: number, day: number) =>
  wanted >= 1 &&
  wanted <= length &&
  workingDaysOf(length, weekday, day).sort((a, b) => Math.abs(a - wanted) - Math.abs(b - wanted))[0] === day

const dayOfMonth: fc.Arbitrary<{ text: string; day: DayTest }> = fc.oneof(
  field(1, 31).map(({ text, has }) => ({ text, day: ((d: { day: number }) => has(d.day)) as DayTest })),
  fc.constant({ text: 'L', day: (d => d.day === d.length) as DayTest }),
  fc.integer({ min: 0, max: 30 }).map(n => ({ text: `L-${n}`, day: (d => d.day + n === d.length) as DayTest })),
  fc.integer({ min: 0, max: 30 }).map(n => ({
    text: n === 0 ? 'LW' : `L-${n}W`,
    day: (d => nearest(d.length - n, d.length, d.weekday, d.day)) as DayTest,
  })),
  fc
    .integer({ min: 1, max: 31 })
    .map(n => ({ text: `${n}W`, day: (d => nearest(n, d.length, d.weekday, d.day)) as DayTest })),
)
const dayOfWeek: fc.Arbitrary<{ text: string; day: DayTest }> = fc.oneof(
  field(1, 7, weekdays).map(({ text, has }) => ({
    text,
    day: ((d: { weekday: number }) => has(d.weekday)) as DayTest,
  })),
  fc
    .integer({ min: 1, max: 7 })
    .map(w => ({ text: `${w}L`, day: (d => d.weekday === w && d.day + 7 > d.length) as DayTest })),
  fc.tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 5 })).map(([w, n]) => ({
    text: `${weekdays[w - 1]}#${n}`,
    day: (d => d.weekday === w && Math.ceil(d.day / 7) === n) as DayTest,
  })),
)

const cron: fc.Arbitrary<CronCase> = fc
  .record({
    minute: fc.array(fc.integer({ min: 0, max: 59 }), { minLength: 1, maxLength: 2 }),
    hour: field(0, 23),
    month: fc.oneof(
      { weight: 2, arbitrary: fc.constant({ text: '*', has: () => true }) },
      { weight: 1, arbitrary: field(1, 12) },
    ),
    days: fc.oneof(
      dayOfMonth.map(({ text, day }) => ({ dom: text, dow: '?', day })),
      dayOfWeek.map(({ text, day }) => ({ dom: '?', dow: text, day })),
    ),
  })
  .map(({ minute, hour, month, days }) => ({
    text: `${minute.join()} ${hour.text} ${days.dom} ${month.text} ${days.dow} *`,
    time: (h, m) => minute.includes(m) && hour.has(h),
    day: date => month.has(date.month) && days.day(date),
  }))

/** Local minutes (as if UTC) at which a case runs, from a day before the window to a day after it. */
function localRuns({ time, day }: CronCase): number[] {
  const times = Array.from({ length: dayMinutes }, (_, m) => m).filter(m => time(Math.floor(m / 60), m % 60))
  const runs: number[] = []
  for (let minute = start - dayMinutes; minute < end + dayMinutes; minute += dayMinutes) {
    const date = new Date(minute * 60_000)
    const [year, month] = [date.getUTCFullYear(), date.getUTCMonth() + 1]
    const length = new Date(Date.UTC(year, month, 0)).getUTCDate()
    if (day({ year, month, day: date.getUTCDate(), weekday: date.getUTCDay() + 1, length }))
      for (const m of times) runs.push(minute + m)
  }
  return runs
}

const offsetTables = new Map<string, Int16Array>()
/** Minutes ahead of UTC for each half-hour of the window. */
function offsets(zone: string): Int16Array {
  let table = offsetTables.get(zone)
  if (!table) {
    const format = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'longOffset', year: 'numeric' })
    const read = (i: number) => {
      const text = format.format((start + i * 30) * 60_000).split('GMT')[1] ?? ''
      const [hours = 0, minutes = 0] = text.slice(1).split(':').map(Number)
      return (text[0] === '-' ? -1 : 1) * (hours * 60 + minutes)
    }
    table = new Int16Array((end - start) / 30)
    for (let day = 0; day < table.length; day += 48) {
      const isOdd = read(day) !== read(day + 48)
      for (let i = day; i < day + 48; i++) table[i] = isOdd ? read(i) : read(day)
    }
    offsetTables.set(zone, table)
  }
  return table
}

/** Instants of the window at which a case runs. A local time that comes twice counts at its first or its second time. */
function runsInZone(local: readonly number[], zone: string, twice: 'first' | 'second', into: Uint8Array): void {
  const table = offsets(zone)
  const known = [...new Set(table)].sort((a, b) => b - a)
  for (const minute of local) {
    const instants = known
      .map(offset => ({ at: minute - offset, offset }))
      .filter(({ at, offset }) => table[Math.floor((at - start) / 30)] === offset)
    const found = twice === 'first' ? instants[0] : instants.at(-1)
    if (found) into[found.at - start] = 1
  }
}

function gapsOf(runs: Uint8Array): { longest: number; shortest: number; count: number } {
  let [longest, shortest, count, last] = [0, Infinity, 0, -1]
  for (let i = runs.indexOf(1); i >= 0; i = runs.indexOf(1, i + 1)) {
    if (last >= 0) {
      longest = Math.max(longest, i - last)
      shortest = Math.min(shortest, i - last)
    }
    last = i
    count++
  }
  return { longest, shortest, count }
}

const zones = [
  'UTC',
  'America/New_York',
  'Europe/Berlin',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'Asia/Kathmandu',
  'America/St_Johns',
  'Pacific/Auckland',
]

describe('against an oracle that walks minute by minute', () => {
  test('the gaps in UTC, and the nominal gap', () => {
    fc.assert(
      fc.property(cron, sample => {
        const analysis = analyse(sample.text)
        const runs = new Uint8Array(end - start)
        runsInZone(localRuns(sample), 'UTC', 'first', runs)
        const { longest, shortest, count } = gapsOf(runs)
        expect(analysis.runCount).toBe(count)
        if (count > 1) {
          expect(analysis).toMatchObject({
            longestGapHours: longest / 60,
            nominalGapHours: longest / 60,
            shortestGapHours: shortest / 60,
          })
        }
      }),
      { numRuns: 20 },
    )
  }, 60_000)

  test('the gaps in time zones, of one schedule and of several together', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(cron, fc.constantFrom(...zones)), { minLength: 1, maxLength: 3 }), samples => {
        const all = samples.map(([sample, zone]) => ({ local: localRuns(sample), zone }))
        const gaps = (['first', 'second'] as const).map(twice => {
          const runs = new Uint8Array(end - start)
          for (const { local, zone } of all) runsInZone(local, zone, twice, runs)
          return gapsOf(runs)
        })
        const longest = Math.max(...gaps.map(gap => gap.longest)) / 60
        if (gaps[0]!.count < 2 || samples.some(([sample]) => analyse(sample.text).runCount === 0)) return
        expect(mergedGaps(samples.map(([sample, zone]) => zoned(sample.text, zone)))).toBe(longest)
        if (samples.length > 1) return
        const analysis = analyse(samples[0]![0].text, samples[0]![1])
        expect(analysis).toMatchObject({
          longestGapHours: longest,
          shortestGapHours: Math.min(...gaps.map(gap => gap.shortest)) / 60,
        })
        expect(analysis.runCount).toBe(gaps[0]!.count)
      }),
      { numRuns: 8 },
    )
  }, 120_000)
})

describe('time zones', () => {
  test('offsets and their changes to the minute', () => {
    const zone = timeZone('Europe/Berlin')!
    const summer = Date.UTC(2024, 2, 31, 1) / 60_000
    const winter = Date.UTC(2024, 9, 27, 1) / 60_000
    expect(zone.changes(Date.UTC(2024, 0) / 60_000, Date.UTC(2025, 0) / 60_000)).toEqual([
      { at: summer, before: 60, after: 120 },
      { at: winter, before: 120, after: 60 },
    ])
    expect(zone.changes(summer, winter)).toHaveLength(1)
    expect([summer - 1, summer, winter - 1, winter].map(zone.offsetAt)).toEqual([60, 120, 120, 60])
    expect(timeZone('America/St_Johns')!.offsetAt(winter)).toBe(-150)
    expect(timeZone('UTC')).toBe(utc)
    expect(timeZone('Etc/UTC')).toBe(utc)
    expect(utc.offsetAt(summer)).toBe(0)
  })

  test('many made-up names do not fill the memory', () => {
    for (let i = 0; i < 2000; i++) expect(timeZone(`Made/Up_${i}`)).toBeUndefined()
    expect(timeZone('Europe/Berlin')!.offsetAt(0)).toBe(60)
  })
})
