/** Lines of a text of any size, decoded as fast as they can be: one check of the encoding for each chunk, no copy but at its ends. */
import { isAscii, isUtf8 } from 'node:buffer'

/** What is told of the lines. Lines are counted from 1. Empty lines are not told. */
export interface LineHandlers {
  /**
   * May read the line that starts at a place of a chunk, whole, by itself: then where its newline stands, else -1. Lines that
   * are not like others are told by {@link line}.
   */
  read?(chunk: Buffer, view: DataView, start: number, limit: number, line: number): number
  line(text: string, line: number): void
  notUtf8(line: number): void
  /** The line is longer than allowed; `start` is its beginning, the rest was passed over. */
  tooLong(line: number, start: string): void
}

const newline = Buffer.from('\n')

/** How much of a line that is too long is kept, to tell what it was about. */
const keptOfTooLong = 1024

/** Splits chunks into lines at LF; a CR before it stays, for a parser that takes it as white space. */
export function splitLines(handlers: LineHandlers, maxLineBytes: number): { push(chunk: Buffer): void; end(): void } {
  let number = 0
  let held: Buffer[] = []
  let heldBytes = 0
  let isTooLong = false

  function hold(part: Buffer): void {
    heldBytes += part.length
    if (!isTooLong) held.push(Buffer.from(part))
    if (isTooLong || heldBytes <= maxLineBytes) return
    isTooLong = true
    held = [Buffer.concat(held).subarray(0, keptOfTooLong)]
  }

  function tell(bytes: Buffer): void {
    if (isAscii(bytes)) handlers.line(bytes.toString('latin1'), number)
    else if (isUtf8(bytes)) handlers.line(bytes.toString('utf8'), number)
    else handlers.notUtf8(number)
  }

  function tellHeld(line: Buffer): void {
    const read = handlers.read?.(line, new DataView(line.buffer, line.byteOffset, line.length), 0, line.length, number)
    if (read !== line.length - 1) tell(line.subarray(0, -1))
  }

  /** Ends the line that was held over from earlier chunks. */
  function release(): void {
    number++
    if (isTooLong) handlers.tooLong(number, held[0]!.toString('latin1'))
    else if (heldBytes > 0) tellHeld(Buffer.concat([...held, newline]))
    held = []
    heldBytes = 0
    isTooLong = false
  }

  /** Tells the complete lines between two places of a chunk, the last newline included. */
  function tellRegion(chunk: Buffer, from: number, to: number): void {
    const region = chunk.subarray(from, to)
    const encoding = isAscii(region) ? 'latin1' : isUtf8(region) ? 'utf8' : undefined
    const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length)
    for (let start = from; start < to; ) {
      number++
      const read = handlers.read ? handlers.read(chunk, view, start, to, number) : -1
      if (read >= 0) {
        start = read + 1
        continue
      }
      const end = chunk.indexOf(10, start)
      if (end - start > maxLineBytes) handlers.tooLong(number, chunk.toString('latin1', start, start + keptOfTooLong))
      else if (end > start) {
        if (encoding) handlers.line(chunk.toString(encoding, start, end), number)
        else tell(chunk.subarray(start, end))
      }
      start = end + 1
    }
  }

  return {
    push(chunk) {
      let start = 0
      if (heldBytes > 0) {
        const end = chunk.indexOf(10)
        hold(end < 0 ? chunk : chunk.subarray(0, end))
        if (end < 0) return
        release()
        start = end + 1
      }
      const last = chunk.lastIndexOf(10) + 1
      if (last > start) tellRegion(chunk, start, last)
      if (chunk.length > Math.max(start, last)) hold(chunk.subarray(Math.max(start, last)))
    },
    end() {
      if (heldBytes > 0) release()
    },
  }
}
