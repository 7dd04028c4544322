import { createHash } from 'node:crypto'
import type { Finding } from '../model/report.ts'
import type { Rule } from '../model/rule.ts'
import type { Subject } from '../model/subject.ts'
import { canonicalJson } from '../rules/canonical-json.ts'

/** SHA-256 of a text, in hexadecimal. */
export const digest = (text: string): string => createHash('sha256').update(text).digest('hex')

/** SHA-256 of rules as canonical JSON, in the order of their ids: the same rules, the same digest. */
export function digestRules(rules: readonly Rule[]): string {
  return digest(canonicalJson([...rules].sort((a, b) => (a.id < b.id ? -1 : 1))))
}

/**
 * What stays the same of a subject from one run to the next. In a template file and address, whatever ARN it will get; else
 * the ARN; else all that AWS tells of it.
 */
export function identityOf(subject: Subject): string {
  const { address, location, arn, type, account, region, id, declared } = subject
  if (address !== undefined)
    return templateIdentity(location?.file ?? '', localAddress(address, (declared?.moduleCalls?.length ?? 0) > 0))
  return arn ?? [type, account ?? '', region ?? '', id].join('\n')
}

const templateIdentity = (file: string, address: string): string => ['template', file, address].join('\n')

/** `module.eu["a"].module.data.` before an address of Terraform. */
const moduleCalls = /^(?:module\.[^.[\]]+(?:\[(?:"(?:[^"\\]|\\.)*"|\d+)\])?\.)+/

/** What a module declares is one thing, however many calls lead to it: it is changed in one place. */
const localAddress = (address: string, isOfModule: boolean) => (isOfModule ? address.replace(moduleCalls, '') : address)

const fingerprintDigits = 32

/** Names a finding of a rule on what has a kind and an identity. */
export const fingerprintOf = (ruleId: string, kind: string, identity: string): string =>
  digest([ruleId, kind, identity].join('\n')).slice(0, fingerprintDigits)

/** Names a finding for baselines and code scanning: 32 hexadecimal digits of rule, kind of subject and identity. */
export function fingerprint(ruleId: string, subject: Subject, identity: string = identityOf(subject)): string {
  return fingerprintOf(ruleId, subject.kind, identity)
}

/**
 * Every fingerprint by which a baseline may know a finding: under the rule's former ids too, and by its ARN where the
 * template's address has changed.
 */
export function knownFingerprints(rule: Rule, subject: Subject): string[] {
  const identities = [
    identityOf(subject),
    ...(subject.address !== undefined && subject.arn !== undefined ? [subject.arn] : []),
  ]
  return [rule.id, ...(rule.aliases ?? [])].flatMap(id =>
    identities.map(identity => fingerprint(id, subject, identity)),
  )
}

/**
 * Every fingerprint by which an earlier run may have known a finding: its own; by its ARN, where the template's address has
 * changed; and, where the file was called otherwise, by the address in that file.
 */
export function earlierFingerprints(finding: Finding, formerFile: string | undefined): string[] {
  const { rule, subject, resource, aliases = [] } = finding
  const moved =
    resource.address === undefined || formerFile === undefined
      ? []
      : [templateIdentity(formerFile, localAddress(resource.address, resource.moduleCalls !== undefined))]
  return [finding.fingerprint, ...[...aliases, ...moved].map(identity => fingerprintOf(rule, subject, identity))]
}
