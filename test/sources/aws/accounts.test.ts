/**
 * Protects the credentials of other accounts: one session for all calls, asked anew before it expires; what enters accounts is in the
 * printed policy apart from what reads them; and what a stopped run answers.
 */
import { describe, expect, it } from 'vitest'
import { assumedRole } from '../../../src/sources/aws/assumed-role.ts'
import type { Clients } from '../../../src/sources/aws/clients.ts'
import { permissions } from '../../../src/sources/aws/live.ts'
import { Interrupted, Stop } from '../../../src/sources/aws/stop.ts'

const minute = 60_000

/** STS whose sessions last so many minutes, one after the other. */
function sts(...lasting: number[]): { clients: Clients; asked: object[] } {
  const asked: object[] = []
  const send = async ({ input }: { input: object }) => {
    const lasts = lasting[asked.push(input) - 1]
    if (lasts === undefined) throw new Error('no more')
    const Expiration = new Date(Date.now() + lasts * minute)
    return { Credentials: { AccessKeyId: `key-${asked.length}`, SecretAccessKey: 's', SessionToken: 't', Expiration } }
  }
  return { asked, clients: { client: () => ({ send: send as never, destroy: () => {} }), close: () => {} } }
}

const role = { arn: 'arn:aws:iam::111122223333:role/rel09-reader', externalId: 'shop-7', region: 'eu-west-1' }

describe('a role that is assumed', () => {
  it('is assumed once, however many ask', async () => {
    const { clients, asked } = sts(60)
    const credentials = assumedRole(clients, role)
    const given = [...(await Promise.all([credentials(), credentials()])), await credentials()]
    expect(given.map(({ accessKeyId }) => accessKeyId)).toEqual(['key-1', 'key-1', 'key-1'])
    expect(asked).toEqual([{ RoleArn: role.arn, RoleSessionName: 'rel09', ExternalId: 'shop-7' }])
  })

  it('is assumed anew before its session expires, and after a failure', async () => {
    const { clients } = sts(5, 60)
    const credentials = assumedRole(clients, role)
    expect([(await credentials()).accessKeyId, (await credentials()).accessKeyId]).toEqual(['key-1', 'key-2'])
    const failing = assumedRole(sts().clients, role)
    await expect(failing()).rejects.toThrow('no more')
    await expect(failing()).rejects.toThrow('no more')
  })
})

describe('the policy for many accounts', () => {
  it('keeps what enters them apart from what reads them', () => {
    const [alone] = permissions(['rds']).Statement
    const access = { role: 'audit/reader', partition: 'aws-cn', organization: 'units' } as const
    expect(permissions(['rds'], access).Statement).toEqual([
      alone,
      {
        Sid: 'Rel09Accounts',
        Effect: 'Allow',
        Action: ['sts:AssumeRole'],
        Resource: 'arn:aws-cn:iam::*:role/audit/reader',
      },
      {
        Sid: 'Rel09Organization',
        Effect: 'Allow',
        Action: ['organizations:ListAccountsForParent', 'organizations:ListOrganizationalUnitsForParent'],
        Resource: '*',
      },
    ])
    expect(alone!.Action.filter(action => /^(?:sts|organizations):/.test(action))).toEqual([])
  })
})

describe('a run that is to stop', () => {
  it('waits for nothing that is under way, and asks nothing more', async () => {
    const stop = new Stop()
    const never = stop.unless(() => new Promise<number>(() => {}))
    const answered = await stop.unless(async () => 7)
    stop.ask()
    await expect(never).rejects.toThrow(Interrupted)
    let isAsked = false
    await expect(
      stop.unless(async () => {
        isAsked = true
      }),
    ).rejects.toThrow(Interrupted)
    expect([answered, isAsked]).toEqual([7, false])
  })
})
