/**
 * Questions about IAM policy documents: vault access policies, key policies, trust policies, identity policies.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html. Every answer may be
 * `undefined`: not known, because the document breaks the grammar or uses what cannot be judged from the document alone.
 * Service control policies and permissions boundaries are not read.
 */
import { isAccountId } from '../resources/identity.ts'
import { parseArn } from './arn.ts'
import type { Outcome, SamplePrincipal } from './policy-principals.ts'
import {
  accountOfEntry,
  andOutcomes,
  circumstances,
  concernsPrincipal,
  conditionOutcome,
  isBreakGlass,
  samplePrincipals,
  wholeAccountOf,
} from './policy-principals.ts'
import type { Condition, Statement } from './policy-statements.ts'
import { concernsAction, concernsEverything, parsePolicy, patternCovers } from './policy-statements.ts'
import type { Ternary } from './ternary.ts'
import { and3, not3, or3 } from './ternary.ts'

/** Who a resource's policy is asked about. */
export interface DenialOptions {
  /** ARNs of the principals who may; `*` matches any run of characters. */
  breakGlassArns: readonly string[]
  /** The resource's own account; `undefined` = not known. */
  account: string | undefined
  organizationId?: string | null | undefined
  /** ARN of the vault, by which a policy may name it for actions on the vault itself. */
  vaultArn?: string | undefined
}

/* Denials */

/** Whom a statement reaches: everybody, or everybody of the own account (others need an Allow), or not so. */
type Reach = 'all' | 'own' | false | undefined

function narrower(a: Reach, b: Reach): Reach {
  for (const reach of [false, undefined, 'own'] as const) if (a === reach || b === reach) return reach
  return 'all'
}

/** False where a wildcard stands before the account of an ARN pattern, and may run over it. */
function spellsOwner(pattern: string): boolean {
  return !/[*?]/.test(pattern.split(':').slice(0, 5).join(':'))
}

/** Reach where everybody is spared whom some values name. */
function sparing(values: Condition['values'], options: DenialOptions): Reach {
  let reach: Reach = 'all'
  for (const value of values) {
    if (value === undefined) reach = narrower(reach, undefined)
    else if (!isBreakGlass(value, options.breakGlassArns)) {
      const account = spellsOwner(value) ? accountOfEntry(value) : undefined
      const isForeign = account !== undefined && options.account !== undefined && account !== options.account
      reach = narrower(reach, isForeign ? 'own' : false)
    }
  }
  return reach
}

/** Reach of a condition whose values say of which accounts or organisation the principals are. */
function reachOfOwner(condition: Condition, owner: string | null | undefined): Reach {
  const { operator, values } = condition
  if (owner === undefined || owner === null || operator?.kind !== 'equals' || values.includes(undefined))
    return undefined
  return values.includes(owner) === operator.negated ? false : 'own'
}

function reachOfPrincipalArn({ operator, values }: Condition, options: DenialOptions): Reach {
  switch (operator?.kind) {
    case 'null':
      if (values.some(value => value?.toLowerCase() === 'false')) return 'all'
      return values.includes(undefined) ? undefined : false
    case 'equals':
    case 'equalsIgnoreCase':
    case 'like':
    case 'arnLike':
      break
    default:
      return undefined
  }
  if (!operator.negated)
    return operator.kind === 'like' && values.includes('*') ? 'all' : values.includes(undefined) ? undefined : false
  // A wildcard is a letter to StringNotEquals: such a value names nobody.
  const named = operator.kind === 'equals' ? values.filter(value => !value?.includes('*')) : values
  return sparing(named, options)
}

/** Whom a Deny with this condition reaches, whatever the circumstances. */
function reachOfCondition(condition: Condition, options: DenialOptions): Reach {
  const { operator, key, values } = condition
  if (!operator) return undefined
  switch (key) {
    case 'aws:principalarn':
      return reachOfPrincipalArn(condition, options)
    case 'aws:principalaccount':
    case 'kms:calleraccount':
      return reachOfOwner(condition, options.account)
    case 'aws:principalorgid':
      return reachOfOwner(condition, options.organizationId)
    case 'aws:principalisawsservice':
    case 'aws:securetransport': {
      const always = String(key === 'aws:securetransport')
      if (operator.kind !== 'bool' || values.includes(undefined)) return undefined
      return values.some(value => value?.toLowerCase() === always) ? 'all' : false
    }
    default:
      return circumstances.has(key) ? false : undefined
  }
}

