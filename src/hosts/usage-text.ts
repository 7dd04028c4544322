/** What the parser of the command line has to say, as one line of ours. */
import { suggestion } from '../rules/problem.ts'

/**
 * Commander's error as one sentence that says what to write instead. It speaks in several sentences and lines; what is not
 * known here is told as it is, on one line.
 */
export function usageText(message: string): string {
  const [, word = '', words = ''] = /'([^']*)' is invalid.*Allowed choices are (.*)\.\s*$/s.exec(message) ?? []
  const meant = word === '' ? '' : suggestion(word, words.split(', '))
  return message
    .trim()
    .replace(/^error: /, '')
    .replace(/\n\(Did you mean (.+)\?\)$/s, '; did you mean $1?')
    .replace(/\. Allowed choices are (.+)\.$/s, `: write one of $1${meant}`)
    .replace(/\. Expected (\d+) arguments? but got (\d+)(?:: .*)?\.$/s, ': $1 expected, $2 given')
}
