/**
 * Controls, invisible format characters (bidirectional overrides, zero-width ones, tags), line separators, lone surrogates
 * and noncharacters: what could move a cursor, reverse a line, hide text or break XML.
 */
let unseen: RegExp | undefined
/** Made for the first text that is not ASCII: the classes of Unicode take long to look up. */
function unseenCharacters(): RegExp {
  unseen ??= /[\u{E0000}-\u{E0FFF}\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/gu
  return unseen
}

const short: { readonly [character: string]: string } = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }

function spell(character: string): string {
  const code = character.codePointAt(0) ?? 0
  const hex = code.toString(16)
  return short[character] ?? (code > 0xffff ? `\\u{${hex}}` : `\\u${hex.padStart(4, '0')}`)
}

/** Printable ASCII, as most names are: told much faster than by the classes of Unicode. */
export const printable = /^[ -~]*$/

const isPlain = (text: string): boolean => printable.test(text) && !text.includes('##[')

/** The marker of GitHub's older workflow commands, which its runner looks for anywhere in a line of a log. */
const oldCommand = /##\[/g

/**
 * Text on one line in which everything can be seen: characters that a terminal or a browser would act upon are spelt out
 * (`\u001b`, `\u202e`, `\n`). Names of resources are chosen by others, so nothing reaches a person's screen without it.
 */
export function visible(text: string): string {
  if (isPlain(text)) return text
  return text.replace(unseenCharacters(), spell).replace(oldCommand, '#\\u0023[')
}

/** At most `longest` characters, the last an ellipsis where something was cut. Never splits a surrogate pair. */
export function shorten(text: string, longest: number): string {
  if (text.length <= longest) return text
  const cut = text.slice(0, longest - 1)
  const last = cut.charCodeAt(cut.length - 1)
  return `${last >= 0xd800 && last <= 0xdbff ? cut.slice(0, -1) : cut}…`
}

/** Visible and no longer than `longest` characters; a huge text is cut before it is worked on. */
export function shortVisible(text: string, longest: number): string {
  return shorten(visible(shorten(text, longest + 1)), longest)
}

/** Prose of a rule file, whose line breaks mean nothing, on one line. */
export function flowing(prose: string): string {
  return visible(prose.replace(/\s+/g, ' ').trim())
}
