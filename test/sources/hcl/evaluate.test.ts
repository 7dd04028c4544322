// Protects: what an expression of Terraform comes to is what Terraform makes of it, or is said to be not known; never a guess.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TooMuch } from '../../../src/sources/hcl/value.ts'
import { hasReference } from '../../../src/sources/terraform/resource.ts'
import { environment, notKnown, outcome, refused } from './expression.ts'

const cases: { [group: string]: [expression: string, value: unknown][] } = {
  literals: [
    ['1.5', 1.5],
    ['-2e3', -2000],
    ['true', true],
    ['null', null],
    ['"a\\n\\"b\\" \\u00e9 \\U0001F600"', 'a\n"b" é 😀'],
    ['"$${a} %%{b} $c %d"', '${a} %{b} $c %d'],
    ['[1, "b",\n true, # last\n]', [1, 'b', true]],
    ['{ a = 1, "b" : 2\n (list[0]) = 3 }', { a: 3, b: 2 }],
    ['/* why */ 1 // because', 1],
  ],
  operators: [
    ['1 + 2 * 3 - 4 / 2 % 3', 5],
    ['(1 + 2) * 3', 9],
    ['!true || 1 < 2 && 2 >= 2', true],
    ['1 == 1.0', true],
    ['"1" == 1', false],
    ['"5" + 1', 6],
    ['[1, {a = 2}] == [1, {a = 2}]', true],
    ['1 / 0', refused],
    ['null == nothing', true],
    ['mystery && false', false],
    ['true || mystery', true],
    ['mystery && true', notKnown],
    ['mystery == 1', notKnown],
    ['-mystery', notKnown],
    ['true ? 1 : 2', 1],
    ['false ? mystery : 2', 2],
    ['mystery ? 1 : 1', 1],
    ['mystery ? 1 : 2', notKnown],
    ['tables[0].arn == tables[1].arn', notKnown],
    ['tables[0].arn == tables[0].arn', true],
    ['tables[0].arn != null', true],
  ],
  templates: [
    ['"${1}"', 1],
    ['"a${1}b${true}"', 'a1btrue'],
    ['"${list}"', ['a', 'b', 'c']],
    ['"x ${list}"', refused],
    ['"x ${nothing}"', refused],
    ['"x ${mystery}"', notKnown],
    ['"${"a${"b"}"}c"', 'abc'],
    ['"%{ if true }a%{ else }b%{ endif }"', 'a'],
    ['"%{ for k, v in shops }${k}=${v};%{ endfor }"', 'north=7;south=35;'],
    ['"a  ${~ 1 ~}  b"', 'a1b'],
    ['"%{ if mystery }a%{ else }a%{ endif }"', 'a'],
    ['<<A\n one\n  two ${1}\nA', ' one\n  two 1\n'],
    ['<<-A\n    one\n\n      two\n    A', 'one\n\n  two\n'],
    ['<<-A\n  %{ for x in list ~}\n  ${x}\n  %{ endfor ~}\n  A', 'a\nb\nc\n'],
  ],
  'members and splats': [
    ['shops.north', 7],
    ['shops["south"]', 35],
    ['shops.west', refused],
    ['list[1]', 'b'],
    ['list.1', 'b'],
    ['list["1"]', 'b'],
    ['list[3]', refused],
    ['half[0]', 'a'],
    ['half[1]', notKnown],
    ['mystery.a[0].b', notKnown],
    ['[{a = 1}, {a = 2}][*].a', [1, 2]],
    ['[{a = [1]}, {a = [2]}].*.a[0]', [1]],
    ['[{a = [1]}, {a = [2]}][*].a[0]', [1, 2]],
    ['nothing[*].a', []],
    ['{a = 1}[*].a', [1]],
    ['perhaps[*].arn', notKnown],
  ],
  'for expressions': [
    ['[for x in list : upper(x)]', ['A', 'B', 'C']],
    ['[for i, x in list : i if x != "b"]', [0, 2]],
    ['{ for k, v in shops : v => k }', { 7: 'north', 35: 'south' }],
    ['{ for x in ["a1", "a2", "b1"] : substr(x, 0, 1) => x... }', { a: ['a1', 'a2'], b: ['b1'] }],
    ['{ for x in ["a", "a"] : x => 1 }', refused],
    ['[for x in mystery : x]', notKnown],
    ['[for x in list : x if mystery]', notKnown],
    ['[for x in half : 1]', [1, 1]],
  ],
  collections: [
    ['merge({a = 1, b = 1}, null, {b = 2})', { a: 1, b: 2 }],
    ['merge(mystery, {a = 1})', notKnown],
    ['keys(merge({a = mystery}, {b = 1}))', ['a', 'b']],
    ['concat(["a"], list)', ['a', 'a', 'b', 'c']],
    ['length(half)', 2],
    ['length("é😀")', 2],
    ['length(mystery)', notKnown],
    ['lookup(shops, "west", 1)', 1],
    ['lookup(shops, "north", 1)', 7],
    ['element(list, 4)', 'b'],
    ['keys({b = 1, a = 2})', ['a', 'b']],
    ['values({b = 1, a = 2})', [2, 1]],
    ['contains(list, "b")', true],
    ['contains(half, "a")', true],
    ['contains(half, "z")', notKnown],
    ['coalesce(null, "", "x")', 'x'],
    ['coalesce(mystery, "x")', notKnown],
    ['coalesce("x", mystery)', 'x'],
    ['coalescelist([], list)', ['a', 'b', 'c']],
    ['compact(["a", "", null])', ['a']],
    ['distinct(["b", "a", "b"])', ['b', 'a']],
    ['flatten([["a"], [["b"], "c"]])', ['a', 'b', 'c']],
    ['flatten([["a"], mystery])', notKnown],
    ['toset(["b", "a", "b"])', ['a', 'b']],
    ['sort(["b", "a"])', ['a', 'b']],
    ['reverse(list)', ['c', 'b', 'a']],
    ['slice(list, 1, 3)', ['b', 'c']],
    ['slice(list, 1, 9)', refused],
    ['chunklist(list, 2)', [['a', 'b'], ['c']]],
    ['zipmap(["a", "b"], [1, 2])', { a: 1, b: 2 }],
    ['range(3)', [0, 1, 2]],
    ['range(1, 7, 2)', [1, 3, 5]],
    ['range(100000)', refused],
    ['one([])', null],
    ['one(["a"])', 'a'],
    ['one(list)', refused],
    ['index(list, "c")', 2],
    ['setunion(["a"], ["b", "a"])', ['a', 'b']],
    ['setintersection(["a", "b"], ["b"])', ['b']],
    ['setsubtract(["a", "b"], ["b"])', ['a']],
    [
      'setproduct(["a"], [1, 2])',
      [
        ['a', 1],
        ['a', 2],
      ],
    ],
    ['alltrue([true, "true"])', true],
    ['alltrue([mystery, false])', false],
    ['anytrue([mystery, true])', true],
    ['anytrue([false, mystery])', notKnown],
    ['sum([1, 2.5])', 3.5],
    ['max(1, 3, 2)', 3],
    ['min([3, 2]...)', 2],
    ['transpose({a = ["x", "y"]})', { x: ['a'], y: ['a'] }],
  ],
  texts: [
    ['upper("aé")', 'AÉ'],
    ['title("book shop")', 'Book Shop'],
    ['trim("xxaxx", "x")', 'a'],
    ['trimprefix("shop-a", "shop-")', 'a'],
    ['trimsuffix("a.json", ".json")', 'a'],
    ['trimspace(" a\\n")', 'a'],
    ['substr("bookshop", -4, -1)', 'shop'],
    ['split(",", "a,b")', ['a', 'b']],
    ['join("-", list)', 'a-b-c'],
    ['join("-", half)', notKnown],
    ['replace("a.b.c", ".", "-")', 'a-b-c'],
    ['replace("shop-12", "/[0-9]+/", "n")', 'shop-n'],
    ['regex("([a-z]+)-([0-9]+)", "shop-12")', ['shop', '12']],
    ['regex("(?P<name>[a-z]+)", "shop-12")', { name: 'shop' }],
    ['regex("[a-z]+", "shop-12")', 'shop'],
    ['regex("x", "shop")', refused],
    ['regexall("[0-9]", "a1b2")', ['1', '2']],
    ['format("%s-%03d-%v%%", "a", 7, true)', 'a-007-true%'],
    ['format("%s", mystery)', notKnown],
    ['format("%.2f", 1)', notKnown],
    ['format("%s")', refused],
    ['formatlist("%s!", list)', ['a!', 'b!', 'c!']],
    ['startswith("shop", "sh")', true],
    ['endswith("shop", "sh")', false],
    ['strcontains("shop", "ho")', true],
    ['indent(2, "a\\nb")', 'a\n  b'],
    ['chomp("a\\n\\n")', 'a'],
  ],
  'numbers, conversions, encodings': [
    ['ceil(1.2) + floor(1.8) + abs(-1)', 4],
    ['tostring(1.5)', '1.5'],
    ['tonumber("12")', 12],
    ['tonumber("x")', refused],
    ['tobool("true")', true],
    ['tostring(null)', null],
    ['parseint("ff", 16)', 255],
    ['jsonencode({b = [1, null], a = "<"})', '{"a":"\\u003c","b":[1,null]}'],
    ['jsonencode({a = mystery})', notKnown],
    ['jsondecode("{\\"a\\": [1]}").a[0]', 1],
    ['jsondecode("{")', refused],
    ['yamldecode("a: [1, two]")', { a: [1, 'two'] }],
    ['yamldecode(yamlencode({a = ["1", 2]}))', { a: ['1', 2] }],
    ['base64decode(base64encode("é"))', 'é'],
    ['urlencode("a b/c")', 'a+b%2Fc'],
    ['sensitive("a")', 'a'],
    ['9007199254740993 == 1', false],
    ['tostring(90071992547409931)', notKnown],
  ],
  'what cannot be known': [
    ['timestamp()', notKnown],
    ['uuid()', notKnown],
    ['cidrsubnet("10.0.0.0/8", 8, 1)', notKnown],
    ['provider::aws::arn_parse("x")', notKnown],
    ['perhaps[0].arn == "x"', notKnown],
    ['upper(tables[0].arn)', notKnown],
    ['split(":", tables[0].arn)', notKnown],
    ['contains(["x"], tables[0].arn)', notKnown],
    ['sort([tables[1].arn, tables[0].arn])', notKnown],
    ['tables[0].endpoint', notKnown],
    ['jsonencode(tables[0])', notKnown],
  ],
  'try and can': [
    ['try(shops.west, shops.north, 1)', 7],
    ['try(mystery, 1)', notKnown],
    ['try(mystery.a.b, 1)', notKnown],
    ['try(perhaps[0].arn, "none")', notKnown],
    ['try([shops.west], "none")', 'none'],
    ['try(shops.west)', refused],
    ['can(shops.west)', false],
    ['can(shops.north)', true],
    ['can(mystery)', notKnown],
  ],
  files: [
    ['file("greeting.txt")', 'hello ${name}'],
    ['templatefile("greeting.txt", { name = "reader" })', 'hello reader'],
    ['templatefile("greeting.txt", { name = mystery })', notKnown],
    ['templatefile("greeting.txt", {})', refused],
    ['file("/etc/passwd")', notKnown],
  ],
}

