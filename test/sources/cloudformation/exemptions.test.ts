// Protects exemptions beside the resources of a template: each is for the resource that a reader would take it for and for no
// other, whatever the format, and one that is wrong is told with its line and exempts nothing.
import { describe, expect, it } from 'vitest'
import type { Outcome } from '../estate.ts'
import { readTemplates } from './stacks.ts'

const exempt = (rule: string) => `# rel09:exempt ${rule} until 2027-03-01 owner=web -- Made anew.`
const besides = ({ resources }: Outcome) =>
  Object.fromEntries(resources.map(({ address, exemptions }) => [address, exemptions?.map(({ rule }) => rule)]))

const template = `AWSTemplateFormatVersion: '2010-09-09'
Resources:
  ${exempt('above')}
  # and a word on it

  Images: ${exempt('at-the-name')}
    Type: AWS::S3::Bucket
    Properties:
      ${exempt('in-the-body')}
      BucketName: "images # rel09:exempt text"
      Tags: [] ${exempt('behind')}

      ${exempt('at-the-end')}
  ${exempt('above-orders')}
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: orders
    ${exempt('at-the-very-end')}

Outputs:
  Script:
    Value: |
      # rel09:exempt a-script
`

describe('comments of YAML', () => {
  it('are for the resource that they are in, or right above', async () => {
    const outcome = await readTemplates({ 'a.yaml': template })
    expect(outcome.problems).toEqual([])
    expect(besides(outcome)).toEqual({
      Images: ['above', 'at-the-name', 'in-the-body', 'behind', 'at-the-end'],
      Orders: ['above-orders', 'at-the-very-end'],
    })
    expect(outcome.resources[0]!.exemptions![0]).toEqual({
      rule: 'above',
      expires: '2027-03-01',
      owner: 'web',
      reason: 'Made anew.',
      file: 'a.yaml',
      line: 3,
    })
  })

  it.each([
    ['above the section', `${exempt('s3-versioning')}\nResources:\n  A:\n    Type: AWS::S3::Bucket\n`, 1],
    ['behind the section', `Resources:\n  A:\n    Type: AWS::S3::Bucket\n${exempt('s3-versioning')}\n`, 4],
    ['without an owner', 'Resources:\n  # rel09:exempt a until 2027-03-01 -- r\n  A:\n    Type: AWS::S3::Bucket\n', 2],
    [
      'until a day that is none',
      'Resources:\n  # rel09:exempt a until 2027-02-30 owner=o -- r\n  A:\n    Type: AWS::S3::Bucket\n',
      2,
    ],
  ])('%s are told and exempt nothing', async (_, text, line) => {
    const outcome = await readTemplates({ 'a.yaml': text })
    expect(outcome.problems).toEqual([{ file: 'a.yaml', line, message: expect.any(String) }])
    expect(besides(outcome)).toEqual({ A: undefined })
  })

  it('beside what is not judged, or not made, are told', async () => {
    const { notEvaluated, problems } = await readTemplates({
      'a.yaml': `Conditions: {Never: !Equals [a, b]}\nResources:\n  ${exempt('a')}\n  A:\n    Type: AWS::S3::Bucket\n    Condition: Never\n  ${exempt('a')}\n  F: {Type: AWS::SQS::Queue}\n`,
    })
    expect(problems).toEqual([])
    expect(notEvaluated.find(({ type }) => type === undefined)).toMatchObject({ file: 'a.yaml', count: 2 })
  })
})

describe('metadata', () => {
  const entry = { rule: 's3-versioning', expires: '2027-03-01', owner: 'web', reason: 'Public images.' }
  const bucket = (rel09: unknown) => ({ Type: 'AWS::S3::Bucket', Metadata: { rel09 } })

  it.each<[string, object | string, number]>([
    ['JSON', { Resources: { Images: bucket({ exempt: [entry] }), Others: { Type: 'AWS::S3::Bucket' } } }, 8],
    [
      'YAML',
      `Resources:\n  Images:\n    Type: AWS::S3::Bucket\n    Metadata:\n      rel09:\n        exempt:\n          - ${JSON.stringify(entry)}\n  Others: {Type: AWS::S3::Bucket}\n`,
      7,
    ],
  ])('of a resource is for it, in %s', async (_, content, line) => {
    const outcome = await readTemplates({ 'a.template': content })
    expect(outcome.problems).toEqual([])
    expect(besides(outcome)).toEqual({ Images: ['s3-versioning'], Others: undefined })
    expect(outcome.resources[0]!.exemptions).toMatchObject([{ ...entry, line }])
  })

  it('of a loop is for each resource that it makes', async () => {
    const outcome = await readTemplates({
      'a.json': {
        Transform: 'AWS::LanguageExtensions',
        Resources: { 'Fn::ForEach::Each': ['Name', ['A', 'B'], { 'Bucket${Name}': bucket({ exempt: [entry] }) }] },
      },
    })
    expect(besides(outcome)).toEqual({ BucketA: ['s3-versioning'], BucketB: ['s3-versioning'] })
  })

  it.each<[string, unknown, number]>([
    ['without a reason', { exempt: [{ ...entry, reason: ' ' }] }, 8],
    ['with an owner that is no text', { exempt: [entry, { ...entry, owner: { Ref: 'Owner' } }] }, 14],
    ['that is no list', { exempt: entry }, 6],
  ])('%s is told with its line', async (_, rel09, line) => {
    const { problems } = await readTemplates({ 'a.json': { Resources: { A: bucket(rel09) } } })
    expect(problems).toEqual([{ file: 'a.json', line, message: expect.any(String) }])
  })
})
