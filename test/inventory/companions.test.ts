// Protects: in an open world a setting that Terraform declares apart may be declared elsewhere, so that its absence is no «none».
import { describe, expect, it } from 'vitest'
import type { ResourceRecord, ScopeRecord } from '../../src/model/record.ts'
import { factAt, factsOf, inventoryOf, policy } from './records.ts'

const scope: ScopeRecord = { record: 'scope', id: 'root', source: 'terraform-plan', file: 'plan.json' }
const bucket = (configuration: object, more: Partial<ResourceRecord> = {}): ResourceRecord => ({
  record: 'resource',
  scope: 'root',
  type: 'aws_s3_bucket',
  id: 'covers',
  address: 'aws_s3_bucket.covers',
  encoding: 'terraform',
  configuration: { bucket: 'covers', ...configuration },
  ...more,
})
const versioned = { bucket_versioning: [{ versioning_configuration: [{ status: 'Enabled' }] }] }

function statusOf(record: ResourceRecord, closedWorld: boolean, more: Partial<ScopeRecord> = {}): unknown {
  const inventory = inventoryOf([{ ...scope, ...more }, record], { policy: policy({ closedWorld }) })
  return factAt(factsOf(inventory, 'data-store'), 'versioning.status')
}

describe('an attachment that CloudFormation declares apart', () => {
  it.each<[boolean, string[] | undefined]>([
    [false, undefined],
    [true, []],
  ])('in a closed world (%s) is none where there is none, in an open one not known', (closedWorld, expected) => {
    const template: ScopeRecord = { record: 'scope', id: 'root', source: 'cloudformation', file: 'shop.yaml' }
    const role: ResourceRecord = {
      record: 'resource',
      scope: 'root',
      type: 'AWS::IAM::Role',
      id: 'web',
      account: '111122223333',
      arn: 'arn:aws:iam::111122223333:role/web',
      address: 'Web',
      encoding: 'cloudformation',
      configuration: { RoleName: 'web' },
    }
    const inventory = inventoryOf([template, role], { policy: policy({ closedWorld }) })
    expect(factAt(factsOf(inventory, 'iam-role'), 'attachedPolicies')).toEqual(expected)
  })
})

describe('a setting that Terraform declares apart', () => {
  it.each<[string, ResourceRecord, boolean, Partial<ScopeRecord>, unknown]>([
    ['is not known in an open world', bucket({}), false, {}, undefined],
    ['is none in a closed world', bucket({}), true, {}, 'Off'],
    ['is none in a scope that is closed', bucket({}), false, { closed: true }, 'Off'],
    ['is what its resource says in either', bucket(versioned), false, {}, 'Enabled'],
    ['is what its resource says in a closed world', bucket(versioned), true, {}, 'Enabled'],
    [
      'that may be the one of a resource whose owner is not told is not known in a closed world either',
      bucket({ bucket_versioning: [] }, { unknown: ['bucket_versioning'] }),
      true,
      {},
      undefined,
    ],
  ])('%s', (_name, record, closedWorld, more, expected) => {
    expect(statusOf(record, closedWorld, more)).toBe(expected)
  })
})
