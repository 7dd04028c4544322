/**
 * What AWS SAM makes of its simple tables: plain DynamoDB tables.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-simpletable.html
 */
import { isObject, type JsonObject, own } from '../json.ts'

const simpleTable = 'AWS::Serverless::SimpleTable'
/** Properties that mean the same in both. */
const shared = ['TableName', 'SSESpecification', 'PointInTimeRecoverySpecification', 'ProvisionedThroughput'] as const
const attributeTypes = new Map([
  ['String', 'S'],
  ['Number', 'N'],
  ['Binary', 'B'],
])

/** A resource's type and properties after SAM's transform; types of which SAM makes no store are left as they are. */
export function plainResource(
  type: string,
  properties: unknown,
  globals: JsonObject,
): { type: string; properties: unknown } {
  if (type !== simpleTable) return { type, properties }
  if (properties !== undefined && properties !== null && !isObject(properties))
    return { type: 'AWS::DynamoDB::Table', properties }
  const stated = isObject(properties) ? properties : {}
  const common = own(globals, 'SimpleTable')
  const merged = isObject(common) ? mergeGlobals(common, stated) : stated
  return { type: 'AWS::DynamoDB::Table', properties: tableOf(merged) }
}

/** Maps are merged, lists and scalars of the resource win. */
function mergeGlobals(common: JsonObject, stated: JsonObject): JsonObject {
  const merged: JsonObject = { ...common, ...stated }
  for (const key of Object.keys(common)) {
    const [left, right] = [common[key], own(stated, key)]
    if (isObject(left) && isObject(right)) merged[key] = { ...left, ...right }
  }
  return merged
}

function tableOf(stated: JsonObject): JsonObject {
  const table: JsonObject = {}
  for (const name of shared) if (Object.hasOwn(stated, name)) table[name] = stated[name]
  if (!Object.hasOwn(table, 'ProvisionedThroughput')) table.BillingMode = 'PAY_PER_REQUEST'
  const key = own(stated, 'PrimaryKey')
  const name = isObject(key) ? (own(key, 'Name') ?? 'id') : 'id'
  const type = isObject(key) ? own(key, 'Type') : 'String'
  table.AttributeDefinitions = [
    { AttributeName: name, AttributeType: typeof type === 'string' ? (attributeTypes.get(type) ?? type) : type },
  ]
  table.KeySchema = [{ AttributeName: name, KeyType: 'HASH' }]
  if (Object.hasOwn(stated, 'Tags')) table.Tags = stated.Tags
  return table
}
