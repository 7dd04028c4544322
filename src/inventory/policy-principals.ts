/**
 * Principals and what conditions make of them. A question such as «is everybody denied?» is answered twice: by reasoning
 * over each statement, which proves a yes, and by sample principals, which prove a no. What neither proves is not known.
 */
import { isAccountId } from '../resources/identity.ts'
import { iamGlob, parseArn, splitArn, textGlob } from './arn.ts'
import type { Condition, Operator, Principals, Statement } from './policy-statements.ts'
import type { Ternary } from './ternary.ts'
import { not3, or3 } from './ternary.ts'

/** A principal that might make a request. */
export interface SamplePrincipal {
  /** ARN of the role or user, never of a session. */
  arn: string
  account: string | undefined
  /** `null` = in no organisation, `undefined` = not known. */
  organizationId: string | null | undefined
}

/** Of a condition or a statement: holds, does not, not known, or `free`: the caller's circumstances (MFA, address) can make it false. */
export type Outcome = Ternary | 'free'

/** False where one is false; else free where one is free, for the caller can see to it. */
export function andOutcomes(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.includes(false)) return false
  if (outcomes.includes('free')) return 'free'
  return outcomes.includes(undefined) ? undefined : true
}

/** The account of an `AWS` principal entry: an account id or an ARN; `undefined` where it tells none. */
export function accountOfEntry(entry: string): string | undefined {
  if (isAccountId(entry)) return entry
  const account = parseArn(entry)?.account
  return account !== undefined && isAccountId(account) ? account : undefined
}

/** The account whose every principal an entry stands for: an account id or its root ARN. */
export function wholeAccountOf(entry: string): string | undefined {
  if (isAccountId(entry)) return entry
  const arn = parseArn(entry)
  return arn?.service === 'iam' && arn.resource === 'root' ? accountOfEntry(entry) : undefined
}

/** Name and account of the role behind a session's ARN. */
function sessionRole(entry: string): { account: string; name: string } | undefined {
  const arn = parseArn(entry)
  const found = arn?.service === 'sts' ? /^assumed-role\/([^/]+)\//.exec(arn.resource) : null
  return found && arn?.account ? { account: arn.account, name: found[1]! } : undefined
}

function isRole(arn: string, role: { account: string; name: string }): boolean {
  const parsed = parseArn(arn)
  return (
    parsed?.account === role.account && parsed.resource.startsWith('role/') && parsed.resource.endsWith(`/${role.name}`)
  )
}

/** Whether an entry or pattern stands for break-glass principals only. */
export function isBreakGlass(entry: string, breakGlassArns: readonly string[]): boolean {
  const role = sessionRole(entry)
  return breakGlassArns.some(arn => textGlob(arn, entry) || (role !== undefined && isRole(arn, role)))
}

function sameAccount(account: string, principal: SamplePrincipal): Ternary {
  return principal.account === undefined ? undefined : principal.account === account
}

function isRootUser(principal: SamplePrincipal): boolean {
  return principal.arn.endsWith(':root')
}

/** Whether an entry of a `Principal` element stands for a principal. */
function entryMatches(entry: string | undefined, principal: SamplePrincipal): Ternary {
  if (entry === undefined) return undefined
  const whole = wholeAccountOf(entry)
  if (whole !== undefined) return sameAccount(whole, principal)
  if (entry === principal.arn) return true
  const role = sessionRole(entry)
  // One session of the role.
  if (role) return isRole(principal.arn, role) ? undefined : false
  // A unique id stands in for a principal that was deleted, or that we cannot name.
  return entry.startsWith('arn:') ? false : undefined
}

function exempts(principals: Principals, principal: SamplePrincipal): Ternary {
  if (principals.everyone) return true
  const wholes = principals.aws.filter(entry => entry !== undefined && wholeAccountOf(entry) !== undefined)
  return or3(
    ...principals.aws.map(entry => {
      if (entry === undefined || !wholes.includes(entry) || isRootUser(principal)) return entryMatches(entry, principal)
      // AWS wants the account beside the principals of it that are exempt; it then exempts its root user only.
      const beside = principals.aws.some(
        other => other !== entry && other !== undefined && accountOfEntry(other) === accountOfEntry(entry),
      )
      return beside ? false : sameAccount(accountOfEntry(entry)!, principal) === false ? false : undefined
    }),
  )
}

/** Whether a statement of a resource's policy is about a principal. */
export function concernsPrincipal(statement: Statement, principal: SamplePrincipal): Ternary {
  const { principal: named, notPrincipal } = statement
  if (notPrincipal) return not3(exempts(notPrincipal, principal))
  if (!named) return undefined
  if (named.everyone) return true
  return or3(...named.aws.map(entry => entryMatches(entry, principal)))
}

/** Circumstances that a caller can choose: conditions on them narrow a statement. */
export const circumstances: ReadonlySet<string> = new Set([
  'aws:multifactorauthpresent',
  'aws:multifactorauthage',
  'aws:sourceip',
  'aws:vpcsourceip',
  'aws:sourcevpc',
  'aws:sourcevpce',
  'aws:useragent',
  'aws:referer',
  'aws:viaawsservice',
  'aws:calledvia',
  'aws:calledviafirst',
  'aws:calledvialast',
  'kms:scheduledeletionpendingwindowindays',
  'kms:schedulekeydeletionpendingwindowindays',
])

