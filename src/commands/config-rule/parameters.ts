/** Parameters of an AWS Config rule: those of our rule, and a few of the function's own. AWS Config gives all values as text. */
import type { FactValue } from '../../model/facts.ts'
import type { Policy } from '../../model/policy.ts'
import type { Rule } from '../../model/rule.ts'
import { checkParameters } from '../../rules/parameters.ts'
import { isObject, parseJson, quote } from '../../sources/json.ts'
import { BadEvent } from './bad-event.ts'

/** Names that no rule may use for a parameter of its own. */
export const reservedParameters = [
  'rule',
  'policyUri',
  'snapshotUri',
  'maxSnapshotAgeHours',
  'roleArn',
  'undeterminedAs',
  'rulesUri',
  'securityHub',
  'eventBus',
] as const

type Reserved = { [name in (typeof reservedParameters)[number]]?: string }

/** An object in S3, or the beginning of keys. */
export interface S3Place {
  bucket: string
  key: string
}

/** Where a policy lies. */
export type PolicyPlace = ({ kind: 's3' } & S3Place) | { kind: 'ssm'; name: string }

/** What the parameters ask for, checked but for those of the rule. */
export interface FunctionParameters {
  /** Id of our rule, where the AWS Config rule is not named after it. */
  rule: string | undefined
  /** Absent: the default policy. */
  policy: PolicyPlace | undefined
  snapshots: S3Place | undefined
  maxSnapshotAgeHours: number
  roleArn: string | undefined
  /** Absent: as the policy says. */
  undeterminedAs: Policy['undeterminedAs'] | undefined
  /** Where rules of the organisation's own lie. */
  rules: S3Place | undefined
  /** Findings are told to AWS Security Hub too. */
  securityHub: boolean
  /** Findings are told to a bus of Amazon EventBridge too. */
  eventBus: EventBus | undefined
}

/** A bus of Amazon EventBridge. */
export interface EventBus {
  /** Its name, or its ARN. */
  name: string
  /** Absent: that of the AWS Config rule. */
  region: string | undefined
}

/** What a snapshot may be old, unless a parameter says otherwise: one is taken each day. */
export const usualSnapshotAgeHours = 26

/** Parameters of a rule as text or, from other callers, as what they are. */
export type GivenParameters = { readonly [name: string]: FactValue }

const at = (name: string) => `ruleParameters.${name}`

/** Reads `ruleParameters`, which AWS Config leaves out, or gives empty, where there are none. Throws {@link BadEvent}. */
export function readParameters(text: unknown): { own: FunctionParameters; ofRule: GivenParameters } {
  const given = treeOf(text)
  const reserved: Reserved = {}
  const ofRule: { [name: string]: FactValue } = {}
  for (const [name, value] of Object.entries(given)) {
    if (typeof value === 'object' && value !== null && !isListOfTexts(value))
      throw new BadEvent(at(name), 'write a text, a number, true or false')
    if (!isReserved(name)) ofRule[name] = value as FactValue
    else if (typeof value !== 'object') reserved[name] = String(value)
    else throw new BadEvent(at(name), 'write a text')
  }
  return { own: functionParameters(reserved), ofRule }
}

const isReserved = (name: string): name is keyof Reserved => (reservedParameters as readonly string[]).includes(name)

const isListOfTexts = (value: object): boolean => Array.isArray(value) && value.every(item => typeof item === 'string')

function treeOf(text: unknown): object {
  if (text === undefined || text === null || text === '') return {}
  if (typeof text !== 'string') throw new BadEvent('ruleParameters', `write JSON text, not ${typeof text}`)
  const parsed = parseJson(text)
  if (!('value' in parsed)) throw new BadEvent('ruleParameters', parsed.fault)
  if (!isObject(parsed.value)) throw new BadEvent('ruleParameters', 'write a JSON object')
  return parsed.value
}

