/**
 * What is asked of AWS Config: advanced queries, one for the types of each service, of an aggregator or of a Region of the own
 * account, and who feeds it. A query answers with a hundred items a page at most, and takes 4,096 characters.
 * https://docs.aws.amazon.com/config/latest/APIReference/API_SelectAggregateResourceConfig.html
 * https://docs.aws.amazon.com/config/latest/APIReference/API_SelectResourceConfig.html
 */
import {
  ConfigServiceClient,
  DescribeConfigurationAggregatorSourcesStatusCommand,
  ResourceType,
  SelectAggregateResourceConfigCommand,
  SelectResourceConfigCommand,
} from '@aws-sdk/client-config-service'
import { collectors } from '../../generated/collectors.ts'
import { resourceDefinitions } from '../../generated/resources.ts'
import type { ConfigRecorder } from '../../model/guards.ts'
import type { ResourceRecord } from '../../model/record.ts'
import { collector as recorders } from './config.ts'
import { type Operation, operation } from './operation.ts'

/** AWS Config's own item of its recorder. */
export const recorderType = 'AWS::Config::ConfigurationRecorder'

/** Which accounts and Regions an aggregator has, and whether their items reach it. */
export const describeSources = operation(
  'config:DescribeConfigurationAggregatorSourcesStatus',
  ConfigServiceClient,
  DescribeConfigurationAggregatorSourcesStatusCommand,
  // Of a source that is not known to be well nothing is claimed, so that nothing is cut either.
  { cuts: ['recorders'], types: [recorderType], paging: { in: 'NextToken', out: 'NextToken', input: { Limit: 100 } } },
)

/** A page of what a query gives: items as JSON text. */
interface Rows {
  Results?: string[] | undefined
}

type Select = Operation<object, Rows>

const declared = {
  cuts: ['*'],
  paging: { in: 'NextToken', out: 'NextToken', input: { Limit: 100 } },
  each: 'group of types',
}
const selectOfAggregator: Select = operation(
  'config:SelectAggregateResourceConfig',
  ConfigServiceClient,
  SelectAggregateResourceConfigCommand,
  declared,
)
const selectOfRegion: Select = operation(
  'config:SelectResourceConfig',
  ConfigServiceClient,
  SelectResourceConfigCommand,
  declared,
)

/** Every operation that is called of an aggregator. */
export const aggregatorOperations: readonly Operation[] = [describeSources, selectOfAggregator]

/** Every operation that is called of a Region of the own account. */
export const regionOperations: readonly Operation[] = [...recorders.operations, selectOfRegion]

/** Types that AWS Config records and rel09 reads. */
const recordedTypes = [
  ...new Set(
    resourceDefinitions.flatMap(({ names }) => names.config).filter(type => Object.hasOwn(recordable(), type)),
  ),
].sort()

function recordable(): { readonly [type: string]: true } {
  return Object.fromEntries(Object.values(ResourceType).map(type => [type, true]))
}

/** `AWS::RDS` of `AWS::RDS::DBInstance`. */
const serviceOf = (type: string) => type.split('::', 2).join('::')

/** A type under all its names: collectors call some by another than AWS Config. */
const namesOf = (type: string): string[] => [
  type,
  ...resourceDefinitions.flatMap(({ type: own, names }) =>
    own === type || names.config.includes(type) ? [own, ...names.config] : [],
  ),
]

/** What stores feed of which nothing is collected (stacks). */
const ofStores = (types: readonly string[]) =>
  resourceDefinitions.some(
    ({ role, names }) => role === 'data-store' && names.config.some(name => types.includes(name)),
  )
    ? ['inventory', 'configuration', 'tags']
    : []

/** Fact groups that some of the types feed; where that is not known, all. */
function groupsOf(types: readonly string[]): string[] {
  const named = new Set(types.flatMap(namesOf))
  const filled = Object.values(collectors).flatMap(({ fills }) =>
    Object.entries(fills).flatMap(([group, fed]) => (fed.some(type => named.has(type)) ? [group] : [])),
  )
  const groups = [...filled, ...ofStores(types)]
  return groups.length > 0 ? [...new Set(groups)].sort() : ['*']
}

/** A query of the types of one service. */
export interface AdvancedQuery {
  /** `AWS::RDS`. */
  name: string
  types: readonly string[]
  expression: string
  /** The call: where it fails, what the types feed is partial. */
  operation: Select
}

function queryOf(select: Select, name: string, types: readonly string[]): AdvancedQuery {
  const members =
    'accountId, awsRegion, resourceType, resourceId, resourceName, arn, tags, configuration, supplementaryConfiguration, ' +
    'configurationItemStatus, configurationItemCaptureTime, resourceCreationTime'
  const listed = types.map(type => `'${type}'`).join(', ')
  return {
    name,
    types,
    expression: `SELECT ${members} WHERE resourceType IN (${listed})`,
    operation: { ...select, types, cuts: groupsOf(types) },
  }
}

const queriesOf = (select: Select) =>
  [...new Set(recordedTypes.map(serviceOf))].map(service =>
    queryOf(
      select,
      service,
      recordedTypes.filter(type => serviceOf(type) === service),
    ),
  )

/** Queries of all that is read of an aggregator, recorders first: they tell what the others can know. */
export const aggregatorQueries: readonly AdvancedQuery[] = [
  queryOf(selectOfAggregator, 'AWS::Config', [recorderType]),
  ...queriesOf(selectOfAggregator),
]

/** Queries of all that is read of a Region of the own account, whose recorder is asked for itself. */
export const regionQueries: readonly AdvancedQuery[] = queriesOf(selectOfRegion)

const nativeTypes = [...new Set(Object.values(collectors).flatMap(({ fills }) => Object.values(fills).flat()))].sort()

/** What only native calls tell: types of no item, and the fact groups that they feed. */
export const untold = (() => {
  const types = nativeTypes.filter(
    type => type !== recorderType && !namesOf(type).some(name => recordedTypes.includes(name)),
  )
  return { types, factGroups: groupsOf(types) }
})()

/**
 * Types that lie in a Region and count for the account: no trail here does not mean that there is none. Without every Region
 * nobody holds them whole.
 */
export const typesOfEveryRegion: ReadonlySet<string> = new Set(
  Object.values(collectors).flatMap(({ fills }) =>
    [...(fills.trails ?? []), ...(fills.resilience ?? [])].flatMap(namesOf),
  ),
)

const recorderDefinition = resourceDefinitions.find(definition => definition.role === 'config-recorder')

/** Recorders of AWS's own services keep no items for the account; their names begin so. */
const ofServices = 'AWSConfigurationRecorderFor'

/** The types that a recorder is known to record, of those that are asked for; `undefined`: it says nothing of the account's items. */
export function typesRecorded(record: ResourceRecord): string[] | undefined {
  if ((record.name ?? record.id).startsWith(ofServices)) return undefined
  const {
    recording,
    allSupported,
    resourceTypes = [],
    excludedTypes,
  } = recorderDefinition?.read(record) ?? ({} as ConfigRecorder)
  if (recording !== true) return []
  // An item that does not say so is as old as its last change.
  if (record.encoding === 'config' && (record.configuration as { Recording?: unknown }).Recording === undefined)
    return []
  // «All supported types» leaves global ones out unless the recorder says otherwise, mostly in one Region only.
  const isRecorded = (type: string) =>
    resourceTypes.includes(type) ||
    ((allSupported === true || (excludedTypes !== undefined && !excludedTypes.includes(type))) &&
      !type.startsWith('AWS::IAM::'))
  return recordedTypes.filter(isRecorded)
}
