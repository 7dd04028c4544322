// Protects: whatever is given as input, the answer is records, a problem, a gap or an entry of notEvaluated: never an exception,
// a hang, or silence; and no output names an absolute path.
import { execFileSync } from 'node:child_process'
import { mkdirSync, symlinkSync } from 'node:fs'
import { basename, join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { configSnapshot, directoryOf, item, ndjson, readAll, readFiles, readText, resource, scope } from './estate.ts'

const snapshot = ndjson(scope, ...Array.from({ length: 2000 }, (_, i) => resource({ id: `table-${i}` })))
const delivery = configSnapshot(Array.from({ length: 2000 }, (_, i) => item({ resourceId: `db-${i}` })))

describe('a file that was named', () => {
  it.each<[string, string | Buffer]>([
    ['is empty', ''],
    ['holds only white space', ' \n\r\n\t'],
    ['is gzip of nothing', gzipSync('')],
    ['is half a gzip header', Buffer.from([0x1f, 0x8b])],
    ['is truncated gzip', gzipSync(snapshot).subarray(0, 20)],
    ['is damaged gzip', Buffer.concat([gzipSync(snapshot).subarray(0, 30), Buffer.alloc(40, 7)])],
    ['is compressed twice', gzipSync(gzipSync(snapshot))],
    ['is gzip and more', Buffer.concat([gzipSync(ndjson(scope, resource())), Buffer.from('more')])],
    ['is binary', Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 3])],
    ['is UTF-16', Buffer.from('\ufeff{"record":"scope"}', 'utf16le')],
    ['is not UTF-8', Buffer.from([0x7b, 0xff, 0xfe, 0x7d])],
    ['is YAML', 'apiVersion: v1\nkind: ConfigMap\n'],
    ['is a broken object', '{"record":'],
    ['is a list of records', `[${JSON.stringify(scope)}]`],
    ['is a pretty-printed record', JSON.stringify(scope, null, 2)],
    ['is not closed', delivery.slice(0, -2)],
    ['ends in an item', delivery.slice(0, 5000)],
    ['ends in a name', '{"fileVersion":"1.0","configurationItems":[],"conf'],
    ['goes on after its end', `${delivery}]`],
    ['has a trailing comma', delivery.replace(/\]\}$/, ',]}')],
    ['has a comma too many', '{"fileVersion":"1.0","configurationItems":[,]}'],
    [
      'lacks a comma',
      configSnapshot([item(), item()]).replace('},{"configurationItemVersion', '}{"configurationItemVersion'),
    ],
    ['lacks a colon', '{"fileVersion":"1.0","configurationItems" []}'],
    ['has brackets that do not match', configSnapshot([{ a: 1 }]).replace('{"a":1}', '{"a":[1}]')],
    ['has an element that is no item', configSnapshot([1])],
    ['is nested deeply', configSnapshot([]).replace('[]', `[${'['.repeat(100_000)}`)],
    [
      'is an item nested deeply',
      `{"resourceType":"a","configurationItemStatus":"OK","configuration":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`,
    ],
    ['is a record nested deeply', `${ndjson(scope)}{"record":"resource","configuration":${'['.repeat(1_000_000)}`],
    [
      'is a valid record nested deeply',
      ndjson(scope) + JSON.stringify(resource()).replace('"carts"}', `${'['.repeat(9000)}${']'.repeat(9000)}}`),
    ],
  ])('and %s is a problem', async (_, content) => {
    const { problems } = await readFiles({ 'input.json': content }, ['input.json'])
    expect(new Set(problems.map(problem => problem.file))).toEqual(new Set(['input.json']))
    expect(problems[0]!.message).not.toMatch(/at .*:\d+:\d+|Error/)
  })

  it.each<[string, string | Buffer, number]>([
    ['a snapshot', gzipSync(snapshot).subarray(0, -9), 0],
    ['a Config snapshot', gzipSync(delivery).subarray(0, -9), 0],
    ['a snapshot with one bad byte', Buffer.concat([Buffer.from(snapshot), Buffer.from([0x22, 0xff, 0x0a])]), 2000],
    ['a Config snapshot cut in an item', delivery.slice(0, -200), 1999],
  ])('%s that is damaged at its end makes its scopes incomplete', async (_, content, least) => {
    const outcomes = [await readFiles({ f: content }, ['f']), await readFiles({ f: content }, ['f'])]
    const { resources, gaps, scopes, problems } = outcomes[0]!
    expect(problems).toHaveLength(1)
    expect(resources.length).toBeGreaterThanOrEqual(least)
    expect(gaps).toMatchObject(
      scopes.map(({ id }) => ({ scope: id, reason: 'truncated', factGroups: ['*'], types: [] })),
    )
    expect(gaps).not.toHaveLength(0)
    expect(JSON.stringify(outcomes[1])).toBe(JSON.stringify(outcomes[0]))
  })

  it('does not exist: one problem without an absolute path', async () => {
    const { problems } = await readFiles({}, ['none.ndjson', 'no/such/directory', '../nowhere-at-all'])
    expect(problems.map(problem => problem.file)).toEqual(['no/such/directory', 'none.ndjson', 'nowhere-at-all'])
    expect(problems.every(problem => problem.message === 'does not exist')).toBe(true)
  })

  it('lies outside the working directory: its last part names it, and two are told apart', async () => {
    const a = directoryOf({ 'shop.ndjson': ndjson(scope, resource()) })
    const b = directoryOf({ 'shop.ndjson': JSON.stringify(item()) })
    const cwd = directoryOf({})
    try {
      const paths = [join(a.path, 'shop.ndjson'), join(b.path, 'shop.ndjson')]
      const { resources, problems } = await readAll(paths, { cwd: cwd.path })
      expect(problems).toEqual([])
      expect(resources.map(record => record.location!.file).sort()).toEqual(['shop.ndjson', 'shop.ndjson (2)'])
      const whole = await readAll([a.path], { cwd: cwd.path })
      expect(whole.resources[0]!.location!.file).toBe(`${basename(a.path)}/shop.ndjson`)
    } finally {
      for (const directory of [a, b, cwd]) directory.remove()
    }
  })

  it('standard input without one is a problem', async () => {
    expect((await readAll(['-'], { cwd: '.' })).problems).toMatchObject([{ file: '-' }])
  })

  it('standard input that fails is a problem', async () => {
    const stdin = new Readable({
      read() {
        this.destroy(new Error('gone'))
      },
    })
    expect((await readAll(['-'], { cwd: '.', stdin })).problems).toMatchObject([{ file: '-' }])
  })
})

