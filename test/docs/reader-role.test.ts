// Protects the accounts that are read: the role in deploy/ may do what the collectors call and nothing else, nothing that it may do
// changes anything, and nobody assumes it without the external id. That it has not drifted is for drift.test.ts.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { collectors } from '../../src/generated/collectors.ts'
import { runCommandLine } from '../../src/hosts/command-line.ts'
import { policyOf } from '../../src/sources/aws/permissions.ts'
import { root } from '../fixtures/estates.ts'
import { contextIn } from '../system/estate.ts'

const file = 'deploy/reader-role.yaml'
/** Short forms of functions read as their arguments. */
const template = parse(readFileSync(join(root, file), 'utf8'), { logLevel: 'silent' })
const { Properties: role } = template.Resources.ReaderRole
const [statement] = role.Policies[0].PolicyDocument.Statement

describe('the reader role', () => {
  it('may do what the collectors call, and nothing else', () => {
    expect(Object.keys(template.Resources)).toEqual(['ReaderRole'])
    expect(role.Policies).toHaveLength(1)
    expect(role).not.toHaveProperty('ManagedPolicyArns')
    expect(role.Policies[0].PolicyDocument).toEqual(policyOf(Object.values(collectors)))
  })

  it('only reads', () => {
    const reading = /^(?:Describe|Get|List|Select|View|Lookup|BatchGet)/
    expect(statement.Action.filter((action: string) => !reading.test(action.split(':')[1]!))).toEqual([])
    expect(JSON.stringify(statement.Action)).not.toMatch(/[*?]/)
  })

  it('is assumed by one principal, with an external id', () => {
    const [trust, ...others] = role.AssumeRolePolicyDocument.Statement
    expect(others).toEqual([])
    expect(trust).toMatchObject({ Effect: 'Allow', Principal: { AWS: 'TrustedPrincipal' }, Action: 'sts:AssumeRole' })
    expect(trust.Condition.StringEquals).toMatchObject({ 'sts:ExternalId': 'ExternalId' })
    for (const name of ['TrustedPrincipal', 'ExternalId'])
      expect(template.Parameters[name]).not.toHaveProperty('Default')
    const principal = new RegExp(template.Parameters.TrustedPrincipal.AllowedPattern)
    expect(principal.test('arn:aws-cn:iam::111122223333:role/audit/reader')).toBe(true)
    for (const text of ['*', '111122223333', 'arn:aws:iam::*:root']) expect(principal.test(text)).toBe(false)
  })

  it('fits into a role, with room for collectors to come', () => {
    expect(JSON.stringify(role.Policies[0].PolicyDocument).length).toBeLessThan(10_240 * 0.9)
  })

  it('is a template that a scan reads', async () => {
    const context = contextIn(root)
    const code = await runCommandLine(['scan', file, '--no-progress'], context)
    expect([code, context.written.err]).toEqual([expect.any(Number), ''])
    expect([0, 1]).toContain(code)
  })
})