function reachOfPrincipals({ principal, notPrincipal }: Statement, options: DenialOptions): Reach {
  if (notPrincipal) {
    const sparesOthers = notPrincipal.everyone || notPrincipal.federated.length + notPrincipal.canonicalUsers.length > 0
    return sparesOthers ? false : sparing(notPrincipal.aws, options)
  }
  if (!principal) return undefined
  if (principal.everyone) return 'all'
  const reaches = principal.aws.map(entry => {
    if (entry === undefined) return undefined
    const whole = wholeAccountOf(entry)
    if (whole === undefined) return false
    return options.account === undefined ? undefined : whole === options.account
  })
  const own = or3(...reaches)
  return own === true ? 'own' : own
}

/** Whether a Deny holds for everything that an action may be done to in the vault or to the key. */
function deniesEverywhere(statement: Statement, action: string, options: DenialOptions): Ternary {
  const everywhere = concernsEverything(statement)
  if (everywhere === true) return true
  if (statement.notResources) return undefined
  const patterns = statement.resources ?? []
  if (/BackupVault/i.test(action)) {
    const { vaultArn } = options
    if (vaultArn === undefined) return undefined
    return or3(...patterns.map(pattern => (pattern === undefined ? undefined : patternCovers(pattern, vaultArn))))
  }
  // Points bear ARNs of many services: only patterns that can match no point at all are known to leave some out.
  const isVault = (pattern: string | undefined) =>
    pattern !== undefined && /^arn:[^:]*:backup:[^:]*:[^:]*:backup-vault:/.test(pattern)
  return patterns.every(isVault) ? false : undefined
}

function reachOf(statement: Statement, action: string, options: DenialOptions): Reach {
  const applies = and3(concernsAction(statement, action), deniesEverywhere(statement, action, options))
  if (applies !== true) return applies
  return [reachOfPrincipals(statement, options), ...statement.conditions.map(c => reachOfCondition(c, options))].reduce(
    narrower,
  )
}

/** Whether some Allow may let a principal of another account do an action. */
function mayAllowOthers(statements: readonly Statement[], action: string, account: string | undefined): boolean {
  return statements.some(statement => {
    if (statement.effect !== 'Allow' || concernsAction(statement, action) === false) return false
    const { principal, notPrincipal } = statement
    if (notPrincipal || !principal || principal.everyone) return true
    return (
      principal.aws.some(entry => entry === undefined || accountOfEntry(entry) !== account) ||
      principal.canonicalUsers.length > 0 ||
      principal.federated.length > 0
    )
  })
}

/** Whether one statement alone denies an action to all but the break-glass principals. */
function deniesEverybody(statements: readonly Statement[], action: string, options: DenialOptions): boolean {
  const reaches = statements
    .filter(statement => statement.effect === 'Deny')
    .map(statement => reachOf(statement, action, options))
  return reaches.includes('all') || (reaches.includes('own') && !mayAllowOthers(statements, action, options.account))
}

function denialOutcome(
  statement: Statement,
  action: string,
  principal: SamplePrincipal,
  options: DenialOptions,
): Outcome {
  return andOutcomes([
    concernsAction(statement, action),
    deniesEverywhere(statement, action, options),
    concernsPrincipal(statement, principal),
    ...statement.conditions.map(condition => conditionOutcome(condition, principal)),
  ])
}

/** Whether no Deny stops a principal; `free` where it needs the right circumstances. */
function escapes(
  denies: readonly Statement[],
  action: string,
  principal: SamplePrincipal,
  options: DenialOptions,
): Outcome {
  const outcomes = denies.map(statement => denialOutcome(statement, action, principal, options))
  if (outcomes.includes(true)) return false
  if (outcomes.includes(undefined)) return undefined
  return inCircumstances(outcomes.filter(outcome => outcome === 'free').length)
}

