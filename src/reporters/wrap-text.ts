import { printable } from './visible-text.ts'

/** Scripts and symbols that take two columns of a terminal. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u

/** Columns that a visible text takes on a terminal. */
export function columnsOf(text: string): number {
  if (printable.test(text)) return text.length
  let columns = 0
  for (const character of text) {
    if (character <= '~') columns += 1
    else if (!/\p{M}/u.test(character)) columns += wide.test(character) ? 2 : 1
  }
  return columns
}

/** A text filled up with spaces to a number of columns. */
export function padText(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - columnsOf(text)))
}

/** The pieces of a word that is too long for a line. */
function pieces(word: string, columns: number): Iterable<string> {
  return columnsOf(word) <= columns ? [word] : longPieces(word, columns)
}

function* longPieces(word: string, columns: number): Iterable<string> {
  let piece = ''
  let taken = 0
  for (const character of word) {
    const width = columnsOf(character)
    if (taken + width > columns && piece !== '') {
      yield piece
      piece = ''
      taken = 0
    }
    piece += character
    taken += width
  }
  if (piece !== '') yield piece
}

/** Breaks a text at its spaces into lines of at most `columns`; a longer word is broken where the line ends. */
export function wrapText(text: string, columns: number): string[] {
  const width = Math.max(10, columns)
  const lines: string[] = []
  let line = ''
  let taken = 0
  for (const word of text.split(/ +/)) {
    if (word === '') continue
    for (const piece of pieces(word, width)) {
      const columns = columnsOf(piece)
      if (line !== '' && taken + 1 + columns > width) {
        lines.push(line)
        line = ''
      }
      taken = line === '' ? columns : taken + 1 + columns
      line = line === '' ? piece : `${line} ${piece}`
    }
  }
  if (line !== '') lines.push(line)
  return lines
}
