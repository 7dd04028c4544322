// Protects memory: a report of a large organisation is written while it is made, and people are shown no more than they read.
import { expect, test } from 'vitest'
import { reporters } from '../../src/generated/reporters.ts'
import { everything, findingOf, reportOf, rules, summaryOf } from './clinic.ts'

const size = 200_000
const severities = ['low', 'medium', 'high', 'critical'] as const

/** Findings made one by one; tells how many are alive between being made and the next chunk being written. */
function crowd() {
  let made = 0
  function* findings() {
    for (let i = 0; i < size; i++) {
      made += 1
      yield findingOf(i, { rule: rules[i % rules.length]!.id, severity: severities[i % severities.length] })
    }
  }
  return { report: reportOf(findings, { summary: summaryOf(findings()) }), made: () => made }
}

test.each(Object.keys(reporters))('%s: small chunks, and none of the findings held', { timeout: 120_000 }, async format => {
  const reporter = await reporters[format]!()
  const { report, made } = crowd()
  let longest = 0
  let total = 0
  let waiting = 0
  let before = made()
  const collect = globalThis.gc
  collect?.()
  const heapBefore = process.memoryUsage().heapUsed
  let heapMost = 0
  let chunks = 0
  for (const chunk of reporter.render(report, { ...everything, colour: false, width: 100, anchor: 'rel09.yaml' })) {
    longest = Math.max(longest, chunk.length)
    total += chunk.length
    chunks += 1
    waiting = Math.max(waiting, made() - before)
    before = made()
    if (collect && chunks % 20_000 === 0) {
      collect()
      heapMost = Math.max(heapMost, process.memoryUsage().heapUsed - heapBefore)
    }
  }
  expect(longest).toBeLessThan(64 * 1024)
  expect(heapMost).toBeLessThan(40 * 1024 * 1024)
  // Formats for people are short, whatever the report; formats for machines hold everything that they may.
  if (['text', 'markdown', 'github'].includes(format)) expect(total).toBeLessThan(64 * 1024)
  else expect(chunks).toBeGreaterThan(25_000)
  // CSV and JSON write each finding before they ask for the next.
  if (['csv', 'json'].includes(format)) expect(waiting).toBeLessThanOrEqual(1)
})
