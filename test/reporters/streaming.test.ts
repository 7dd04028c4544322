// Protects memory: a report of a large organisation is written while it is made, and people are shown no more than they read.
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'
import { reporters } from '../../src/generated/reporters.ts'
import type { Report } from '../../src/model/report.ts'
import { everything, findingOf, reportOf, rules, summaryOf } from './clinic.ts'

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')

const size = 200_000
const severities = ['low', 'medium', 'high', 'critical'] as const

function* crowd(each: () => void) {
  for (let i = 0; i < size; i++) {
    each()
    yield findingOf(i, { rule: rules[i % rules.length]!.id, severity: severities[i % severities.length] })
  }
}

/** A report whose findings are counted and whose memory is weighed while they are made. */
function watched(): { report: Report; made: () => number; heaviest: () => number } {
  let made = 0
  let heaviest = 0
  const summary = summaryOf(crowd(() => {}))
  collect()
  const before = process.memoryUsage().heapUsed
  const weigh = () => {
    made += 1
    if (made % (size / 2) !== 0) return
    collect()
    heaviest = Math.max(heaviest, process.memoryUsage().heapUsed - before)
  }
  return { report: reportOf(() => crowd(weigh), { summary }), made: () => made, heaviest: () => heaviest }
}

test.each(Object.keys(reporters))('%s: small chunks, and no findings held', { timeout: 120_000 }, async format => {
  const reporter = await reporters[format]!()
  const { report, made, heaviest } = watched()
  const sizes = { longest: 0, total: 0, chunks: 0, waiting: 0 }
  let before = 0
  for (const chunk of reporter.render(report, { ...everything, colour: false, width: 100, anchor: 'rel09.yaml' })) {
    sizes.longest = Math.max(sizes.longest, chunk.length)
    sizes.total += chunk.length
    sizes.chunks += 1
    sizes.waiting = Math.max(sizes.waiting, made() - before)
    before = made()
  }
  expect(made()).toBeGreaterThanOrEqual(size)
  expect(sizes.longest).toBeLessThan(64 * 1024)
  // Two hundred thousand findings weigh more than 200 MB when they are held.
  expect(heaviest()).toBeLessThan(20 * 1024 * 1024)
  // Formats for people are short, whatever the report; formats for machines hold everything that they may.
  if (['text', 'markdown', 'github'].includes(format)) expect(sizes.total).toBeLessThan(64 * 1024)
  else expect(sizes.chunks).toBeGreaterThan(25_000)
  // CSV and JSON write each finding before they ask for the next.
  if (['csv', 'json'].includes(format)) expect(sizes.waiting).toBeLessThanOrEqual(1)
})
