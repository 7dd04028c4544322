// Figures of a bench: a table on standard output and, with --write, between its marks in docs/performance.md.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const page = join(dirname(fileURLToPath(import.meta.url)), '../docs/performance.md')

/** What a figure that is held against a limit ends its row with. */
export const verdict = pass => (pass ? 'pass' : 'FAIL')

/**
 * Prints rows of name, limit, figure and verdict; `command` (`bench:org`) names the marks. The process fails where a figure does.
 */
export function tell(command, rows, isWritten) {
  const text = [['', 'limit', 'figure', ''], ['---', '---', '---:', '---'], ...rows]
    .map(cells => `| ${cells.join(' | ')} |`)
    .join('\n')
  console.log(text)
  if (isWritten) write(command, text)
  if (rows.some(cells => cells.at(-1) === verdict(false))) process.exitCode = 1
}

function write(command, text) {
  const [begin, end] = ['begin', 'end'].map(place => `<!-- ${command.replace(':', '-')}:${place} -->`)
  const before = readFileSync(page, 'utf8')
  if (!before.includes(begin) || !before.includes(end))
    throw new Error(`docs/performance.md has no place for the table: ${begin} and ${end}`)
  const block = `${begin}\n${text}\n\nNode ${process.version}. Made by \`npm run ${command} -- --write\`.\n${end}`
  writeFileSync(page, before.slice(0, before.indexOf(begin)) + block + before.slice(before.indexOf(end) + end.length))
}
