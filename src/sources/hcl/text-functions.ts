/** Functions of texts, numbers and encodings. Texts that deployment completes can be put together, not taken apart. */
import { parseJson } from '../json.ts'
import type { FunctionContext, TerraformFunction } from './function.ts'
import { isMade } from './made.ts'
import { failure, fromJson, isList, isScalar, toFlag, toJson, toNumber, toText, Unknown, type Value } from './value.ts'

type Call = TerraformFunction['call']

const any = Number.POSITIVE_INFINITY
const made = new Unknown('a text that deployment makes cannot be taken apart')

/** A function of texts and numbers that are known to the last letter. */
function ofTexts(
  least: number,
  most: number,
  call: (texts: string[], context: FunctionContext) => Value,
): TerraformFunction {
  return {
    least,
    most,
    needs: 'all',
    call(args, context) {
      const texts = args.map(toText)
      const unknown = texts.find(text => text instanceof Unknown)
      if (unknown) return unknown
      return texts.some(text => isMade(text as string)) ? made : call(texts as string[], context)
    },
  }
}

function ofNumber(call: (number: number) => number): TerraformFunction {
  return {
    least: 1,
    most: 1,
    needs: 'all',
    call([value]) {
      const number = toNumber(value!)
      if (number instanceof Unknown) return number
      const result = call(number)
      return Number.isFinite(result) ? result : failure('not a finite number')
    },
  }
}

const converting = (convert: (value: Value) => Value): TerraformFunction => ({
  least: 1,
  most: 1,
  needs: 'whole',
  call: ([value]) => (value === null ? null : convert(value!)),
})

/** `sensitive(x)` and the like: what they say of a value does not change it. */
const same: TerraformFunction = { least: 1, most: 1, needs: 'none', call: ([value]) => value! }

function trimmedBy(letters: string, text: string): string {
  const set = new Set(letters)
  const kept = [...text]
  let start = 0
  let end = kept.length
  while (start < end && set.has(kept[start]!)) start++
  while (end > start && set.has(kept[end - 1]!)) end--
  return kept.slice(start, end).join('')
}

function substring(text: string, from: string, count: string): Value {
  const [start, length] = [Number(from), Number(count)]
  const letters = [...text]
  const begin = start < 0 ? letters.length + start : start
  if (begin < 0) return failure('the text has no such part')
  return letters.slice(begin, length < 0 ? undefined : begin + length).join('')
}

/** `%s`, `%d`, `%q`, `%v`, `%t`, `%%` and widths of numbers; any other verb is not evaluated. */
const verb = /%(?:%|(0?)([0-9]{0,3})([sdqvtx]))/g

function formatted(pattern: string, args: readonly Value[], context: FunctionContext): string | Unknown {
  // Whatever is no verb that is understood: flags, precision, explicit positions.
  if (/%/.test(pattern.replace(verb, ''))) return new Unknown('a format of other verbs than %s, %d, %q, %v, %t and %x')
  let next = 0
  let unknown: Unknown | undefined
  const text = pattern.replace(verb, (whole, zero: string | undefined, width: string | undefined, letter: string) => {
    if (whole === '%%') return '%'
    const piece = next < args.length ? verbText(letter, args[next++]!, context) : failure('too few arguments')
    if (piece instanceof Unknown) {
      unknown ??= piece
      return ''
    }
    if (width && isMade(piece)) unknown ??= made
    return piece.padStart(Number(width || 0), zero && letter === 'd' ? '0' : ' ')
  })
  if (unknown) return unknown
  return next < args.length ? failure('too many arguments') : text
}

function verbText(letter: string, value: Value, context: FunctionContext): string | Unknown {
  if (letter === 'd' || letter === 'x') {
    const number = toNumber(value)
    if (number instanceof Unknown) return number
    if (letter === 'x') return Number.isSafeInteger(number) ? number.toString(16) : failure('not a whole number')
    return toText(Math.trunc(number))
  }
  if (letter === 't') {
    const flag = toFlag(value)
    return flag instanceof Unknown ? flag : String(flag)
  }
  if (letter === 'q') {
    const text = toText(value)
    return text instanceof Unknown ? text : JSON.stringify(text)
  }
  if (letter === 'v' && !isScalar(value)) return jsonText(toJson(value, context.evaluation.budget))
  return value === null && letter === 'v' ? 'null' : toText(value)
}

const format: Call = ([pattern, ...args], context) => {
  const text = toText(pattern!)
  return text instanceof Unknown ? text : formatted(text, args, context)
}

const formatList: Call = ([pattern, ...args], context) => {
  const text = toText(pattern!)
  if (text instanceof Unknown) return text
  const lengths = args.filter(isList).map(list => list.length)
  if (lengths.some(length => length !== lengths[0])) return failure('lists of different lengths')
  return Array.from({ length: lengths[0] ?? 1 }, (_, index) =>
    formatted(
      text,
      args.map(arg => (isList(arg) ? arg[index]! : arg)),
      context,
    ),
  )
}

