/**
 * Protects a folder as a store of objects: what is written is whole or not there, the first conditional write wins, keys come in
 * their order, and nothing outside of the folder is read or written, whatever lies in it.
 */
import {
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStore } from '../../src/commands/object-store.ts'
import { UsageError } from '../../src/commands/usage-error.ts'
import { isObjectKey, type ObjectStore, StoreFault } from '../../src/model/object-store.ts'

let parent: string
let folder: string
let store: ObjectStore

beforeEach(async () => {
  parent = mkdtempSync(join(tmpdir(), 'rel09-store-'))
  folder = join(parent, 'store')
  store = await openStore('store', parent)
})

afterEach(() => rmSync(parent, { recursive: true, force: true }))

async function textOf(key: string): Promise<string | undefined> {
  const bytes = await store.read(key)
  if (!bytes) return undefined
  const chunks: Uint8Array[] = []
  for await (const chunk of bytes) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

async function keys(prefix = ''): Promise<string[]> {
  const found: string[] = []
  for await (const key of store.list(prefix)) found.push(key)
  return found
}

const badKeys = [
  '',
  '/',
  'a/',
  '/a',
  'a//b',
  '.',
  '..',
  'a/../b',
  '../a',
  'a/.hidden',
  'a\\b',
  'a\0',
  'a\n',
  'ä',
  'a b',
  '%2e%2e/a',
]

describe('a folder as a store', () => {
  it('is empty where it does not exist, and is made by the first write', async () => {
    expect(await keys()).toEqual([])
    expect(await textOf('a')).toBeUndefined()
    expect(await store.put('runs/1/a.json', ['{', Buffer.from('}')])).toBe(true)
    expect(await textOf('runs/1/a.json')).toBe('{}')
    expect(await textOf('runs/1')).toBe(undefined)
  })

  it('lets the first of many conditional writers win, and others write over it', async () => {
    const texts = Array.from({ length: 20 }, (_, i) => `writer ${i}`)
    const wins = await Promise.all(texts.map(text => store.put('a/b', [text], { onlyIfAbsent: true })))
    expect(wins.filter(won => won)).toHaveLength(1)
    expect(await textOf('a/b')).toBe(texts[wins.indexOf(true)])
    expect(await store.put('a/b', ['anew'])).toBe(true)
    expect(await textOf('a/b')).toBe('anew')
    expect(readdirSync(join(folder, 'a'))).toEqual(['b'])
  })

  it('leaves nothing of what could not be made whole', async () => {
    async function* broken() {
      yield 'half'
      throw new Error('broken')
    }
    await store.put('a/b', ['old'])
    await expect(store.put('a/b', broken())).rejects.toThrow('broken')
    await expect(store.put('a/c', broken(), { onlyIfAbsent: true })).rejects.toThrow('broken')
    expect(await textOf('a/b')).toBe('old')
    expect(readdirSync(join(folder, 'a'))).toEqual(['b'])
  })

  it('lists keys in their order, whatever they are', async () => {
    const part = fc.stringMatching(/^[a-z0-9][a-z0-9.=_-]{0,3}$/)
    const key = fc.array(part, { minLength: 1, maxLength: 3 }).map(parts => parts.join('/'))
    await fc.assert(
      fc.asyncProperty(fc.array(key, { maxLength: 12 }), fc.string({ maxLength: 3 }), async (wanted, prefix) => {
        rmSync(folder, { recursive: true, force: true })
        const written: string[] = []
        for (const one of wanted) {
          // A file cannot be a folder, as an object can.
          if (written.some(other => other.startsWith(`${one}/`) || one.startsWith(`${other}/`))) continue
          await store.put(one, [one])
          written.push(one)
        }
        const expected = [...new Set(written)].sort()
        expect(await keys()).toEqual(expected)
        expect(await keys(prefix)).toEqual(expected.filter(one => one.startsWith(prefix)))
      }),
      { numRuns: 60 },
    )
  })

  it.each(badKeys)('refuses the key %j', async key => {
    expect(isObjectKey(key)).toBe(false)
    await expect(store.read(key)).rejects.toThrow(StoreFault)
    await expect(store.put(key, ['x'])).rejects.toThrow(StoreFault)
    expect(readdirSync(parent)).toEqual([])
  })

  it('follows no link', async () => {
    const outside = join(parent, 'outside')
    mkdirSync(outside)
    writeFileSync(join(outside, 'secret'), 'secret')
    mkdirSync(folder)
    symlinkSync(outside, join(folder, 'away'))
    symlinkSync(join(outside, 'secret'), join(folder, 'file'))
    symlinkSync(join(outside, 'new'), join(folder, 'dangling'))
    await expect(store.read('away/secret')).rejects.toThrow(StoreFault)
    await expect(store.read('file')).rejects.toThrow(StoreFault)
    await expect(store.put('away/made', ['x'])).rejects.toThrow(StoreFault)
    expect(await store.put('dangling', ['x'], { onlyIfAbsent: true })).toBe(false)
    await store.put('file', ['mine'])
    expect(await keys()).toEqual(['file'])
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret')
    expect(existsSync(join(outside, 'made')) || existsSync(join(outside, 'new'))).toBe(false)
  })

  it('reads what a kill left with a second name', async () => {
    await store.put('a', ['x'], { onlyIfAbsent: true })
    linkSync(join(folder, 'a'), join(folder, '.rel09-0.part'))
    expect(await textOf('a')).toBe('x')
    expect(await keys()).toEqual(['a'])
  })
})

describe('the name of a store', () => {
  it.each(['s3://', 's3://B', 's3://bucket//a', 's3://bucket/../a', 'S3://bucket', 's3:/bucket'])(
    'refuses %s',
    async text => {
      await expect(openStore(text, parent)).rejects.toThrow(UsageError)
    },
  )

  it('opens a bucket without asking AWS', async () => {
    expect((await openStore('s3://my-bucket/rel09/', parent)).name).toBe('s3://my-bucket/rel09/')
    expect((await openStore('s3://my-bucket', parent)).name).toBe('s3://my-bucket/')
  })
})
