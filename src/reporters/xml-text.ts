import { visible } from './visible-text.ts'

const entities: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/**
 * Text for an XML attribute or element: what XML 1.0 cannot hold, such as control characters, is spelt out. Two colons at
 * the start are written so that no line of the file is a command to GitHub's runner, should a job print it.
 */
export function xmlText(text: string): string {
  const escaped = visible(text).replace(/[&<>"']/g, character => entities[character] as string)
  return escaped.replace(/^(\s*):(?=:)/, '$1&#58;')
}

/** Attributes of a tag, those without a value left out. */
export function xmlAttributes(attributes: { readonly [name: string]: string | number | undefined }): string {
  return Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${xmlText(String(value))}"`)
    .join('')
}
