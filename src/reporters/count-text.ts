/** A whole number with its thousands set apart, whatever the locale: `12,345`. */
export function spellCount(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** A count with its noun: `1 finding`, `2,000 findings`. */
export function counted(count: number, noun: string, plural = `${noun}s`): string {
  return `${spellCount(count)} ${count === 1 ? noun : plural}`
}

/** The counts that are not zero, in words, joined by commas: `2 critical, 1 low`. */
export function listCounts(counts: Iterable<readonly [name: string, count: number]>): string {
  return [...counts]
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${spellCount(count)} ${name}`)
    .join(', ')
}
