/** One instance of a module: its variables, locals, resources, calls and outputs, each evaluated when something asks for it. */

import { placeholder } from '../../model/placeholder.ts'
import { referenceTo } from '../terraform/resource.ts'
import {
  attributeIn,
  type Configuration,
  type Declaration,
  providerName,
  type ResourceDeclaration,
} from './configuration.ts'
import { type Environment, type Evaluation, evaluate } from './evaluate.ts'
import { type Repetition, type Repetitions, repetitionsOf } from './instances.ts'
import {
  ambientProvider,
  type GivenPlace,
  type HomeProvider,
  type ProviderPlace,
  providerPlace,
  unknownProvider,
} from './providers.ts'
import { dataInstance, isNaming, type ResourceInstance, resourceInstance } from './resource-instance.ts'
import type { Body, HclFile } from './syntax.ts'
import { convert } from './types.ts'
import { type Declared, failure, Handle, Instances, Unknown, type Value } from './value.ts'

/** A call on the way from the root to a module. */
export interface CallSite {
  file: string
  line: number
  /** `module.orders["eu"]`, without the modules above. */
  address: string
  /** Of the module that is called. */
  directory: string
}

/** What modules need of whoever reads their files. */
export interface ModuleHost {
  scope: string
  given: GivenPlace
  evaluation: Evaluation
  /** The configuration that a call means; why not, where it cannot be had. Tells of what is missing once a call. */
  load(
    from: ModuleInstance,
    name: string,
    call: Declaration,
  ): { configuration: Configuration; directory: string } | Unknown
  /** Text of a file by its path from the root's directory. */
  file(path: string): string | Unknown
  problem(file: HclFile, at: number, message: string): void
}

/** What a module is made of. */
export interface ModuleParts {
  configuration: Configuration
  /** Path of its directory. */
  directory: string
  /** Path of the root's directory, in which Terraform is run. */
  root: string
  /** `module.orders["eu"].`, or nothing for the root. */
  prefix: string
  calls: readonly CallSite[]
  /** What the numbers of its call, and of those above, hang on, where that is not known. */
  mayNotExist: readonly string[]
  /** Values of its variables; absent ones take their default. */
  variable(name: string): Value | undefined
  /** Configurations of providers that its caller hands it, by the name it calls them. */
  provider(name: string): ProviderPlace | undefined
}

/** A module under evaluation. */
export interface ModuleInstance extends Declared, ModuleParts {
  /** Instances of a resource, each with its address. */
  resources(declaration: ResourceDeclaration): readonly ResourceInstance[]
  /** Modules that a call stands for. */
  children(name: string): readonly ModuleInstance[]
  place(name: string): ProviderPlace
}

/** Deeper modules call themselves, or might as well. */
const maxModuleDepth = 20

/** Computes something once; what depends on itself is told of, and is not known. */
function once<T>(compute: (name: string) => T, cyclic: (name: string) => T): (name: string) => T {
  const known = new Map<string, T>()
  const underway = new Set<string>()
  return name => {
    if (known.has(name)) return known.get(name)!
    if (underway.has(name)) return cyclic(name)
    underway.add(name)
    const value = compute(name)
    underway.delete(name)
    known.set(name, value)
    return value
  }
}

/** A first name with members that are looked up: `var`, `local`, a type of resources. */
const names = (address: string, attribute: (name: string) => Value): Handle => new Handle({ address, attribute })

/** What a name stands for, by how many instances there are of it. */
function gathered(repetitions: Repetitions, instances: readonly Declared[]): Value {
  const handles = instances.map(instance => new Handle(instance))
  switch (repetitions.kind) {
    case 'single':
      return handles[0]!
    case 'unknown':
      return new Instances(handles[0]!)
    case 'count':
      return handles
    case 'each':
      return new Map([...repetitions.items.keys()].map((key, index) => [key, handles[index]!]))
  }
}

