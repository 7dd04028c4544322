// The least that reading a snapshot can cost: 1 MiB reads, split at newlines, JSON.parse for each line.
import { closeSync, openSync, readSync } from 'node:fs'

const handle = openSync(process.argv[2], 'r')
const chunk = Buffer.allocUnsafe(1_048_576)
let rest = Buffer.alloc(0)
let records = 0
for (;;) {
  const read = readSync(handle, chunk, 0, chunk.length, null)
  if (read === 0) break
  const bytes = rest.length > 0 ? Buffer.concat([rest, chunk.subarray(0, read)]) : chunk.subarray(0, read)
  let from = 0
  for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
    if (JSON.parse(bytes.toString('utf8', from, end)).record !== undefined) records++
    from = end + 1
  }
  rest = Buffer.from(bytes.subarray(from))
}
closeSync(handle)
process.stdout.write(`${records}\n`)
