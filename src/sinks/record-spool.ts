/** Texts that are put aside on disk under keys, and read again key by key: memory holds no more than was added last. */
import { rmSync } from 'node:fs'
import { type KeyedLine, lineText, type Segment, SegmentFile } from './sorted-segments.ts'

/** Characters of text that are held in memory. */
const usualHeld = 16 * 1024 * 1024

/** Texts by key, in a file of its own. */
export class RecordSpool {
  private readonly file: SegmentFile
  private readonly held = new Map<string, string[]>()
  private readonly segments = new Map<string, Segment[]>()
  private heldLength = 0
  private isClosed = false

  /** Makes the file anew. Throws what the file system throws. */
  constructor(
    readonly path: string,
    private readonly mostHeld = usualHeld,
  ) {
    rmSync(path, { force: true })
    this.file = new SegmentFile(path)
  }

  /** Puts a text of one line aside. */
  add(key: string, text: string): void {
    const texts = this.held.get(key)
    if (texts) texts.push(text)
    else this.held.set(key, [text])
    this.heldLength += text.length
    if (this.heldLength >= this.mostHeld) this.write()
  }

  /** The texts of a key, in the order in which they came. */
  *texts(key: string): Generator<string> {
    this.write()
    for (const segment of this.segments.get(key) ?? [])
      for (const line of this.file.lines(segment)) yield lineText(line).toString()
  }

  /** Throws everything away. */
  remove(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.file.close()
    rmSync(this.path, { force: true })
  }

  private write(): void {
    for (const [key, texts] of this.held)
      this.segments.set(key, [...(this.segments.get(key) ?? []), this.file.append(linesOf(texts))])
    this.held.clear()
    this.heldLength = 0
  }
}

/** Each key has segments of its own: its lines need none. */
function* linesOf(texts: readonly string[]): Generator<KeyedLine> {
  for (const text of texts) {
    const bytes = Buffer.from(`\0${text}\n`)
    yield { key: '', bytes, start: 0, textStart: 1, end: bytes.length }
  }
}
