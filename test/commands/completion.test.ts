// Protects completion from drift: it must offer every command, option and word that the commands themselves declare, and the
// bash script must do so in a real bash.
import { spawnSync } from 'node:child_process'
import { afterAll, describe, expect, it } from 'vitest'
import { completionOf } from '../../src/commands/completion.ts'
import { commands } from '../../src/generated/commands.ts'
import { builtInRules } from '../../src/rules/built-in.ts'
import { Shop } from './bookshop.ts'

const shop = new Shop()
afterAll(() => shop.remove())
const script = async (shell: string) => (await shop.run(['completion', shell])).out
const isThere = (program: string) => spawnSync(program, ['--version']).status === 0

describe('what is offered', () => {
  it('is every command with every option', async () => {
    const completion = await completionOf(commands)
    expect(completion.commands.map(({ name }) => name)).toEqual(Object.keys(commands))
    for (const { name, options } of completion.commands) {
      const help = (await shop.run([name, '--help'])).out
      const flags = [...help.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag)
      expect(options.map(({ flag }) => flag).sort()).toEqual(flags.sort())
    }
  })

  it('knows what every placeholder stands for', async () => {
    const { commands: all } = await completionOf(commands)
    const free = all.flatMap(({ name, options, values }) => [
      ...options.filter(option => option.values?.kind === 'text').map(({ flag }) => `${name} ${flag}`),
      ...values.flatMap((value, at) => (value.kind === 'text' ? [`${name} argument ${at}`] : [])),
    ])
    const places = (name: string) => [`${name} --account`, `${name} --region`]
    expect(free).toEqual([
      'collect --accounts',
      'collect --ou',
      'collect --exclude-accounts',
      'collect --role',
      'collect --external-id',
      'collect --regions',
      'collect --aggregator',
      'collect --services',
      'collect --profile',
      'collect --max-attempts',
      'deploy --policy',
      'deploy --snapshot-bucket',
      'deploy --parameter',
      'diff --now',
      ...places('diff'),
      'org --jobs',
      'org --run-id',
      'org --now',
      'org --external-id',
      'org --max-attempts',
      'org --accounts',
      'org --ou',
      'org --exclude-accounts',
      'org --regions',
      'org --role',
      'scan --now',
      ...places('scan'),
      'scan --verdicts',
      'scan --accounts',
      'scan --ou',
      'scan --exclude-accounts',
      'scan --role',
      'scan --external-id',
      'scan --regions',
      'scan --aggregator',
      'scan --services',
      'scan --profile',
      'scan --max-attempts',
      'why --now',
      ...places('why'),
      'why argument 0',
    ])
  })

  it.each(['bash', 'zsh', 'fish'])('is in the script for %s', async shell => {
    const text = await script(shell)
    for (const name of Object.keys(commands)) expect(text).toContain(name)
    for (const word of ['fail-on', 'sarif', 'critical', 'REL09-BP02', 'backup-vault', 'vault-lock'])
      expect(text).toContain(word)
    expect(text).not.toMatch(/undefined|\[object/)
  })

  it('is nothing for another shell', async () => {
    expect(await shop.run(['completion', 'csh'])).toMatchObject({ code: 2, out: '' })
    expect((await shop.run(['completion'])).code).toBe(2)
  })
})

describe.skipIf(!isThere('bash'))('in bash', () => {
  /** What bash replies to words of which the last is being typed. */
  async function reply(...words: string[]): Promise<string[]> {
    const quoted = words.map(word => `'${word}'`).join(' ')
    const program = `${await script('bash')}\nCOMP_WORDS=(${quoted})\nCOMP_CWORD=${words.length - 1}\n_rel09\nprintf '%s\\n' "\${COMPREPLY[@]}"\n`
    const { stdout, stderr, status } = spawnSync('bash', ['--norc', '-eu'], { input: program, encoding: 'utf8' })
    expect({ stderr, status }).toEqual({ stderr: '', status: 0 })
    return stdout.split('\n').filter(line => line !== '')
  }

  it('the script is sound', async () => {
    expect(spawnSync('bash', ['-n'], { input: await script('bash') }).status).toBe(0)
  })

  it.each<[string[], string[]]>([
    [['rel09', 'sc'], ['scan']],
    [['rel09', 'help', 'ex'], ['explain']],
    [['rel09', 'scan', '--fail'], ['--fail-on']],
    [
      ['rel09', 'scan', '--fail-on', ''],
      ['critical', 'high', 'medium', 'low', 'never'],
    ],
    [['rel09', 'scan', '--fail-on', '=', 'me'], ['medium']],
    [
      ['rel09', 'scan', '--fail-on', '='],
      ['critical', 'high', 'medium', 'low', 'never'],
    ],
    [['rel09', 'scan', '--format', 'sa'], ['sarif']],
    [['rel09', 'scan', '--rule', 'vault-lo'], ['vault-lock']],
    [['rel09', 'scan', '--rule', 's3-versioning,vault-lo'], ['s3-versioning,vault-lock']],
    [['rel09', 'explain', 'vault-lo'], ['vault-lock']],
    [['rel09', 'explain', '--format', 'json', 'vault-lo'], ['vault-lock']],
    [['rel09', 'completion', 'f'], ['fish']],
    [['rel09', 'why', '--subject', 'kms'], ['kms-key']],
    [['rel09', 'scan', '--policy', ''], []],
    [['rel09', 'scan', ''], []],
  ])('%j is answered by %j', async (words, wanted) => {
    expect(await reply(...words)).toEqual(wanted)
  })

  it('every rule can be explained', async () => {
    expect(await reply('rel09', 'explain', '')).toEqual(builtInRules.map(({ id }) => id).sort())
  })
})

describe.skipIf(!isThere('zsh'))('in zsh', () => {
  it('the script is sound', async () => {
    expect(spawnSync('zsh', ['-n'], { input: await script('zsh') }).status).toBe(0)
  })
})

describe.skipIf(!isThere('fish'))('in fish', () => {
  it('the script is sound', async () => {
    expect(spawnSync('fish', ['--no-execute'], { input: await script('fish') }).status).toBe(0)
  })
})
