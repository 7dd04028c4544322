/** A template: its sections, and which resources it declares under what names. */
import { isObject, type JsonObject, own } from '../json.ts'
import { linesBelow, type ParsedDocument, type Path, type Spot, spotAt } from './document.ts'
import { type TemplateExemptions, templateExemptions } from './exemptions.ts'
import { plainResource } from './serverless.ts'
import type { FilePlace } from './template-set.ts'

/** A template of the input. */
export interface Template {
  /** Name of its file in output. */
  file: string
  place: FilePlace
  document: ParsedDocument
  /** What stands beside its resources. */
  exemptions: TemplateExemptions
  parameters: JsonObject
  mappings: JsonObject
  conditions: JsonObject
  outputs: JsonObject
  resources: JsonObject
  /** Transforms that it names, as text; `null` for one that is not known. */
  transforms: (string | null)[]
}

/** A resource as a template declares it, SAM's tables as what SAM makes of them. */
export interface Declaration {
  type: string
  properties: unknown
  condition?: string
  deletionPolicy: unknown
  updateReplacePolicy: unknown
  metadata: JsonObject
  /** Of nested stacks; as declared. */
  body: JsonObject
}

const section = (root: JsonObject, name: string): JsonObject => {
  const value = own(root, name)
  return isObject(value) ? value : {}
}

/** The template of a document. */
export function templateOf({ name, met }: FilePlace, document: ParsedDocument): Template {
  const { root } = document
  const transform = own(root, 'Transform')
  const transforms =
    transform === undefined || transform === null ? [] : Array.isArray(transform) ? transform : [transform]
  return {
    file: name,
    place: met ? { name, met } : { name },
    document,
    exemptions: templateExemptions(document, name),
    parameters: section(root, 'Parameters'),
    mappings: section(root, 'Mappings'),
    conditions: section(root, 'Conditions'),
    outputs: section(root, 'Outputs'),
    resources: section(root, 'Resources'),
    transforms: transforms.map(name => (typeof name === 'string' ? name : null)),
  }
}

/** What a member of `Resources` declares; `undefined` for what is no resource. */
export function declarationOf(body: unknown, template: Template): Declaration | undefined {
  if (!isObject(body)) return undefined
  const type = own(body, 'Type')
  if (typeof type !== 'string' || type === '') return undefined
  const globals = section(template.document.root, 'Globals')
  const condition = own(body, 'Condition')
  return {
    ...plainResource(type, own(body, 'Properties'), globals),
    ...(typeof condition === 'string' ? { condition } : {}),
    deletionPolicy: own(body, 'DeletionPolicy'),
    updateReplacePolicy: own(body, 'UpdateReplacePolicy'),
    metadata: section(body, 'Metadata'),
    body,
  }
}

/** Where something of a template stands. */
export function placeIn(template: Template, path: Path): Spot | undefined {
  return spotAt(template.document.spot(), path)
}

/** Lines of a resource's properties, by dotted path. */
export function propertyLines(template: Template, path: Path): { [path: string]: number } {
  return linesBelow(placeIn(template, [...path, 'Properties']))
}
