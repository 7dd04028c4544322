/** A comparison for programs: `schemas/comparison.schema.json`, one change a line. */
import type { Comparison } from '../model/comparison.ts'
import { jsonText } from './json-text.ts'

const before = ['version', 'tool', 'old', 'new', 'caveats', 'summary'] as const
const lists = ['findings', 'resources'] as const
const after = ['scopes', 'gaps'] as const

/** The JSON, line by line. */
export function* comparisonJson(comparison: Comparison): Iterable<string> {
  yield '{\n'
  for (const name of before) yield `${jsonText(name)}: ${jsonText(comparison[name])},\n`
  for (const name of lists) {
    yield `${jsonText(name)}: [`
    let separator = '\n'
    for (const change of comparison[name]) {
      yield `${separator}${jsonText(change)}`
      separator = ',\n'
    }
    yield separator === '\n' ? '],\n' : '\n],\n'
  }
  yield `${after.map(name => `${jsonText(name)}: ${jsonText(comparison[name])}`).join(',\n')}\n}\n`
}
