/** Reads a whole input as text. Templates are documents of which no part can be understood alone. */
import { isUtf8 } from 'node:buffer'
import { chunksOf, oversizedRemedy } from '../scan-file.ts'
import type { InputFile, Reading } from '../source.ts'

/** The text of an input; `undefined` where it cannot be read or is too long, which has been told. */
export async function wholeText(file: InputFile, reading: Reading): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  let isLost = false
  const lost = () => {
    isLost = true
  }
  for await (const chunk of chunksOf(file, reading, lost)) {
    chunks.push(Buffer.from(chunk))
    length += chunk.length
    if (length <= reading.maxRecordBytes) continue
    reading.problem(file.name, `is too long to be read: ${oversizedRemedy(reading.maxRecordBytes)}`)
    return undefined
  }
  if (isLost) return undefined
  const bytes = Buffer.concat(chunks)
  if (isUtf8(bytes)) return bytes.toString('utf8')
  reading.problem(file.name, 'is not text in UTF-8')
  return undefined
}
