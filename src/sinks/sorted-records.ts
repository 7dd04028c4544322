/**
 * Sorts a snapshot's records as readers like them best: scopes, gaps, then resources, `AWS::Backup::*` first, by type and ARN
 * (docs/architecture.md). More than memory holds is sorted by parts on disk, which are merged while they are written.
 */
import { closeSync, mkdtempSync, openSync, readSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { ResourceRecord, SnapshotRecord } from '../model/record.ts'
import { makeFolder } from './files.ts'

/** Characters of text that are held in memory. */
const usualHeld = 32 * 1024 * 1024
const readLength = 256 * 1024
const chunkLength = 1024 * 1024

/** The character between key and line: in JSON it stands escaped, so that no key and no line holds it. */
const separator = '\u0000'

/** Below every character of JSON text, and not the separator: orders the parts of a key. */
const between = '\u0001'

function keyOf(record: SnapshotRecord): string {
  if (record.record === 'scope')
    return ['0', record.account ?? '', record.region ?? '', record.id].map(clean).join(between)
  if (record.record === 'gap')
    return ['1', record.account ?? '', record.region ?? '', record.api ?? '', record.reason].map(clean).join(between)
  return resourceKey(record)
}

function resourceKey({ type, arn, id, account, region }: ResourceRecord): string {
  const rank = type.startsWith('AWS::Backup::') ? '2' : '3'
  return [rank, type, arn ?? id, account ?? '', region ?? ''].map(clean).join(between)
}

/** A key stands on a line of its part: no control characters. */
const clean = (text: string) => text.replace(/\p{Cc}/gu, ' ')

/** Sorts records that are given one by one. */
export class SortedRecords {
  private held: string[] = []
  private heldLength = 0
  private readonly parts: string[] = []
  private readonly folder: string

  /**
   * Parts are written beside the output, where there is room for as much; its folder is made. Throws what the file system throws:
   * before anything is read, not after.
   */
  constructor(
    output: string,
    private readonly mostHeld = usualHeld,
  ) {
    const present = statSync(output, { throwIfNoEntry: false })
    const besides = present && !present.isFile() ? tmpdir() : dirname(output)
    makeFolder(besides)
    this.folder = mkdtempSync(join(besides, '.rel09-parts-'))
  }

  /** Takes a record. */
  add(record: SnapshotRecord): void {
    const line = `${keyOf(record)}${separator}${JSON.stringify(record)}`
    this.held.push(line)
    this.heldLength += line.length
    if (this.heldLength >= this.mostHeld) this.writePart()
  }

  /** The lines in order, each once, in chunks that end with a line. */
  *chunks(): Generator<string> {
    let chunk: string[] = []
    let length = 0
    let last: string | undefined
    for (const line of this.lines()) {
      // A list that was told twice (a page that AWS repeats) is the same records again.
      if (line === last) continue
      last = line
      const text = `${line.slice(line.indexOf(separator) + 1)}\n`
      chunk.push(text)
      length += text.length
      if (length < chunkLength) continue
      yield chunk.join('')
      chunk = []
      length = 0
    }
    if (chunk.length > 0) yield chunk.join('')
  }

  /** The same, compressed: every chunk a gzip member, which together are a gzip file. */
  *zipped(): Generator<Uint8Array> {
    for (const chunk of this.chunks()) yield gzipSync(chunk)
  }

  /** Removes the parts. */
  close(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  private *lines(): Generator<string> {
    this.held.sort(byCodeUnit)
    if (this.parts.length === 0) {
      yield* this.held
      return
    }
    const sources = [this.held.values(), ...this.parts.map(part => linesOf(part))]
    const heads = sources.map(source => source.next())
    for (;;) {
      let least = -1
      for (let i = 0; i < heads.length; i++) {
        const { done, value } = heads[i]!
        if (done) continue
        if (least < 0 || value < heads[least]!.value!) least = i
      }
      if (least < 0) return
      yield heads[least]!.value!
      heads[least] = sources[least]!.next()
    }
  }

  private writePart(): void {
    const name = join(this.folder, String(this.parts.length))
    this.held.sort(byCodeUnit)
    const file = openSync(name, 'wx', 0o600)
    try {
      for (let at = 0; at < this.held.length; at += 1000)
        writeText(file, `${this.held.slice(at, at + 1000).join('\n')}\n`)
    } finally {
      closeSync(file)
    }
    this.parts.push(name)
    this.held = []
    this.heldLength = 0
  }
}

const byCodeUnit = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

function writeText(file: number, text: string): void {
  const bytes = Buffer.from(text)
  let written = 0
  while (written < bytes.length) written += writeSync(file, bytes, written)
}

function* linesOf(name: string): Generator<string> {
  const file = openSync(name, 'r')
  const buffer = Buffer.alloc(readLength)
  const decoder = new TextDecoder()
  let rest = ''
  try {
    for (let length = readSync(file, buffer); length > 0; length = readSync(file, buffer)) {
      const lines = (rest + decoder.decode(buffer.subarray(0, length), { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      yield* lines
    }
    if (rest !== '') yield rest
  } finally {
    closeSync(file)
  }
}
