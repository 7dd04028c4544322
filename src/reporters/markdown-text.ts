import { shortVisible, visible } from './visible-text.ts'

/** Every character that Markdown or HTML may read as more than itself. */
const special = /[\\`*_{}[\]()#+!|<>&~@"$^]/g

/** GitHub links people and issues in finished text, where an entity is already a character: a comment keeps the two apart. */
const mention = /(&#64;|&#35;)/g

/**
 * Text on one line that Markdown shows as it stands: no markup, link, HTML, mention or table cell can come of it. At most
 * `longest` characters are shown.
 */
export function markdownText(text: string, longest = 300): string {
  return shortVisible(text, longest)
    .replace(special, character => `&#${character.charCodeAt(0)};`)
    .replace(mention, '$1<!-- -->')
    .replaceAll('://', '&#58;//')
    .replace(/www\./gi, match => `${match.slice(0, -1)}&#46;`)
}

/** The same in a fixed-width font, in which GitHub links nothing. */
export function markdownCode(text: string, longest = 300): string {
  return `<code>${markdownText(text, longest)}</code>`
}

/** A code block whose fence is longer than any in the code. */
export function markdownFence(code: string, language: string): string {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = '`'.repeat(longest + 1)
  const lines = code.trimEnd().split('\n').map(visible)
  return `${fence}${language}\n${lines.join('\n')}\n${fence}`
}