/** A module under evaluation. Nothing of it is evaluated yet. */
export function moduleInstance(host: ModuleHost, parts: ModuleParts): ModuleInstance {
  const { configuration, prefix, directory } = parts

  function cyclic(what: string, file: HclFile, at: number): Unknown {
    host.problem(file, at, `declares ${what}, which depends on itself`)
    return new Unknown(`${what} depends on itself`)
  }

  /** Something that is a text where one is wanted. */
  const named = (what: string, why: string) => new Unknown(`${what} ${why}`, false, placeholder(host.scope, what))

  function at(roots: ReadonlyMap<string, Value>): Environment {
    return {
      evaluation: host.evaluation,
      root: name => roots.get(name) ?? root(name),
      file: path => host.file(path),
    }
  }

  const variable = once<Value>(
    name => {
      const declaration = configuration.variables.get(name)
      if (!declaration) return named(`var.${name}`, 'is not declared in what is read')
      return variableValue(name, declaration)
    },
    name => {
      const { file, block } = configuration.variables.get(name)!
      return cyclic(`var.${name}`, file, block.at)
    },
  )

  function variableValue(name: string, { block }: Declaration): Value {
    const type = attributeIn(block.body, 'type')
    const otherwise = attributeIn(block.body, 'default')
    const nullable = attributeIn(block.body, 'nullable')?.value
    const isNullable = !(nullable?.kind === 'literal' && nullable.value === false)
    const given = parts.variable(name)
    const isGiven = given !== undefined && (given !== null || isNullable)
    if (!isGiven && !otherwise) return named(`${prefix}var.${name}`, 'has no value')
    const value = isGiven ? given : evaluate(otherwise!.value, environment)
    if (!type) return value
    return convert(value, type.value, {
      budget: host.evaluation.budget,
      evaluate: expression => evaluate(expression, environment),
    })
  }

  const local = once<Value>(
    name => {
      const declaration = configuration.locals.get(name)
      return declaration
        ? evaluate(declaration.attribute.value, environment)
        : new Unknown(`local.${name} is not declared in what is read`)
    },
    name => {
      const { file, attribute } = configuration.locals.get(name)!
      return cyclic(`local.${name}`, file, attribute.at)
    },
  )

  const output = once<Value>(
    name => {
      const declaration = configuration.outputs.get(name)
      const value = declaration && attributeIn(declaration.block.body, 'value')
      return value ? evaluate(value.value, environment) : failure(`there is no output ${name}`)
    },
    name => {
      const { file, block } = configuration.outputs.get(name)!
      return cyclic(`${prefix}output.${name}`, file, block.at)
    },
  )

  const place = once<ProviderPlace>(placeOf, name => unknownProvider(`${prefix}${name}`, host.scope))

  function placeOf(name: string): ProviderPlace {
    const key = `${prefix}${name}`
    const base = name.split('.', 1)[0]!
    const declaration = configuration.providers.get(name)
    if (!declaration) {
      const handed = parts.provider(name)
      // What nobody configures takes all from the environment; an alias that nobody does stands beside what is read.
      return handed ?? (name === base ? ambientProvider(key, host.given) : unknownProvider(key, host.scope))
    }
    const home = name === base ? undefined : homeOf(base)
    return providerPlace(key, declaration, host.scope, host.given, environment, home)
  }

  /** The provider without an alias beside one with one. Of one that was handed in it is not known what it is told by. */
  function homeOf(base: string): HomeProvider {
    const declaration = configuration.providers.get(base)
    const isHanded = declaration === undefined && parts.calls.length > 0
    return { declaration, place: isHanded ? unknownProvider(`${prefix}${base}`, host.scope) : place(base) }
  }

  /** The provider of a resource: the one it names, else that of its type. */
  function providerOf({ block, type }: ResourceDeclaration): string {
    const named = attributeIn(block.body, 'provider')
    return (named && providerName(named.value)) ?? type.split('_', 1)[0]!
  }

  /** What decides whether a block makes anything, where that is not known: two blocks by one expression are made together. */
  function doubtsOf(body: Body, { kind }: Repetitions): readonly string[] {
    if (kind !== 'unknown') return parts.mayNotExist
    const decisive = attributeIn(body, 'count') ?? attributeIn(body, 'for_each')
    const text = JSON.stringify(decisive?.value, (key, value) => (key === 'at' ? undefined : value))
    return [...parts.mayNotExist, `${prefix}${text}`]
  }

  type Gathered = { value: Value; instances: readonly ResourceInstance[] }

  function instancesOf(declaration: ResourceDeclaration, mode: 'data.' | ''): Gathered {
    const { block, file, type, name } = declaration
    const repetitions = repetitionsOf(block.body, environment)
    const make = mode === '' ? resourceInstance : dataInstance
    const instances = [...repetitions.items.values()].map(({ index, roots }) =>
      make({
        address: `${prefix}${mode}${type}.${name}${index}`,
        declaration,
        environment: at(roots),
        mayNotExist: doubtsOf(block.body, repetitions),
        scope: host.scope,
        provider: () => place(providerOf(declaration)),
        cyclic: what => cyclic(what, file, block.at),
      }),
    )
    host.evaluation.budget.spend(10 * instances.length)
    return { value: gathered(repetitions, instances), instances }
  }

  /** Files that are judged alone refer to what stands beside them: it is there, and has a name. */
  function undeclared(name: string, mode: 'data.' | ''): Value {
    const address = `${prefix}${mode}${name}`
    const type = name.split('.', 1)[0]!
    const attribute = (wanted: string): Value =>
      mode === '' && isNaming(type, wanted)
        ? referenceTo(address, wanted)
        : new Unknown(`${address} is not declared in what is read`)
    return new Instances(new Handle({ address, attribute }))
  }

  const none = (value: Value): Gathered => ({ value, instances: [] })

  function declared(map: ReadonlyMap<string, ResourceDeclaration>, mode: 'data.' | ''): (name: string) => Gathered {
    return once<Gathered>(
      name => {
        const declaration = map.get(name)
        return declaration ? instancesOf(declaration, mode) : none(undeclared(name, mode))
      },
      name => {
        const { file, block } = map.get(name)!
        return none(cyclic(`${mode}${name}`, file, block.at))
      },
    )
  }

  const managed = declared(configuration.resources, '')
  const read = declared(configuration.data, 'data.')

  const called = once<{ value: Value; modules: readonly ModuleInstance[] }>(
    name => {
      const call = configuration.calls.get(name)
      if (!call) return { value: new Unknown(`module.${name} is not declared in what is read`), modules: [] }
      const loaded =
        parts.calls.length >= maxModuleDepth
          ? new Unknown('modules are nested too deeply')
          : host.load(instance, name, call)
      if (loaded instanceof Unknown) return { value: loaded, modules: [] }
      const repetitions = repetitionsOf(call.block.body, environment)
      const modules = [...repetitions.items.values()].map(repetition =>
        child(name, call, loaded, repetition, doubtsOf(call.block.body, repetitions)),
      )
      host.evaluation.budget.spend(100 * modules.length)
      return { value: gathered(repetitions, modules), modules }
    },
    name => {
      const { file, block } = configuration.calls.get(name)!
      return { value: cyclic(`module.${name}`, file, block.at), modules: [] }
    },
  )

  function child(
    name: string,
    { block, file }: Declaration,
    loaded: { configuration: Configuration; directory: string },
    { index, roots }: Repetition,
    mayNotExist: readonly string[],
  ): ModuleInstance {
    const inCall = at(roots)
    const address = `${prefix}module.${name}${index}`
    const handed = handedProviders(block.body)
    return moduleInstance(host, {
      ...loaded,
      root: parts.root,
      prefix: `${address}.`,
      mayNotExist,
      calls: [
        ...parts.calls,
        {
          file: file.name,
          line: file.lineAt(block.at),
          address: `module.${name}${index}`,
          directory: loaded.directory,
        },
      ],
      variable(wanted) {
        const argument = attributeIn(block.body, wanted)
        return argument && evaluate(argument.value, inCall)
      },
      provider(wanted) {
        const outer = handed.get(wanted)
        if (outer !== undefined) return place(outer)
        return wanted.includes('.') ? undefined : place(wanted)
      },
    })
  }

  function root(name: string): Value | undefined {
    switch (name) {
      case 'var':
        return names('var', variable)
      case 'local':
        return names('local', local)
      case 'module':
        return names('module', wanted => called(wanted).value)
      case 'data':
        return names('data', type => names(`data.${type}`, wanted => read(`${type}.${wanted}`).value))
      case 'path':
        return paths
      case 'terraform':
      case 'tofu':
        return names(name, wanted => named(`terraform.${wanted}`, 'is not known'))
      case 'self':
      case 'ephemeral':
        return new Unknown(`${name} is not evaluated`)
      case 'each':
      case 'count':
        return failure(`${name} stands where nothing is repeated`)
      default:
        return names(name, wanted => managed(`${name}.${wanted}`).value)
    }
  }

  const paths: Value = new Map<string, Value>([
    ['module', relativePath(parts.root, directory)],
    ['root', '.'],
    ['cwd', new Unknown('where Terraform is run is not known')],
  ])
  const environment = at(new Map())

  const instance: ModuleInstance = {
    ...parts,
    address: prefix.slice(0, -1),
    attribute: output,
    place,
    children: name => called(name).modules,
    resources: ({ type, name }) => managed(`${type}.${name}`).instances,
  }
  return instance
}

/** A path from the directory of the root, as Terraform spells `path.module`. */
function relativePath(root: string, directory: string): string {
  if (root === directory) return '.'
  const from = root === '.' ? [] : root.split('/')
  const to = directory === '.' ? [] : directory.split('/')
  let common = 0
  while (common < from.length && from[common] === to[common]) common++
  return [...from.slice(common).map(() => '..'), ...to.slice(common)].join('/')
}

/** Providers that a call hands to its module: the name in the module → the caller's. */
function handedProviders(body: Body): Map<string, string> {
  const handed = new Map<string, string>()
  const value = attributeIn(body, 'providers')?.value
  if (value?.kind !== 'object') return handed
  for (const item of value.items) {
    const inner = providerName(item.key)
    const outer = providerName(item.value)
    if (inner !== undefined && outer !== undefined) handed.set(inner, outer)
  }
  return handed
}