/** True where nothing depends on circumstances; free where one condition does; of several we cannot say that they go together. */
function inCircumstances(conditions: number): Outcome {
  return conditions === 0 ? true : conditions === 1 ? 'free' : undefined
}

/**
 * Whether a policy denies an action (`backup:DeleteRecoveryPoint`) to everybody but the break-glass principals. True only
 * where one Deny statement does so whatever the circumstances; false where some principal of the account is left out.
 */
export function deniesAction(document: unknown, action: string, options: DenialOptions): Ternary {
  if (document === null) return false
  const statements = parsePolicy(document)
  if (!statements) return undefined
  if (deniesEverybody(statements, action, options)) return true
  const denies = statements.filter(statement => statement.effect === 'Deny')
  const others = samplePrincipals(denies, options.account, options.organizationId ?? undefined).filter(
    sample => !isBreakGlass(sample.arn, options.breakGlassArns),
  )
  return others.some(sample => escapes(denies, action, sample, options)) ? false : undefined
}

/* Strangers */

/** Accounts and organisation that may be trusted. */
export interface TrustOptions {
  /** The resource's own account; `undefined` = not known. */
  account: string | undefined
  trustedAccounts: readonly string[]
  backupAccounts: readonly string[]
  organizationId: string | null | undefined
}

/** Whom a condition lets through: trusted principals only, some account or organisation that may be ours, foreign ones, or anybody. */
type Binding = 'trusted' | 'some' | 'foreign' | 'none' | undefined

const organizationKeys: ReadonlySet<string> = new Set([
  'aws:principalorgid',
  'aws:sourceorgid',
  'aws:principalorgpaths',
  'aws:sourceorgpaths',
])
const accountKeys: ReadonlySet<string> = new Set([
  'aws:principalaccount',
  'aws:sourceaccount',
  'aws:sourceowner',
  'kms:calleraccount',
])
const arnKeys: ReadonlySet<string> = new Set(['aws:principalarn', 'aws:sourcearn'])
/** Keys that bind nobody to an account, besides the circumstances. */
const looseKeys =
  /^aws:(?:principaltag\/.*|principaltype|username|userid|securetransport|currenttime|epochtime|requestedregion|tokenissuetime|resourceaccount|resourceorgid|resourceorgpaths|resourcetag\/.*|requesttag\/.*|tagkeys)$/

/** The account or organisation that a value of a condition binds to; `undefined` where it binds to none. */
function ownerNamed(key: string, value: string, fieldwise: boolean): string | undefined {
  if (accountKeys.has(key)) return isAccountId(value) ? value : undefined
  if (organizationKeys.has(key)) return /^o-[a-z0-9]+(?=$|\/)/.exec(value)?.[0]
  // With StringLike a wildcard before the account may run over it.
  if (!fieldwise && !spellsOwner(value)) return undefined
  return accountOfEntry(value)
}

function trustOf(key: string, owner: string, options: TrustOptions): Binding {
  if (organizationKeys.has(key)) {
    if (options.organizationId === null || options.organizationId === undefined) return 'some'
    return owner === options.organizationId ? 'trusted' : 'foreign'
  }
  if (isTrusted(owner, options)) return 'trusted'
  return options.account === undefined ? 'some' : 'foreign'
}

function isTrusted(account: string, options: TrustOptions): boolean {
  return (
    account === options.account || options.trustedAccounts.includes(account) || options.backupAccounts.includes(account)
  )
}

/** The loosest of the bindings of several values, any of which suffices. */
function loosest(bindings: readonly Binding[]): Binding {
  for (const binding of ['none', undefined, 'foreign', 'some'] as const) if (bindings.includes(binding)) return binding
  return 'trusted'
}

