/**
 * What `cdk synth` writes to `cdk.out`: a manifest for each stage, that names its stacks with their templates and environments.
 * https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/cloud-assembly-schema/README.md
 */
import { isAccountId } from '../../resources/identity.ts'
import { isObject, type JsonObject, own } from '../json.ts'
import type { Reading } from '../source.ts'
import { plainTags, type RootStack } from './apps.ts'
import type { FilePlace, TemplateSet } from './template-set.ts'

/** A manifest of the input. */
export interface Manifest {
  place: FilePlace
  root: JsonObject
}

/** Account and Region that the command line states; they fill in what an environment leaves open. */
export interface StatedPlace {
  account?: string | undefined
  region?: string | undefined
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** `aws://111122223333/eu-west-1`; `unknown-account` and `unknown-region` are those of whoever deploys. */
function environmentOf(text: unknown): StatedPlace {
  const match = typeof text === 'string' ? /^aws:\/\/([^/]*)\/([^/]*)$/.exec(text) : null
  const place: StatedPlace = {}
  if (match && isAccountId(match[1]!)) place.account = match[1]
  if (match && /^[a-z]{2}(?:-[a-z]+)+-\d$/.test(match[2]!)) place.region = match[2]
  return place
}

/** The stacks of a manifest. A template that is not in the input is a problem. */
export function stacksOf(
  manifest: Manifest,
  templates: TemplateSet,
  stated: StatedPlace,
  reading: Reading,
): RootStack[] {
  const artifacts = own(manifest.root, 'artifacts')
  if (!isObject(artifacts)) return []
  const stacks: RootStack[] = []
  for (const [id, artifact] of Object.entries(artifacts)) {
    if (!isObject(artifact) || own(artifact, 'type') !== 'aws:cloudformation:stack') continue
    const properties = own(artifact, 'properties')
    const file = isObject(properties) ? own(properties, 'templateFile') : undefined
    if (!isText(file) || !isObject(properties)) continue
    const template = templates.find(manifest.place, file)
    if (!template) {
      reading.problem(
        manifest.place.name,
        `names the template ${JSON.stringify(file.slice(0, 80))}, which could not be read or is not in the input`,
      )
      continue
    }
    const { account = stated.account, region = stated.region } = environmentOf(own(artifact, 'environment'))
    const stackName = own(properties, 'stackName')
    stacks.push({
      template,
      account,
      region,
      name: isText(stackName) ? stackName : id,
      tags: plainTags(own(properties, 'tags')),
    })
  }
  return stacks
}
