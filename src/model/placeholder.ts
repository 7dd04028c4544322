/**
 * Placeholders: how a template's records spell what only deployment will tell. `${Orders@6f1c…}` is the name that AWS will give
 * to the resource `Orders` of that scope; `${AWS%3a%3aRegion@6f1c…}` the Region it will be deployed to. Two texts with the same
 * placeholders are the same text; whether two different ones are equal is not known.
 *
 * Only what is one certain thing becomes a placeholder: a resource of the scope, and where the scope is deployed. A value that may
 * be anything, or nothing (a parameter without a value), is no placeholder but marked as not known.
 */

/** The placeholder of a resource's address, or of a pseudo parameter, in a scope. */
export function placeholder(scope: string, what: string): string {
  return `\${${what.replace(special, encoded)}@${scope}}`
}

/** Characters that mean something in an ARN, a pattern, a placeholder, or the JSON text of a policy that names it. */
const special = /[%{}@:*"\\]/g
const encoded = (character: string) => `%${character.charCodeAt(0).toString(16)}`
const decode = (text: string) =>
  text.replace(/%([0-9a-f]{2})/g, (_whole, code: string) => String.fromCharCode(Number.parseInt(code, 16)))

/** What {@link placeholder} writes. Policy variables of IAM (`${aws:username}`) have no `@`. */
const written = /\$\{([^{}@]*)@[^{}@]*\}/g

/** True where some of a text is known only at deployment. */
export function hasPlaceholder(text: string): boolean {
  return text.includes('${') && text.search(written) >= 0
}

/** A text as people read it: `${Orders}` for the name of a resource that deployment gives. */
export function shownPlaceholders(text: string): string {
  return text.includes('${') ? text.replace(written, (_whole, what: string) => `\${${decode(what)}}`) : text
}

/** An id or a name as people read it: the address alone where deployment gives the whole of it. */
export function shownName(text: string): string {
  if (!text.includes('${')) return text
  const whole = /^\$\{([^{}@]*)@[^{}@]*\}$/.exec(text)
  return whole ? decode(whole[1]!) : shownPlaceholders(text)
}

/**
 * A text in which no part of a placeholder's spelling can be taken for a part of the text: a pattern must not match what stands
 * for something else. Equal placeholders stay equal, and `*` matches them whole.
 */
export function opaqueText(text: string): string {
  return text.includes('${') ? text.replace(written, whole => whole.replace(/./gs, privateCharacter)) : text
}

/** The characters for private use are in no name of AWS's. */
const privateCharacter = (character: string) => String.fromCharCode(0xe000 + (character.charCodeAt(0) & 0xfff))

/** A text with `*` where its placeholders stand: what it may turn out to be. */
export function possibleText(text: string): string {
  return text.includes('${') ? text.replace(written, '*') : text
}
