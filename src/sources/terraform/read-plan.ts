/** Terraform plans as JSON: `terraform show -json PLANFILE`, of Terraform and OpenTofu alike. */
import type { SnapshotRecord } from '../../model/record.ts'
import { quote, type ScanStep } from '../json.ts'
import type { Loss } from '../scan-file.ts'
import { lostPart, scopeId, scopeRecord } from '../scope.ts'
import type { InputFile, Reading } from '../source.ts'
import { isReadableFormat, lossGaps, readDocument, takeResource } from './document.ts'
import { type PlanEntry, planResources } from './plan.ts'
import { knownPlace, rootRecords } from './root.ts'

/** What is read of a plan; everything else is passed over. */
interface Plan {
  version: unknown
  changes: PlanEntry[]
  planned: PlanEntry[]
  configuration: unknown
  variables: unknown
  /** Terraform could not plan all of it. */
  isPartial: boolean
  losses: Loss[]
}

const scalars = new Set(['.format_version', '.errored', '.complete'])
const plannedResource = /^\.planned_values\.root_module(?:\.child_modules\[\])*\.resources\[\]$/
const plannedModules =
  /^\.planned_values(?:\.root_module(?:(?:\.child_modules(?:\[\])?)*|(?:\.child_modules\[\])*\.resources))?$/

function stepAt(path: string): ScanStep {
  if (path === '' || path === '.resource_changes' || plannedModules.test(path)) return 'enter'
  const isTaken =
    path === '.resource_changes[]' ||
    path === '.configuration' ||
    path === '.variables' ||
    scalars.has(path) ||
    plannedResource.test(path)
  return isTaken ? 'take' : 'skip'
}

/** Reads a plan file. Tells problems; `undefined` only where nothing of it can be read. */
async function readPlan(file: InputFile, reading: Reading): Promise<Plan> {
  const plan: Plan = {
    version: undefined,
    changes: [],
    planned: [],
    configuration: undefined,
    variables: undefined,
    isPartial: false,
    losses: [],
  }
  const lost: Loss[] = []
  plan.losses = await readDocument(file, reading, stepAt, taken => {
    const { path, value } = taken
    switch (path) {
      case '.format_version':
        plan.version = value
        return
      case '.errored':
        plan.isPartial ||= value === true
        return
      case '.complete':
        plan.isPartial ||= value === false
        return
      case '.configuration':
        plan.configuration = value
        return
      case '.variables':
        plan.variables = value
        return
    }
    const isChange = path === '.resource_changes[]'
    const entry = takeResource(taken, file, reading, lost, isChange ? '.change.after' : '.values')
    if (entry) (isChange ? plan.changes : plan.planned).push(entry)
  })
  plan.losses.push(...lost)
  return plan
}

function* recordsOf(plan: Plan, file: InputFile, reading: Reading): Generator<SnapshotRecord> {
  const { version, losses } = plan
  if (!isReadableFormat(version)) {
    reading.problem(file.name, `is a plan of format version ${quote(version)}: version 1 is read`)
    return
  }
  const id = scopeId({ source: 'terraform-plan', file: file.name })
  const { resources, removed, unreadable, home } = planResources(plan, id, reading.template ?? {})
  for (const entry of unreadable) {
    reading.problem(file.name, 'holds a resource without address, type, name or values', entry.location.line)
    losses.push({ reason: 'truncated', line: entry.location.line })
  }
  yield* rootRecords({
    scope: { ...scopeRecord({ source: 'terraform-plan', file: file.name }), ...knownPlace(home) },
    resources,
    removed,
    isWhole: losses.length === 0 && !plan.isPartial,
    file,
    reading,
  })
  yield* lossGaps(id, losses, file, reading)
  const remedy =
    'Make the plan anew: Terraform says itself that this one is not complete (errored, or deferred changes).'
  if (plan.isPartial) yield lostPart(id, 'truncated', file.name, undefined, remedy)
}

/** Reads plans, each a scope of its own. */
export async function* readPlans(files: readonly InputFile[], reading: Reading): AsyncGenerator<SnapshotRecord[]> {
  for (const file of files) yield [...recordsOf(await readPlan(file, reading), file, reading)]
}