describe('an expression', () => {
  describe.each(Object.entries(cases))('%s', (_, rows) => {
    it.each(rows)('%s', (expression, value) => {
      expect(outcome(expression)).toEqual(value)
    })
  })

  it('with attributes of what is declared is put together, and not taken for text', () => {
    for (const text of ['"${tables[0].arn}/*"', 'join("", [tables[0].arn, "x"])', 'format("%s/", tables[0].arn)']) {
      const value = outcome(text)
      expect(value).toBeTypeOf('string')
      expect(hasReference(value as string)).toBe(true)
    }
    expect(outcome('[for t in tables : t.arn]')).toEqual(outcome('tables[*].arn'))
    expect(JSON.parse(outcome('jsonencode({a = tables[0].arn})') as string).a).toBe(outcome('tables[0].arn'))
  })

  it('that costs too much is given up', () => {
    const doubling = `[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : a * b * c]]]`
    expect(() => outcome(doubling, environment(100_000))).toThrow(TooMuch)
  })
})

const json = fc.jsonValue({ maxDepth: 4 }).filter(value => !JSON.stringify(value).includes('-0'))

/** A value in Terraform's spelling. */
function printed(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printed).join(', ')}]`
  if (typeof value === 'object' && value !== null)
    return `{\n${Object.entries(value)
      .map(([key, item]) => `(${printed(key)}) = ${printed(item)}\n`)
      .join('')}}`
  if (typeof value !== 'string') return JSON.stringify(value)
  const escaped = [...value]
    .map(letter =>
      /[\\"]|[^\x20-\x7e]/u.test(letter) ? `\\U${letter.codePointAt(0)!.toString(16).padStart(8, '0')}` : letter,
    )
    .join('')
  return `"${escaped.replace(/[$%]\{/g, found => found[0] + found)}"`
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))

describe('known values', () => {
  it('read back as they were written', () =>
    fc.assert(
      fc.property(json, value => {
        expect(plain(outcome(printed(value)))).toEqual(plain(value))
      }),
      {
        numRuns: 300,
      },
    ))

  it('survive JSON', () =>
    fc.assert(
      fc.property(json, value => {
        expect(plain(outcome(`jsondecode(jsonencode(${printed(value)}))`))).toEqual(plain(value))
      }),
      { numRuns: 200 },
    ))
})
