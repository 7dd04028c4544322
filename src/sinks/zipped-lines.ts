/** Lines as a compressed file, in bounded memory: every chunk is a gzip member, which together are a gzip file. */
import { gzipSync } from 'node:zlib'

const chunkCharacters = 1024 * 1024

/** Lines without their ends, compressed. Nothing at all gives an empty file of gzip. */
export async function* zippedLines(lines: Iterable<string> | AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  let pending: string[] = []
  let length = 0
  let isAny = false
  const flush = () => {
    const bytes = gzipSync(pending.length === 0 ? '' : `${pending.join('\n')}\n`)
    pending = []
    length = 0
    isAny = true
    return bytes
  }
  for await (const line of lines) {
    pending.push(line)
    length += line.length
    if (length >= chunkCharacters) yield flush()
  }
  if (pending.length > 0 || !isAny) yield flush()
}

/** Lines for many readers, held compressed until they are written. */
export class LinesByReader {
  private readonly pending = new Map<string, string[]>()
  private readonly zipped = new Map<string, Uint8Array[]>()
  private held = 0

  /** `mostHeld`: characters that are held before they are compressed. */
  constructor(private readonly mostHeld = 64 * 1024 * 1024) {}

  add(reader: string, line: string): void {
    const known = this.pending.get(reader)
    if (known) known.push(line)
    else this.pending.set(reader, [line])
    this.held += line.length
    if (this.held > this.mostHeld) this.compress()
  }

  /** The readers with what each is to read, in their order. */
  files(): [string, Uint8Array[]][] {
    this.compress()
    return [...this.zipped].sort(([a], [b]) => (a < b ? -1 : 1))
  }

  private compress(): void {
    for (const [reader, lines] of this.pending) {
      const known = this.zipped.get(reader) ?? []
      known.push(gzipSync(`${lines.join('\n')}\n`))
      this.zipped.set(reader, known)
    }
    this.pending.clear()
    this.held = 0
  }
}
