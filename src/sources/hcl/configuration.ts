/** The blocks of one module's directory, found again by what they declare. Override files are merged as Terraform merges them. */
import type { Attribute, Block, Body, Expression, HclFile } from './syntax.ts'

/** A block with the file it stands in. */
export interface Declaration {
  file: HclFile
  block: Block
}

/** A resource or data source. */
export interface ResourceDeclaration extends Declaration {
  type: string
  name: string
}

/** A local value. */
export interface LocalDeclaration {
  file: HclFile
  attribute: Attribute
}

/** A module as it is declared, before anything is known of its variables. */
export interface Configuration {
  variables: Map<string, Declaration>
  locals: Map<string, LocalDeclaration>
  outputs: Map<string, Declaration>
  calls: Map<string, Declaration>
  /** By `name` or `name.alias`. */
  providers: Map<string, Declaration>
  /** By `type.name`. */
  resources: Map<string, ResourceDeclaration>
  data: Map<string, ResourceDeclaration>
  /** What Terraform would refuse. */
  faults: { file: HclFile; at: number; message: string }[]
}

/** The attribute of a body by name. */
export function attributeIn(body: Body, name: string): Attribute | undefined {
  return body.attributes.find(attribute => attribute.name === name)
}

/** The text of an attribute that is nothing but text. */
export function literalText(body: Body, name: string): string | undefined {
  const value = attributeIn(body, name)?.value
  return value?.kind === 'literal' && typeof value.value === 'string' ? value.value : undefined
}

/** `aws.west` of an expression that names a provider, quoted (as before Terraform 0.12) or not. */
export function providerName(expression: Expression): string | undefined {
  if (expression.kind === 'literal') return typeof expression.value === 'string' ? expression.value : undefined
  if (expression.kind === 'root') return expression.name
  return expression.kind === 'attribute' && expression.of.kind === 'root'
    ? `${expression.of.name}.${expression.name}`
    : undefined
}

function isOverride(file: HclFile): boolean {
  return /(?:^|[/_])override\.tf(?:\.json)?$/.test(file.name)
}

/** What a block is found by: `resource.aws_s3_bucket.orders`. */
function keyOf(block: Block): string {
  const alias = block.type === 'provider' ? literalText(block.body, 'alias') : undefined
  return [block.type, ...block.labels, ...(alias === undefined ? [] : [alias])].join('.')
}

/** A body with what another one says in its place: its attributes, and all blocks of the types it has. */
function overridden(body: Body, by: Body): Body {
  const names = new Set(by.attributes.map(attribute => attribute.name))
  const types = new Set(by.blocks.map(blockType))
  return {
    attributes: [...body.attributes.filter(({ name }) => !names.has(name)), ...by.attributes.map(foreign)],
    blocks: [...body.blocks.filter(block => !types.has(blockType(block))), ...by.blocks.map(foreign)],
  }
}

const foreign = <T extends Attribute | Block>(part: T): T => ({ ...part, isForeign: true })

const blockType = (block: Block) => (block.type === 'dynamic' ? (block.labels[0] ?? '') : block.type)

function applyOverride(configuration: Configuration, file: HclFile): void {
  for (const block of file.body.blocks) {
    if (block.type === 'locals') {
      for (const attribute of block.body.attributes) configuration.locals.set(attribute.name, { file, attribute })
      continue
    }
    const into = mapOf(configuration, block.type)
    const found = into?.get(nameIn(block))
    if (found) found.block = { ...found.block, body: overridden(found.block.body, block.body) }
  }
}

function mapOf(configuration: Configuration, type: string): Map<string, Declaration> | undefined {
  switch (type) {
    case 'variable':
      return configuration.variables
    case 'output':
      return configuration.outputs
    case 'module':
      return configuration.calls
    case 'provider':
      return configuration.providers
    case 'resource':
      return configuration.resources
    case 'data':
      return configuration.data
    default:
      return undefined
  }
}

const nameIn = (block: Block) => keyOf(block).slice(block.type.length + 1)

const labelCounts: { [type: string]: number } = { variable: 1, output: 1, module: 1, provider: 1, resource: 2, data: 2 }

function add(configuration: Configuration, file: HclFile, block: Block): void {
  const { faults } = configuration
  if (block.type === 'locals') {
    for (const attribute of block.body.attributes) {
      if (configuration.locals.has(attribute.name))
        faults.push({ file, at: attribute.at, message: `declares local.${attribute.name.slice(0, 60)} twice` })
      else configuration.locals.set(attribute.name, { file, attribute })
    }
    return
  }
  const into = mapOf(configuration, block.type)
  if (!into) return
  if (block.labels.length !== labelCounts[block.type]) {
    faults.push({ file, at: block.at, message: `has a block "${block.type}" with ${block.labels.length} labels` })
    return
  }
  const name = nameIn(block)
  // Not a word of what stands there twice is sure: Terraform refuses both.
  if (into.has(name)) faults.push({ file, at: block.at, message: `declares ${keyOf(block).slice(0, 80)} twice` })
  else if (into === configuration.resources || into === configuration.data) {
    const [type, label] = block.labels as [string, string]
    const declaration: ResourceDeclaration = { file, block, type, name: label }
    into.set(name, declaration)
  } else into.set(name, { file, block })
}

/** The configuration that a directory's files make. */
export function configurationOf(files: readonly HclFile[]): Configuration {
  const configuration: Configuration = {
    variables: new Map(),
    locals: new Map(),
    outputs: new Map(),
    calls: new Map(),
    providers: new Map(),
    resources: new Map(),
    data: new Map(),
    faults: [],
  }
  for (const file of files) if (!isOverride(file)) for (const block of file.body.blocks) add(configuration, file, block)
  for (const file of files) if (isOverride(file)) applyOverride(configuration, file)
  return configuration
}