const join: Call = ([separator, ...parts]) => {
  const between = toText(separator!)
  if (between instanceof Unknown) return between
  const texts: string[] = []
  for (const part of parts) {
    if (!isList(part)) return failure('not a list')
    for (const item of part) {
      const text = toText(item)
      if (text instanceof Unknown) return text
      texts.push(text)
    }
  }
  return texts.join(between)
}

/** JSON as Terraform writes it: `<`, `>`, `&` and the line separators as escapes. */
function jsonText(value: unknown): string {
  const escapes: { [letter: string]: string } = {
    '<': '\\u003c',
    '>': '\\u003e',
    '&': '\\u0026',
    '\u2028': '\\u2028',
    '\u2029': '\\u2029',
  }
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, letter => escapes[letter]!)
}

function jsonOf(text: string, { evaluation }: FunctionContext): Value {
  const parsed = parseJson(text)
  if ('value' in parsed) return fromJson(parsed.value, evaluation.budget)
  return parsed.fault === 'is not valid JSON'
    ? failure('not a JSON document')
    : new Unknown('a document nested too deeply')
}

function yamlOf(text: string, { evaluation }: FunctionContext): Value {
  const { yaml } = evaluation.libraries
  if (!yaml || text.length > 1_000_000) return new Unknown('a YAML document that is not read')
  try {
    const document = yaml.parseDocument(text, { schema: 'core', version: '1.2', logLevel: 'silent' })
    if (document.errors.length > 0) return failure('not a YAML document')
    return fromJson(document.toJS({ maxAliasCount: 100 }), evaluation.budget)
  } catch (error) {
    if (!(error instanceof ReferenceError) && !(error instanceof RangeError)) throw error
    return new Unknown('a YAML document of too many aliases, or nested too deeply')
  }
}

/** What matched: the text, or its groups by position or by name. */
function matched(matcher: import('re2js').Matcher): Value {
  const names = Object.keys(matcher.getNamedGroups())
  if (names.length > 0) return new Map(names.map(name => [name, matcher.group(name)]))
  const count = matcher.groupCount()
  if (count === 0) return matcher.group() ?? ''
  return Array.from({ length: count }, (_, index) => matcher.group(index + 1))
}

function compiled(pattern: string, { evaluation }: FunctionContext): import('re2js').RE2JS | Unknown {
  const { re2 } = evaluation.libraries
  if (!re2 || pattern.length > 1000) return new Unknown('a pattern that is not evaluated')
  evaluation.budget.spend(100)
  try {
    return re2.RE2JS.compile(pattern)
  } catch {
    return failure('not a pattern')
  }
}

/** The longest text that patterns are tried on. */
const maxMatched = 100_000

function regex(texts: string[], context: FunctionContext): Value {
  const [pattern, text] = texts as [string, string]
  const compiledPattern = compiled(pattern, context)
  if (compiledPattern instanceof Unknown) return compiledPattern
  if (text.length > maxMatched) return new Unknown('a text too long to match')
  context.evaluation.budget.spend(text.length)
  const matcher = compiledPattern.matcher(text)
  return matcher.find() ? matched(matcher) : failure('the pattern does not match')
}

function regexAll(texts: string[], context: FunctionContext): Value {
  const [pattern, text] = texts as [string, string]
  const compiledPattern = compiled(pattern, context)
  if (compiledPattern instanceof Unknown) return compiledPattern
  if (text.length > maxMatched) return new Unknown('a text too long to match')
  const found: Value[] = []
  const matcher = compiledPattern.matcher(text)
  while (matcher.find()) {
    context.evaluation.budget.spend(10)
    found.push(matched(matcher))
  }
  return found
}

/** `replace(text, substring, replacement)`; a substring between slashes is a pattern. */
function replace(texts: string[], context: FunctionContext): Value {
  const [text, wanted, replacement] = texts as [string, string, string]
  if (!(wanted.length > 1 && wanted.startsWith('/') && wanted.endsWith('/')))
    return text.split(wanted).join(replacement)
  const pattern = compiled(wanted.slice(1, -1), context)
  if (pattern instanceof Unknown) return pattern
  // Groups in the replacement are spelt in ways that differ between libraries.
  if (replacement.includes('$') || text.length > maxMatched) return new Unknown('a replacement that is not evaluated')
  context.evaluation.budget.spend(text.length)
  return pattern.matcher(text).replaceAll(replacement)
}

function urlEncoded(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, letter => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%20/g, '+')
}

