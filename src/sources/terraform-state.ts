/** Terraform states: `terraform show -json`, and the state files themselves, of Terraform and OpenTofu alike. */
import type { Sample, Source } from './source.ts'
import { stateRank } from './terraform/roots.ts'

/** Members of the answer of `terraform show -json` where there is no state. */
const empty = new Set(['.format_version', '.terraform_version', '.checks', '.timestamp'])

function detect({ shape, members, complete }: Sample): boolean {
  if (shape !== 'object' || members.has('.record')) return false
  const has = (...names: string[]) => names.every(name => members.has(name))
  if (has('.planned_values') || has('.resource_changes')) return false
  if (has('.values', '.format_version') || has('.values', '.terraform_version')) return true
  if (has('.encrypted_data', '.encryption_version')) return true
  if (has('.version', '.lineage') || has('.version', '.serial')) return has('.terraform_version') || has('.resources')
  return complete && has('.format_version') && [...members].every(name => empty.has(name))
}

/** Terraform states. */
export const source: Source = {
  name: 'Terraform states',
  markers: [/"terraform_version"/],
  rootRank: stateRank,
  nameMarkers: [/\.tfstate$/],
  // What Terraform keeps beside a state: the one before, and a lock.
  ignored: [/\.tfstate\.(?:\d+\.)?backup$/, /^\.terraform\.tfstate\.lock\.info$/],
  detect,
  async *read(files, reading) {
    const { readStates } = await import('./terraform/read-state.ts')
    yield* readStates(files, reading)
  },
}
