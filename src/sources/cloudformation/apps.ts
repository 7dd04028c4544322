/**
 * Which templates of an input belong together: nested stacks with their parents, templates that import what others export,
 * the stacks of a CDK stage. Each such app is one scope.
 */
import { posix } from 'node:path'
import type { SnapshotRecord, SourceKind } from '../../model/record.ts'
import { isObject, own, quote } from '../json.ts'
import { lostPart, scopeRecord } from '../scope.ts'
import type { Reading } from '../source.ts'
import { Companions } from './companions.ts'
import type { ParameterValues } from './parameters.ts'
import { gapsOf, recordsOf } from './records.ts'
import { Stack, type StackSettings, type Surroundings } from './stack.ts'
import { merged, readTags, type Tags } from './tags.ts'
import { declarationOf, placeIn, type Template } from './template.ts'
import type { TemplateSet } from './template-set.ts'
import { mentioned, put, textOf } from './values.ts'

/** A stack that is deployed by itself. */
export interface RootStack {
  template: Template
  account?: string | undefined
  region?: string | undefined
  name?: string | undefined
  tags?: Tags
}

/** What is judged as one. */
export interface App {
  source: SourceKind
  /** Names the app where account and Region do not. */
  file: string
  stacks: readonly RootStack[]
}

/** What the deployment states, and which templates there are. */
export interface Deployment {
  templates: TemplateSet
  parameters: ParameterValues
}

/** Stacks within stacks within …; deeper is refused. */
const maxNestedDepth = 20
/** Stacks of one app. */
const maxStacks = 2_000

const stackType = 'AWS::CloudFormation::Stack'
const applicationType = 'AWS::Serverless::Application'

/** Where a nested stack's template lies, as its resource states it: `undefined` where it is no stack. */
function nestedUrl(body: unknown, template: Template): { url: string | undefined } | undefined {
  const declaration = declarationOf(body, template)
  if (!declaration || (declaration.type !== stackType && declaration.type !== applicationType)) return undefined
  const { metadata, properties } = declaration
  const asset = own(metadata, 'aws:asset:property') === 'TemplateURL' ? own(metadata, 'aws:asset:path') : undefined
  const property = declaration.type === stackType ? 'TemplateURL' : 'Location'
  const stated = asset ?? (isObject(properties) ? own(properties, property) : undefined)
  return { url: typeof stated === 'string' ? stated : undefined }
}

/** The templates of the input that a template nests. */
export function nestedIn(template: Template, templates: TemplateSet): Template[] {
  return Object.values(template.resources).flatMap(body => {
    const url = nestedUrl(body, template)?.url
    return (url === undefined ? undefined : templates.find(template.place, url)) ?? []
  })
}

/** Builds the stacks of one app. */
class AppBuilder {
  readonly stacks: { stack: Stack; tags: Tags }[] = []
  readonly gaps: SnapshotRecord[] = []
  private readonly exports = new Map<string, { stack: Stack; output: string }>()
  readonly surroundings: Surroundings

  constructor(
    scope: string,
    private readonly deployment: Deployment,
    reading: Pick<Reading, 'problem'>,
  ) {
    this.surroundings = {
      scope,
      imported: name => {
        const found = this.exports.get(name)
        return found?.stack.output(found.output)
      },
      problem: (file, message, line) => reading.problem(file, message, line),
      names: new Map(),
      calls: 0,
    }
  }

  /** Builds the stacks, and links what they export to each other. */
  add(roots: readonly RootStack[]): void {
    const isShared = sharedNames(roots)
    for (const root of roots) {
      const base = posix.basename(root.template.file).replace(/(?:\.template)?\.[^.]*$/, '')
      const qualifier = `${root.name ?? base}/`
      const hasLoops = Object.keys(root.template.resources).some(name => name.startsWith('Fn::ForEach::'))
      const address = (name: string) =>
        roots.length > 1 && (hasLoops || name.startsWith('AWS::') || isShared(name)) ? qualifier + name : name
      const { parameters } = this.deployment
      this.build({ ...root, tags: root.tags ?? null, address }, [], {
        given: name => parameters.get(name),
        isStated: name => parameters.has(name),
      })
    }
    for (const { stack } of this.stacks)
      for (const { exported, output } of stack.exports())
        if (!this.exports.has(exported)) this.exports.set(exported, { stack, output })
  }

  private build(
    root: RootStack & Pick<StackSettings, 'address' | 'mayNotExist'>,
    above: readonly Template[],
    stated: Pick<StackSettings, 'given' | 'isStated'>,
  ): Stack {
    const { template, address, account, region, name, tags, mayNotExist } = root
    const nested = new Map<string, Stack>()
    const stack = new Stack(
      { template, address, account, region, name, ...stated, mayNotExist, nested: logicalId => nested.get(logicalId) },
      this.surroundings,
    )
    this.stacks.push({ stack, tags })
    for (const [logicalId, { declaration, path }] of stack.resources) {
      const found = nestedUrl(declaration.body, template)
      if (!found || (declaration.condition !== undefined && stack.condition(declaration.condition) === false)) continue
      const child = this.childOf(found.url, template, [...above, template])
      if ('remedy' in child) {
        const line = placeIn(template, path)?.line
        this.gaps.push(lostPart(this.surroundings.scope, 'truncated', template.file, line, child.remedy))
        continue
      }
      const { properties } = declaration
      const called = isObject(properties) ? properties : {}
      const childStack = this.build(
        {
          template: child.template,
          account,
          region,
          mayNotExist: stack.doubtsOf(declaration.condition),
          address: inner => `${address(logicalId)}/${inner}`,
          tags: merged(tags, readTags(stack, logicalId, called.Tags)),
        },
        [...above, template],
        handedDown(stack, own(called, 'Parameters')),
      )
      nested.set(logicalId, childStack)
    }
    return stack
  }