function titled(text: string): string {
  return text.replace(
    /(^|[^\p{L}\p{N}_'])(\p{Ll})/gu,
    (_, before: string, letter: string) => before + letter.toUpperCase(),
  )
}

function withoutLastLines(text: string): string {
  let end = text.length
  while (end > 0 && (text[end - 1] === '\n' || text[end - 1] === '\r')) end--
  return text.slice(0, end)
}

function decodedBase64(text: string): Value {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text)) return failure('not base64')
  const bytes = Buffer.from(text, 'base64')
  const decoded = bytes.toString('utf8')
  return Buffer.from(decoded, 'utf8').equals(bytes) ? decoded : failure('not text in base64')
}

const inParts = (text: string, separator: string) => (text === '' ? [''] : text.split(separator))

/** Functions by name. */
export const textFunctions: { [name: string]: TerraformFunction } = {
  lower: ofTexts(1, 1, ([text]) => text!.toLowerCase()),
  upper: ofTexts(1, 1, ([text]) => text!.toUpperCase()),
  title: ofTexts(1, 1, ([text]) => titled(text!)),
  trim: ofTexts(2, 2, ([text, letters]) => trimmedBy(letters!, text!)),
  trimspace: ofTexts(1, 1, ([text]) => text!.trim()),
  trimprefix: ofTexts(2, 2, ([text, prefix]) => (text!.startsWith(prefix!) ? text!.slice(prefix!.length) : text!)),
  trimsuffix: ofTexts(2, 2, ([text, suffix]) =>
    suffix !== '' && text!.endsWith(suffix!) ? text!.slice(0, -suffix!.length) : text!,
  ),
  chomp: ofTexts(1, 1, ([text]) => withoutLastLines(text!)),
  indent: ofTexts(2, 2, ([count, text]) => text!.replace(/\n/g, `\n${' '.repeat(Math.min(Number(count) || 0, 1000))}`)),
  strrev: ofTexts(1, 1, ([text]) => [...text!].reverse().join('')),
  substr: ofTexts(3, 3, ([text, from, count]) => substring(text!, from!, count!)),
  split: ofTexts(2, 2, ([separator, text]) => inParts(text!, separator!)),
  startswith: ofTexts(2, 2, ([text, prefix]) => text!.startsWith(prefix!)),
  endswith: ofTexts(2, 2, ([text, suffix]) => text!.endsWith(suffix!)),
  strcontains: ofTexts(2, 2, ([text, part]) => text!.includes(part!)),
  replace: ofTexts(3, 3, replace),
  regex: ofTexts(2, 2, regex),
  regexall: ofTexts(2, 2, regexAll),
  urlencode: ofTexts(1, 1, ([text]) => urlEncoded(text!)),
  base64encode: ofTexts(1, 1, ([text]) => Buffer.from(text!, 'utf8').toString('base64')),
  base64decode: ofTexts(1, 1, ([text]) => decodedBase64(text!)),
  jsondecode: {
    least: 1,
    most: 1,
    needs: 'all',
    call([value], context) {
      const text = toText(value!)
      return text instanceof Unknown ? text : jsonOf(text, context)
    },
  },
  yamldecode: ofTexts(1, 1, ([text], context) => yamlOf(text!, context)),
  jsonencode: {
    least: 1,
    most: 1,
    needs: 'all',
    call: ([value], { evaluation }) => jsonText(toJson(value!, evaluation.budget)),
  },
  yamlencode: {
    least: 1,
    most: 1,
    needs: 'all',
    call([value], { evaluation }) {
      const { yaml } = evaluation.libraries
      if (!yaml) return new Unknown('a YAML document that is not written')
      return yaml.stringify(toJson(value!, evaluation.budget), { aliasDuplicateObjects: false })
    },
  },
  format: { least: 1, most: any, needs: 'all', call: format },
  formatlist: { least: 1, most: any, needs: 'all', call: formatList },
  join: { least: 2, most: any, needs: 'all', call: join },
  abs: ofNumber(Math.abs),
  ceil: ofNumber(Math.ceil),
  floor: ofNumber(Math.floor),
  signum: ofNumber(Math.sign),
  parseint: ofTexts(2, 2, ([text, base]) => {
    const number = Number.parseInt(text!, Number(base))
    return Number.isSafeInteger(number) ? number : failure('not a whole number')
  }),
  tostring: converting(toText),
  tonumber: converting(toNumber),
  tobool: converting(toFlag),
  sensitive: same,
  nonsensitive: same,
  ephemeralasnull: { least: 1, most: 1, needs: 'none', call: () => new Unknown('an ephemeral value') },
  issensitive: { least: 1, most: 1, needs: 'none', call: () => new Unknown('sensitivity is not evaluated') },
  type: { least: 1, most: 1, needs: 'none', call: () => failure('only the console knows types') },
}
