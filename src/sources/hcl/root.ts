/** Evaluates one root with the modules that it calls: the instances of its resources, and what could not be known of it. */
import type { GapRecord, InlineExemption } from '../../model/record.ts'
import { isObject, quote } from '../json.ts'
import { lostPart } from '../scope.ts'
import { companionRulesOf, isKnownType, nameProperty } from '../terraform/definitions.ts'
import type { TerraformResource } from '../terraform/resource.ts'
import { evaluateBody, positionsOf } from './body.ts'
import { type Declaration, literalText } from './configuration.ts'
import { type Environment, type Evaluation, evaluate } from './evaluate.ts'
import type { Libraries } from './function.ts'
import { inherit } from './inherited.ts'
import { type CallSite, type ModuleHost, type ModuleInstance, moduleInstance } from './module.ts'
import type { ModuleDirectory, TellProblem } from './module-directory.ts'
import type { GivenPlace } from './providers.ts'
import type { ResourceInstance } from './resource-instance.ts'
import type { HclFile } from './syntax.ts'
import { budget, TooMuch, toFlag, Unknown, type Value } from './value.ts'
import { isLocal, pathOfCall, type Workspace } from './workspace.ts'

/** A root and what it is read with. */
export interface RootReading {
  workspace: Workspace
  /** Path of its directory. */
  path: string
  /** What output calls it. */
  name: string
  scope: string
  given: GivenPlace
  libraries: Libraries
  /** Files of variables that the user named, which win over those of the directory. */
  variables: readonly (HclFile | undefined)[]
  problem: TellProblem
}

/** What a root declares. */
export interface RootContent {
  resources: TerraformResource[]
  /** The calls that lead to a resource, by its address; none for the root's own. */
  calls: Map<string, readonly CallSite[]>
  /** Exemptions that stand beside a resource, by its address. */
  exemptions: Map<string, readonly InlineExemption[]>
  gaps: GapRecord[]
}

/** More resources are no root that Terraform could apply. */
const maxResources = 20_000

/** Where variables' files are evaluated: nothing may be referred to. */
function constants(evaluation: Evaluation): Environment {
  return { evaluation, root: () => undefined, file: () => new Unknown('no function is evaluated here') }
}

/** Values of the root's variables: the last file that names one wins, and one that cannot be read may name any. */
function variableValues(
  files: readonly (HclFile | undefined)[],
  evaluation: Evaluation,
): (name: string) => Value | undefined {
  const environment = constants(evaluation)
  const values = new Map<string, Value>()
  let isLost = false
  for (const file of files) {
    if (file) for (const { name, value } of file.body.attributes) values.set(name, evaluate(value, environment))
    else {
      isLost = true
      values.clear()
    }
  }
  return name =>
    values.has(name) ? values.get(name) : isLost ? new Unknown('a file of variables cannot be read') : undefined
}

const notOnDisk = 'run terraform init, or supply a plan: terraform show -json PLANFILE'

/** Reads a root. Never throws. */
export function readRoot(reading: RootReading): RootContent {
  const content: RootContent = { resources: [], calls: new Map(), exemptions: new Map(), gaps: [] }
  const main = reading.workspace.module(reading.path)
  if (!main) return content
  try {
    visit(rootModule(reading, main, content), content)
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error
    const message = `${error.message}: what is behind that is not judged`
    reading.problem(reading.name, message)
    content.gaps.push(
      lostPart(
        reading.scope,
        'oversized',
        reading.name,
        undefined,
        'Supply a plan of this root: it is too large to evaluate.',
      ),
    )
  }
  inherit(content.resources)
  return content
}

