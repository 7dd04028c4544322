// Protects readers and machines from names that others choose: no format may let a name become a command, a formula,
// markup, a link or a terminal sequence. Each escape is undone by a reader written here, apart from the writer.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { reporters } from '../../src/generated/reporters.ts'
import { csvRow } from '../../src/reporters/csv-row.ts'
import { jsonText } from '../../src/reporters/json-text.ts'
import { markdownFence, markdownText } from '../../src/reporters/markdown-text.ts'
import { relativeUri, repositoryPath } from '../../src/reporters/repository-path.ts'
import { shorten, visible } from '../../src/reporters/visible-text.ts'
import { workflowCommand } from '../../src/reporters/workflow-command.ts'
import { wrapText } from '../../src/reporters/wrap-text.ts'
import { xmlAttributes, xmlText } from '../../src/reporters/xml-text.ts'
import { everything, findingOf, nasty, nastyNames, rendered, reportOf } from './clinic.ts'

/** Texts with every kind of character, often those that formats care about. */
const anyText = fc.oneof(
  fc.constantFrom(...nastyNames),
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom(...'=+-@\t\r\n",\'%:;|`<>&[]()*_#!\\ a\u001b\u0085\u200b\u202e\u2028\ud800\udc00'),
  }),
)

/** What may not reach a screen, told by number and not by the class names that the writer uses. */
function unsafe(text: string): string[] {
  const controls = (code: number) => code < 0x20 || (code >= 0x7f && code < 0xa0)
  const marks = (code: number) =>
    (code >= 0x200b && code <= 0x200f) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x2069) ||
    code === 0x61c ||
    code === 0xfeff ||
    (code >= 0xe0000 && code <= 0xe007f)
  const broken = (code: number) => (code >= 0xd800 && code <= 0xdfff) || code === 0xfffe || code === 0xffff
  return [...text].filter(character => [controls, marks, broken].some(is => is(character.codePointAt(0) ?? 0)))
}

test('visible text holds nothing that a terminal acts upon, and leaves the rest alone', () => {
  fc.assert(
    fc.property(anyText, text => {
      const shown = visible(text)
      expect(unsafe(shown)).toEqual([])
      expect(shown).not.toContain('##[')
      expect(visible(shown)).toBe(shown)
    }),
  )
  expect(visible('Bücher, 本, 🏥 "a" \\n')).toBe('Bücher, 本, 🏥 "a" \\n')
})

test('shortening keeps to its length and never splits a character', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, longest) => {
      const short = shorten(text, longest)
      expect(short.length).toBeLessThanOrEqual(longest)
      expect(unsafe(short).filter(character => /\p{Cs}/u.test(character))).toEqual([])
      if (text.length <= longest) expect(short).toBe(text)
    }),
  )
})

test('wrapping loses nothing but spaces', () => {
  fc.assert(
    fc.property(anyText.map(visible), fc.integer({ min: 10, max: 40 }), (text, columns) => {
      const lines = wrapText(text, columns)
      expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''))
      for (const line of lines) expect([...line].length).toBeLessThanOrEqual(columns)
    }),
  )
})

/** RFC 4180, strictly: quotes only around a whole cell, doubled inside. */
function readCsv(text: string): string[][] {
  const rows: string[][] = []
  let at = 0
  while (at < text.length) {
    const row: string[] = []
    for (;;) {
      let cell = ''
      if (text[at] === '"') {
        for (at += 1; text[at] !== '"' || text[at + 1] === '"'; at += 1) {
          if (at >= text.length) throw new Error('a quoted cell has no end')
          if (text[at] === '"') at += 1
          cell += text[at]
        }
        at += 1
      } else while (at < text.length && !',\r\n"'.includes(text[at] as string)) cell += text[at++]
      row.push(cell)
      if (text[at] !== ',') break
      at += 1
    }
    if (text.slice(at, at + 2) !== '\r\n') throw new Error(`a row does not end at ${at}`)
    at += 2
    rows.push(row)
  }
  return rows
}

