/**
 * CloudTrail trails. `configuration` is an entry of `cloudtrail:DescribeTrails`; `supplementary.Status` =
 * `cloudtrail:GetTrailStatus`, `supplementary.EventSelectors` = `cloudtrail:GetEventSelectors` (basic or advanced selectors).
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetEventSelectors.html
 */

import type { Trail } from '../model/guards.ts'
import type { ResourceRecord } from '../model/record.ts'
import { byText } from '../model/text-order.ts'
import type { ResourceDefinition } from './definition.ts'
import {
  absentMeans,
  allOr,
  at,
  booleanOr,
  configurationOf,
  isAbsent,
  isDeclared,
  known,
  names,
  type Place,
  supplementaryOf,
  textOr,
  textsOr,
} from './evidence.ts'
import { member, toBoolean, toText } from './property.ts'

/** What a trail's selectors record. */
interface Recorded {
  read: boolean
  write: boolean
  /** Buckets by ARN or prefix whose writes and deletions are recorded. */
  buckets: string[]
}

const nothing = (): Recorded => ({ read: false, write: false, buckets: [] })

/** Without selectors a trail records management events, read and write, and no data events. */
const byDefault = (): Recorded => ({ read: true, write: true, buckets: [] })

const isEveryBucket = (value: string) => /^arn:[a-z-]+:s3(:::)?$/.test(value)

/** One basic selector; deletions of keys go through KMS, so leaving KMS out is no record of management events. */
function basicSelector(place: Place): Recorded | undefined {
  const kind = textOr(at(place, 'ReadWriteType'), 'All')
  const management = booleanOr(at(place, 'IncludeManagementEvents'), true)
  const excluded = textsOr(at(place, 'ExcludeManagementEventSources'), [] as string[])
  const data = allOr(at(place, 'DataResources', 'data_resource'), dataResource, [] as string[][])
  if (kind === undefined || management === undefined || !excluded || !data) return undefined
  const counted = management && !excluded.includes('kms.amazonaws.com')
  return {
    read: counted && kind !== 'WriteOnly',
    write: counted && kind !== 'ReadOnly',
    buckets: kind === 'ReadOnly' ? [] : data.flat(),
  }
}

function dataResource(place: Place): string[] | undefined {
  const type = textOr(at(place, 'Type'), undefined)
  if (type === undefined) return undefined
  return type === 'AWS::S3::Object' ? textsOr(at(place, 'Values'), []) : []
}

/** A field of an advanced selector: `equals` and `startsWith` are understood, anything else narrows in a way that is not. */
interface Field {
  name: string
  equals: string[]
  startsWith: string[]
  narrowsOtherwise: boolean
}

const otherOperators = ['EndsWith', 'NotEquals', 'NotStartsWith', 'NotEndsWith']

function readField(place: Place): Field | undefined {
  const name = textOr(at(place, 'Field'), undefined)
  const equals = textsOr(at(place, 'Equals'), [] as string[])
  const startsWith = textsOr(at(place, 'StartsWith'), [] as string[])
  if (name === undefined || !equals || !startsWith) return undefined
  const narrowsOtherwise = otherOperators.some(operator => {
    const operand = at(place, operator)
    return !isAbsent(operand) && !(Array.isArray(operand.value) && operand.value.length === 0)
  })
  return { name, equals, startsWith, narrowsOtherwise }
}

/** One advanced selector; what it narrows by another field than those below is not counted as recorded. */
function advancedSelector(place: Place): Recorded | undefined {
  const fields = allOr(at(place, 'FieldSelectors', 'field_selector'), readField, undefined)
  if (!fields) return undefined
  const field = (name: string) => fields.find(candidate => candidate.name === name)
  const category = field('eventCategory')?.equals ?? []
  const readOnly = field('readOnly')?.equals
  const read = !readOnly || readOnly.includes('true')
  const write = !readOnly || readOnly.includes('false')
  const others = fields.filter(
    ({ name, narrowsOtherwise }) =>
      narrowsOtherwise || !['eventCategory', 'readOnly', 'resources.type', 'resources.ARN'].includes(name),
  )
  // Leaving out a service other than KMS, such as rds-data, loses nothing of what matters here.
  const harmless = others.every(({ name }) => name === 'eventSource' && leavesKmsIn(place))
  if (category.includes('Management')) return harmless ? { read, write, buckets: [] } : nothing()
  const types = field('resources.type')?.equals ?? []
  if (!category.includes('Data') || !types.includes('AWS::S3::Object') || others.length > 0 || !write) return nothing()
  const arns = field('resources.ARN')
  return { read: false, write: false, buckets: arns ? [...arns.equals, ...arns.startsWith] : ['arn:aws:s3'] }
}

