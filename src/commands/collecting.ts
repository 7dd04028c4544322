/** Reads live accounts into a snapshot, for the commands that do. */
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { GapRecord } from '../model/record.ts'
import { counted } from '../reporters/count-text.ts'
import { partsSuffix } from '../sources/input-files.ts'
import type { CommandContext, HostProcess } from './command.ts'
import { displayPath } from './display-path.ts'
import type { LiveChoice, LiveRun, RunRequest } from './live-run.ts'
import { unwritable, writeNamedFile } from './named-file.ts'
import type { Progress } from './progress.ts'
import { type Redacting, writeRedacted } from './redacting.ts'
import { UsageError } from './usage-error.ts'

type Live = typeof import('./live-run.ts')

/** Loads the collectors, and the AWS SDK with them. */
export const loadLive = (): Promise<Live> => import('./live-run.ts')

/** What is done with a run. */
export interface Collecting {
  /** The snapshot to write. */
  output: string
  /** An earlier run that was not finished is thrown away. */
  restart?: boolean
  /** The file is nobody's: nothing is said of it, and nothing is kept to go on with. */
  isPassing?: boolean
  /** Names are replaced in what is written. */
  redacting?: Redacting | undefined
}

/** Gaps that are told one by one; the snapshot holds them all. */
const mostTold = 100

/** A process that is never interrupted, and knows of no other. */
const aloneProcess: HostProcess = { id: 1, isRunning: () => false, onInterrupt: () => () => {} }

/** Refuses services that nobody reads. */
export function checkServices(live: Live, services: readonly string[] | undefined): void {
  const wrong = services?.find(service => !live.services.includes(service))
  if (wrong !== undefined)
    throw new UsageError([`--services does not know ${wrong}: it takes ${live.services.join(', ')}`])
}

/** Turns what the collectors throw into what the user reads. */
export async function told<T>(live: Live, work: () => Promise<T>, folder = ''): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof live.CannotCollect) throw new UsageError([error.message])
    if (error instanceof live.UnusableFolder) throw new UsageError([`${folder} ${error.message}`])
    throw error
  }
}

/**
 * Collects into a file. Resolves to the number of the signal that ended it before its end; the file then holds what was read, and
 * the parts beside it stay, so that the same command goes on. Throws {@link UsageError}.
 */
export async function collectInto(
  choice: LiveChoice,
  { output, restart = false, isPassing = false, redacting }: Collecting,
  context: CommandContext,
  progress: Progress,
): Promise<number | undefined> {
  const live = await loadLive()
  checkServices(live, choice.services)
  const { path, name, isKept, remove } = partsOf(output, isPassing, context)
  const processes = context.process ?? aloneProcess
  const stop = new live.Stop()
  let signal: number | undefined
  const forget = processes.onInterrupt(number => {
    signal = number
    stop.ask()
  })
  const request: RunRequest = {
    folder: path,
    isFresh: restart,
    now: context.now,
    version: context.version,
    processes,
    stop,
    onProgress: (done, all, part, region) => progress.phase(`${done} of ${all} read, ${part} in ${region}`),
  }
  try {
    await told(
      live,
      async () => {
        const run = await readRun(live, choice, request, output, context).catch(error => {
          if (signal === undefined || !(error instanceof live.CannotCollect)) throw error
          context.stderr.write('rel09: interrupted before anything was read\n')
          return undefined
        })
        if (!run) return
        let isDone = false
        try {
          progress.phase('writing')
          const heard = newHeard()
          // Read twice where names are replaced: what is told of it is counted at the first.
          const passes = [heard, newHeard()].values()
          const chunks = () => run.chunks(passes.next().value!)
          if (redacting) writeRedacted(chunks, redacting, output, context)
          else writeNamedFile(output, output.endsWith('.gz') ? run.zipped(heard) : run.chunks(heard), context)
          isDone = signal === undefined || !isKept
          progress.end()
          tell(run, heard, isPassing ? 'collected' : output, context)
          if (!isDone) context.stderr.write(`rel09: ${howToGoOn(name)}\n`)
        } finally {
          await run.end(isDone)
        }
      },
      name,
    )
  } finally {
    forget()
    progress.end()
    remove()
  }
  return signal
}

const howToGoOn = (name: string) =>
  `interrupted: what was read is written, and kept in ${name}; run the same command again to go on`

/** A folder that cannot be written is told as the output that cannot. */
async function readRun(
  live: Live,
  choice: LiveChoice,
  request: RunRequest,
  output: string,
  context: CommandContext,
): Promise<LiveRun> {
  try {
    return await live.readLive(choice, request)
  } catch (error) {
    throw unwritable(output, error, context)
  }
}

/** Where the parts of a run lie: beside the output; of a device, or of what nobody keeps, in a temporary folder. */
function partsOf(output: string, isPassing: boolean, context: CommandContext) {
  const path = resolve(context.cwd, output)
  const present = presentAt(path, output, context)
  if (!isPassing && (!present || present.isFile()))
    return {
      path: `${path}${partsSuffix}`,
      name: `${displayPath(output, context.cwd)}${partsSuffix}`,
      isKept: true,
      remove() {},
    }
  const folder = mkdtempSync(join(tmpdir(), 'rel09-'))
  const remove = () => rmSync(folder, { recursive: true, force: true })
  return { path: join(folder, 'parts'), name: 'the temporary folder', isKept: false, remove }
}

function presentAt(path: string, output: string, context: CommandContext) {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    throw unwritable(output, error, context)
  }
}

interface Heard {
  resources: number
  gaps: number
  shown: GapRecord[]
  resource(): void
  gap(gap: GapRecord): void
}

function newHeard(): Heard {
  const heard: Heard = {
    resources: 0,
    gaps: 0,
    shown: [],
    resource: () => heard.resources++,
    gap: gap => {
      if (heard.gaps++ < mostTold) heard.shown.push(gap)
    },
  }
  return heard
}

/** What was read and what was not, a line a gap. */
function tell(
  { resumed, damage, accounts, tally, carried }: LiveRun,
  { resources, gaps, shown }: Heard,
  name: string,
  { stderr }: CommandContext,
): void {
  const several = accounts.length > 1
  const made = [...tally.calls.values()].reduce((sum, count) => sum + count, 0)
  const lines = damage.map(what => `${name}: of what was kept of this run, ${what}`)
  if (resumed) lines.push(`goes on with the run that began at ${resumed}`)
  for (const { account, region, api, reason, remedy } of shown) {
    const place = [several ? account : undefined, region, api].filter(word => word !== undefined).join(' ')
    lines.push(`gap: ${place} ${reason}: ${remedy}`)
  }
  if (gaps > shown.length) lines.push(`and ${counted(gaps - shown.length, 'gap')} more, which are in the snapshot`)
  const whose = several ? counted(accounts.length, 'account') : `account ${accounts[0]}`
  const kept = carried > 0 ? `, ${counted(carried, 'record')} carried over` : ''
  lines.push(
    `${name}: ${counted(resources, 'resource')} of ${whose}, ${counted(made, 'call')}, ${counted(gaps, 'gap')}${kept}`,
  )
  for (const line of lines) stderr.write(`rel09: ${line}\n`)
}
