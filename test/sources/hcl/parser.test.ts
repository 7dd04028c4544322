// Protects: what Terraform accepts is parsed, what it refuses is told with its line, and no text whatever makes the parsers throw
// or hang.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseHclJson } from '../../../src/sources/hcl/json-parser.ts'
import { parseHcl } from '../../../src/sources/hcl/parser.ts'

const native = (text: string) => parseHcl(text, 'main.tf')
const problemOf = (text: string) => {
  const parsed = native(text)
  return 'problem' in parsed ? parsed.problem : undefined
}

describe('native syntax', () => {
  it.each([
    ['nothing', ''],
    ['a byte order mark', '\ufeffa = 1'],
    ['comments only', '# a\n// b\n/* c\n */'],
    ['no newline at the end', 'a = 1'],
    ['Windows lines', 'a = 1\r\nb {\r\n  c = <<X\r\nd\r\nX\r\n}\r\n'],
    ['millions of comments', '#\n'.repeat(2_000_000)],
    ['labels with and without quotes', 'a "b" c "d e" {\n}\n'],
    ['a block of one line', 'a { b = 1 }\n'],
    ['names with dashes and other letters', 'é-1 = 1\n'],
    ['newlines between brackets', 'a = [\n1\n,\n2\n]\nb = f(\n1,\n)\nc = (1\n+ 2)\n'],
    ['a heredoc as an argument', 'a = f(<<X\ny\nX\n)\n'],
    ['an object with mixed separators', 'a = { b = 1\n c = 2, d : 3 }\n'],
    ['a name that begins like a keyword', 'a = fortune\nb = { format = 1 }\n'],
  ])('takes %s', (_, text) => {
    expect(problemOf(text)).toBeUndefined()
  })

  it.each([
    ['a text that is not closed', 'a = 1\nb = "c\n', 2],
    ['a block that is not closed', 'a {\n  b = 1\n', 3],
    ['a heredoc that is not closed', 'a = 1\nb = <<X\n c\n', 2],
    ['a comment that is not closed', 'a = 1\n/* b', 2],
    ['a missing value', 'a =\nb = 1\n', 1],
    ['two attributes in a line', 'a = 1 b = 2\n', 1],
    ['an attribute twice', 'a = 1\na = 2\n', 2],
    ['a bracket too many', 'a = [1]]\n', 1],
    ['an unknown escape', 'a = "\\q"\n', 1],
    ['an unknown directive', 'a = "%{ while x }"\n', 1],
    ['a directive that is not closed', 'a = "%{ if x }y"\n', 1],
    ['a character of nobody', 'a = 1\n\n\u0000\n', 3],
    ['nesting without end', `a = ${'['.repeat(10_000)}`, 1],
    ['blocks without end', 'a {\n'.repeat(10_000), 201],
    ['templates without end', `a = ${'"${'.repeat(10_000)}`, 1],
    ['operands without end', `a = 1${' + 1'.repeat(10_000)}`, 1],
    ['millions of elements', `a = [${'1,'.repeat(2_000_000)}]`, 1],
    ['millions of escapes', `a = "${'\\n'.repeat(2_000_000)}"`, 1],
    ['attributes without end', `a = b${'.c'.repeat(10_000)}`, 1],
  ])('refuses %s', (_, text, line) => {
    const problem = problemOf(text)
    expect(problem?.line).toBe(line)
    expect(problem?.message).toMatch(/^(?:has|is|sets|ends) /)
  })

  it('knows where everything stands', () => {
    const parsed = native('\n\nresource "a" "b" {\n  c = {\n    d = 1\n  }\n  e {\n  }\n}\n')
    if ('problem' in parsed) throw new Error(parsed.problem.message)
    const { body, lineAt } = parsed.value
    const block = body.blocks[0]!
    expect([block.at, block.end, block.body.attributes[0]!.at, block.body.blocks[0]!.at].map(lineAt)).toEqual([
      3, 9, 4, 7,
    ])
  })
})

describe('JSON syntax', () => {
  it.each([
    ['a list where one block may stand', '{"resource": [{"a": {"b": [{"c": 1}]}}]}', ['a', 'b']],
    ['an object for each block', '{"resource": {"a": {"b": {"c": 1}}}}', ['a', 'b']],
  ])('takes %s', (_, text, labels) => {
    const parsed = parseHclJson(text, 'main.tf.json', false)
    if ('problem' in parsed) throw new Error(parsed.problem.message)
    expect(parsed.value.body.blocks[0]).toMatchObject({ type: 'resource', labels })
  })

  it.each([
    ['a comma too many', '{"a": 1,\n}', 2],
    ['text behind its end', '{}\n{}', 2],
    ['an open object', '{\n"a": {', 2],
    ['a template that is none', '{"locals": {"a":\n "${"}}', 2],
    ['nesting without end', `{"a": ${'['.repeat(10_000)}`, 1],
  ])('refuses %s', (_, text, line) => {
    const parsed = parseHclJson(text, 'main.tf.json', false)
    expect('problem' in parsed && parsed.problem.line).toBe(line)
  })
})

const pieces = fc.constantFrom(
  ...[
    'resource',
    ' ',
    '\n',
    '"',
    '${',
    '%{',
    '}',
    '{',
    '[',
    ']',
    '(',
    ')',
    '=',
    '<<A\n',
    'A',
    '.',
    '*',
    ',',
    '?',
    ':',
    '=>',
  ],
  ...['for', 'in', 'if', '1', 'a', '#', '/*', '*/', '\\', '!', '-', '&&', '...', 'endif', '~', 'é', '\u0000', '\ud800'],
)

describe('no text', () => {
  it.each([
    ['of characters', fc.string({ unit: 'binary', maxLength: 200 })],
    ['of the language’s own pieces', fc.array(pieces, { maxLength: 60 }).map(parts => parts.join(''))],
  ])('%s makes a parser throw', (_, texts) => {
    fc.assert(
      fc.property(texts, text => {
        for (const parsed of [native(text), native(`a = ${text}`), parseHclJson(text, 'a.tf.json', false)]) {
          const lines = text.split('\n').length
          if ('problem' in parsed) expect(parsed.problem.line).toSatisfy((line: number) => line >= 1 && line <= lines)
          else expect(parsed.value.body).toBeTypeOf('object')
        }
      }),
      { numRuns: 2000 },
    )
  })
})
