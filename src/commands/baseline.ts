/** Baselines: fingerprints of the findings that are known and not new. */
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Report } from '../model/report.ts'
import type { CommandContext } from './command.ts'
import { displayPath } from './display-path.ts'
import { writeOutput } from './output-file.ts'
import { UsageError } from './usage-error.ts'

/** The fingerprints of a baseline that `--write-baseline` wrote. */
export function readBaseline(file: string, context: CommandContext): ReadonlySet<string> {
  let text: string
  try {
    text = readFileSync(resolve(context.cwd, file), 'utf8')
  } catch (error) {
    throw new UsageError([
      `${displayPath(file, context.cwd)}: the baseline cannot be read: ${(error as NodeJS.ErrnoException).code}`,
    ])
  }
  try {
    const { version: format, fingerprints } = JSON.parse(text) as { version: unknown; fingerprints: unknown }
    if (format === 1 && Array.isArray(fingerprints))
      return new Set(fingerprints.filter((entry): entry is string => typeof entry === 'string'))
  } catch {
    // Told below, like any other file that is no baseline.
  }
  throw new UsageError([`${displayPath(file, context.cwd)}: this is no baseline: write one with --write-baseline`])
}

/** Writes the findings of a report that no exemption answers as a baseline. */
export async function writeBaseline(report: Report, file: string, context: CommandContext): Promise<void> {
  const fingerprints = new Set<string>()
  for (const finding of report.findings(new Set(['non-compliant'])))
    if (finding.state !== 'exempted') fingerprints.add(finding.fingerprint)
  const content = { version: 1, tool: 'rel09', fingerprints: [...fingerprints].sort() }
  await writeOutput(file, [`${JSON.stringify(content, null, 2)}\n`], context)
}