function leavesKmsIn(place: Place): boolean {
  const fields = at(place, 'FieldSelectors', 'field_selector').value
  return (
    Array.isArray(fields) &&
    fields
      .filter(field => toText(member(field, 'field')) === 'eventSource')
      .every(field => {
        const left = member(field, 'NotEquals') ?? member(field, 'not_equals')
        return Array.isArray(left) && !left.includes('kms.amazonaws.com')
      })
  )
}

/** All selectors of a trail; `undefined` where they are not known. */
function selectorsOf(item: ResourceRecord, root: Place): Recorded[] | undefined {
  const answer = supplementaryOf(item, 'EventSelectors')
  const holder: Place =
    answer === undefined || answer === null
      ? root
      : {
          item,
          value: Array.isArray(answer) ? { EventSelectors: answer } : answer,
          path: 'supplementary.EventSelectors',
          unknown: false,
        }
  const basic = at(holder, 'EventSelectors', 'event_selector')
  const advanced = at(holder, 'AdvancedEventSelectors', 'advanced_event_selector')
  if (isAbsent(basic) && isAbsent(advanced)) {
    const custom = booleanOr(at(root, 'HasCustomEventSelectors'), undefined)
    return isDeclared(item) || custom === false || holder !== root ? [byDefault()] : undefined
  }
  const first = allOr(basic, basicSelector, [] as Recorded[])
  const second = allOr(advanced, advancedSelector, [] as Recorded[])
  if (!first || !second) return undefined
  const all = [...first, ...second]
  return all.length > 0 ? all : [byDefault()]
}

/** Reads and writes may be recorded by different selectors. */
function recordsManagement(selectors: Recorded[]): boolean {
  return selectors.some(selector => selector.read) && selectors.some(selector => selector.write)
}

function s3DataEvents(selectors: Recorded[]): Trail['s3DataEvents'] {
  const buckets = selectors.flatMap(selector => selector.buckets)
  return buckets.some(isEveryBucket) ? 'all' : [...new Set(buckets)].sort(byText)
}

function readTrail(item: ResourceRecord): Trail | undefined {
  const root = configurationOf(item)
  const name = textOr(at(root, 'TrailName', 'Name'), undefined) ?? item.name ?? toText(item.id)
  if (name === undefined) return undefined
  const off = absentMeans(item, { cloudformation: false, terraform: false })
  const selectors = selectorsOf(item, root)
  const status = supplementaryOf(item, 'Status')
  return known({
    name,
    arn: textOr(at(root, 'TrailARN', 'arn'), undefined) ?? item.arn,
    multiRegion: booleanOr(at(root, 'IsMultiRegionTrail'), off),
    logging:
      toBoolean(member(status, 'IsLogging')) ??
      booleanOr(at(root, 'IsLogging', 'enable_logging'), item.encoding === 'terraform' ? true : undefined),
    logFileValidation: booleanOr(at(root, 'LogFileValidationEnabled', 'EnableLogFileValidation'), off),
    // DescribeTrails leaves the key out where there is none.
    kmsKeyArn: textOr(at(root, 'KmsKeyId', 'KMSKeyId'), null),
    managementEvents: selectors && recordsManagement(selectors),
    s3DataEvents: selectors && s3DataEvents(selectors),
    organization: booleanOr(at(root, 'IsOrganizationTrail'), off),
  })
}

/** Trails. */
export const definitions: ResourceDefinition[] = [
  {
    role: 'trail',
    type: 'AWS::CloudTrail::Trail',
    names: names('AWS::CloudTrail::Trail', ['aws_cloudtrail', 'awscc_cloudtrail_trail']),
    identity: { arn: 'cloudtrail:{region}:{account}:trail/{id}', cloudformation: 'TrailName', terraform: 'name' },
    read: readTrail,
  },
]
