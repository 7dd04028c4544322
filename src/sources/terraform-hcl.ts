/**
 * Terraform configurations without a plan: `.tf` and `.tf.json` files, with the `.tfvars` that Terraform loads by itself or that the
 * user names. A directory is a module; one that no other calls is a root and makes a scope. `hcl/evaluation.md` says what is
 * evaluated.
 */
import type { SnapshotRecord } from '../model/record.ts'
import type { InputFile, Reading, Sample, Source } from './source.ts'
import { configurationRank } from './terraform/roots.ts'

const jsonMembers =
  /^\.(?:resource|data|module|variable|locals|provider|output|terraform|moved|import|check|removed|\/\/)$/
const nativeBlock =
  /^[ \t]*(?:(?:resource|data)[ \t]+"[\w-]+"[ \t]+"[\w-]+"|(?:module|variable|provider|output)[ \t]+"[\w-]+"|terraform|locals)[ \t]*\{/m

/** By name, where the content may be what the name says; native syntax under another name by its blocks. */
function detect(sample: Sample, name: string): boolean {
  const { shape, members } = sample
  if (/\.tf(?:vars)?$/.test(name)) return shape === 'other' || shape === 'empty'
  if (/\.tfvars\.json$/.test(name)) return shape === 'object' && !members.has('.record')
  if (/\.tf\.json$/.test(name)) return shape === 'object' && [...members].every(member => jsonMembers.test(member))
  return shape === 'other' && nativeBlock.test(sample.text)
}

async function* read(files: readonly InputFile[], reading: Reading): AsyncGenerator<SnapshotRecord[]> {
  // A parser and an evaluator that other inputs have no use for.
  const { readConfigurations } = await import('./hcl/read.ts')
  yield* readConfigurations(files, reading)
}

/** Terraform configurations. */
export const source: Source = {
  name: 'Terraform configurations',
  markers: [/^[ \t]*(?:resource|data)[ \t]+"awsc{0,2}_\w+"[ \t]+"/m],
  rootRank: configurationRank,
  nameMarkers: [/\.tf$/, /\.tf\.json$/, /\.tfvars(?:\.json)?$/],
  detect,
  read,
}