  private childOf(
    url: string | undefined,
    template: Template,
    above: readonly Template[],
  ): { template: Template } | { remedy: string } {
    if (url === undefined || /^[A-Za-z][A-Za-z0-9+.-]*:/.test(url))
      return {
        remedy: 'Supply the nested stack as a template of its own in the input: its TemplateURL leads elsewhere.',
      }
    const child = this.deployment.templates.find(template.place, url)
    if (!child) return { remedy: `Supply the nested template ${quote(url)} with its parent: it is not in the input.` }
    if (above.includes(child)) {
      this.surroundings.problem(template.file, `nests itself through ${quote(url)}`)
      return { remedy: 'Break the circle of nested stacks.' }
    }
    if (above.length > maxNestedDepth || this.stacks.length > maxStacks)
      return { remedy: 'Supply fewer nested stacks at once: there are too many to follow.' }
    return { template: child }
  }
}

/** What a stack states for the parameters of one that it nests. What rests on a default of its own is no more certain than that. */
function handedDown(above: Stack, values: unknown): Pick<StackSettings, 'given' | 'isStated'> {
  const stated = (name: string) => (isObject(values) ? own(values, name) : undefined)
  return {
    given: name => above.resolve(stated(name)),
    isStated: name => {
      const value = stated(name)
      return value !== undefined && [...mentioned(value)].every(other => above.isCertain(other))
    },
  }
}

/** The records of an app. */
export function* appRecords(app: App, deployment: Deployment, reading: Reading): Generator<SnapshotRecord> {
  const { source, file, stacks } = app
  const account = common(stacks.map(stack => stack.account))
  const region = common(stacks.map(stack => stack.region))
  const scope = scopeRecord({ source, account, region, file })
  const builder = new AppBuilder(scope.id, deployment, reading)
  builder.add(stacks)
  yield scope
  const gaps = [...builder.gaps, ...builder.stacks.flatMap(({ stack }) => [...gapsOf(stack)])]
  const all = builder.stacks.map(({ stack }) => stack)
  const companions = new Companions(all, gaps.length === 0)
  for (const { stack, tags } of builder.stacks) yield* recordsOf(stack, tags, companions, reading)
  yield* gaps
}

function common(values: readonly (string | undefined)[]): string | undefined {
  const [first] = values
  return values.every(value => value === first) ? first : undefined
}

/** Names that two stacks of an app use for something of their own. */
function sharedNames(roots: readonly RootStack[]): (name: string) => boolean {
  const seen = new Set<string>()
  const shared = new Set<string>()
  for (const { template } of roots)
    for (const name of new Set([...Object.keys(template.resources), ...Object.keys(template.parameters)])) {
      if (seen.has(name)) shared.add(name)
      seen.add(name)
    }
  // Attributes, and parts of what is nested, go by what they belong to.
  return name => shared.has(/^[^./]*/.exec(name)![0])
}

/** Groups root stacks that import what others of them export. */
export function linkedApps(roots: readonly RootStack[], deployment: Deployment): App[] {
  const group = roots.map((_root, index) => index)
  const find = (index: number): number => (group[index] === index ? index : (group[index] = find(group[index]!)))
  const exporters = new Map<string, number>()
  const importers: { name: string; index: number }[] = []
  roots.forEach((root, index) => {
    const builder = new AppBuilder('', deployment, { problem: () => {} })
    const imported = new Set<string>()
    builder.surroundings.imported = name => void imported.add(name)
    // Stack names that are not known are told apart: what two stacks export under theirs is not the same.
    builder.add([{ ...root, name: root.name ?? `${index}\u0000` }])
    for (const { stack } of builder.stacks) {
      for (const { exported } of stack.exports()) if (!exporters.has(exported)) exporters.set(exported, index)
      if (usesImports(stack.settings.template)) {
        for (const { declaration } of stack.resources.values()) stack.resolve(declaration.properties)
        for (const output of Object.keys(stack.settings.template.outputs)) stack.output(output)
      }
    }
    for (const name of imported) importers.push({ name, index })
  })
  for (const { name, index } of importers) {
    const exporter = exporters.get(name)
    if (exporter !== undefined) group[Math.max(find(index), find(exporter))] = Math.min(find(index), find(exporter))
  }
  const apps = new Map<number, RootStack[]>()
  roots.forEach((root, index) => {
    const first = find(index)
    apps.set(first, [...(apps.get(first) ?? []), root])
  })
  return [...apps.values()].map(stacks => ({ source: 'cloudformation', file: stacks[0]!.template.file, stacks }))
}

const importing = new WeakMap<Template, boolean>()
function usesImports(template: Template): boolean {
  let found = importing.get(template)
  if (found === undefined) {
    found = mentions(template.document.root, 'Fn::ImportValue')
    importing.set(template, found)
  }
  return found
}

function mentions(value: unknown, name: string): boolean {
  if (typeof value !== 'object' || value === null) return false
  return Object.hasOwn(value, name) || Object.values(value).some(child => mentions(child, name))
}

/** Tags as a manifest states them. */
export function plainTags(stated: unknown): Tags {
  if (!isObject(stated)) return null
  const tags: { [key: string]: string } = {}
  for (const [key, value] of Object.entries(stated)) put(tags, key, textOf(value) ?? '')
  return Object.keys(tags).length === 0 ? null : tags
}
