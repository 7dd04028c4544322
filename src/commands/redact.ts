/** `rel09 redact SNAPSHOT`: a snapshot without names, judged as before. */
import { resolve } from 'node:path'
import type { SnapshotRecord } from '../model/record.ts'
import { visible } from '../reporters/visible-text.ts'
import { readInputs } from '../sources/read.ts'
import type { CommandContext, CommandDefinition } from './command.ts'
import { displayPath } from './display-path.ts'
import { exitCodes } from './exit-code.ts'
import { jsonText } from './layout.ts'
import { readNamedFile, writeNamedFile } from './named-file.ts'
import { problemLine } from './pipeline.ts'
import { sortingBeside, startRedacting, writeSnapshot } from './redacting.ts'
import { UsageError } from './usage-error.ts'

interface RedactOptions {
  output?: string
  key?: string
  map?: string
  policy?: string
  policyOutput?: string
}

export const command: CommandDefinition = {
  summary: 'a snapshot without account ids, names and tag values, judged as before',
  group: 'More',
  configure(commander) {
    commander
      .description(
        'Replaces account ids, names, ids and tag values of a snapshot by pseudonyms, alike wherever they stand, so that ' +
          'rel09 scan judges it as before. Words of AWS, times and numbers stay. A policy that names things is translated with it.',
      )
      .argument('<input>', 'a snapshot that rel09 collect wrote')
      .option('--output <file>', 'the snapshot to write; a name that ends in .gz is compressed')
      .option(
        '--key <file>',
        'secret of at least 16 bytes: the same one gives the same pseudonyms (default: a new one)',
      )
      .option('--map <file>', 'write which pseudonym stands for what: for the owner alone')
      .option('--policy <file>', 'the policy that the snapshot is judged by')
      .option('--policy-output <file>', 'where the policy goes in the words of the redacted snapshot')
      .addHelpText(
        'after',
        '\nExamples:\n  rel09 redact shop.ndjson.gz --output public.ndjson.gz\n  rel09 redact shop.ndjson.gz --output public.ndjson.gz --policy rel09.yaml --policy-output public.yaml\n\nExit codes: 0 written, 2 wrong usage, or a file that cannot be read or written.',
      )
  },
  run: ([input = ''], options, context) => redact(input, options as RedactOptions, context),
}

async function redact(input: string, options: RedactOptions, context: CommandContext): Promise<number> {
  const { output, policy, policyOutput } = options
  if (output === undefined) throw new UsageError(['where to write the snapshot? Add --output public.ndjson.gz'])
  if (input === '-') throw new UsageError(['a snapshot is read twice: save it to a file first'])
  if ((policy === undefined) !== (policyOutput === undefined))
    throw new UsageError(['--policy and --policy-output go together: a policy is translated, not judged by'])
  refuseOverwriting([input, options.key, policy], [output, options.map, policyOutput], context)
  const redacting = await startRedacting(options, context)
  const { redaction } = redacting
  const document = policy === undefined ? undefined : await parsedPolicy(policy, context)
  redaction.note(document)
  await eachRecord(input, context, record => redaction.note(record))
  const sorted = sortingBeside(output, context)
  try {
    await eachRecord(input, context, record => sorted.add(redaction.record(record)))
    writeSnapshot(sorted, output, context)
  } finally {
    sorted.close()
  }
  if (policyOutput !== undefined) writeNamedFile(policyOutput, [jsonText(redaction.policy(document))], context)
  redacting.finish()
  return exitCodes.clean
}

/** The records of a snapshot as its file holds them. Throws {@link UsageError} where a part cannot be read: it would be lost in silence. */
async function eachRecord(input: string, context: CommandContext, take: (record: SnapshotRecord) => void) {
  const reading = readInputs([input], { cwd: context.cwd })
  for await (const batch of reading.records)
    for (const record of batch) {
      if (record.record === 'scope' && record.source !== 'aws')
        throw new UsageError([`${displayPath(input, context.cwd)}: this is no snapshot of rel09 collect`])
      take(plain(record))
    }
  if (reading.problems.length > 0) throw new UsageError(reading.problems.map(one => visible(problemLine(one))))
}

/** Without what reading adds. */
function plain(record: SnapshotRecord): SnapshotRecord {
  if (record.record === 'resource') {
    const { location: _location, like: _like, ...rest } = record
    return rest
  }
  return record
}

async function parsedPolicy(file: string, context: CommandContext): Promise<unknown> {
  const { readRuleText } = await import('../rules/rule-text.ts')
  const read = readRuleText(readNamedFile(file, 'the policy', context), 4_000_000)
  if ('errors' in read)
    throw new UsageError(
      read.errors.map(({ line, message }) => `${displayPath(file, context.cwd)}:${line}: ${message}`),
    )
  return read.text.value
}

function refuseOverwriting(
  inputs: readonly (string | undefined)[],
  outputs: readonly (string | undefined)[],
  { cwd }: CommandContext,
): void {
  const taken = new Set(inputs.flatMap(file => (file === undefined ? [] : resolve(cwd, file))))
  for (const file of outputs) {
    if (file === undefined) continue
    if (taken.has(resolve(cwd, file)))
      throw new UsageError([`${displayPath(file, cwd)}: is read or written already: name another file`])
    taken.add(resolve(cwd, file))
  }
}
