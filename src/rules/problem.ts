/** What is wrong with a rule file: where, at which path of the file, and what to write instead. */
export interface RuleProblem {
  file: string
  /** From 1. */
  line: number
  /** Path in the file (`expect.anyOf[1].lock.strength`); empty for the file as a whole. */
  path: string
  message: string
}

/** A problem as one line: `file:line: path: what to write`. */
export function formatProblem({ file, line, path, message }: RuleProblem): string {
  return path === '' ? `${file}:${line}: ${message}` : `${file}:${line}: ${path}: ${message}`
}

/** Keys and indexes from the top of a rule file to one of its values. */
export type RulePath = readonly (string | number)[]

/** Takes a problem at a path of the rule file. */
export type Report = (path: RulePath, message: string) => void

/** A path as people read it. */
export function spellPath(path: RulePath): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : text === '' ? part : `${text}.${part}`),
    '',
  )
}

/** Number of single-character edits between two words, counted up to a limit above which they are simply different. */
function editDistance(a: string, b: string, limit: number): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const change = previous[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min(change, previous[column]! + 1, current[column - 1]! + 1))
    }
    previous = current
  }
  return previous[b.length]!
}

/** The known word that was probably meant, as «; did you mean x?», or nothing. A longest path has some 60 characters. */
export function suggestion(word: string, known: Iterable<string>): string {
  if (word.length > 100) return ''
  let best: string | undefined
  let bestDistance = Math.max(2, Math.floor(word.length / 3))
  for (const candidate of known) {
    const begun = word.length > 3 && candidate.startsWith(word)
    const distance = begun || candidate.endsWith(`.${word}`) ? 1 : editDistance(word, candidate, bestDistance)
    if (distance < bestDistance || (distance === bestDistance && best === undefined)) {
      best = candidate
      bestDistance = distance
    }
  }
  return best === undefined ? '' : `; did you mean ${best}?`
}
