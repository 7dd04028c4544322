// Protects what the Lambda claims to know: a fact group counts as read only where no other collector feeds it, and what is refused is a gap.
import { describe, expect, it } from 'vitest'
import { readableGroups } from '../../../src/commands/config-rule/readable-groups.ts'
import { BackupFacts, backupCollectors } from '../../../src/sources/aws/backup-facts.ts'
import type { Clients } from '../../../src/sources/aws/clients.ts'
import { claimedGroups } from '../../../src/sources/aws/live.ts'

describe('what AWS Backup knows', () => {
  it.each(backupCollectors.map(one => [one.reads.join(' '), one] as const))(
    '%s is read whole',
    (_name, { collector, reads }) => {
      expect(claimedGroups('region', [collector])).toEqual([...reads].sort())
    },
  )

  it('is what the Lambda may ask for', () => {
    expect([...readableGroups].sort()).toEqual(backupCollectors.flatMap(({ reads }) => reads).sort())
  })

  it('is asked for once, claimed as far as it was asked for, and a gap where it is refused', async () => {
    const asked: string[] = []
    const send = async (command: object) => {
      asked.push(command.constructor.name)
      throw Object.assign(new Error('no'), { name: 'AccessDeniedException' })
    }
    const clients: Clients = { client: () => ({ send: send as never, destroy: () => {} }), close: () => {} }
    const place = { account: '111122223333', region: 'eu-west-1', partition: 'aws' }
    const facts = new BackupFacts({ ...place, clients, takenAt: '2026-01-05T10:00:00.000Z', version: '0.0.0' })
    const [scope, ...gaps] = await facts.records(new Set(['plans']))
    expect(scope).toMatchObject({ record: 'scope', source: 'aws', factGroups: ['plans', 'selections'] })
    expect(gaps).toMatchObject([{ record: 'gap', scope: (scope as { id: string }).id, reason: 'denied' }])
    await facts.records(new Set(['plans', 'selections', 'restore-testing']))
    expect(asked.filter(name => name === 'ListBackupPlansCommand')).toHaveLength(1)
    expect(asked).toContain('ListRestoreTestingPlansCommand')
  })
})