function functionParameters(given: Reserved): FunctionParameters {
  const { rule, policyUri, snapshotUri, maxSnapshotAgeHours, roleArn, undeterminedAs } = given
  const { rulesUri, securityHub, eventBus } = given
  return {
    rule,
    policy: policyUri === undefined ? undefined : policyPlace(policyUri),
    snapshots: snapshotUri === undefined ? undefined : s3Place('snapshotUri', snapshotUri),
    maxSnapshotAgeHours: hours(maxSnapshotAgeHours),
    roleArn: roleArn === undefined ? undefined : role(roleArn),
    undeterminedAs: undeterminedAs === undefined ? undefined : complianceOf(undeterminedAs),
    rules: rulesUri === undefined ? undefined : s3Place('rulesUri', rulesUri),
    securityHub: securityHub !== undefined && isTrue('securityHub', securityHub),
    eventBus: eventBus === undefined ? undefined : busOf(eventBus),
  }
}

const s3Uri = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.{0,1024}))?$/s

function s3Place(name: string, uri: string): S3Place {
  const [, bucket, key = ''] = s3Uri.exec(uri) ?? []
  if (bucket === undefined) throw new BadEvent(at(name), `write s3://BUCKET/KEY, not ${quote(uri)}`)
  return { bucket, key }
}

const parameterName = /^(?:ssm:([\w./-]{1,1011})|(arn:aws[a-z-]*:ssm:[a-z0-9-]+:\d{12}:parameter\/[\w./-]{1,1011}))$/

function policyPlace(uri: string): PolicyPlace {
  const [, name, arn] = parameterName.exec(uri) ?? []
  const found = name ?? arn
  if (found !== undefined) return { kind: 'ssm', name: found }
  if (!uri.startsWith('s3://'))
    throw new BadEvent(at('policyUri'), `write s3://BUCKET/KEY, ssm:/NAME or the ARN of a parameter, not ${quote(uri)}`)
  const place = s3Place('policyUri', uri)
  if (place.key === '') throw new BadEvent(at('policyUri'), 'write s3://BUCKET/KEY: the key is missing')
  return { kind: 's3', ...place }
}

function hours(text: string | undefined): number {
  if (text === undefined) return usualSnapshotAgeHours
  const value = Number(text)
  if (/^\d{1,5}(\.\d{1,3})?$/.test(text.trim()) && value > 0) return value
  throw new BadEvent(at('maxSnapshotAgeHours'), `write a number of hours above 0, not ${quote(text)}`)
}

const roleArnPattern = /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]{1,576}$/

function role(arn: string): string {
  if (roleArnPattern.test(arn)) return arn
  throw new BadEvent(at('roleArn'), `write the ARN of a role, not ${quote(arn)}`)
}

function complianceOf(word: string): Policy['undeterminedAs'] {
  if (word === 'NOT_APPLICABLE' || word === 'NON_COMPLIANT') return word
  throw new BadEvent(at('undeterminedAs'), `write NOT_APPLICABLE or NON_COMPLIANT, not ${quote(word)}`)
}

function isTrue(name: string, word: string): boolean {
  if (word === 'true' || word === 'false') return word === 'true'
  throw new BadEvent(at(name), `write true or false, not ${quote(word)}`)
}

const busPattern = /^(?:arn:aws[a-z-]*:events:([a-z0-9-]{1,40}):\d{12}:event-bus\/)?[\w./-]{1,256}$/

function busOf(text: string): EventBus {
  const match = busPattern.exec(text)
  if (match) return { name: text, region: match[1] }
  throw new BadEvent(at('eventBus'), `write default, or the name or ARN of an event bus, not ${quote(text)}`)
}

/** A policy in which a rule's parameters are those of the AWS Config rule. Throws {@link BadEvent} where the rule refuses one. */
export function withParameters(policy: Policy, rule: Rule, given: GivenParameters): Policy {
  const [problem] = checkParameters(rule, given)
  if (problem) throw new BadEvent(at(problem.parameter), problem.message)
  if (Object.keys(given).length === 0) return policy
  const setting = Object.hasOwn(policy.rules, rule.id) ? policy.rules[rule.id] : undefined
  const rules = { ...policy.rules, [rule.id]: { ...setting, parameters: { ...setting?.parameters, ...given } } }
  return { ...policy, rules }
}
