// The least that reading a snapshot can cost: 1 MiB reads, split at newlines, JSON.parse for each line.
import { closeSync, openSync, readSync } from 'node:fs'

const chunkBytes = 1_048_576
const handle = openSync(process.argv[2], 'r')
let buffer = Buffer.allocUnsafe(2 * chunkBytes)
let held = 0
let records = 0
for (;;) {
  if (buffer.length - held < chunkBytes) buffer = Buffer.concat([buffer], 2 * buffer.length)
  const read = readSync(handle, buffer, held, chunkBytes, null)
  if (read === 0) break
  const bytes = buffer.subarray(0, held + read)
  let from = 0
  for (let end = bytes.indexOf(10, held); end >= 0; end = bytes.indexOf(10, from)) {
    if (JSON.parse(bytes.toString('utf8', from, end)).record !== undefined) records++
    from = end + 1
  }
  held = bytes.length - from
  bytes.copyWithin(0, from)
}
closeSync(handle)
process.stdout.write(`${records}\n`)
