/** Terraform states: `terraform show -json`, and the state files themselves, of Terraform and OpenTofu alike. */
import type { SnapshotRecord } from '../../model/record.ts'
import { quote, type ScanStep } from '../json.ts'
import type { Loss } from '../scan-file.ts'
import { scopeId, scopeRecord } from '../scope.ts'
import type { InputFile, Reading } from '../source.ts'
import { isReadableFormat, lossGaps, readDocument, takeResource } from './document.ts'
import type { PlanEntry } from './plan.ts'
import { knownPlace, rootRecords } from './root.ts'
import { placeOf, stateRank } from './roots.ts'
import { stateResources } from './state.ts'

/** What is read of a state. */
interface State {
  /** Of the answer of `terraform show -json`. */
  format: unknown
  /** Of a state file. */
  version: unknown
  isEncrypted: boolean
  entries: PlanEntry[]
  losses: Loss[]
}

const shownResource = /^\.values\.root_module(?:\.child_modules\[\])*\.resources\[\]$/
const shownModules = /^\.values(?:\.root_module(?:(?:\.child_modules(?:\[\])?)*|(?:\.child_modules\[\])*\.resources))?$/

function stepAt(path: string): ScanStep {
  if (path === '' || path === '.resources' || shownModules.test(path)) return 'enter'
  const isTaken =
    path === '.resources[]' || path === '.format_version' || path === '.version' || shownResource.test(path)
  return isTaken ? 'take' : 'skip'
}

async function readState(file: InputFile, reading: Reading): Promise<State> {
  const isEncrypted = file.sample.members.has('.encrypted_data')
  const state: State = { format: undefined, version: undefined, isEncrypted, entries: [], losses: [] }
  const lost: Loss[] = []
  state.losses = await readDocument(file, reading, stepAt, taken => {
    if (taken.path === '.format_version') state.format = taken.value
    else if (taken.path === '.version') state.version = taken.value
    else {
      // The resources of a state file hold several instances, each with attributes of its own.
      const below = taken.path === '.resources[]' ? '.instances[].attributes' : '.values'
      const entry = takeResource(taken, file, reading, lost, below)
      if (entry) state.entries.push(entry)
    }
  })
  state.losses.push(...lost)
  return state
}

/** Why a state is not read; `undefined` where it is. */
function refusal({ format, version, isEncrypted }: State): string | undefined {
  if (isEncrypted) return 'is an encrypted state: supply the answer of "tofu show -json"'
  if (!isReadableFormat(format)) return `is a state of format version ${quote(format)}: version 1 is read`
  if (version === undefined || version === 4) return undefined
  const stated = typeof version === 'number' ? `version ${version}` : 'an unknown version'
  return `is a state file of ${stated}: version 4 is read (any "terraform apply" of today writes it)`
}

function* recordsOf(state: State, file: InputFile, reading: Reading): Generator<SnapshotRecord> {
  const refused = refusal(state)
  if (refused !== undefined) {
    reading.problem(file.name, refused)
    return
  }
  const { losses } = state
  const { resources, unreadable, place } = stateResources(state.entries, reading.template ?? {})
  for (const entry of unreadable) {
    reading.problem(file.name, 'holds a resource without type, name or attributes', entry.location.line)
    losses.push({ reason: 'truncated', line: entry.location.line })
  }
  yield* rootRecords({
    scope: { ...scopeRecord({ source: 'terraform-state', file: file.name }), ...knownPlace(place) },
    resources,
    isWhole: losses.length === 0,
    file,
    reading,
  })
  yield* lossGaps(scopeId({ source: 'terraform-state', file: file.name }), losses, file, reading)
}

/** Reads states, each a scope of its own; what a plan of the same directory says more of is told as passed over. */
export async function* readStates(files: readonly InputFile[], reading: Reading): AsyncGenerator<SnapshotRecord[]> {
  for (const file of files) {
    if (!reading.roots?.isOutranked(placeOf(file), stateRank))
      yield [...recordsOf(await readState(file, reading), file, reading)]
    else reading.skip({ file: file.name, reason: 'a plan of the same directory is judged instead', count: 1 })
  }
}
