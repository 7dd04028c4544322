import { visible } from './visible-text.ts'

const entities: { readonly [character: string]: string } = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
}

/** Text for an XML attribute or element: what XML 1.0 cannot hold, such as control characters, is spelt out. */
export function xmlText(text: string): string {
  return visible(text).replace(/[&<>"']/g, character => entities[character] as string)
}

/** Attributes of a tag, those without a value left out. */
export function xmlAttributes(attributes: { readonly [name: string]: string | number | undefined }): string {
  return Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${xmlText(String(value))}"`)
    .join('')
}
