// Protects what else lies where a report is written: a device stays a device, an old report stays until the new one is whole.
import { execFileSync, spawn } from 'node:child_process'
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { writeFileChunks } from '../../src/sinks/files.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rel09-sink-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it.skipIf(process.platform === 'win32')('writes into a pipe and leaves it one', async () => {
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  const reader = spawn('cat', [pipe])
  let read = ''
  reader.stdout.on('data', text => {
    read += text
  })
  const closed = new Promise(resolve => reader.on('close', resolve))
  writeFileChunks(pipe, ['one ', 'two'])
  if (!lstatSync(pipe).isFIFO()) reader.kill()
  await closed
  expect([read, lstatSync(pipe).isFIFO(), readdirSync(folder)]).toEqual(['one two', true, ['pipe']])
})

it('leaves the old file where the new one fails half way', () => {
  const file = join(folder, 'report.json')
  writeFileSync(file, 'old')
  const chunks = (function* () {
    yield 'x'.repeat(300_000)
    throw new Error('no more')
  })()
  expect(() => writeFileChunks(file, chunks)).toThrow('no more')
  expect([readFileSync(file, 'utf8'), readdirSync(folder)]).toEqual(['old', ['report.json']])
})
