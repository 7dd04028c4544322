/**
 * Replaces what names anything in a snapshot by stable pseudonyms, so that it is judged as before. What stays is listed: words of
 * AWS and of rel09, times, schedules, numbers. See `redaction.md` beside this file. Bundled apart: only redacting loads it.
 */
import { randomBytes } from 'node:crypto'
import { members, remedies, values } from '../generated/vocabulary.ts'
import type { SnapshotRecord } from '../model/record.ts'
import { isRegionCode } from '../resources/identity.ts'
import { Pseudonyms } from './pseudonyms.ts'

/** Words of Regions, schedules, ids and policies that no code compares with. */
const awsWords =
  'arn aws amazonaws com cn us gov iso isob eu ap sa ca me af il mx north south east west central northeast northwest southeast southwest global ' +
  'cron rate at minute minutes hour hours day days JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC MON TUE WED THU FRI SAT SUN L W ' +
  'i vol snap ami fs fsvol fsap vpc o r ou db cluster key alias role user policy root table index stream bucket function topic rule vault ' +
  'tier0 tier1 tier2 tier3 service awsbackup job default rel09 yaml yml tests http https Etc UTC'

const keptValues = [...values, ...awsWords.split(' ')]
/** APIs and AWS Config spell one member with different capitals. */
const keptMembers: ReadonlySet<string> = new Set([...members, ...values].map(name => name.toLowerCase()))
const keptRemedies: ReadonlySet<string> = new Set(remedies)

/** Names that AWS gives to its own roles and policies. */
const awsName = /^(?:AWSServiceRoleFor|AWSBackup|AWSReserved)[A-Za-z0-9]*$/

const wholes: readonly RegExp[] = [
  /^\d{4}-\d\d-\d\d(?:T[\d:.]{5,18}(?:Z|[+-]\d\d:?\d\d)?)?$/,
  /^[+-]?\d+\.\d+$/,
  /^(?:cron|rate|at)\([\dA-Z a-z*?,/#:LW-]{1,100}\)$/,
  /^arn:aws[a-z-]*:iam::aws:policy\/(?:(?:aws-service-role|service-role|job-function)\/)?[A-Za-z0-9]+$/,
  // Configuration items, IAM actions and principals of services name what AWS made.
  /^AWS::[A-Za-z0-9]+::[A-Za-z0-9]*$/,
]
/** Only where an action stands: a text of the same shape may be a name elsewhere. */
const action = /^(?:\*|[A-Za-z][A-Za-z0-9-]*:[A-Za-z0-9*?]+)$/
const servicePrincipal = /^[a-z0-9-]+(?:\.[a-z]{2}(?:-[a-z]+)+-\d)?\.amazonaws\.com(?:\.cn)?$/
const detailType =
  /^(?:AWS|Backup|Copy|Restore|Recovery|S3)(?: [A-Za-z]+){0,4} (?:Change|CloudTrail|Event|Notification)$/
const eventSource = /^aws\.[a-z0-9]+$/
const constantWord = /^[A-Z][A-Z0-9]*$/

/** Members whose values AWS defines, with what they may look like; anything else in them is a name. */
const wholeIn: { readonly [member: string]: RegExp } = {
  Action: action,
  NotAction: action,
  api: action,
  Service: servicePrincipal,
  'detail-type': detailType,
  source: eventSource,
  eventSource: servicePrincipal,
}

/** Members of constants: their capitals stay. */
const constantMember =
  /(?:State|Status|Type|Types|Mode|Category|Class|Protocol|Algorithm|Origin|Usage|Spec|Unit|Manager|Template|Events|Preference|Permission|Engine|Method|ControlName|state|status|reason|encoding|Formats|FeatureSet)$/

const timezoneMember = /timezone$/i

function isTimezone(text: string): boolean {
  if (!/^[A-Za-z]+(?:[/_+-][A-Za-z0-9]+)*$/.test(text)) return false
  try {
    return Boolean(new Intl.DateTimeFormat('en', { timeZone: text }))
  } catch {
    return false
  }
}

/** True for a text that stays whole in a member. */
function staysWhole(text: string, member: string): boolean {
  if (text === '' || isRegionCode(text) || wholes.some(pattern => pattern.test(text))) return true
  const pattern = Object.hasOwn(wholeIn, member) ? wholeIn[member] : undefined
  return pattern?.test(text) || (timezoneMember.test(member) && isTimezone(text))
}

/** True for a word that stays in a member although it is not of the vocabulary. */
function isKeptIn(member: string, word: string): boolean {
  if (awsName.test(word)) return true
  return member === 'remedy' ? keptRemedies.has(word) : constantMember.test(member) && constantWord.test(word)
}

/** Operators of conditions in policies. */
const operator =
  /^(?:for(?:allvalues|anyvalue):)?(?:string(?:not)?(?:equals(?:ignorecase)?|like)|(?:numeric|date)(?:not)?(?:equals|(?:lessthan|greaterthan)(?:equals)?)|bool|binaryequals|(?:not)?ipaddress|arn(?:not)?(?:equals|like)|null)(?:ifexists)?$/i

const isMember = (name: string): boolean => keptMembers.has(name.toLowerCase()) || operator.test(name)

/** Maps from names of the owner's to values: their members are names too. */
const namedMember = /^(?:tags|tag_?map|labels)$/i

type Text = (text: string, member: string) => string

/** A value with every text put through `put`, member names that are not known included; texts that hold JSON within. */
function walk(value: unknown, member: string, put: Text): unknown {
  if (typeof value === 'string') return walkText(value, member, put)
  if (Array.isArray(value)) return value.map(one => walk(one, member, put))
  if (typeof value !== 'object' || value === null) return value
  const isNamed = namedMember.test(member)
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [
      !isNamed && isMember(name) ? name : put(name, ''),
      walk(one, isNamed ? '' : name, put),
    ]),
  )
}

