import type { ReportingConfiguration, ReportingDescriptor } from 'sarif'
import type { Rule, Severity } from '../model/rule.ts'
import { questionUrl } from './best-practices.ts'
import { markdownFence, markdownText } from './markdown-text.ts'
import { flowing, shorten, visible } from './visible-text.ts'

/** GitHub refuses a whole upload for one longer description. */
const longestDescription = 1024

/** GitHub refuses more tags on one rule. */
const mostTags = 20

/** How SARIF grades a failed result. */
export const levels: {
  readonly [severity in Severity]: ReportingConfiguration.level & ('error' | 'warning' | 'note')
} = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
}

/** Numbers in the middle of the ranges that GitHub names critical (over 9.0), high (7.0), medium (4.0) and low (0.1). */
const securitySeverities: { readonly [severity in Severity]: string } = {
  critical: '9.5',
  high: '8.0',
  medium: '5.5',
  low: '2.0',
}

const description = (text: string): { text: string } => ({
  text: shorten(flowing(text), longestDescription),
})

const plain = (text: string): string => text.split('\n').map(visible).join('\n').trim()

function tagsOf({ bestPractice, controls }: Rule): string[] {
  const { config = [], securityHub = [], backupAuditManager = [], nist80053 = [] } = controls ?? {}
  const tags = ['security', bestPractice, ...securityHub, ...config, ...backupAuditManager, ...nist80053]
  return [...new Set(tags.map(visible).filter(tag => tag !== ''))].slice(0, mostTags)
}

function helpText({ title, description, remediation, references }: Rule): string {
  const { text, cli } = remediation
  return [description ?? title, `How to fix: ${text}`, cli, references.join('\n')]
    .filter(part => part !== undefined)
    .map(plain)
    .filter(part => part !== '')
    .join('\n\n')
}

function helpMarkdown({ title, description, remediation, references }: Rule): string {
  const { text, cli, cloudformation, terraform } = remediation
  const snippets = [
    ['AWS CLI', cli, 'sh'],
    ['CloudFormation', cloudformation, 'yaml'],
    ['Terraform', terraform, 'hcl'],
  ] as const
  const code = snippets.flatMap(([name, source, language]) =>
    source === undefined ? [] : [`**${name}**\n\n${markdownFence(source, language)}`],
  )
  const paragraph = (part: string): string => markdownText(flowing(part), 4000)
  const links = references.map(reference => `- <${encodeURI(reference.replace(/[<>\p{Cs}]/gu, ''))}>`).join('\n')
  return [paragraph(description ?? title), `**How to fix**\n\n${paragraph(text)}`, ...code, links]
    .filter(part => part !== '')
    .join('\n\n')
}

/** A rule as SARIF describes it, within the limits of GitHub's code scanning. */
export function describeRule(rule: Rule): ReportingDescriptor {
  return {
    id: rule.id,
    ...(rule.aliases === undefined ? {} : { deprecatedIds: rule.aliases }),
    shortDescription: description(rule.title),
    fullDescription: description(rule.description ?? rule.title),
    help: { text: helpText(rule), markdown: helpMarkdown(rule) },
    helpUri: rule.references.find(reference => /^https:\/\/[\w.-]+\/\S*$/.test(reference)) ?? questionUrl,
    defaultConfiguration: { level: levels[rule.severity] },
    properties: { tags: tagsOf(rule), 'security-severity': securitySeverities[rule.severity], precision: 'very-high' },
  }
}