function rootModule(reading: RootReading, main: ModuleDirectory, content: RootContent): ModuleInstance {
  const { workspace, path: root, scope, problem } = reading
  const evaluation: Evaluation = { budget: budget(), depth: 0, uncertain: 0, libraries: reading.libraries }
  const told = new Set<string>()

  /** A module of which a part could not be read: what it declares may be anything. */
  function noteFaults(module: ModuleDirectory): void {
    for (const { file, line } of module.faulty) {
      const key = `${file}:${line}`
      if (told.has(key)) continue
      told.add(key)
      content.gaps.push(
        lostPart(scope, 'truncated', file, line, 'Mend the configuration: a part of it could not be read.'),
      )
    }
  }

  /** Tells what is wrong with a call once, however many instances it has. */
  function tell({ file, block }: Declaration, message: string): void {
    const line = file.lineAt(block.at)
    const key = `${file.name}:${line} ${message}`
    if (!told.has(key)) problem(file.name, message, line)
    told.add(key)
  }

  function missing({ file, block }: Declaration, address: string, why: string, remedy = notOnDisk): Unknown {
    const line = file.lineAt(block.at)
    const key = `${file.name}:${line}`
    if (!told.has(key)) {
      told.add(key)
      content.gaps.push(lostPart(scope, 'truncated', file.name, line, `${address} ${why}: ${remedy}.`))
    }
    return new Unknown(`${address} ${why}`)
  }

  const host: ModuleHost = {
    scope,
    given: reading.given,
    evaluation,
    problem: (file, at, message) => problem(file.name, message, file.lineAt(at)),
    file(path) {
      const found = workspace.text(root === '.' ? path : `${root}/${path}`)
      return 'text' in found ? found.text : new Unknown(`the file ${found.fault}`)
    },
    load(from, name, call) {
      const address = `${from.prefix}module.${name}`
      const source = literalText(call.block.body, 'source')
      if (source === undefined) return missing(call, address, 'has a source that is not known')
      if (isLocal(source)) return loadLocal(from, address, call, source)
      const path = workspace.installed(root, address.replace(/\[[^\]]*\]/g, '').replace(/(^|\.)module\./g, '$1'))
      return path === undefined ? missing(call, address, 'is not on disk') : loadAt(from, address, call, path)
    },
  }

  function loadAt(from: ModuleInstance, address: string, call: Declaration, path: string) {
    const above = [root, ...from.calls.map(site => site.directory)]
    if (above.includes(path)) {
      tell(call, `calls the module that it is in, as ${address}`)
      return missing(
        call,
        address,
        'calls the module that it is in',
        'Terraform refuses modules that call each other in a ring',
      )
    }
    const module = workspace.module(path)
    if (!module) return missing(call, address, 'is not on disk')
    noteFaults(module)
    return { configuration: module.configuration, directory: path }
  }

  function loadLocal(from: ModuleInstance, address: string, call: Declaration, source: string) {
    const directory = from.calls.at(-1)?.directory ?? root
    const target = pathOfCall(directory, source)
    const path = target && workspace.canonical(target)
    if (path !== undefined) return loadAt(from, address, call, path)
    if (target !== undefined && workspace.isNothingAt(target)) {
      tell(call, `calls ${quote(source)} as ${address}, and there is no such directory`)
      return missing(call, address, 'is not on disk', 'correct its source')
    }
    if (workspace.leavesRepository(directory, source))
      tell(call, `calls ${quote(source)} as ${address}, outside of the working directory: run rel09 above both`)
    return missing(call, address, 'lies outside of what is scanned', 'scan the directory that holds both')
  }

  noteFaults(main)
  const variable = variableValues([...main.variables, ...reading.variables], evaluation)
  return moduleInstance(host, {
    configuration: main.configuration,
    directory: root,
    root,
    prefix: '',
    mayNotExist: [],
    calls: [],
    variable,
    provider: () => undefined,
  })
}

function visit(module: ModuleInstance, content: RootContent): void {
  for (const declaration of module.configuration.resources.values()) {
    for (const instance of module.resources(declaration)) {
      if (content.resources.length >= maxResources) throw new TooMuch(`declares more than ${maxResources} resources`)
      content.resources.push(resourceOf(instance))
      const exemptions = declaration.file.exemptions?.get(declaration.block)
      if (exemptions) content.exemptions.set(instance.address, exemptions)
      if (module.calls.length > 0) content.calls.set(instance.address, module.calls)
    }
  }
  for (const name of module.configuration.calls.keys()) for (const child of module.children(name)) visit(child, content)
}

/** `lifecycle { prevent_destroy = true }`, the one part of it that is a promise about the resource. */
function preventsDestroy({ declaration, environment }: ResourceInstance): boolean {
  return declaration.block.body.blocks.some(
    block =>
      block.type === 'lifecycle' &&
      block.body.attributes.some(
        ({ name, value }) => name === 'prevent_destroy' && toFlag(evaluate(value, environment)) === true,
      ),
  )
}

/** The paths of names and tags: a resource's own, and in a part of another one that one's. */
function namesIn(type: string): (path: string) => boolean {
  const names = new Set([nameProperty(type), ...(companionRulesOf(type) ?? []).map(rule => rule.by)])
  return path => names.has(path) || path.startsWith('tags.')
}

function resourceOf(instance: ResourceInstance): TerraformResource {
  const { address, declaration, environment, mayNotExist } = instance
  const { block, file, type } = declaration
  const location = { file: file.name, line: file.lineAt(block.at), endLine: file.lineAt(block.end) }
  // Types that no rule concerns are counted, not evaluated.
  if (!isKnownType(type)) return { address, type, provider: instance.provider(), values: {}, unknown: [], location }
  const { values, unknown } = evaluateBody(block.body, environment, namesIn(type))
  if (preventsDestroy(instance)) values.lifecycle = [{ prevent_destroy: true }]
  return {
    address,
    type,
    provider: instance.provider(),
    values,
    unknown,
    location,
    ...(mayNotExist.length > 0 ? { mayNotExist } : {}),
    positions: positionsOf(block.body, file.lineAt, isObject(values) ? values : {}),
  }
}
