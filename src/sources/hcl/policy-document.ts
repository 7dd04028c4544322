/**
 * The text that the data source `aws_iam_policy_document` makes of its blocks.
 * https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
 */
import { isObject, type JsonObject } from '../json.ts'
import { evaluateBody } from './body.ts'
import type { Environment } from './evaluate.ts'
import type { Body } from './syntax.ts'
import { Unknown, type Value } from './value.ts'

type Statement = { [member: string]: unknown }

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : value === undefined ? [] : [value])
const objects = (value: unknown): JsonObject[] => list(value).filter(isObject)

/** One element stands alone, as the provider writes it. */
function oneOrMany(value: unknown): unknown {
  const items = list(value)
  return items.length === 1 ? items[0] : items
}

/** Variables of IAM are written `&{…}`, since `${…}` is Terraform's. */
function withVariables(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('&{', '${')
  return Array.isArray(value) ? value.map(withVariables) : value
}

function principals(blocks: unknown): unknown {
  const byType = new Map<string, unknown[]>()
  for (const block of objects(blocks)) {
    const type = String(block.type)
    byType.set(type, [...(byType.get(type) ?? []), ...list(withVariables(block.identifiers))])
  }
  const [only] = byType
  if (byType.size === 1 && only![0] === '*' && only![1].length === 1 && only![1][0] === '*') return '*'
  return Object.fromEntries([...byType].map(([type, identifiers]) => [type, oneOrMany(identifiers)]))
}

function conditions(blocks: unknown): unknown {
  const byTest = new Map<string, Map<string, unknown[]>>()
  for (const block of objects(blocks)) {
    const test = String(block.test)
    const variables = byTest.get(test) ?? new Map<string, unknown[]>()
    byTest.set(test, variables)
    const variable = String(block.variable)
    variables.set(variable, [...(variables.get(variable) ?? []), ...list(withVariables(block.values))])
  }
  return Object.fromEntries(
    [...byTest].map(([test, variables]) => [
      test,
      Object.fromEntries([...variables].map(([variable, values]) => [variable, oneOrMany(values)])),
    ]),
  )
}

function statement(block: JsonObject): Statement {
  const made: Statement = {}
  if (typeof block.sid === 'string' && block.sid !== '') made.Sid = block.sid
  made.Effect = block.effect ?? 'Allow'
  const lists = { Action: 'actions', NotAction: 'not_actions', Resource: 'resources', NotResource: 'not_resources' }
  for (const [member, name] of Object.entries(lists))
    if (list(block[name]).length > 0) made[member] = oneOrMany(withVariables(block[name]))
  if (objects(block.principals).length > 0) made.Principal = principals(block.principals)
  if (objects(block.not_principals).length > 0) made.NotPrincipal = principals(block.not_principals)
  if (objects(block.condition).length > 0) made.Condition = conditions(block.condition)
  return made
}

/** Statements of documents given as text; `undefined` where one is no document. */
function statementsOf(documents: unknown): Statement[] | undefined {
  const statements: Statement[] = []
  for (const document of list(documents)) {
    if (document === '' || document === null) continue
    try {
      const parsed: unknown = JSON.parse(String(document))
      if (!isObject(parsed)) return undefined
      statements.push(...objects(parsed.Statement))
    } catch {
      return undefined
    }
  }
  return statements
}

/** Later statements take the place of earlier ones with their id. */
function merged(statements: readonly Statement[]): Statement[] {
  const last = new Map(statements.map((one, index) => [one.Sid ?? index, one]))
  return [...last.values()]
}

/** The document as text; an {@link Unknown} where any of it is not known: a part of a policy is no policy. */
export function policyDocument(body: Body, environment: Environment): Value {
  const { values, unknown } = evaluateBody(body, environment)
  if (unknown.length > 0) return new Unknown(`${unknown[0]} of a policy document is not known`)
  const source = statementsOf([...list(values.source_json), ...list(values.source_policy_documents)])
  const override = statementsOf([...list(values.override_json), ...list(values.override_policy_documents)])
  if (!source || !override) return new Unknown('a policy document that is built on text that is none')
  const document: JsonObject = { Version: values.version ?? '2012-10-17' }
  if (values.policy_id !== undefined) document.Id = values.policy_id
  document.Statement = merged([...source, ...objects(values.statement).map(statement), ...override])
  return JSON.stringify(document)
}
