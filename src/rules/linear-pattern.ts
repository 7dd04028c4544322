import { RE2JS } from 're2js'

const longestPattern = 500

/**
 * A `pattern` as an automaton that runs in time linear in the text, so that no rule file can hang a scan. Throws for what
 * such an automaton cannot do (lookaround, back references) and for a pattern that is too long.
 */
export function linearPattern(pattern: string): { test(text: string): boolean; toString(): string } {
  if (pattern.length > longestPattern) throw new Error(`a pattern has at most ${longestPattern} characters`)
  const compiled = RE2JS.compile(pattern)
  // ajv tells patterns apart by their text, so the object must spell itself.
  return { test: text => compiled.test(text), toString: () => `/${pattern}/` }
}