describe('a record that is too long', () => {
  const maxRecordBytes = 10_000
  const long = 'x'.repeat(3_000_000)
  it('is a gap of its scope and type, and the rest is read', async () => {
    const { name, tags, ...rest } = resource({ id: 'long', configuration: { long } })
    const text = ndjson(scope, resource({ id: 'a' }), rest, resource({ id: 'b' }))
    const { resources, gaps, problems } = await readText(text, { maxRecordBytes })
    expect(problems).toEqual([])
    expect(resources.map(record => record.id)).toEqual(['a', 'b'])
    expect(gaps).toMatchObject([
      { scope: scope.id, reason: 'oversized', types: ['AWS::DynamoDB::Table'], file: '-', line: 3 },
    ])
  })

  it('is a gap of every scope of its file where it does not show its own', async () => {
    const text = `${ndjson(scope)}{"configuration":"${long}"}\n${ndjson({ ...scope, id: 'second', region: 'eu-north-1' })}`
    const { gaps } = await readText(text, { maxRecordBytes })
    expect(gaps.map(gap => [gap.scope, gap.types, gap.line])).toEqual([
      [scope.id, [], 2],
      ['second', [], 2],
    ])
  })

  it('is a gap in a Config snapshot', async () => {
    const text = configSnapshot([item(), item({ configuration: { long } }), item({ resourceId: 'db-2' })])
    const { resources, gaps, scopes } = await readText(text, { maxRecordBytes })
    expect(resources).toHaveLength(2)
    expect(gaps).toMatchObject([{ scope: scopes[0]!.id, reason: 'oversized', factGroups: ['*'], types: [] }])
  })

  it('is a gap even where nothing else is there', async () => {
    const { gaps, scopes } = await readText(configSnapshot([item({ configuration: { long } })]), { maxRecordBytes })
    expect(gaps.map(gap => gap.scope)).toEqual(scopes.map(entry => entry.id))
    expect(gaps).toHaveLength(1)
  })

  it('of 100 MB passes through in bounded memory', async () => {
    const piece = Buffer.alloc(1 << 20, 0x61)
    async function* bytes() {
      yield Buffer.from(ndjson(scope))
      yield Buffer.from(`{"record":"resource","scope":"${scope.id}","type":"AWS::S3::Bucket","name":"`)
      for (let i = 0; i < 100; i++) yield piece
      yield Buffer.from(`"}\n${ndjson(resource())}`)
    }
    const { resources, gaps, problems } = await readAll(['-'], { cwd: '.', stdin: Readable.from(bytes()) })
    expect(problems).toEqual([])
    expect(resources).toMatchObject([{ id: 'carts', location: { line: 3 } }])
    expect(gaps).toMatchObject([{ reason: 'oversized', types: ['AWS::S3::Bucket'] }])
  })
})

