// Protects what AWS Security Hub and EventBridge are told beside AWS Config: an open finding for what is wrong or not known, archived only
// when that is known to have ceased, the same again for a retry, and evaluations that do not hang on either of them.
import { describe, expect, it } from 'vitest'
import { type RuleHost, Unobtainable } from '../../../src/commands/config-rule/rule-host.ts'
import { type Invoked, runConfigRule } from '../../../src/commands/config-rule/run.ts'
import type { Evaluation } from '../../../src/model/evaluation.ts'
import type { FindingEvent } from '../../../src/model/finding-event.ts'
import { configResourceField, type SecurityFinding } from '../../../src/model/security-finding.ts'
import type { ActiveFilter, PutEvents, SecurityHub } from '../../../src/sinks/published-findings.ts'
import { snapshot } from '../bookshop.ts'
import {
  account,
  bucketItem,
  changeOf,
  eventOf,
  hostOf,
  item,
  orderedAt,
  oversizedOf,
  region,
  scheduled,
  storedText,
} from './events.ts'

/** A Security Hub in memory: an update that is no newer is ignored, as the real one does. */
class Hub implements SecurityHub {
  readonly findings = new Map<string, SecurityFinding>()
  readonly asked: ActiveFilter[] = []

  async active(filter: ActiveFilter): Promise<Map<string, SecurityFinding>> {
    this.asked.push(filter)
    const { configResources } = filter
    const isAsked = (one: SecurityFinding) =>
      one.RecordState === 'ACTIVE' &&
      one.ProductArn === filter.productArn &&
      one.GeneratorId === filter.generatorId &&
      (configResources?.includes(one.ProductFields[configResourceField] ?? '') ?? true)
    return new Map([...this.findings].filter(([, one]) => isAsked(one)).map(entry => structuredClone(entry)))
  }

  async import(batch: readonly SecurityFinding[]): ReturnType<SecurityHub['import']> {
    for (const one of batch) {
      const before = this.findings.get(one.Id)
      if (!before || before.UpdatedAt < one.UpdatedAt) this.findings.set(one.Id, structuredClone(one))
    }
    return { again: [], refused: [] }
  }

  /** Every finding that was ever told, in the order of ids. */
  shown(): string[] {
    return [...this.findings.values()]
      .map(
        ({ RecordState, Compliance, FindingProviderFields, ProductFields }) =>
          `${RecordState} ${Compliance.Status} ${FindingProviderFields.Severity.Label} ${ProductFields[configResourceField]}`,
      )
      .sort()
  }
}

interface Ran {
  invoked?: Invoked
  thrown?: unknown
  lines: { [name: string]: unknown }[]
  evaluations: Evaluation[]
  events: FindingEvent[]
}

/** Answers an event with a Security Hub and a bus that a test gives. */
async function run(event: object, given: { hub?: SecurityHub; bus?: PutEvents; host?: RuleHost } = {}): Promise<Ran> {
  const ran: Ran = { lines: [], evaluations: [], events: [] }
  const bus: PutEvents = async batch => {
    ran.events.push(...batch)
    return { again: [], refused: [] }
  }
  try {
    ran.invoked = await runConfigRule(event, {
      functionAccount: account,
      clock: () => 0,
      wait: async () => {},
      log: entry => ran.lines.push(entry as Ran['lines'][number]),
      hostFor: async () => ({
        host: given.host ?? hostOf(),
        put: async batch => {
          ran.evaluations.push(...batch)
          return []
        },
        publishers: { securityHub: async () => given.hub ?? new Hub(), eventBus: async () => given.bus ?? bus },
        close() {},
      }),
    })
  } catch (error) {
    ran.thrown = error
  }
  return ran
}

const at = (hours: number) => new Date(Date.parse(orderedAt) + hours * 3_600_000).toISOString()
const parameters = (more: object = {}) => ({ ruleParameters: JSON.stringify({ securityHub: 'true', ...more }) })
const bucket = (status: string, hours: number, more: object = {}) => ({
  ...bucketItem(status),
  configurationItemCaptureTime: at(hours),
  ...more,
})
const change = (status: string, hours: number, more: object = {}) =>
  eventOf('s3-versioning', changeOf(bucket(status, hours, more)), parameters())
const failed = 'ACTIVE FAILED MEDIUM AWS::S3::Bucket shop-data'