test('CSV reads back as it was, and no cell is a formula', () => {
  fc.assert(
    fc.property(fc.array(anyText, { minLength: 1 }), cells => {
      const [row, ...rest] = readCsv(csvRow(cells))
      expect(rest).toEqual([])
      for (const cell of row ?? []) expect(cell).not.toMatch(/^[=+\-@\t\r\n＝＋－＠]/)
      expect(row?.map((cell, i) => (cell === cells[i] ? cell : cell.replace(/^'/, '')))).toEqual(cells)
    }),
  )
})

test('CSV: each row of a nasty report is one line of the same width', async () => {
  const rows = readCsv(rendered(await reporters.csv!(), nasty(), everything))
  expect(rows).toHaveLength(nastyNames.length + 1)
  for (const row of rows) {
    expect(row).toHaveLength(rows[0]!.length)
    expect(unsafe(row.join(''))).toEqual([])
  }
})

const xmlNames: { readonly [entity: string]: string } = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const unescapeXml = (text: string): string =>
  text.replaceAll('&#58;', ':').replace(/&(\w+);/g, (_, name: string) => xmlNames[name] as string)

/** Elements of a well-formed document in order, as name and attributes; throws on anything else. */
function readXml(text: string): { name: string; attributes: { [name: string]: string } }[] {
  const token =
    /<\?xml [^?]*\?>|<\/([a-z]+)>|<([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>|((?:[^<>&]|&(?:amp|lt|gt|quot|apos|#58);)+)/y
  const found: { name: string; attributes: { [name: string]: string } }[] = []
  const open: string[] = []
  while (token.lastIndex < text.length) {
    const at = token.lastIndex
    const match = token.exec(text)
    if (!match) throw new Error(`not well-formed at ${at}: ${text.slice(at, at + 60)}`)
    const [, end, name, attributes = '', empty] = match
    if (end !== undefined && open.pop() !== end) throw new Error(`</${end}> closes nothing`)
    if (name === undefined) continue
    const pairs = [...attributes.matchAll(/ ([a-z]+)="([^"]*)"/g)].map(
      ([, key, value]) => [key as string, unescapeXml(value as string)] as const,
    )
    expect(new Set(pairs.map(([key]) => key)).size).toBe(pairs.length)
    found.push({ name, attributes: Object.fromEntries(pairs) })
    if (empty === '') open.push(name)
  }
  expect(open).toEqual([])
  return found
}

test('XML is well-formed and reads back what can be seen', () => {
  fc.assert(
    fc.property(anyText, text => {
      const [element] = readXml(`<a${xmlAttributes({ name: text })}>${xmlText(text)}</a>`)
      expect(element?.attributes.name).toBe(visible(text))
      expect(unescapeXml(xmlText(text))).toBe(visible(text))
    }),
  )
})

test('JUnit: counts of suites are those of their test cases', async () => {
  const elements = readXml(rendered(await reporters.junit!(), nasty(), everything))
  const total = { tests: 0, failures: 0, skipped: 0 }
  for (const { name } of elements) {
    if (name === 'testcase') total.tests += 1
    if (name === 'failure') total.failures += 1
    if (name === 'skipped') total.skipped += 1
  }
  expect(total.tests).toBe(nastyNames.length)
  const [root, ...inner] = elements
  const suites = inner.filter(({ name }) => name === 'testsuite')
  for (const key of ['tests', 'failures', 'skipped'] as const) {
    expect(Number(root?.attributes[key])).toBe(total[key])
    expect(suites.reduce((sum, { attributes }) => sum + Number(attributes[key]), 0)).toBe(total[key])
  }
})

const unescapeMarkdown = (text: string): string =>
  text.replaceAll('<!-- -->', '').replace(/&#(\d+);/g, (_, code: string) => String.fromCharCode(Number(code)))

test('Markdown text is nothing but text', () => {
  fc.assert(
    fc.property(anyText, text => {
      const written = markdownText(text, 100_000)
      expect(unescapeMarkdown(written)).toBe(visible(text))
      const bare = written.replaceAll('<!-- -->', '').replace(/&#\d+;/g, '')
      expect(bare).not.toMatch(/[\\`*_{}[\]()#!|<>&~@\n]/)
      expect(bare).not.toMatch(/:\/\/|www\./i)
    }),
  )
})

test('a Markdown code block ends where its code ends', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('`', '\n', 'a', ' ', '~') }), code => {
      const lines = markdownFence(code, 'sh').split('\n')
      const fence = lines[0]!.replace('sh', '')
      expect(lines.findIndex((line, i) => i > 0 && line.trim().startsWith(fence))).toBe(lines.length - 1)
    }),
  )
})

test('Markdown: tables keep their columns, and the whole fits a comment', async () => {
  const reporter = await reporters.markdown!()
  const crowd = reportOf(
    () =>
      nastyNames.flatMap((name, i) =>
        Array.from({ length: 30 }, (_, j) =>
          findingOf(i * 100 + j, {
            rule: ['resource-in-backup-plan', 's3-versioning', 'vault-lock'][j % 3]!,
            name: name.repeat(20),
            message: `${name}|`.repeat(50),
          }),
        ),
      ),
    {
      gaps: nasty().gaps,
      notEvaluated: nasty().notEvaluated,
    },
  )
  for (const report of [nasty(), crowd]) {
    const text = rendered(reporter, report)
    expect(text.length).toBeLessThan(65_536)
    let columns: number | undefined
    for (const line of text.split('\n')) {
      const width = line.startsWith('|') ? line.split('|').length : undefined
      if (width !== undefined) expect(width).toBe(columns ?? width)
      columns = width
      expect(unsafe(line)).toEqual([])
      expect(line).not.toMatch(/<(?!\/?(code|details|summary)>|br>|!-- -->)/)
    }
  }
})

test('Markdown: what fits does not hang on how many digits the lines have', async () => {
  const reporter = await reporters.markdown!()
  const rowsFrom = (first: number, length: number) => {
    const rules = ['resource-in-backup-plan', 's3-versioning', 'vault-lock']
    const findings = Array.from({ length: 90 }, (_, i) =>
      findingOf(i, {
        rule: rules[i % 3]!,
        resource: { type: 'AWS::S3::Bucket', id: '|'.repeat(length) },
        message: '|'.repeat(300),
        location: { file: 'a.ndjson', line: first + i },
      }),
    )
    return rendered(
      reporter,
      reportOf(() => findings),
    ).replace(/(a\.ndjson:)\d+/g, '$1#')
  }
  for (let length = 1; length <= 120; length += 7) expect(rowsFrom(1, length)).toBe(rowsFrom(1_000_000, length))
  expect(rowsFrom(1, 120)).toContain('more finding')
})

/** What GitHub's runner makes of a line of a log. */
function readCommand(line: string): { command: string; properties: { [name: string]: string }; data: string } {
  const [, command = '', list = '', data = ''] = /^::([a-z]+)(?: ([^:]*))?::(.*)$/s.exec(line) ?? []
  const undo = (text: string, codes: readonly string[]): string =>
    codes.reduce(
      (undone, code) => undone.replaceAll(code, String.fromCharCode(Number.parseInt(code.slice(1), 16))),
      text,
    )
  const pairs = list
    .split(',')
    .map(
      pair =>
        [
          pair.slice(0, pair.indexOf('=')),
          undo(pair.slice(pair.indexOf('=') + 1), ['%0D', '%0A', '%3A', '%2C', '%25']),
        ] as const,
    )
  return { command, properties: Object.fromEntries(pairs), data: undo(data, ['%0D', '%0A', '%25']) }
}

test('a workflow command reads back as one command', () => {
  fc.assert(
    fc.property(anyText, anyText, fc.array(anyText, { minLength: 1 }), (file, title, lines) => {
      const text = workflowCommand({ level: 'warning', file, line: 3, title, lines })
      expect(text.split(/\r|\n/)).toHaveLength(2)
      const { command, properties, data } = readCommand(text.slice(0, -1))
      expect(command).toBe('warning')
      expect(properties).toEqual({ file: visible(file), line: '3', endLine: '3', title: visible(title) })
      expect(data).toBe(lines.map(visible).join('\n'))
    }),
  )
})

test.each(['text', 'github', 'markdown', 'csv', 'junit', 'json', 'sarif'])(
  '%s: no name becomes a command of the runner that logs it, or moves a cursor',
  async format => {
    const text = rendered(await reporters[format]!(), nasty(), everything)
    const lines = text.split(/\r?\n/)
    expect(unsafe(lines.join(''))).toEqual([])
    for (const line of lines) {
      if (format === 'github') expect(line).toMatch(/^$|^::(error|warning|notice) [^:]*::/)
      else expect(line).not.toMatch(/^\s*::/)
    }
    expect(text).not.toContain('##[')
  },
)

test('GitHub: ten annotations of each level at most, worst first, the rest counted', async () => {
  const severities = ['low', 'medium', 'high', 'critical'] as const
  const report = reportOf(() => Array.from({ length: 100 }, (_, i) => findingOf(i, { severity: severities[i % 4] })))
  const commands = rendered(await reporters.github!(), report)
    .trimEnd()
    .split('\n')
    .map(readCommand)
  for (const level of ['error', 'warning', 'notice'])
    expect(commands.filter(({ command }) => command === level)).toHaveLength(10)
  for (const { properties } of commands.slice(0, 10)) expect(properties.title).toContain('critical')
  expect(commands.at(-1)?.data).toContain('71 more findings')
})

test('JSON reads back as the value and is safe to show', () => {
  fc.assert(
    fc.property(fc.dictionary(anyText, anyText), value => {
      const text = jsonText(value)
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      expect(unsafe(text)).toEqual([])
    }),
  )
})

test('a path is a relative URI or none', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        anyText,
        fc.array(fc.constantFrom('a', '..', '.', '', 'C:', 'x y', 'é')).map(parts => parts.join('/')),
      ),
      file => {
        const path = repositoryPath(file)
        if (path === undefined) return
        const uri = relativeUri(path)
        expect(uri).toMatch(/^[A-Za-z0-9%._~!'()*/-]+$/)
        const base = 'https://repository.example/top/'
        const resolved = new URL(uri, base)
        expect(resolved.href.startsWith(base)).toBe(true)
        expect(resolved.href).not.toMatch(/\/$/)
        expect(decodeURIComponent(uri)).toBe(path.replace(/\p{Cs}/gu, '\ufffd'))
      },
    ),
  )
})

test.each([
  '',
  '-',
  '/etc/hosts',
  'C:\\stacks\\a.yaml',
  'C:/a.yaml',
  '\\\\server\\a',
  's3://bucket/key',
  'arn:aws:s3:::xrays',
  '../a.yaml',
  'a/../../b',
  'folder/',
])('%j is no path in a repository', file => {
  expect(repositoryPath(file)).toBeUndefined()
})
