/** Lines of the properties in a piece of JSON: found by scanning it once more, so that a plan points at what it says. */
import { scanJson } from '../json.ts'

/** Deeper properties, and more of them, are told by the line of what holds them. */
const maxDepth = 8
const maxPositions = 300

/** What a scan of a resource's JSON tells. */
export interface JsonPositions {
  /** Line of the member `address`. */
  address: number
  endLine: number
  /** By path below the member that was asked for. */
  positions: Record<string, number>
}

/** Scans the JSON of one resource that begins at a line. `below`: path of the member whose properties are wanted, `.change.after`. */
export function positionsIn(bytes: Buffer, firstLine: number, below: string): JsonPositions {
  const positions = new Map<string, number>()
  const counters = new Map<string, number>()
  let address = firstLine
  let last = firstLine
  /** A scanner's path, `.rule[].schedule`, with the positions of lists: `rule.0.schedule`. */
  function spelled(path: string): string {
    let at = below
    return path
      .slice(below.length)
      .split('[]')
      .map((part, i, parts) => {
        at += part
        if (i === parts.length - 1) return part
        at += '[]'
        return `${part}.${counters.get(at) ?? 0}`
      })
      .join('')
      .slice(1)
  }
  const scan = scanJson(
    {
      begin(path, firstByte, line) {
        const at = firstLine + line - 1
        last = Math.max(last, at)
        if (path === '.address') address = at
        const isContainer = firstByte === 0x7b || firstByte === 0x5b
        if (path.endsWith('[]')) counters.set(path, (counters.get(path) ?? -1) + 1)
        if (firstByte === 0x5b) counters.delete(`${path}[]`)
        const isAbove = below.startsWith(path) && (path === below || path === '' || /[.[]/.test(below[path.length]!))
        if (isAbove) return isContainer ? 'enter' : 'skip'
        if (!path.startsWith(`${below}.`)) return 'skip'
        const name = spelled(path)
        const depth = name.split('.').length
        if (depth <= maxDepth && positions.size < maxPositions) positions.set(name, at)
        return isContainer && depth < maxDepth ? 'enter' : 'skip'
      },
      value: () => {},
      tooLarge: () => {},
    },
    { maxValueBytes: bytes.length + 1 },
  )
  scan.push(bytes)
  scan.end()
  let lines = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++
  return { address, endLine: firstLine + lines, positions: Object.fromEntries(positions) }
}
