// Protects what the text report says to do: a template is mended in its own language, what is deployed by a command; and what
// one remedy mends is listed together, with the remedy once.
import { describe, expect, it } from 'vitest'
import { reporter } from '../../src/reporters/text.ts'
import { everything, findingOf, rendered, reportOf, rules } from './clinic.ts'

const [rule] = rules
const withSnippets = {
  ...rule!,
  remediation: {
    text: 'Mend it.',
    cli: 'aws backup mend',
    cloudformation: 'Type: AWS::Backup::Mended\n',
    terraform: 'resource "aws_backup" "mended" {\n}\n',
  },
}

describe('the fix', () => {
  it.each<[string, object, RegExp, RegExp]>([
    [
      'of Terraform is Terraform',
      { address: 'a.b', sourceType: 'aws_s3_bucket' },
      /resource "aws_backup"/,
      /\$ aws|Type: AWS/,
    ],
    [
      'of the Cloud Control provider too',
      { address: 'a.b', sourceType: 'awscc_s3_bucket' },
      /resource "aws_backup"/,
      /\$ aws/,
    ],
    ['of CloudFormation is CloudFormation', { address: 'B' }, /Type: AWS::Backup::Mended/, /\$ aws|resource "aws/],
    ['of what is deployed is a command', {}, /\$ aws backup mend/, /Type: AWS::Backup::Mended|resource "aws/],
  ])('%s', (_, resource, wanted, unwanted) => {
    const finding = findingOf(1, { rule: withSnippets.id })
    const report = reportOf(() => [{ ...finding, resource: { ...finding.resource, ...resource } }], {
      rules: [withSnippets],
    })
    const text = rendered(reporter, report, everything)
    expect(text).toMatch(wanted)
    expect(text).not.toMatch(unwanted)
  })
})

describe('what is not known', () => {
  it('tells a remedy once for all that it mends, and keeps the most frequent first', () => {
    const missing = (factGroup: string, count: number, remedy: string) => ({
      factGroup,
      reason: 'openWorld' as const,
      remedy,
      count,
    })
    const report = reportOf(() => [])
    const text = rendered(
      reporter,
      {
        ...report,
        summary: {
          ...report.summary,
          undetermined: [
            missing('plans', 3, 'Add plans.'),
            missing('tags', 9, 'Add tags.'),
            missing('keys', 12, 'Add plans.'),
          ],
        },
      },
      everything,
    )
    const places = ['keys:', 'plans:', 'Add plans.', 'tags:', 'Add tags.'].map(part => text.indexOf(part))
    expect(places).toEqual([...places].sort((a, b) => a - b))
    expect(text.split('Add plans.')).toHaveLength(2)
  })
})