describe('Security Hub', () => {
  it.each<[string, object[], string[]]>([
    ['what was never wrong is not told', [change('Enabled', 0)], []],
    ['what is wrong is open', [change('Off', 0)], [failed]],
    [
      'what was mended is archived as passed',
      [change('Off', 0), change('Enabled', 1)],
      ['ARCHIVED PASSED INFORMATIONAL AWS::S3::Bucket shop-data'],
    ],
    ['what is wrong again is open again', [change('Off', 0), change('Enabled', 1), change('Off', 2)], [failed]],
    ['an event that comes late changes nothing', [change('Off', 2), change('Enabled', 1)], [failed]],
    [
      'what was deleted is archived, and did not pass',
      [change('Off', 0), change('Off', 1, { configurationItemStatus: 'ResourceDeleted', configuration: null })],
      ['ARCHIVED NOT_AVAILABLE MEDIUM AWS::S3::Bucket shop-data'],
    ],
    [
      'what can no longer be read stays open, beside a warning',
      [change('Off', 0), change('Off', 1, { configuration: '{' })],
      ['ACTIVE WARNING INFORMATIONAL AWS::S3::Bucket shop-data', failed].sort().reverse(),
    ],
    [
      'what can be read again takes the warning back',
      [change('Off', 0, { configuration: '{' }), change('Enabled', 1)],
      ['ARCHIVED NOT_AVAILABLE INFORMATIONAL AWS::S3::Bucket shop-data'],
    ],
    [
      'what is not known is a warning, and failed for the strict',
      [
        eventOf('resource-in-backup-plan', changeOf(bucket('Off', 0)), parameters()),
        eventOf(
          'resource-in-backup-plan',
          changeOf(bucket('Off', 0, { resourceId: 'other', ARN: 'arn:aws:s3:::other' })),
          parameters({ undeterminedAs: 'NON_COMPLIANT' }),
        ),
      ],
      ['ACTIVE FAILED HIGH AWS::S3::Bucket other', 'ACTIVE WARNING INFORMATIONAL AWS::S3::Bucket shop-data'],
    ],
  ])('%s', async (_name, events, expected) => {
    const hub = new Hub()
    for (const event of events) expect((await run(event, { hub })).thrown).toBeUndefined()
    expect(hub.shown()).toEqual([...expected].sort())
    const before = structuredClone([...hub.findings])
    await run(events.at(-1)!, { hub })
    expect([...hub.findings]).toEqual(before)
  })

  it('keeps when a finding arose while it is open, and is told the time of the event', async () => {
    const hub = new Hub()
    await run(change('Off', 0), { hub })
    await run(change('Off', 5), { hub })
    expect([...hub.findings.values()]).toMatchObject([{ CreatedAt: at(0), UpdatedAt: at(5) }])
  })

  it('archives what a policy exempts, and does not call it passed', async () => {
    const hub = new Hub()
    await run(change('Off', 0), { hub })
    const policyText = async () =>
      `version: 1\nexemptions: [{ rule: s3-versioning, resource: "arn:aws:s3:::shop-*", reason: a cache, owner: web, expires: 2026-02-01 }]\n`
    const event = { ...change('Off', 1), ...parameters({ policyUri: 'ssm:/rel09' }) }
    await run(event, { hub, host: hostOf({ policyText }) })
    expect(hub.shown()).toEqual(['ARCHIVED NOT_AVAILABLE INFORMATIONAL AWS::S3::Bucket shop-data'])
  })

  it('asks for what a change is about, and no more', async () => {
    const hub = new Hub()
    const itemOf = async () => undefined
    await run(eventOf('s3-versioning', oversizedOf(bucket('Off', 0)), parameters()), { hub, host: hostOf({ itemOf }) })
    expect(hub.asked).toEqual([
      {
        productArn: `arn:aws:securityhub:${region}:${account}:product/${account}/default`,
        generatorId: 'rel09/s3-versioning',
        configResources: ['AWS::S3::Bucket shop-data'],
      },
    ])
  })

  it('is told nothing of a test, nor of what is only proposed, nor where nobody asks for it', async () => {
    const event = change('Off', 0)
    const properties = { TableName: 'carts' }
    const proposed = changeOf(item('AWS::DynamoDB::Table', 'carts', properties))
    for (const silent of [
      { ...event, resultToken: 'TESTMODE' },
      eventOf('dynamodb-pitr', proposed, { evaluationMode: 'PROACTIVE', ...parameters({ eventBus: 'default' }) }),
      { ...event, ...parameters({ securityHub: 'false' }) },
    ]) {
      const hub = new Hub()
      const { evaluations, events } = await run(silent, { hub })
      expect(evaluations).toHaveLength(1)
      expect([hub.asked, hub.findings.size, events]).toEqual([[], 0, []])
    }
  })

  describe('of a run over a snapshot', () => {
    const text = snapshot()
    const takenAt = Date.parse(/"takenAt":"([^"]+)"/.exec(text)![1]!)
    const runAt = (hours: number, rule = 'resource-in-backup-plan') =>
      eventOf(
        rule,
        scheduled({ notificationCreationTime: new Date(takenAt + hours * 3_600_000).toISOString() }),
        parameters({ snapshotUri: 's3://snapshots/' }),
      )
    const over = (snapshotText: string) =>
      hostOf({ newestSnapshot: async () => storedText('daily.ndjson', snapshotText) })
    const carts = 'HIGH AWS::DynamoDB::Table carts'

    it('archives what is gone only where the snapshot would have shown it', async () => {
      const without = (part: string) =>
        text
          .split('\n')
          .filter(line => !line.includes(part))
          .join('\n')
      const hub = new Hub()
      await run(runAt(1), { hub, host: over(text) })
      expect(hub.shown()).toEqual([`ACTIVE FAILED ${carts}`])
      await run(runAt(2), { hub, host: over(`${without('table/carts')}\n{"record":\n`) })
      expect(hub.shown()).toEqual([`ACTIVE FAILED ${carts}`])
      await run(runAt(3), { hub, host: over(without('table/carts')) })
      expect(hub.shown()).toEqual([`ARCHIVED NOT_AVAILABLE ${carts}`])
    })

    it('tells of a snapshot that is too old once, until there is a newer one', async () => {
      const hub = new Hub()
      await run(runAt(1), { hub, host: over(text) })
      await run(runAt(27), { hub, host: over(text) })
      const open = [`ACTIVE FAILED ${carts}`, `ACTIVE WARNING INFORMATIONAL AWS::::Account ${account}`]
      expect(hub.shown()).toEqual(open)
      const newer = text.replaceAll(/"takenAt":"[^"]+"/g, `"takenAt":"${new Date(takenAt + 86_400_000).toISOString()}"`)
      await run(runAt(28), { hub, host: over(newer) })
      expect(hub.shown()).toEqual([open[0], `ARCHIVED NOT_AVAILABLE INFORMATIONAL AWS::::Account ${account}`])
    })

    it('leaves what is filed under a vault to runs that see all of it', async () => {
      const arn = `arn:aws:backup:${region}:${account}:recovery-point:1`
      const point = (isEncrypted: boolean, hours: number, database = 'orders') =>
        item(
          'AWS::Backup::RecoveryPoint',
          arn,
          {
            RecoveryPointArn: arn,
            BackupVaultName: 'main',
            BackupVaultArn: `arn:aws:backup:${region}:${account}:backup-vault:main`,
            ResourceArn: `arn:aws:rds:${region}:${account}:db:${database}`,
            ResourceType: 'RDS',
            Status: 'COMPLETED',
            CreationDate: orderedAt,
            IsEncrypted: isEncrypted,
          },
          { ARN: arn, configurationItemCaptureTime: at(hours) },
        )
      const rule = 'recovery-point-encrypted'
      const hub = new Hub()
      for (const [hours, database] of [
        [0, 'orders'],
        [0.5, 'carts'],
      ] as const)
        await run(eventOf(rule, changeOf(point(false, hours, database)), parameters()), { hub })
      const open = hub.shown()
      const onVault = expect.stringMatching(/^ACTIVE FAILED \w+ AWS::Backup::BackupVault main$/)
      expect(open).toEqual([onVault, onVault])
      const gone = { configurationItemStatus: 'ResourceDeleted', configuration: null }
      const vault = item(
        'AWS::Backup::BackupVault',
        'main',
        { BackupVaultName: 'main' },
        {
          ARN: `arn:aws:backup:${region}:${account}:backup-vault:main`,
          configurationItemCaptureTime: at(2),
        },
      )
      for (const changed of [point(true, 1), { ...point(true, 1), ...gone }, vault])
        await run(eventOf(rule, changeOf(changed), parameters()), { hub })
      expect(hub.shown()).toEqual(open)
    })
  })
})

