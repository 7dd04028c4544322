// Protects the folder that is written into, and the one who runs the command: nothing of somebody else is written over or removed, and
// what is wrong is told with what to write instead.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { runCommandLine } from '../../src/hosts/command-line.ts'
import { root } from '../fixtures/estates.ts'
import { contextIn } from '../system/estate.ts'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rel09-deploy-'))
  mkdirSync(join(folder, 'lambda'))
  built('one')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** The code of the functions, as somebody built it. */
function built(text: string) {
  for (const name of ['config-rules', 'collector', 'org-scan'])
    writeFileSync(join(folder, 'lambda', `${name}.zip`), `${name} ${text}`)
}

async function deploy(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const context = contextIn(folder)
  const code = await runCommandLine(['deploy', ...args], context)
  return { code, ...context.written }
}
const usual = (...args: string[]) =>
  deploy('config-rules', '--out', 'out', '--lambda', 'lambda', '--rule', 'vault-lock', ...args)
const path = (name: string) => join(folder, 'out', name)
const files = () => readdirSync(join(folder, 'out')).sort()
const read = (name: string) => readFileSync(path(name), 'utf8')
const zip = () => files().find(name => name.startsWith('config-rules-'))!

describe('what is written', () => {
  it.each([
    ['config-rules', ['deploy.sh', 'template.yaml']],
    ['conformance-pack', ['conformance-pack.yaml', 'deploy.sh', 'functions.yaml']],
    ['org', ['code-bucket.yaml', 'conformance-pack-*.yaml', 'deploy.sh', 'functions.yaml', 'organization.yaml']],
  ])('%s: templates, a script that can be run, and the code by its content', async (kind, names) => {
    const { code, out } = await deploy(kind, '--out', 'out', '--lambda', 'lambda')
    expect(code).toBe(0)
    const shown = files().map(name => name.replace(/-[0-9a-f]{16}\./, '-*.'))
    expect(shown).toEqual([...names, 'collector-*.zip', 'config-rules-*.zip', 'rel09-deploy.json'].sort())
    expect(statSync(path('deploy.sh')).mode & 0o111).toBe(0o111)
    for (const name of files().filter(name => name !== 'rel09-deploy.json')) expect(out).toContain(name)
    expect(out).toContain('cd out\n  ./deploy.sh CODE_BUCKET')
    expect(readFileSync(path(zip()), 'utf8')).toBe('config-rules one')
    expect(read('deploy.sh')).toContain(zip())
  })

  it('the run over an organisation, as it stands in the repository, with its function and no other', async () => {
    const { code, out } = await deploy('org-scan', '--out', 'out', '--lambda', 'lambda')
    expect(code).toBe(0)
    const [scan = '', ...others] = files().filter(name => name.endsWith('.zip'))
    expect([scan, others]).toEqual([expect.stringMatching(/^org-scan-[0-9a-f]{16}\.zip$/), []])
    expect(read(scan)).toBe('org-scan one')
    for (const name of ['template.yaml', 'state-machine.asl.json'])
      expect(read(name)).toBe(readFileSync(join(root, 'deploy/org-scan', name), 'utf8'))
    expect(read('deploy.sh')).toContain(scan)
    expect(statSync(path('deploy.sh')).mode & 0o111).toBe(0o111)
    expect(out).toContain('./deploy.sh CODE_BUCKET OrganizationId=')
    expect(out).not.toContain('of AWS Config')
  })

  it('the reader role, as it stands in the repository', async () => {
    expect((await deploy('reader-role', '--out', 'out')).code).toBe(0)
    expect(read('reader-role.yaml')).toBe(readFileSync(join(root, 'deploy/reader-role.yaml'), 'utf8'))
  })

  it('what was set, in the template', async () => {
    const given = ['--policy', 's3://shop-policies/a/rel09.yaml', '--snapshot-bucket', 'shop-snapshots']
    expect((await usual(...given, '--parameter', 'vault-lock.onlyTiers=tier0,tier1')).code).toBe(0)
    const { Parameters } = parse(read('template.yaml'))
    expect(Parameters).toMatchObject({
      PolicyBucket: { Default: 'shop-policies' },
      PolicyKey: { Default: 'a/rel09.yaml' },
      SnapshotBucket: { Default: 'shop-snapshots' },
      VaultLockOnlyTiers: { Default: 'tier0,tier1' },
    })
    await usual('--policy', 'ssm:/rel09/policy')
    expect(parse(read('template.yaml')).Parameters).toMatchObject({
      PolicyParameter: { Default: 'rel09/policy' },
      PolicyBucket: { Default: '' },
    })
  })

  it('how to go there, where its name is no plain word', async () => {
    const { out } = await deploy('reader-role', '--out', "a 'b' $c")
    expect(out).toContain(`cd 'a '\\''b'\\'' $c'\n`)
  })
})