function bindingOfValues({ operator, key, values }: Condition, options: TrustOptions): Binding {
  if (values.length === 0) return 'none'
  const fieldwise = operator?.kind === 'arnLike'
  return loosest(
    values.map(value => {
      if (value === undefined) return undefined
      const owner = ownerNamed(key, value, fieldwise)
      return owner === undefined ? 'none' : trustOf(key, owner, options)
    }),
  )
}

function isBindingKey(key: string): boolean {
  return organizationKeys.has(key) || accountKeys.has(key) || arnKeys.has(key)
}

const comparisons: ReadonlySet<string> = new Set(['equals', 'equalsIgnoreCase', 'like', 'arnLike'])

/** Whom a condition of an Allow lets through. */
function bindingOf(condition: Condition, options: TrustOptions): Binding {
  const { operator, key } = condition
  if (!operator) return undefined
  if (key === 'aws:principalisawsservice')
    return operator.kind === 'bool' && condition.values.every(value => value === 'true') ? 'trusted' : 'none'
  if (!isBindingKey(key)) return circumstances.has(key) || looseKeys.test(key) ? 'none' : undefined
  if (operator.kind === 'null') return 'none'
  if (!comparisons.has(operator.kind)) return undefined
  // Absent keys pass ForAllValues and IfExists: a principal of no organisation has no organisation's key.
  if (operator.negated || operator.qualifier === 'all') return 'none'
  if (operator.ifExists) return organizationKeys.has(key) ? 'none' : undefined
  return bindingOfValues(condition, options)
}

/** Whom a Deny of all others leaves: the contrary of {@link bindingOf}. */
function bindingOfGuard(condition: Condition, options: TrustOptions): Binding {
  const { operator, key } = condition
  if (!operator) return undefined
  if (!isBindingKey(key) || !operator.negated || !comparisons.has(operator.kind) || operator.qualifier === 'any')
    return 'none'
  // Direct requests carry no source: such a guard would stop everybody, which nobody means.
  if (key.startsWith('aws:source')) return undefined
  return bindingOfValues(condition, options)
}

/** Conditions that hold for every principal, so that they do not narrow a guard. */
function holdsForPrincipals(condition: Condition): boolean {
  return (
    condition.key === 'aws:principalisawsservice' &&
    condition.operator?.kind === 'bool' &&
    condition.values.every(value => value === 'false')
  )
}

function listCovers(
  outer: Condition['values'] | null,
  inner: Condition['values'] | null,
  fold: (text: string) => string,
): Ternary {
  if (outer === null || inner === null) return undefined
  return and3(
    ...inner.map(text =>
      or3(
        ...outer.map(pattern =>
          pattern === '*'
            ? true
            : pattern === undefined || text === undefined
              ? undefined
              : patternCovers(fold(pattern), fold(text)),
        ),
      ),
    ),
  )
}

/** Whether a Deny is about everything that an Allow allows. */
function coversAllow(deny: Statement, allow: Statement): Ternary {
  const everyone = deny.notPrincipal ? undefined : concernsEveryone(deny)
  const actions = deny.actions?.includes('*')
    ? true
    : listCovers(deny.actions, allow.actions, text => text.toLowerCase())
  const everything = concernsEverything(deny)
  const resources =
    everything === true
      ? true
      : or3(
          everything,
          listCovers(deny.resources, allow.resources, text => text),
        )
  return and3(everyone, actions, resources)
}

/** Whom a Deny leaves of those whom an Allow lets through. */
function guardOf(deny: Statement, allow: Statement, options: TrustOptions): Binding {
  const covers = coversAllow(deny, allow)
  if (covers === false) return 'none'
  const conditions = deny.conditions.filter(condition => !holdsForPrincipals(condition))
  const binding =
    conditions.length === 0 ? 'trusted' : conditions.length === 1 ? bindingOfGuard(conditions[0]!, options) : undefined
  return covers === undefined && binding !== 'none' ? undefined : binding
}

/** Every binding that holds of those whom an Allow lets through. */
function bindingsOf(allow: Statement, statements: readonly Statement[], options: TrustOptions): Binding[] {
  const guards = statements.filter(statement => statement.effect === 'Deny').map(deny => guardOf(deny, allow, options))
  return [...allow.conditions.map(condition => bindingOf(condition, options)), ...guards]
}