describe('EventBridge', () => {
  const asked = (event: object) => ({ ...event, ...parameters({ securityHub: 'false', eventBus: 'shop' }) })

  it('hears of every finding of a change, mended ones too, with a detail that is stable', async () => {
    const [bad] = (await run(asked(change('Off', 0)))).events
    const [good] = (await run(asked(change('Enabled', 1)))).events
    expect(bad).toMatchObject({
      Source: 'rel09',
      DetailType: 'rel09 Finding',
      Time: at(0),
      Resources: ['arn:aws:s3:::shop-data'],
    })
    expect(JSON.parse(bad!.Detail)).toEqual({
      version: 1,
      fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
      rule: 's3-versioning',
      bestPractice: expect.stringMatching(/^REL09-BP0\d$/),
      title: expect.any(String),
      outcome: 'non-compliant',
      verdict: 'non-compliant',
      severity: 'medium',
      message: expect.stringContaining('shop-data'),
      evidence: [expect.stringContaining('wanted')],
      missing: [],
      remediation: expect.any(String),
      resource: {
        type: 'AWS::S3::Bucket',
        id: 'shop-data',
        arn: 'arn:aws:s3:::shop-data',
        name: 'shop-data',
        account,
        region,
      },
      configRule: 'rel09-s3-versioning',
      configResource: { type: 'AWS::S3::Bucket', id: 'shop-data' },
      account,
      region,
      orderedAt: at(0),
      policyDigest: expect.stringMatching(/^[0-9a-f]{64}$/),
    })
    const { outcome, fingerprint } = JSON.parse(good!.Detail)
    expect([outcome, fingerprint]).toEqual(['compliant', JSON.parse(bad!.Detail).fingerprint])
  })

  it('hears of a run what is wrong or not known, and of a retry the same', async () => {
    const text = snapshot()
    const notificationCreationTime = /"takenAt":"([^"]+)"/.exec(text)![1]!
    const event = eventOf('resource-in-backup-plan', scheduled({ notificationCreationTime }), {
      ruleParameters: '{"eventBus":"default","snapshotUri":"s3://snapshots/"}',
    })
    const host = hostOf({ newestSnapshot: async () => storedText('daily.ndjson', text) })
    const { events } = await run(event, { host })
    expect(events.map(({ Resources }) => Resources)).toEqual([[expect.stringMatching(/table\/carts$/)]])
    expect((await run(event, { host })).events).toEqual(events)
  })
})

