import type { Location } from '../model/record.ts'
import type { Finding, FindingResource } from '../model/report.ts'
import type { Rule } from '../model/rule.ts'
import { flowing } from './visible-text.ts'

/** What people call a resource: its name, else its address, id or ARN. Others chose it: make it visible before showing it. */
export function resourceName({ name, address, id, arn, type }: FindingResource): string {
  return [name, address, id, arn].find(text => text !== undefined && text !== '') ?? type
}

/** `file:line`, as editors and terminals link it. */
export function locationText({ file, line }: Location): string {
  return `${file}:${line}`
}

/** Type, Region, account and place of a resource, as far as they are known. */
export function resourceFacts({ resource, location, count }: Finding): string[] {
  return [
    resource.type,
    resource.region,
    resource.account,
    location && locationText(location),
    count === undefined ? undefined : `${count} in this group`,
  ].filter(text => text !== undefined)
}

/**
 * What a finding says, whatever its verdict. A rule's message tells what is wrong, so that only a non-compliant finding may
 * use it; the others are told by the rule's title, which tells what is true where the rule is met.
 */
export function sentenceOf(finding: Finding): string {
  const { verdict, message, title, resource, missing } = finding
  const name = resourceName(resource)
  switch (verdict) {
    case 'non-compliant':
      return message
    case 'compliant':
      return `${name}: ${title}`
    case 'not-applicable':
      return `${name}: does not apply (${title})`
    case 'undetermined':
      return `${name}: not known whether "${title}"${missing.length === 0 ? '' : `, for want of ${missing.map(({ path }) => path).join(', ')}`}`
  }
}

/** What to do about a finding: the rule's remedy where something is wrong, else what would make the missing facts known. */
export function fixes({ verdict, missing }: Finding, rule: Rule | undefined): string[] {
  if (verdict === 'undetermined') return [...new Set(missing.map(({ remedy }) => `To know it: ${flowing(remedy)}`))]
  return verdict === 'non-compliant' && rule !== undefined ? [`Fix: ${flowing(rule.remediation.text)}`] : []
}
