/**
 * CloudFormation templates (YAML or JSON, with AWS SAM's) and what `cdk synth` writes. Templates that belong together make one
 * scope: a parent with its nested stacks, stacks that import what others export, the stacks of a CDK stage. See
 * `apps.ts`; what can be known of a template before it is deployed, `stack.ts` resolves.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html
 */
import type { SnapshotRecord } from '../../model/record.ts'
import { isObject, own, quote } from '../json.ts'
import type { InputFile, Reading } from '../source.ts'
import { type App, appRecords, type Deployment, linkedApps, nestedIn } from './apps.ts'
import { type Manifest, stacksOf } from './assembly.ts'
import { rootKind, sampleKind } from './detect.ts'
import { readDocument } from './read-document.ts'
import { type Template, templateOf } from './template.ts'
import { TemplateSet } from './template-set.ts'

/** Records that are handed on at once. */
const batchSize = 500

interface Found {
  templates: TemplateSet
  manifests: Manifest[]
}

async function readAll(files: readonly InputFile[], reading: Reading): Promise<Found> {
  const found: Found = { templates: new TemplateSet(), manifests: [] }
  let isAnyMeant = false
  for (const file of files) {
    if (sampleKind(file.sample) === 'aside') continue
    isAnyMeant = true
    const document = await readDocument(file, reading)
    if (!document) continue
    const kind = rootKind(document.root)
    if (kind === 'manifest') found.manifests.push({ place: file, root: document.root })
    else if (isObject(own(document.root, 'Resources'))) found.templates.add(templateOf(file, document))
    else if (kind === 'template') reading.problem(file.name, 'is a template without Resources')
  }
  if (!isAnyMeant)
    reading.problem(
      files[0]!.name,
      'lies in a CDK cloud assembly whose manifest is not in the input: give the whole cdk.out',
    )
  return found
}

/** The apps of the input: each stage of a cloud assembly, and of the other templates those that belong together. */
function appsOf({ templates, manifests }: Found, deployment: Deployment, reading: Reading): App[] {
  const { account, region } = reading.template ?? {}
  const apps: App[] = []
  for (const manifest of manifests) {
    const stacks = stacksOf(manifest, templates, { account, region }, reading)
    if (stacks.length > 0) apps.push({ source: 'cdk', file: manifest.place.name, stacks })
  }
  const ofStages = apps.flatMap(app => app.stacks.map(stack => stack.template))
  const roots = rootsOf(templates, ofStages).map(template => ({ template, account, region }))
  return [...apps, ...linkedApps(roots, deployment)]
}

/** The templates that no stage deploys and no other nests; of those that nest each other in a circle, the first. */
function rootsOf(templates: TemplateSet, ofStages: readonly Template[]): Template[] {
  const all = [...templates.values()]
  const nested = new Set(all.flatMap(template => nestedIn(template, templates).filter(child => child !== template)))
  const reached = new Set<Template>()
  const reach = (first: Template): void => {
    const pending = [first]
    for (let template = pending.pop(); template; template = pending.pop()) {
      if (reached.has(template)) continue
      reached.add(template)
      pending.push(...nestedIn(template, templates))
    }
  }
  ofStages.forEach(reach)
  const roots = all.filter(template => !nested.has(template) && !reached.has(template))
  roots.forEach(reach)
  for (const template of all) {
    if (reached.has(template)) continue
    roots.push(template)
    reach(template)
  }
  return roots
}

function tellDuplicates({ templates }: Found, reading: Reading): void {
  for (const { file, document } of templates.values())
    for (const { key, line } of document.duplicates())
      reading.problem(file, `names ${quote(key)} twice: the last counts`, line)
}

function tellExemptions({ templates }: Found, reading: Reading): void {
  for (const { file, exemptions } of templates.values())
    for (const { problem, line } of exemptions.problems) reading.problem(file, problem, line)
}

/** Parameters that no template declares are mistyped, or meant for another. */
function tellUnused({ templates }: Found, { parameters }: Deployment, reading: Reading): void {
  for (const name of parameters.keys()) {
    const isDeclared = [...templates.values()].some(template => Object.hasOwn(template.parameters, name))
    if (!isDeclared)
      reading.skip({ reason: `the parameter ${quote(name)} of --parameters is declared by no template`, count: 1 })
  }
}

/** Reads templates and cloud assemblies; those that belong together make one scope. */
export async function* readTemplates(files: readonly InputFile[], reading: Reading): AsyncGenerator<SnapshotRecord[]> {
  const found = await readAll(files, reading)
  const deployment: Deployment = { templates: found.templates, parameters: reading.template?.parameters ?? new Map() }
  let batch: SnapshotRecord[] = []
  for (const app of appsOf(found, deployment, reading))
    for (const record of appRecords(app, deployment, reading)) {
      batch.push(record)
      if (batch.length < batchSize) continue
      yield batch
      batch = []
    }
  if (batch.length > 0) yield batch
  tellDuplicates(found, reading)
  tellExemptions(found, reading)
  tellUnused(found, deployment, reading)
}