/** Whether those let through are bound to some account or organisation, whichever. */
function isBound(bindings: readonly Binding[]): Ternary {
  if (bindings.some(binding => binding === 'trusted' || binding === 'foreign' || binding === 'some')) return true
  return bindings.includes(undefined) ? undefined : false
}

/** Whether those let through are all trusted. */
function isBoundToTrusted(bindings: readonly Binding[]): Ternary {
  if (bindings.includes('trusted')) return true
  return bindings.includes(undefined) || bindings.includes('some') ? undefined : false
}

/** Whether a statement is about every principal. */
function concernsEveryone({ principal, notPrincipal }: Statement): Ternary {
  if (notPrincipal) return true
  if (!principal) return undefined
  return principal.everyone || (principal.aws.includes(undefined) ? undefined : false)
}

function allowsOf(statements: readonly Statement[]): Statement[] {
  return statements.filter(({ effect, actions }) => effect === 'Allow' && actions?.length !== 0)
}

/** Whether a policy allows some action to everybody, without a condition or a Deny that binds it to an organisation or account. */
export function allowsAnyone(document: unknown, options?: TrustOptions): Ternary {
  if (document === null) return false
  const statements = parsePolicy(document)
  if (!statements) return undefined
  const trust = options ?? { account: undefined, trustedAccounts: [], backupAccounts: [], organizationId: null }
  return or3(
    ...allowsOf(statements).map(allow =>
      and3(concernsEveryone(allow), not3(isBound(bindingsOf(allow, statements, trust)))),
    ),
  )
}

/** A list, and whether it is all there is. */
export interface FoundPrincipals {
  /** As the policy names them, ascending; `*` = everybody. */
  principals: string[]
  complete: boolean
}

/** Accounts of the principals that an entry stands for: foreign or not; `undefined` where that is not known. */
function isForeign(entry: string | undefined, options: TrustOptions): Ternary {
  const account = entry === undefined ? undefined : accountOfEntry(entry)
  if (account === undefined) return undefined
  if (isTrusted(account, options)) return false
  return options.account === undefined ? undefined : true
}

function isForeignProvider(entry: string | undefined, options: TrustOptions): Ternary {
  return entry !== undefined && parseArn(entry) === undefined ? true : isForeign(entry, options)
}

/** Principals of a statement with whether each is a stranger. Services act for accounts and are none. */
function strangersOf(
  { principal, notPrincipal }: Statement,
  options: TrustOptions,
): { name: string | undefined; foreign: Ternary }[] {
  if (notPrincipal || principal?.everyone) return [{ name: '*', foreign: true }]
  // A policy of a resource that names no principal breaks the grammar.
  if (!principal) return [{ name: undefined, foreign: undefined }]
  const { aws, federated, canonicalUsers } = principal
  return [
    ...aws.map(name => ({ name, foreign: isForeign(name, options) })),
    ...federated.map(name => ({ name, foreign: isForeignProvider(name, options) })),
    ...canonicalUsers.map(name => ({ name, foreign: undefined })),
  ]
}

/** Principals outside the account, the trusted accounts and the organisation whom a policy allows something; `undefined` where it cannot be read. */
export function foreignPrincipals(document: unknown, options: TrustOptions): FoundPrincipals | undefined {
  if (document === null) return { principals: [], complete: true }
  const statements = parsePolicy(document)
  if (!statements) return undefined
  const found = new Set<string>()
  let complete = true
  for (const allow of allowsOf(statements)) {
    const bound = isBoundToTrusted(bindingsOf(allow, statements, options))
    for (const { name, foreign } of strangersOf(allow, options)) {
      const outside = and3(foreign, not3(bound))
      if (outside === true && name !== undefined) found.add(name)
      else if (outside !== false) complete = false
    }
  }
  return { principals: [...found].sort(), complete }
}

/* Identity policies */