function walkText(text: string, member: string, put: Text): string {
  const plain = /^%7B/i.test(text) ? decoded(text) : text
  if (plain !== undefined && /^\s*[{[]/.test(plain)) {
    const document = parsed(plain)
    if (document !== undefined) {
      const written = JSON.stringify(walk(document, member, put))
      return plain === text ? written : encodeURIComponent(written)
    }
  }
  return put(text, member)
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

function parsed(text: string): unknown {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}

/** What redacting is done with. */
export interface RedactionOptions {
  /** Secret; the same key gives the same pseudonyms. Absent: one that nobody will ever know. */
  key?: Uint8Array | undefined
  /** Is told of each replacement, for the owner's map. */
  told?: (word: string, pseudonym: string) => void
}

/** Redacts records. All of them, and the policy, are noted first: their wildcards decide how names are replaced. */
export class Redaction {
  private readonly pseudonyms: Pseudonyms

  constructor({ key = randomBytes(32), told }: RedactionOptions = {}) {
    this.pseudonyms = new Pseudonyms(key, keptValues, told)
  }

  /** Patterns with a `?` within a name, which may match otherwise than before. */
  get doubtfulPatterns(): number {
    return this.pseudonyms.doubtfulPatterns
  }

  /** Notes the wildcards of a record, or of a policy. */
  note(value: unknown): void {
    walk(value, '', (text, member) => {
      if (!staysWhole(text, member)) this.pseudonyms.notePattern(text)
      return text
    })
  }

  /** The record without names. */
  record<T extends SnapshotRecord>(record: T): T {
    return walk(record, '', this.put) as T
  }

  /** A text that stands in a member of this name. */
  text(text: string, member = ''): string {
    return this.put(text, member)
  }

  /** The policy, in the words of redacted snapshots. */
  policy(policy: unknown): unknown {
    if (typeof policy !== 'object' || policy === null || Array.isArray(policy)) return policy
    const parts = Object.entries(policy as { [name: string]: unknown })
    return Object.fromEntries(
      parts.map(([name, part]) => [name, name === 'rules' ? this.ruleSettings(part) : this.policyPart(part, name)]),
    )
  }

  /** Members are ids of rules. */
  private ruleSettings(settings: unknown): unknown {
    if (typeof settings !== 'object' || settings === null) return settings
    return Object.fromEntries(Object.entries(settings).map(([rule, part]) => [rule, this.policyPart(part, rule)]))
  }

  private policyPart(part: unknown, member: string): unknown {
    return walk(part, member, (text, name) => (name === 'rule' || name === 'copies' ? text : this.put(text, name)))
  }

  private readonly put: Text = (text, member) =>
    staysWhole(text, member) ? text : this.pseudonyms.text(text, word => isKeptIn(member, word))
}