describe('in a directory', () => {
  it('what shows a marker or a name of ours is a bad input, the rest is listed', async () => {
    const { resources, problems, notEvaluated } = await readFiles({
      'good.ndjson': ndjson(scope, resource()),
      'empty.json': '',
      'notes.md': '# Bookshop',
      'logo.png': Buffer.from([0x89, 0x50, 0x4e, 0x47, 0]),
      'broken.gz': gzipSync(snapshot).subarray(0, 20),
      'broken.ndjson': `garbage\n${ndjson(scope)}`,
      'broken.json': '{"a" "configurationItems": [',
      '111122223333_Config_eu-west-1_ConfigSnapshot_20260105T100000Z_x.json.gz': '',
      'node_modules/x/package.json': '{}',
    })
    expect(resources).toHaveLength(1)
    expect(problems.map(problem => problem.file)).toEqual([
      '111122223333_Config_eu-west-1_ConfigSnapshot_20260105T100000Z_x.json.gz',
      'broken.json',
      'broken.ndjson',
    ])
    const listed = ['broken.gz', 'empty.json', 'logo.png', 'node_modules', 'notes.md']
    expect(notEvaluated.map(entry => entry.file)).toEqual(listed)
    expect(notEvaluated.every(entry => entry.reason !== '' && entry.count === 1)).toBe(true)
  })

  it.each<[string, { [path: string]: string }]>([
    ['nothing at all', {}],
    ['nothing of ours', { 'notes.md': '# Bookshop' }],
  ])('%s is a problem: an empty report would look clean', async (_, files) => {
    expect((await readFiles(files)).problems).toMatchObject([{ file: '.' }])
  })

  it('links that lead in circles or nowhere, pipes and closed directories do not stop it', async () => {
    const directory = directoryOf({ 'a/good.ndjson': ndjson(scope, resource()) })
    try {
      mkdirSync(join(directory.path, 'b'))
      symlinkSync('..', join(directory.path, 'a/up'))
      symlinkSync('../a', join(directory.path, 'b/over'))
      symlinkSync('nowhere', join(directory.path, 'a/lost'))
      symlinkSync('self', join(directory.path, 'a/self'))
      execFileSync('mkfifo', [join(directory.path, 'pipe')])
      const { resources, problems, notEvaluated } = await readAll(['.'], { cwd: directory.path })
      expect(resources).toHaveLength(1)
      expect(problems).toMatchObject(
        ['a/up', 'b/over/up'].map(file => ({ file, message: expect.stringMatching(/directory above/) })),
      )
      expect(notEvaluated.map(entry => entry.file)).toEqual(expect.arrayContaining(['a/lost', 'a/self', 'pipe']))
      const looped = await readAll(['a/self'], { cwd: directory.path })
      expect(looped.problems).toMatchObject([{ file: 'a/self' }])
    } finally {
      directory.remove()
    }
  })

  it('links lead anywhere in the working directory and in what the user named, and nowhere else', async () => {
    const bucket = 'Resources:\n  Bucket:\n    Type: AWS::S3::Bucket\n'
    const directory = directoryOf({
      'repository/in/here.yaml': bucket,
      'repository/shared/a.yaml': bucket,
      'elsewhere/b.yaml': bucket,
      'elsewhere/deep/c.yaml': bucket,
    })
    const links = { 'to-file': '../../elsewhere/b.yaml', 'to-directory': '../../elsewhere/deep', shared: '../shared' }
    try {
      for (const [name, target] of Object.entries(links))
        symlinkSync(target, join(directory.path, 'repository/in', name))
      const cwd = join(directory.path, 'repository')
      const { problems, resources } = await readAll(['in'], { cwd })
      expect(problems.map(({ file }) => file)).toEqual(['in/to-directory', 'in/to-file'])
      expect(resources).toHaveLength(2)
      symlinkSync('../elsewhere', join(directory.path, 'repository/named'))
      expect((await readAll(['named'], { cwd })).problems).toEqual([])
    } finally {
      directory.remove()
    }
  })

  it('the order is that of code units, whatever the file system gives', async () => {
    const files = Object.fromEntries(
      ['b', 'B', 'a', 'é', '10', '9'].map(name => [name, JSON.stringify(item({ resourceId: name }))]),
    )
    const { resources } = await readFiles(files)
    expect(resources.map(record => record.id)).toEqual(['10', '9', 'B', 'a', 'b', 'é'])
  })
})
