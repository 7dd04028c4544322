// Protects the picture that the README opens with: it is what a scan of the bookshop prints today, and an SVG that shows text
// and nothing else.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { runCommandLine } from '../../src/hosts/command-line.ts'

interface Picture {
  scanned: string
  cut(text: string): string[]
  picture(text: string): string
}

const root = join(import.meta.dirname, '../..')
const path = '../../scripts/picture.mjs'
const { scanned, cut, picture } = (await import(path)) as Picture
const drawn = readFileSync(join(root, 'docs/picture.svg'), 'utf8')
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }

/** What a terminal is shown; unbundled code does not know its version. */
async function scan(): Promise<string> {
  let out = ''
  const keep = (text: string): boolean => {
    out += text
    return true
  }
  const exitCode = await runCommandLine(['scan', scanned], {
    cwd: root,
    stdin: new PassThrough(),
    stdout: { write: keep },
    stderr: { write: keep },
    colour: true,
    now: '2026-01-15T06:00:00.000Z',
    clock: () => 0,
    version: '0.0.0',
  })
  expect(exitCode).toBe(1)
  return out.replace('rel09 0.0.0', `rel09 ${version}`)
}

const report = await scan()

describe('the picture of the README', () => {
  it('is what the scan prints (npm run build && npm run picture)', () => {
    expect(picture(report)).toBe(drawn)
  })

  it('shows the command that the README gives, and says what it leaves out', () => {
    expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain(`npx rel09 scan ${scanned}`)
    expect(drawn).toContain(`npx rel09 scan ${scanned}`)
    const left = report.trimEnd().split('\n').length - cut(report).length
    expect(drawn).toContain(`… ${left + 2} lines are left out here`)
  })

  it('holds text alone: no script, no link, no image', () => {
    expect(drawn).not.toMatch(/<(script|a|image|foreignObject|style)\b|href|\bon\w+=/)
    expect(drawn.replace(/<\/?(svg|title|rect|path|circle|g|text|tspan)\b[^<>]*>/g, '')).not.toMatch(/[<>]/)
  })

  it('escapes what the report holds', () => {
    const hostile = report.replace('sessions', '<script>&"')
    expect(picture(hostile)).toContain('&lt;script&gt;&amp;&quot;')
  })

  it('refuses a colour that it does not know, rather than drop it', () => {
    expect(() => picture(report.replace('\u001b[31m', '\u001b[45m'))).toThrow('45')
  })
})
