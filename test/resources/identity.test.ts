/** What resources of templates will be called: names that authors chose, ARNs, and placeholders for what deployment tells. */
import { describe, expect, test } from 'vitest'
import { resourceDefinitions } from '../../src/generated/resources.ts'
import { identify } from '../../src/resources/identity.ts'

const identityOf = (type: string) => resourceDefinitions.find(definition => definition.type === type)?.identity
const place = { scope: 's', account: '111122223333', region: 'eu-west-1' }

describe('names and ARNs of declared resources', () => {
  test.each([
    ['AWS::DynamoDB::Table', 'Orders', 'arn:aws:dynamodb:eu-west-1:111122223333:table/Orders'],
    ['AWS::S3::Bucket', 'bookshop-covers', 'arn:aws:s3:::bookshop-covers'],
    ['AWS::RDS::DBInstance', 'Bookshop', 'arn:aws:rds:eu-west-1:111122223333:db:bookshop'],
    ['AWS::DocDB::DBCluster', 'Clinic', 'arn:aws:rds:eu-west-1:111122223333:cluster:clinic'],
    ['AWS::EFS::FileSystem', undefined, `arn:aws:elasticfilesystem:eu-west-1:111122223333:file-system/\${A@s}`],
    ['AWS::IAM::Role', 'Backup', 'arn:aws:iam::111122223333:role/Backup'],
    ['AWS::Timestream::Table', 'T', `arn:aws:timestream:eu-west-1:111122223333:database/\${A.within@s}/table/T`],
    ['AWS::Backup::Framework', 'F', `arn:aws:backup:eu-west-1:111122223333:framework:F-\${A@s}`],
  ])('%s called %s', (type, chosenId, arn) => {
    const within = type === 'AWS::IAM::Role' ? null : undefined
    expect(identify(identityOf(type), { ...place, address: 'A', chosenId, within }).arn).toBe(arn)
  })

  test('a template for no known place has its account and Region to be told by deployment', () => {
    const { arn, reference } = identify(identityOf('AWS::SNS::Topic'), { scope: 's', address: 'A', chosenId: 'alerts' })
    expect(arn).toBe(`arn:aws:sns:\${AWS%3a%3aRegion@s}:\${AWS%3a%3aAccountId@s}:alerts`)
    expect(reference).toBe(arn)
  })

  test('ARN patterns name nothing that cannot be filled in', () => {
    const patterns = resourceDefinitions.flatMap(definition => definition.identity?.arn ?? [])
    expect(patterns.length).toBeGreaterThan(40)
    for (const pattern of patterns)
      for (const [, name] of pattern.matchAll(/\{(\w+)\}/g))
        expect(['region', 'account', 'id', 'within', 'made'], pattern).toContain(name)
  })
})
