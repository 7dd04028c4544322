import { printable } from './visible-text.ts'

/** What JSON lets stand in a string and a terminal acts upon, hides or reverses. */
const unseen = /[\u{E0000}-\u{E0FFF}\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu

const escapeUnits = (character: string): string =>
  Array.from(
    { length: character.length },
    (_, i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`,
  ).join('')

/** The marker of GitHub's older workflow commands, which its runner looks for anywhere in a line of a log. */
const disarm = (text: string): string => (text.includes('##[') ? text.replaceAll('##[', '#\\u0023[') : text)

/**
 * JSON on one line that reads back as the value and is safe on a terminal: what `JSON.stringify` leaves of control and
 * invisible characters stands as an escape. They occur in strings only, so that every match may be replaced.
 */
export function jsonText(value: unknown): string {
  const text = disarm(JSON.stringify(value))
  return printable.test(text) ? text : text.replace(unseen, escapeUnits)
}