/** Services among whose resources the recovery points of AWS Backup are. */
const pointServices: ReadonlySet<string> = new Set([
  'backup',
  'ec2',
  'rds',
  'dynamodb',
  'fsx',
  'redshift',
  'redshift-serverless',
])

/** Whether a Resource pattern can be the object of an action at all. */
function canConcern(pattern: string, action: string): boolean {
  const service = parseArn(pattern)?.service
  if (service === undefined || /[*?]/.test(service)) return true
  const prefix = action.slice(0, action.indexOf(':')).toLowerCase()
  if (prefix === 'backup') return pointServices.has(service)
  return service === prefix || (prefix === 'sts' && service === 'iam')
}

function isGranted(allow: Statement, action: string): Ternary {
  const { resources } = allow
  const somewhere =
    resources === null
      ? true
      : or3(...resources.map(pattern => (pattern === undefined ? undefined : canConcern(pattern, action))))
  return and3(concernsAction(allow, action), somewhere)
}

/** Whether an unconditional Deny takes back all that an Allow grants of an action. */
function takesBack(deny: Statement, allow: Statement, action: string): Ternary {
  if (deny.conditions.length > 0) return false
  const everything = concernsEverything(deny)
  const where =
    everything === true
      ? true
      : or3(
          everything,
          listCovers(deny.resources, allow.resources, text => text),
        )
  return and3(concernsAction(deny, action), where)
}

/**
 * Whether identity policies together grant an action on some resource: an Allow, also a conditional one, that no
 * unconditional Deny takes back.
 */
export function allowsAction(documents: readonly unknown[], action: string): Ternary {
  const parsed = documents.map(parsePolicy)
  const statements = parsed.flatMap(document => document ?? [])
  const denies = statements.filter(statement => statement.effect === 'Deny')
  const granted = or3(
    ...statements
      .filter(statement => statement.effect === 'Allow')
      .map(allow => and3(isGranted(allow, action), not3(or3(...denies.map(deny => takesBack(deny, allow, action)))))),
  )
  // A document that cannot be read may grant the action, or deny it.
  return parsed.includes(undefined) ? undefined : granted
}

/** Whether identity policies allow every action on every resource, without conditions. */
export function isAdministrator(documents: readonly unknown[]): Ternary {
  const parsed = documents.map(parsePolicy)
  const statements = parsed.flatMap(document => document ?? [])
  const isEvery = (pattern: string | undefined) =>
    pattern === undefined ? undefined : /^(?:\*+|\*+:\*+)$/.test(pattern)
  const reaches = (effect: Statement['effect']) =>
    or3(
      ...statements
        .filter(statement => statement.effect === effect)
        .map(statement => {
          const actions = statement.actions
            ? or3(...statement.actions.map(isEvery))
            : statement.notActions?.length === 0
          const all = and3(actions, concernsEverything(statement))
          if (statement.conditions.length === 0 || all === false) return all
          return effect === 'Allow' ? undefined : false
        }),
    )
  const allowed = and3(reaches('Allow'), not3(reaches('Deny')))
  return parsed.includes(undefined) && allowed !== true ? undefined : allowed
}

/* Trust policies */

const assumeActions = ['sts:AssumeRole', 'sts:AssumeRoleWithSAML', 'sts:AssumeRoleWithWebIdentity']

interface Trust {
  services: string[]
  others: string[]
  complete: boolean
}

function trustIn(document: unknown): Trust | undefined {
  const statements = parsePolicy(document)
  if (!statements) return undefined
  const trust: Trust = { services: [], others: [], complete: true }
  const add = (list: string[], name: string | undefined, sure: boolean) => {
    if (name !== undefined && sure) list.push(name)
    else trust.complete = false
  }
  for (const statement of statements) {
    const { effect, principal, notPrincipal } = statement
    const concerns = or3(...assumeActions.map(action => concernsAction(statement, action)))
    if (concerns === false) continue
    const sure = concerns === true
    if (effect === 'Deny') {
      // What a Deny takes from services is not worked out.
      if (notPrincipal || !principal || principal.everyone || principal.services.length > 0) return undefined
      continue
    }
    if (notPrincipal || principal?.everyone) add(trust.others, '*', sure)
    if (!principal) {
      trust.complete &&= notPrincipal !== null
      continue
    }
    const { services, aws, federated, canonicalUsers } = principal
    for (const name of services) add(trust.services, name, concernsAction(statement, assumeActions[0]!) === true)
    for (const name of [...aws, ...federated, ...canonicalUsers]) add(trust.others, name, sure)
  }
  return trust
}

