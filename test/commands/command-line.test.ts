// Protects the command line as a whole: every command teaches its use, a slip in a command's name is mended by a hint, and
// the process around it neither dies of a closed pipe nor hides what it found.
import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commands } from '../../src/generated/commands.ts'
import { wantsColour } from '../../src/hosts/command-line.ts'
import { Shop, snapshot } from './bookshop.ts'

const shop = new Shop({ 'shop.ndjson': snapshot() })
afterAll(() => shop.remove())
const names = Object.keys(commands)

describe('help', () => {
  it.each([['--help'], ['-h'], ['help']])('%s tells of every command', async flag => {
    const { code, out } = await shop.run([flag])
    expect(code).toBe(0)
    for (const name of names) expect(out).toMatch(new RegExp(`^  ${name} +\\S`, 'm'))
  })

  it('is shown where no command is named, which is wrong usage', async () => {
    const { code, out } = await shop.run([])
    expect([code, out]).toEqual([2, (await shop.run(['--help'])).out])
  })

  it.each(names)('of %s teaches by example and tells the exit codes', async name => {
    const { code, out } = await shop.run([name, '--help'])
    expect(code).toBe(0)
    expect(out).toMatch(/Examples?:|Load it:/)
    expect(out).toContain(`rel09 ${name}`)
    expect(out).toContain('Exit codes')
    expect((await shop.run(['help', name])).out).toBe(out)
  })

  it('fits a narrow terminal', async () => {
    const { out } = await shop.run(['scan', '--help'], { columns: 70 })
    const text = out.slice(0, out.indexOf('Examples:'))
    expect(Math.max(...text.split('\n').map(line => line.length))).toBeLessThanOrEqual(70)
  })
})

describe('a command that is none', () => {
  it.each([
    ['scna', 'scan'],
    ['exlpain', 'explain'],
    ['rule', 'rules'],
  ])('%s suggests %s', async (typed, meant) => {
    const { code, err } = await shop.run([typed, 'shop.ndjson'])
    expect([code, err]).toEqual([2, expect.stringContaining(`did you mean ${meant}?`)])
  })

  it.each(['__proto__', 'constructor', 'toString'])('%s is none', async name => {
    expect((await shop.run([name])).code).toBe(2)
    expect((await shop.run(['help', name])).code).toBe(2)
  })
})

describe('the version', () => {
  it.each([['--version'], ['-V']])('%s', async flag => {
    expect(await shop.run([flag])).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
  })
})

describe('colours', () => {
  it.each<[{ [name: string]: string }, boolean, boolean]>([
    [{}, true, true],
    [{}, false, false],
    [{ NO_COLOR: '1' }, true, false],
    [{ NO_COLOR: '' }, true, true],
    [{ NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    [{ FORCE_COLOR: '1' }, false, true],
    [{ FORCE_COLOR: '0' }, true, false],
    [{ TERM: 'dumb' }, true, false],
  ])('with %j on a terminal or not (%s): %s', (environment, isTerminal, wanted) => {
    expect(wantsColour(environment, isTerminal)).toBe(wanted)
  })
})

describe('the process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rel09-process-'))
  const dist = join(folder, 'dist')
  const cli = join(dist, 'cli.js')
  beforeAll(() => {
    execFileSync(process.execPath, ['scripts/build.mjs', dist], { stdio: 'pipe' })
  }, 60_000)
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  /** Runs the process and closes its standard output as soon as something comes. */
  const closing = (args: string[]) =>
    new Promise<{ code: number | null; err: string }>(resolve => {
      const child = spawn(process.execPath, [cli, ...args], { cwd: shop.path, stdio: ['ignore', 'pipe', 'pipe'] })
      let err = ''
      child.stderr.on('data', chunk => (err += String(chunk)))
      child.stdout.once('data', () => child.stdout.destroy())
      child.on('close', code => resolve({ code, err }))
    })

  it('gives the exit code of the command', () => {
    const run = (args: string[]) => {
      try {
        execFileSync(process.execPath, [cli, ...args], { cwd: shop.path, stdio: 'pipe' })
        return 0
      } catch (error) {
        return (error as { status: number }).status
      }
    }
    expect(run(['scan', 'shop.ndjson', '--fail-on', 'never'])).toBe(0)
    expect(run(['scan', 'shop.ndjson'])).toBe(1)
    expect(run(['scan', 'nowhere'])).toBe(2)
  })

  it('starts from a code cache that this version of Node takes, and as well without one', () => {
    const cache = join(dist, 'command-line.cache')
    const isRefused = `
      require('node:v8').setFlagsFromString('--heap-growing-percent=30')
      const [source, cachedData] = ['js', 'cache'].map(kind => require('node:fs').readFileSync('command-line.' + kind))
      console.log(new (require('node:vm').Script)(source.toString('latin1'), { cachedData }).cachedDataRejected)`
    expect(execFileSync(process.execPath, ['-e', isRefused], { cwd: dist, encoding: 'utf8' })).toBe('false\n')
    const scan = () =>
      execFileSync(process.execPath, [cli, 'scan', 'shop.ndjson', '--fail-on', 'never'], { cwd: shop.path })
    const before = scan()
    rmSync(cache)
    expect(scan().equals(before)).toBe(true)
    writeFileSync(cache, 'made by another version')
    expect(scan().equals(before)).toBe(true)
  })

  it('takes a closed pipe in silence, and still tells by its exit code what it found', async () => {
    shop.write('many.yaml', 'version: 1\n')
    const { code, err } = await closing(['scan', 'shop.ndjson', '--format', 'json', '--verdicts', 'all'])
    expect({ code, err }).toEqual({ code: 1, err: '' })
    expect(await closing(['explain', 'vault-lock'])).toEqual({ code: 0, err: '' })
  })

  it('reads standard input', () => {
    const run = () =>
      execFileSync(
        process.execPath,
        [cli, 'scan', '-', '--fail-on', 'never', '--format', 'json', '--now', '2026-01-06'],
        {
          cwd: shop.path,
          input: snapshot(),
        },
      )
    expect(String(run())).toBe(String(run()))
  })
})