/** Values of a condition key for a principal's own request; `[]` = the key is absent. */
function attribute(key: string, principal: SamplePrincipal): readonly string[] | 'free' | undefined {
  const { account, organizationId } = principal
  switch (key) {
    case 'aws:principalarn':
      return account === undefined ? undefined : [principal.arn]
    case 'aws:principalaccount':
    case 'kms:calleraccount':
      return account === undefined ? undefined : [account]
    case 'aws:principalorgid':
      return organizationId === undefined ? undefined : organizationId === null ? [] : [organizationId]
    case 'aws:principalisawsservice':
      return ['false']
    case 'aws:securetransport':
      return ['true']
    case 'aws:sourceaccount':
    case 'aws:sourcearn':
    case 'aws:sourceorgid':
    case 'aws:principalservicename':
      return []
    default:
      return circumstances.has(key) ? 'free' : undefined
  }
}

/** ARN patterns are compared field by field, so that a wildcard does not cross a colon of the first five. */
export function arnLike(pattern: string, arn: string): Ternary {
  const wanted = splitArn(pattern)
  const actual = splitArn(arn)
  if (!wanted || !actual) return undefined
  return wanted.every((field, i) => iamGlob(field, actual[i]!))
}

function compare(kind: Operator['kind'], wanted: string, actual: string): Ternary {
  switch (kind) {
    case 'equals':
      return wanted === actual
    case 'equalsIgnoreCase':
    case 'bool':
      return wanted.toLowerCase() === actual.toLowerCase()
    case 'like':
      return iamGlob(wanted, actual)
    case 'arnLike':
      return arnLike(wanted, actual)
    default:
      return undefined
  }
}

/** Whether a condition on circumstances leaves the caller a choice; `undefined` where it may hold always, or never. */
function choice({ operator, values }: Condition): Outcome {
  const whatever: readonly (string | undefined)[] = [undefined, '*', '0.0.0.0/0', '::/0']
  const isOpen = values.length === 0 || values.some(value => whatever.includes(value))
  return isOpen || (values.length > 1 && operator?.kind === 'bool') ? undefined : 'free'
}

/** Whether a condition holds for a principal's own request. */
export function conditionOutcome(condition: Condition, principal: SamplePrincipal): Outcome {
  const { operator, key, values } = condition
  if (!operator) return undefined
  const actual = attribute(key, principal)
  if (actual === undefined) return undefined
  if (actual === 'free') return choice(condition)
  if (operator.kind === 'null') {
    const absent = String(actual.length === 0)
    return or3(...values.map(value => (value === undefined ? undefined : value.toLowerCase() === absent)))
  }
  if (actual.length === 0) return operator.negated || operator.ifExists || operator.qualifier === 'all'
  const matched = or3(
    ...values.map(value => (value === undefined ? undefined : compare(operator.kind, value, actual[0]!))),
  )
  return operator.negated ? not3(matched) : matched
}

/** A run that no pattern spells out, so that only a wildcard matches it. */
const strange = '\uE000'.repeat(1021)

/** A principal of which a policy says nothing in particular. */
function stranger(account: string | undefined, kind: 'role' | 'user', partition: string): SamplePrincipal {
  return { arn: `arn:${partition}:iam::${account ?? strange}:${kind}/${strange}`, account, organizationId: undefined }
}

/** The root user of an account. */
function rootUser(account: string | undefined, partition: string): SamplePrincipal {
  return { arn: `arn:${partition}:iam::${account ?? strange}:root`, account, organizationId: undefined }
}

/** A principal of the account that a pattern stands for, as little particular as can be; `undefined` where there is none. */
function instance(pattern: string, account: string | undefined): SamplePrincipal | undefined {
  const fields = splitArn(pattern)
  if (!fields) return /^[*?]+$/.test(pattern) ? stranger(account, 'role', 'aws') : undefined
  const [, partition = '', , , owner = '', resource = ''] = fields
  if (account === undefined || !iamGlob(owner, account)) return undefined
  const name = resource.replaceAll('*', strange).replaceAll('?', strange[0]!)
  const isSpelt = /^(?:role|user)\/|^root$/.test(resource)
  if (!isSpelt && !iamGlob(resource, `role/${strange}`)) return undefined
  const anyPartition = /[*?]/.test(partition) ? 'aws' : partition
  return {
    arn: `arn:${anyPartition}:iam::${account}:${isSpelt ? name : `role/${strange}`}`,
    account,
    organizationId: undefined,
  }
}

/** Partition of the ARNs in a policy. */
function partitionOf(statements: readonly Statement[]): string {
  for (const { principal, notPrincipal, resources, conditions } of statements) {
    const texts = [
      principal?.aws,
      notPrincipal?.aws,
      resources,
      ...conditions.map(condition => condition.values),
    ].flatMap(values => values ?? [])
    for (const text of texts) {
      const partition = text === undefined ? undefined : splitArn(text)?.[1]
      if (partition !== undefined && /^aws[a-z-]*$/.test(partition)) return partition
    }
  }
  return 'aws'
}

/** Principals of an account that differ in what a policy says of them: a strange role and user, the root user, and whoever it names. */
export function samplePrincipals(
  statements: readonly Statement[],
  account: string | undefined,
  organizationId: string | undefined,
): SamplePrincipal[] {
  const partition = partitionOf(statements)
  const samples = [
    stranger(account, 'role', partition),
    stranger(account, 'user', partition),
    rootUser(account, partition),
  ]
  for (const { principal, notPrincipal, conditions } of statements) {
    const arns = conditions
      .filter(condition => condition.key === 'aws:principalarn')
      .flatMap(condition => condition.values)
    for (const text of [...(principal?.aws ?? []), ...(notPrincipal?.aws ?? []), ...arns]) {
      const sample = text === undefined ? undefined : instance(text, account)
      if (sample) samples.push(sample)
    }
  }
  return samples.map(sample => ({ ...sample, organizationId }))
}