/** Services that may assume a role by its trust policy, ascending; `undefined` where they are not all known. */
export function assumingServices(document: unknown): string[] | undefined {
  const trust = trustIn(document)
  return trust?.complete ? [...new Set(trust.services)].sort() : undefined
}

/** Whether one service, and nobody else, may assume a role by its trust policy. */
export function onlyService(document: unknown, service: string): Ternary {
  const trust = trustIn(document)
  if (!trust) return undefined
  if (trust.others.length > 0 || trust.services.some(name => name !== service)) return false
  return trust.complete ? trust.services.includes(service) : undefined
}

/* Key policies */

/** Whether a policy may let anybody of an account do an action, Deny statements and conditions left aside. */
function mayAllow(allow: Statement, action: string, account: string): Ternary {
  const isOwn = (entry: string | undefined): Ternary => {
    const owner = entry === undefined ? undefined : accountOfEntry(entry)
    return owner === undefined ? undefined : owner === account
  }
  const everyone = allow.notPrincipal ? true : concernsEveryone(allow)
  return and3(concernsAction(allow, action), or3(everyone, ...(allow.principal?.aws ?? []).map(isOwn)))
}

/** Whether an Allow lets a principal do an action; `free` where it needs the right circumstances. */
function allowOutcome(allow: Statement, action: string, principal: SamplePrincipal): Outcome {
  const conditions = allow.conditions.map(condition => conditionOutcome(condition, principal))
  const free = conditions.filter(outcome => outcome === 'free').length
  const everywhere = concernsEverything(allow) === true ? true : undefined
  const others = conditions.map(outcome => (outcome === 'free' ? true : outcome))
  const applies = and3(concernsAction(allow, action), everywhere, concernsPrincipal(allow, principal), ...others)
  return applies === true ? inCircumstances(free) : applies
}

function both(a: Outcome, b: Outcome): Ternary {
  if (a === 'free' && b === 'free') return undefined
  return and3(a === 'free' ? true : a, b === 'free' ? true : b)
}

/**
 * Whether a resource's policy lets some principal of an account do an action. A statement for the account's root
 * (`arn:aws:iam::111122223333:root`) delegates to the account, whose administrator then may.
 */
export function ownAccountMay(document: unknown, action: string, account: string | undefined): Ternary {
  const statements = parsePolicy(document)
  if (!statements || account === undefined) return undefined
  const options: DenialOptions = { breakGlassArns: [], account }
  const allows = statements.filter(statement => statement.effect === 'Allow')
  const denies = statements.filter(statement => statement.effect === 'Deny')
  const possible = allows.filter(allow => mayAllow(allow, action, account) !== false)
  if (possible.length === 0) return false
  const reaches = denies.map(deny => reachOf(deny, action, options))
  if (reaches.includes('all') || reaches.includes('own')) return false
  const answers = samplePrincipals(statements, account, undefined).map(sample => {
    const unstopped = escapes(denies, action, sample, options)
    return or3(...possible.map(allow => both(allowOutcome(allow, action, sample), unstopped)))
  })
  if (answers.includes(true)) return true
  // Where only single principals are allowed, the samples are all there are.
  const single = possible.every(
    ({ principal }) =>
      principal &&
      !principal.everyone &&
      principal.aws.every(entry => entry !== undefined && wholeAccountOf(entry) === undefined),
  )
  return single && !answers.includes(undefined) ? false : undefined
}

/** Whether a key's policy lets some principal of the key's own account schedule its deletion. */
export function allowsKeyDeletion(document: unknown, account: string | undefined): Ternary {
  return ownAccountMay(document, 'kms:ScheduleKeyDeletion', account)
}
