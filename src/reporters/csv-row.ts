/** What makes a spreadsheet read a cell as a formula, plain or full-width, even after blanks. */
const formula = /^['\s]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/

/**
 * A cell as RFC 4180 quotes it. A cell that a spreadsheet would calculate gets an apostrophe in front, which spreadsheets
 * take as "this is text"; so that readers can take it off again, a cell that already has one before such a sign gets another.
 */
function csvCell(text: string): string {
  const safe = formula.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** One row with the line end that RFC 4180 asks for. */
export function csvRow(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`
}
