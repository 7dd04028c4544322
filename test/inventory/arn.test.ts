/** Protects how ARNs are taken apart and how their wildcards match: selections and policies both stand on it. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { arnGlob, iamGlob, parseArn, splitArn, textGlob } from '../../src/inventory/arn.ts'

describe('parseArn', () => {
  test.each([
    ['arn:aws:rds:eu-west-1:111122223333:db:orders', 'rds', 'eu-west-1', '111122223333', 'db:orders', 'db'],
    [
      'arn:aws-cn:ec2:cn-north-1:111122223333:volume/vol-1',
      'ec2',
      'cn-north-1',
      '111122223333',
      'volume/vol-1',
      'volume',
    ],
    ['arn:aws:s3:::bookshop-covers', 's3', undefined, undefined, 'bookshop-covers', undefined],
    ['arn:aws:s3:::bookshop/a:b', 's3', undefined, undefined, 'bookshop/a:b', undefined],
    ['arn:aws:ec2:eu-west-1::snapshot/snap-1', 'ec2', 'eu-west-1', undefined, 'snapshot/snap-1', 'snapshot'],
    [
      'arn:aws:rds:eu-west-1:1:snapshot:awsbackup:job-1',
      'rds',
      'eu-west-1',
      '1',
      'snapshot:awsbackup:job-1',
      'snapshot',
    ],
    [
      'arn:aws:elasticfilesystem:eu-west-1:1:file-system/fs-1',
      'elasticfilesystem',
      'eu-west-1',
      '1',
      'file-system/fs-1',
      'file-system',
    ],
    ['arn:aws:sns:eu-west-1:1:alerts', 'sns', 'eu-west-1', '1', 'alerts', undefined],
  ])('%s', (text, service, region, account, resource, resourceType) => {
    const arn = parseArn(text)
    expect(arn).toMatchObject({ partition: text.split(':')[1], service, resource })
    expect([arn?.region, arn?.account, arn?.resourceType]).toEqual([region, account, resourceType])
  })

  test.each([
    '',
    'bookshop',
    'arn:aws:rds:eu-west-1:1',
    'arn:aws:rds:eu-west-1:1:',
    'arn::rds:eu-west-1:1:db:x',
    'arn:aws::eu-west-1:1:db:x',
    'xarn:aws:rds:r:1:db:x',
  ])('%j is none', text => expect(parseArn(text)).toBeUndefined())

  test('splits at the first five colons', () => {
    expect(splitArn('arn:aws:rds:*:*:db:a:b')).toEqual(['arn', 'aws', 'rds', '*', '*', 'db:a:b'])
    expect(splitArn('arn:aws:fsx:*')).toBeUndefined()
    expect(splitArn('a:b:c:d:e:f')).toBeUndefined()
  })
})

describe('wildcards', () => {
  const text = fc.stringMatching(/^[ab:/?]{0,8}$/)
  const pattern = fc.stringMatching(/^[ab:/?*]{0,8}$/)
  const quote = (part: string) => part.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
  const oracle = (wanted: string, other: Record<string, string> = {}) =>
    new RegExp(`^${[...wanted].map(c => (c === '*' ? '[^]*' : (other[c] ?? quote(c)))).join('')}$`)

  test('of selections: * only', () => {
    fc.assert(
      fc.property(pattern, text, (wanted, actual) => {
        expect(arnGlob(wanted)(actual)).toBe(oracle(wanted).test(actual))
        expect(textGlob(wanted, actual)).toBe(oracle(wanted).test(actual))
      }),
      { numRuns: 1000 },
    )
  })

  test('of IAM: * and ?', () => {
    fc.assert(
      fc.property(pattern, text, (wanted, actual) => {
        expect(iamGlob(wanted, actual)).toBe(oracle(wanted, { '?': '[^]' }).test(actual))
      }),
      { numRuns: 1000 },
    )
  })

  test('hostile patterns take no time', () => {
    const wanted = `${'*a'.repeat(500)}b`
    const actual = 'a'.repeat(5000)
    const started = performance.now()
    expect(arnGlob(wanted)(actual)).toBe(false)
    expect(iamGlob(wanted, actual)).toBe(false)
    expect(performance.now() - started).toBeLessThan(5000)
  })
})
