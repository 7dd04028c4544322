/** Records of a stack's resources. */
import type { GapRecord, Location, ResourceRecord } from '../../model/record.ts'
import { tellIdle } from '../inline-exemptions.ts'
import { isObject, type JsonObject, own, quote } from '../json.ts'
import { lostPart } from '../scope.ts'
import type { Reading } from '../source.ts'
import { type Companions, isCompanionType } from './companions.ts'
import type { Path } from './document.ts'
import { isKnownType } from './names.ts'
import type { Stack, StackResource } from './stack.ts'
import { type Tags, tagsOf } from './tags.ts'
import { placeIn, propertyLines } from './template.ts'
import { isUnresolved, noValue, textOf } from './values.ts'

/** The records of a stack's resources that concern some rule; the others are counted. `inherited`: tags of the stack and of those above it. */
export function* recordsOf(
  stack: Stack,
  inherited: Tags,
  companions: Companions,
  reading: Reading,
): Generator<ResourceRecord> {
  for (const [name, resource] of stack.resources) {
    const { type, condition } = resource.declaration
    const { file, exemptions } = stack.settings.template
    const isJudged = isKnownType(type)
    const isMade = condition === undefined || stack.condition(condition) !== false
    if (!isJudged || !isMade) tellIdle(reading, file, exemptions.at(resource.path).length)
    if (!isMade) continue
    if (isJudged) yield recordOf(stack, name, resource, inherited, companions)
    else if (!isCompanionType(type)) reading.skip({ type, file, reason: 'no rule concerns this type', count: 1 })
  }
  for (const name of stack.decisive()) {
    const reason = `what the parameter ${quote(name)} decides: it has a default, and other values decide otherwise (give it by --parameters)`
    reading.skip({ file: stack.settings.template.file, reason, count: 1 })
  }
}

function recordOf(
  stack: Stack,
  name: string,
  resource: StackResource,
  inherited: Tags,
  companions: Companions,
): ResourceRecord {
  const { declaration, path } = resource
  const { account, region, template } = stack.settings
  const identity = stack.identity(name)
  const properties = stack.resolve(declaration.properties)
  const record: ResourceRecord = {
    record: 'resource',
    scope: stack.surroundings.scope,
    type: declaration.type,
    id: identity?.id ?? stack.placeholder(name),
    encoding: 'cloudformation',
    configuration: isObject(properties) ? properties : {},
    supplementary: attributesOf(stack, resource),
    address: stack.settings.address(name),
  }
  if (identity?.arn !== undefined) record.arn = identity.arn
  if (account !== undefined) record.account = account
  if (region !== undefined) record.region = region
  if (stack.chosenId(name)) record.name = record.id
  const tags = tagsOf(stack, name, inherited)
  if (tags !== undefined) record.tags = tags
  const location = locationOf(stack, path)
  if (location) {
    record.location = location
    const lines = propertyLines(template, path)
    for (const name of ['DeletionPolicy', 'UpdateReplacePolicy']) {
      const line = placeIn(template, [...path, name])?.line
      if (line !== undefined) lines[name] = line
    }
    if (Object.keys(lines).length > 0) record.positions = lines
  }
  companions.join(record, [record.id, identity?.reference, record.arn], stack.isNameless(name))
  const constructPath = textOf(own(declaration.metadata, 'aws:cdk:path'))
  if (constructPath) record.constructPath = constructPath
  const doubts = stack.doubtsOf(declaration.condition)
  if (doubts.length > 0) record.mayNotExist = [...doubts]
  const exemptions = template.exemptions.at(path)
  if (exemptions.length > 0) record.exemptions = [...exemptions]
  return record
}

/** What happens to the resource when its stack is deleted or replaces it; `null` where the template does not say. */
function attributesOf(stack: Stack, { declaration }: StackResource): JsonObject {
  const attributes: JsonObject = {}
  for (const [name, stated] of [
    ['DeletionPolicy', declaration.deletionPolicy],
    ['UpdateReplacePolicy', declaration.updateReplacePolicy],
  ] as const) {
    const value = stack.resolve(stated)
    if (value === undefined || value === null || value === noValue) attributes[name] = null
    else if (!isUnresolved(value)) attributes[name] = value
  }
  return attributes
}

function locationOf(stack: Stack, path: Path): Location | undefined {
  const { template } = stack.settings
  const spot = placeIn(template, path)
  if (!spot) return undefined
  const { line, column, endLine } = spot
  return { file: template.file, line, column, endLine }
}

/** What of a stack cannot be seen: any resource may be in it. */
export function* gapsOf(stack: Stack): Generator<GapRecord> {
  const { template } = stack.settings
  const gap = (path: Path, remedy: string) =>
    lostPart(stack.surroundings.scope, 'truncated', template.file, placeIn(template, path)?.line, remedy)
  for (const path of stack.unexpanded)
    if (path[0] === 'Resources') yield gap(path, 'State the parameters that this loop runs over (--parameters).')
  for (const name of template.transforms)
    if (name === null || !knownTransform.test(name))
      yield gap(
        ['Transform'],
        'Supply the template as the macro leaves it: aws cloudformation get-template --template-stage Processed.',
      )
  if (Object.hasOwn(template.resources, 'Fn::Transform'))
    yield gap(['Resources', 'Fn::Transform'], 'Supply the template with what it includes written out.')
  for (const [name, { declaration, path }] of stack.resources) {
    if (declaration.type.endsWith('::MODULE'))
      yield gap(path, `Supply the template with the module ${name} written out: what it holds is not in the input.`)
    else if (Object.hasOwn(declaration.body, 'Fn::Transform') || isMacro(declaration.properties))
      yield { ...gap(path, `Supply the template with what ${name} includes written out.`), types: [declaration.type] }
  }
}

/** Transforms that add no resource that a rule concerns, or that are done here. */
const knownTransform = /^AWS::(?:Serverless|LanguageExtensions|CodeDeployBlueGreen|SecretsManager)\b/

const isMacro = (properties: unknown): boolean => isObject(properties) && Object.hasOwn(properties, 'Fn::Transform')