describe('a folder that was written before', () => {
  it('is written anew, without the code of the last time', async () => {
    await usual()
    const before = files()
    const old = zip()
    await usual()
    expect(files()).toEqual(before)
    built('two')
    expect((await usual()).code).toBe(0)
    expect(files()).toHaveLength(before.length)
    expect(existsSync(path(old))).toBe(false)
    expect(read('template.yaml')).toContain(zip())
  })

  it('keeps what is not ours, and what somebody changed', async () => {
    await usual()
    const old = zip()
    writeFileSync(path('notes.txt'), 'ours')
    writeFileSync(path(old), 'changed')
    built('two')
    await usual()
    expect(read('notes.txt')).toBe('ours')
    expect(read(old)).toBe('changed')
  })

  it('is left as it is where a file was changed, unless that is forced', async () => {
    await usual()
    const before = new Map(files().map(name => [name, read(name)]))
    writeFileSync(path('template.yaml'), 'mine')
    built('two')
    const { code, err } = await usual()
    expect(code).toBe(2)
    expect(err).toMatch(/template\.yaml .*--force/)
    expect(err).not.toContain('deploy.sh')
    for (const [name, text] of before) expect(read(name)).toBe(name === 'template.yaml' ? 'mine' : text)
    expect((await usual('--force')).code).toBe(0)
    expect(read('template.yaml')).not.toBe('mine')
  })

  it('is refused where somebody else has files of these names', async () => {
    mkdirSync(join(folder, 'out'))
    writeFileSync(path('template.yaml'), 'mine')
    writeFileSync(path('rel09-deploy.json'), '{"files":{"../lambda/collector.zip":"x","template.yaml":1}}')
    expect((await usual()).code).toBe(2)
    expect(files()).toEqual(['rel09-deploy.json', 'template.yaml'])
  })

  it('removes nothing that a list of somebody else names', async () => {
    mkdirSync(join(folder, 'out'))
    const digest = 'f'.repeat(64)
    writeFileSync(path('notes.txt'), 'ours')
    writeFileSync(
      path('rel09-deploy.json'),
      JSON.stringify({ files: { '../lambda/collector.zip': digest, 'notes.txt': digest } }),
    )
    expect((await usual()).code).toBe(0)
    expect(read('notes.txt')).toBe('ours')
    expect(existsSync(join(folder, 'lambda/collector.zip'))).toBe(true)
  })

  it('follows no link', async () => {
    mkdirSync(join(folder, 'out'))
    writeFileSync(join(folder, 'victim'), 'mine')
    symlinkSync('../victim', path('template.yaml'))
    for (const force of [[], ['--force']]) {
      expect((await usual(...force)).code).toBe(2)
      expect(readFileSync(join(folder, 'victim'), 'utf8')).toBe('mine')
    }
  })
})

describe('what is wrong is told, and nothing is written', () => {
  it.each<[string, string[], RegExp]>([
    ['an unknown kind', ['config-rule', '--out', 'out'], /config-rules/],
    ['no folder', ['config-rules'], /--out/],
    ['an unknown rule', ['config-rules', '--out', 'out', '--lambda', 'lambda', '--rule', 'vault-lok'], /vault-lock/],
    ['functions that were not built', ['config-rules', '--out', 'out', '--lambda', 'nowhere'], /config-rules\.zip/],
    [
      'a policy in a file',
      ['config-rules', '--out', 'out', '--lambda', 'lambda', '--policy', 'rel09.yaml'],
      /s3:\/\/BUCKET\/KEY/,
    ],
    [
      'a bucket as a URI',
      ['config-rules', '--out', 'out', '--lambda', 'lambda', '--snapshot-bucket', 's3://x/'],
      /without s3/,
    ],
    [
      'a parameter without a rule',
      ['config-rules', '--out', 'out', '--lambda', 'lambda', '--parameter', 'requiredMode=any'],
      /RULE\.NAME=VALUE/,
    ],
    [
      'a parameter of no rule',
      ['config-rules', '--out', 'out', '--lambda', 'lambda', '--parameter', 'vault-lok.requiredMode=any'],
      /vault-lock/,
    ],
    [
      'a parameter that the rule has not',
      ['config-rules', '--out', 'out', '--lambda', 'lambda', '--parameter', 'vault-lock.mode=any'],
      /requiredMode/,
    ],
    [
      'a value that the rule refuses',
      ['config-rules', '--out', 'out', '--lambda', 'lambda', '--parameter', 'vault-lock.requiredMode=some'],
      /compliance/,
    ],
    ['rules of a role', ['reader-role', '--out', 'out', '--rule', 'vault-lock'], /--rule/],
    ['functions of a role', ['reader-role', '--out', 'out', '--lambda', 'lambda'], /--lambda/],
    [
      'a policy of a run, which reads that of its bucket',
      ['org-scan', '--out', 'out', '--lambda', 'lambda', '--policy', 'ssm:/rel09/policy'],
      /--policy/,
    ],
  ])('%s', async (_, args, wanted) => {
    const { code, err } = await deploy(...args)
    expect([code, err]).toEqual([2, expect.stringMatching(wanted)])
    expect(existsSync(join(folder, 'out'))).toBe(false)
  })

  it('a folder that cannot be written', async () => {
    writeFileSync(join(folder, 'out'), 'a file')
    const { code, err } = await usual()
    expect([code, err]).toEqual([2, expect.stringContaining('out')])
    chmodSync(join(folder, 'out'), 0o600)
  })
})