describe('where a service fails', () => {
  const both = { ...change('Off', 0), ...parameters({ eventBus: 'default' }) }
  const hubThat = (more: Partial<SecurityHub>): SecurityHub => Object.assign(new Hub(), more)

  it.each<[string, Partial<SecurityHub>]>([
    ['cannot be reached', { active: () => Promise.reject(new Error('connection reset')) }],
    ['takes nothing, however often it is sent', { import: async batch => ({ again: batch, refused: [] }) }],
  ])('and Security Hub %s, AWS Config and EventBridge are told, and it is tried again', async (_name, more) => {
    const { thrown, evaluations, events, lines } = await run(both, { hub: hubThat(more) })
    expect(thrown).toBeInstanceOf(Error)
    expect([evaluations.length, events.length]).toEqual([1, 1])
    expect(lines.filter(({ level }) => level === 'error')).toMatchObject([{ message: 'to be tried again' }])
  })

  it.each<[string, Partial<SecurityHub>]>([
    ['refuses the caller', { active: () => Promise.reject(new Unobtainable('Security Hub refuses it')) }],
    ['refuses a finding', { import: async () => ({ again: [], refused: [{ code: 'InvalidInput', message: 'no' }] }) }],
  ])('and Security Hub %s for good, it is told, counted and not tried again', async (_name, more) => {
    const { invoked, evaluations, events, lines } = await run(both, { hub: hubThat(more) })
    expect(invoked).toMatchObject({ evaluations: 1, error: { field: 'ruleParameters.securityHub' } })
    expect([evaluations.length, events.length]).toEqual([1, 1])
    expect(lines).toContainEqual(expect.objectContaining({ message: 'not published', to: 'securityHub', untold: 1 }))
    expect(lines).toContainEqual(expect.objectContaining({ Unpublished: 1, _aws: expect.anything() }))
  })

  it('what fails at first is sent again, and nothing else is', async () => {
    const sent: string[] = []
    const bus: PutEvents = async batch => {
      sent.push(...batch.map(({ Detail }) => JSON.parse(Detail).resource.id))
      return { again: sent.length === 1 ? batch : [], refused: [] }
    }
    const { thrown } = await run(both, { bus })
    expect(thrown).toBeUndefined()
    expect(sent).toEqual(['shop-data', 'shop-data'])
  })
})
