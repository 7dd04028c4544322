// Protects the reader of the documents: what programs write is written anew, links lead somewhere, commands and options exist,
// and every policy and rule that is shown loads.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Command } from 'commander'
import { describe, expect, it } from 'vitest'
import { commands } from '../../src/generated/commands.ts'
import { loadPolicy } from '../../src/policy/load.ts'
import { builtInRules, factIndex } from '../../src/rules/built-in.ts'
import { formatProblem, loadRules } from '../../src/rules/load.ts'

const root = join(import.meta.dirname, '../..')
const read = (file: string) => readFileSync(join(root, file), 'utf8')
const script = '../../scripts/docs.mjs'
const { documents } = (await import(script)) as { documents(): Promise<Map<string, string>> }
const generated = await documents()

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...readdirSync(join(root, 'docs'))
    .filter(name => name.endsWith('.md'))
    .map(name => `docs/${name}`)
    .sort(),
]

describe('generated documents (npm run docs)', () => {
  it.each([...generated.keys()])('%s is what the rules and schemas say', file => {
    expect(generated.get(file) === read(file), `${file} has drifted`).toBe(true)
  })

  it('tell every rule and every subject', () => {
    for (const { id } of builtInRules) expect(generated.get('docs/rules.md')).toContain(`\n### ${id}\n`)
    for (const kind of Object.keys(factIndex)) expect(generated.get('docs/facts.md')).toContain(`\n## ${kind}\n`)
  })

  it('hold no cell that would break its table', () => {
    for (const [file, text] of generated) {
      const rows = text.split('\n').filter(line => line.startsWith('|'))
      for (const row of rows) expect(row.endsWith(' |'), `${file}: ${row}`).toBe(true)
    }
  })
})

/** Blocks of code in a language, with the line that each begins on. */
function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\``, 'gm'))].map(([, code = '']) => code)
}

const shown = (language: string) =>
  pages.flatMap(file => blocks(read(file), language).map((code, at) => ({ name: `${file} ${at + 1}`, code })))

describe('examples', () => {
  const policies = shown('yaml').filter(({ code }) => code.startsWith('version: 1\n'))
  const rules = shown('yaml').filter(({ code }) => /^id: /m.test(code))

  it('are there', () => {
    expect(policies.length).toBeGreaterThan(3)
    expect(rules.length).toBeGreaterThan(0)
    expect(policies.length + rules.length).toBe(shown('yaml').length)
  })

  it.each(policies)('the policy of $name loads', ({ code }) => {
    expect(loadPolicy(code, 'rel09.yaml', builtInRules).problems.map(formatProblem)).toEqual([])
  })

  it('the policy of ten lines is the same wherever it is shown, and has ten lines', () => {
    const [first, ...others] = policies.filter(({ code }) => code.includes('criticality')).map(({ code }) => code)
    expect(first?.trimEnd().split('\n')).toHaveLength(10)
    expect(others.every(code => code === first)).toBe(true)
  })

  it.each(rules)('the rule of $name is sound', ({ code }) => {
    const id = /^id: (\S+)$/m.exec(code)?.[1]
    const practice = /^bestPractice: (\S+)$/m.exec(code)?.[1]
    const { problems } = loadRules([{ name: `rules/${practice}/${id}.yaml`, text: code }], factIndex, { strict: true })
    expect(problems.map(formatProblem)).toEqual([])
  })
})

describe('commands', () => {
  const calls = shown('sh').flatMap(({ name, code }) =>
    [...code.matchAll(/\brel09 ([a-z]+(?:-[a-z]+)*)([^#\n]*)/g)].map(([call, command = '', rest = '']) => ({
      name,
      call,
      command,
      rest,
    })),
  )

  it.each(calls)('$name: $call', async ({ command, rest }) => {
    expect(Object.keys(commands)).toContain(command)
    const commander = new Command(command)
    ;(await commands[command]!()).configure(commander)
    const options = commander.options.map(({ long }) => long)
    for (const [option] of rest.matchAll(/--[a-z-]+/g)) expect(options).toContain(option)
    for (const [input] of rest.matchAll(/fixtures\/\S+/g)) expect(existsSync(join(root, input))).toBe(true)
  })

  it('the two commands of the README set all up', () => {
    const [judge = '', test = ''] = blocks(read('README.md'), 'sh').map(code => code.trim())
    expect(judge).toMatch(/^npm ci && npx rel09 scan \S+$/)
    expect(test).toBe('npm ci && npm test')
  })
})

/** Anchors of a page's headings, as GitHub makes them. */
const anchors = (text: string) =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, '')
      .replaceAll(' ', '-'),
  )

describe('links', () => {
  it.each(pages)('of %s lead somewhere', file => {
    const text = read(file)
    const broken = [...text.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target = '']) => target)
      .filter(target => !target.startsWith('https://'))
      .filter(target => {
        const [path = '', anchor] = target.split('#')
        const other = path === '' ? file : join(dirname(file), path)
        if (!existsSync(join(root, other))) return true
        return anchor !== undefined && !anchors(read(other)).includes(anchor)
      })
    expect([...new Set(broken)]).toEqual([])
  })
})
