// Protects the policy that rel09 init writes: as written it must change nothing, uncommented it must be the defaults, and
// its examples must load. It must never overwrite what somebody wrote.
import { afterAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { policyText } from '../../src/commands/init.ts'
import { builtInPolicy } from '../../src/policy/built-in.ts'
import { defaultPolicy } from '../../src/policy/defaults.ts'
import { loadPolicy } from '../../src/policy/load.ts'
import { builtInRules } from '../../src/rules/built-in.ts'
import { Shop } from './bookshop.ts'

const shop = new Shop()
afterAll(() => shop.remove())

const lines = policyText().split('\n')
/** What remains where somebody takes away a # and a space of every line: explanations are comments still. */
const uncommented = lines.map(line => line.replace(/^# /, '').replace(/^##/, '#')).join('\n')
const load = (text: string) => loadPolicy(text, 'rel09.yaml', builtInRules)

describe('the policy that init writes', () => {
  it('changes nothing', () => {
    expect(parse(policyText())).toEqual({ version: 1 })
    expect(load(policyText()).policy?.digest).toBe(builtInPolicy().digest)
  })

  it('uncommented is the defaults, every one of them', () => {
    expect(parse(uncommented)).toEqual(defaultPolicy)
    const { policy, problems } = load(uncommented)
    expect(problems).toEqual([])
    expect(policy?.digest).toBe(builtInPolicy().digest)
  })

  it('explains every assumption above its line', () => {
    for (const name of Object.keys(defaultPolicy.assumptions)) {
      const at = lines.findIndex(line => line.startsWith(`#   ${name}:`))
      expect(lines[at - 1], name).toMatch(/^## {3}\S/)
    }
  })

  it('gives examples that load', () => {
    const samples = lines.join('\n').matchAll(/## For example:\n((?:## {3}.*\n)+)# (\w+):/g)
    const parts = [...samples].map(([, sample = '', part = '']) => `${part}:\n${sample.replaceAll(/^##/gm, '')}`)
    expect(parts.length).toBeGreaterThan(4)
    const { problems } = load(`version: 1\n${parts.join('\n')}`)
    expect(problems).toEqual([])
  })

  it('fits a screen, but for examples', () => {
    for (const line of lines) if (!line.includes('{')) expect(line.length).toBeLessThanOrEqual(120)
  })
})

describe('rel09 init', () => {
  it('writes rel09.yaml, which a scan then reads', async () => {
    expect(await shop.run(['init'])).toMatchObject({ code: 0, out: expect.stringContaining('rel09.yaml') })
    expect(shop.read('rel09.yaml')).toBe(policyText())
    expect((await shop.run(['rules'])).code).toBe(0)
  })

  it('does not overwrite what is there, unless it is told to', async () => {
    shop.write('mine.yaml', 'version: 1\nclosedWorld: true\n')
    expect(await shop.run(['init', 'mine.yaml'])).toMatchObject({ code: 2, err: expect.stringContaining('--force') })
    expect(shop.read('mine.yaml')).toContain('closedWorld: true')
    expect((await shop.run(['init', 'mine.yaml', '--force'])).code).toBe(0)
    expect(shop.read('mine.yaml')).toBe(policyText())
  })

  it('writes to standard output where asked', async () => {
    expect(await shop.run(['init', '--stdout'])).toEqual({ code: 0, out: policyText(), err: '' })
  })

  it('tells where it cannot write', async () => {
    shop.write('file', '')
    expect((await shop.run(['init', 'file/rel09.yaml'])).code).toBe(2)
  })
})
