/** Baselines: fingerprints of findings that are known, in a file that `--write-baseline` writes and `--baseline` reads. */
import type { Report } from '../model/report.ts'
import { parseJsonBytes, scanJson } from '../sources/json.ts'
import type { CommandContext } from './command.ts'
import { displayPath } from './display-path.ts'
import { readNamedFile, writeNamedFile } from './named-file.ts'
import { UsageError } from './usage-error.ts'

const remedy = 'write one with --write-baseline'

/** The fingerprints of a baseline. A file that is none is refused whole, as is an entry that could match nothing. */
export function readBaseline(file: string, context: CommandContext): ReadonlySet<string> {
  const text = readNamedFile(file, 'the baseline', context)
  const refuse = (line: number, what: string) =>
    new UsageError([`${displayPath(file, context.cwd)}:${line}: ${what}: ${remedy}`])
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw refuse(lineOfFault(Buffer.from(text)), 'the baseline is not valid JSON')
  }
  const { version, fingerprints } = (value ?? {}) as { version?: unknown; fingerprints?: unknown }
  if (version !== 1 || !Array.isArray(fingerprints)) throw refuse(1, 'this is no baseline')
  const bad = fingerprints.findIndex(entry => typeof entry !== 'string' || !/^[0-9a-f]{32}$/.test(entry))
  if (bad >= 0) throw refuse(lineOfEntry(Buffer.from(text), bad), `fingerprints[${bad}] is no fingerprint`)
  return new Set(fingerprints as string[])
}

/** Where a text stops being JSON; its parser does not say so in the same words on every version of Node. */
function lineOfFault(bytes: Buffer): number {
  let bad: number | undefined
  const scan = scanJson(
    {
      begin: (_path, first) => (first === 0x7b || first === 0x5b ? 'enter' : 'take'),
      value(_path, scalar, line) {
        if ('fault' in parseJsonBytes(scalar)) bad ??= line
      },
      tooLarge: () => {},
    },
    { maxValueBytes: bytes.length, sequence: false },
  )
  scan.push(bytes)
  const fault = scan.end()
  return Math.min(bad ?? Number.POSITIVE_INFINITY, fault?.line ?? Number.POSITIVE_INFINITY, lineCount(bytes))
}

function lineOfEntry(bytes: Buffer, index: number): number {
  let line = 1
  let seen = 0
  const scan = scanJson(
    {
      begin(path, _first, at) {
        if (path === '' || path === '.fingerprints') return 'enter'
        if (path === '.fingerprints[]' && seen++ === index) line = at
        return 'skip'
      },
      value: () => {},
      tooLarge: () => {},
    },
    { maxValueBytes: bytes.length, sequence: false },
  )
  scan.push(bytes)
  return line
}

function lineCount(bytes: Buffer): number {
  let lines = 1
  for (const byte of bytes) if (byte === 10) lines++
  return lines
}

/** Writes the findings of a report that are open or known already; what an exemption answers stands in the policy. */
export function writeBaseline(report: Report, file: string, context: CommandContext): void {
  const fingerprints = new Set<string>()
  for (const finding of report.findings(new Set(['non-compliant'])))
    if (finding.state !== 'exempted') fingerprints.add(finding.fingerprint)
  const content = { version: 1, tool: 'rel09', fingerprints: [...fingerprints].sort() }
  writeNamedFile(file, [`${JSON.stringify(content, null, 2)}\n`], context)
}
