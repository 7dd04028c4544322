/** Terraform plans as JSON: `terraform show -json PLANFILE`, of Terraform and OpenTofu alike. */
import type { Sample, Source } from './source.ts'
import { planRank } from './terraform/roots.ts'

function detect({ shape, members }: Sample): boolean {
  if (shape !== 'object' || members.has('.record')) return false
  return members.has('.planned_values') || (members.has('.resource_changes') && members.has('.format_version'))
}

/** Terraform plans. */
export const source: Source = {
  name: 'Terraform plans (terraform show -json)',
  markers: [/"planned_values"/],
  rootRank: planRank,
  detect,
  async *read(files, reading) {
    const { readPlans } = await import('./terraform/read-plan.ts')
    yield* readPlans(files, reading)
  },
}
