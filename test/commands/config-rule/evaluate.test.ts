// Protects what each event of AWS Config is answered by: its own resource and no other, in both encodings alike, what cannot be known
// said as such, and retraction only where a run has seen everything.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { BadEvent } from '../../../src/commands/config-rule/bad-event.ts'
import { reservedParameters } from '../../../src/commands/config-rule/parameters.ts'
import { readableGroups } from '../../../src/commands/config-rule/readable-groups.ts'
import { Unobtainable } from '../../../src/commands/config-rule/rule-host.ts'
import type { Evaluation } from '../../../src/model/evaluation.ts'
import type { SnapshotRecord } from '../../../src/model/record.ts'
import { builtInRules } from '../../../src/rules/built-in.ts'
import { snapshot } from '../bookshop.ts'
import { badEvents } from './bad-events.ts'
import {
  account,
  answered,
  apiForm,
  bucketItem,
  changeOf,
  databaseItem,
  eventOf,
  hostOf,
  item,
  orderedAt,
  oversizedOf,
  region,
  scheduled,
  storedText,
} from './events.ts'

const table = (pitr: string) =>
  item(
    'AWS::DynamoDB::Table',
    'carts',
    { tableName: 'carts', tableStatus: 'ACTIVE' },
    {
      ARN: `arn:aws:dynamodb:${region}:${account}:table/carts`,
      supplementaryConfiguration: {
        ContinuousBackupsDescription: {
          continuousBackupsStatus: 'ENABLED',
          pointInTimeRecoveryDescription: { pointInTimeRecoveryStatus: pitr, recoveryPeriodInDays: 35 },
        },
      },
    },
  )

const planArn = `arn:aws:backup:${region}:${account}:backup-plan:0f0e0d0c-aaaa-bbbb-cccc-000000000001`
/** A plan whose rule ends in a number of days, as AWS Config nests it. */
const plan = (days: number) =>
  item(
    'AWS::Backup::BackupPlan',
    '0f0e0d0c-aaaa-bbbb-cccc-000000000001',
    {
      BackupPlanId: '0f0e0d0c-aaaa-bbbb-cccc-000000000001',
      BackupPlanArn: planArn,
      VersionId: 'v1',
      BackupPlan: {
        BackupPlanName: 'daily',
        BackupPlanRule: [
          {
            RuleName: 'd',
            TargetBackupVault: 'main',
            ScheduleExpression: 'cron(0 5 ? * * *)',
            StartWindowMinutes: 480,
            CompletionWindowMinutes: 10080,
            Lifecycle: { DeleteAfterDays: days },
            CopyActions: [
              {
                DestinationBackupVaultArn: `arn:aws:backup:eu-central-1:${account}:backup-vault:dr`,
                Lifecycle: { DeleteAfterDays: 90 },
              },
            ],
          },
        ],
      },
    },
    { ARN: planArn, resourceName: 'daily' },
  )

type Tree = { [name: string]: unknown }

/** What AWS's own samples leave out, of an envelope and of its notification. */
function sparse({
  version,
  ruleParameters,
  executionRoleArn,
  configRuleId,
  evaluationMode,
  eventLeftScope,
  ...event
}: Tree) {
  const { configurationItemDiff, recordVersion, notificationCreationTime, s3DeliverySummary, ...notification } =
    JSON.parse(String(event.invokingEvent))
  return { ...event, invokingEvent: JSON.stringify(notification) }
}

const told = ({ ComplianceResourceType, ComplianceResourceId, ComplianceType }: Evaluation) =>
  `${ComplianceType} ${ComplianceResourceType} ${ComplianceResourceId}`

describe('a change', () => {
  it.each([
    ['rds-automated-backup', databaseItem(7), 'COMPLIANT AWS::RDS::DBInstance db-ABCDEFGHIJKL'],
    ['rds-automated-backup', databaseItem(0), 'NON_COMPLIANT AWS::RDS::DBInstance db-ABCDEFGHIJKL'],
    ['s3-versioning', bucketItem('Enabled'), 'COMPLIANT AWS::S3::Bucket shop-data'],
    ['s3-versioning', bucketItem('Off'), 'NON_COMPLIANT AWS::S3::Bucket shop-data'],
    ['dynamodb-pitr', table('ENABLED'), 'COMPLIANT AWS::DynamoDB::Table carts'],
    ['dynamodb-pitr', table('DISABLED'), 'NON_COMPLIANT AWS::DynamoDB::Table carts'],
    [
      'plan-min-frequency-retention',
      plan(35),
      'COMPLIANT AWS::Backup::BackupPlan 0f0e0d0c-aaaa-bbbb-cccc-000000000001',
    ],
    [
      'plan-min-frequency-retention',
      plan(1),
      'NON_COMPLIANT AWS::Backup::BackupPlan 0f0e0d0c-aaaa-bbbb-cccc-000000000001',
    ],
    ['resource-in-backup-plan', table('ENABLED'), 'NOT_APPLICABLE AWS::DynamoDB::Table carts'],
    ['dynamodb-pitr', bucketItem('Off'), 'NOT_APPLICABLE AWS::S3::Bucket shop-data'],
    // The rule judges Regions: a bucket alone tells nothing of one.
    ['service-opt-in-enabled', bucketItem('Off'), 'NOT_APPLICABLE AWS::S3::Bucket shop-data'],
  ])('by %s is answered in both encodings, whole and fetched', async (rule, changed, expected) => {
    const [whole, ...others] = await answered(eventOf(rule, changeOf(changed)))
    expect(others).toEqual([])
    expect(told(whole!)).toBe(expected)
    expect(whole?.OrderingTimestamp).toBe(orderedAt)
    for (const encoded of [changed, apiForm(changed)]) {
      const itemOf = async () => structuredClone(encoded)
      for (const form of [(event: Tree) => event, sparse]) {
        expect(await answered(form(eventOf(rule, changeOf(encoded))))).toEqual([whole])
        expect(await answered(form(eventOf(rule, oversizedOf(changed))), hostOf({ itemOf }))).toEqual([whole])
      }
    }
  })

  it('whose item does not say when it was captured is told as of its notification', async () => {
    const changed = databaseItem(7, { configurationItemCaptureTime: undefined })
    const [one] = await answered(eventOf('rds-automated-backup', changeOf(changed)))
    expect(one).toMatchObject({ ComplianceType: 'COMPLIANT', OrderingTimestamp: '2026-01-05T10:00:05.000Z' })
  })

  it.each([
    [{ configurationItemStatus: 'ResourceDeleted', configuration: null }, {}],
    [{ configurationItemStatus: 'ResourceDeletedNotRecorded', configuration: null }, {}],
    [{ configurationItemStatus: 'ResourceNotRecorded' }, {}],
    [{}, { eventLeftScope: true }],
  ])('of what is gone is not applicable: %j %j', async (members, envelope) => {
    for (const notification of [changeOf(databaseItem(0, members)), oversizedOf(databaseItem(0, members))]) {
      const [gone, ...others] = await answered(eventOf('rds-automated-backup', notification, envelope))
      expect(others).toEqual([])
      expect(gone).toMatchObject({ ComplianceType: 'NOT_APPLICABLE', ComplianceResourceId: 'db-ABCDEFGHIJKL' })
      expect(gone?.Annotation).not.toMatch(/^undetermined/)
    }
  })

  it.each<[string, object, Parameters<typeof hostOf>[0]]>([
    ['whose item cannot be read', changeOf(databaseItem(7, { configuration: '{' })), {}],
    ['of a status that nobody knows', changeOf(databaseItem(7, { configurationItemStatus: 'Perhaps' })), {}],
    ['too large, and not in the history yet', oversizedOf(databaseItem(7)), { itemOf: async () => undefined }],
    [
      'too large, and refused',
      oversizedOf(databaseItem(7)),
      { itemOf: () => Promise.reject(new Unobtainable('it is refused')) },
    ],
  ])('%s is undetermined, and non-compliant for the strict', async (_name, notification, given) => {
    const answer = async (ruleParameters: string) =>
      answered(eventOf('rds-automated-backup', notification, { ruleParameters }), hostOf(given))
    const [lenient] = await answer('')
    expect(lenient).toMatchObject({
      ComplianceType: 'NOT_APPLICABLE',
      Annotation: expect.stringMatching(/^undetermined: /),
    })
    expect(await answer('{"undeterminedAs":"NON_COMPLIANT"}')).toEqual([
      { ...lenient, ComplianceType: 'NON_COMPLIANT' },
    ])
  })

  it('of a member of a cluster is not judged by itself', async () => {
    const member = databaseItem(0)
    Object.assign(member.configuration as object, { dBClusterIdentifier: 'shop', engine: 'aurora-postgresql' })
    const [one] = await answered(eventOf('rds-automated-backup', changeOf(member)))
    expect(one).toMatchObject({ ComplianceType: 'NOT_APPLICABLE', Annotation: expect.stringContaining('cluster') })
  })

  it('that is only proposed is read as CloudFormation, with its properties as text or not', async () => {
    const properties = {
      TableName: 'carts',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true, RecoveryPeriodInDays: 35 },
    }
    for (const configuration of [properties, JSON.stringify(properties)]) {
      const proposed = item('AWS::DynamoDB::Table', 'carts', configuration, { ARN: undefined })
      const event = eventOf('dynamodb-pitr', changeOf(proposed), { evaluationMode: 'PROACTIVE' })
      expect((await answered(event)).map(told)).toEqual(['COMPLIANT AWS::DynamoDB::Table carts'])
    }
  })

  it('takes parameters as text, over those of the policy', async () => {
    const event = (ruleParameters: object) =>
      eventOf('rds-automated-backup', changeOf(databaseItem(7)), { ruleParameters: JSON.stringify(ruleParameters) })
    const policyText = async () =>
      'version: 1\nrules: { rds-automated-backup: { parameters: { minRetentionDays: 14 } } }\n'
    const policyUri = 'ssm:/rel09/policy'
    expect((await answered(event({ minRetentionDays: '8' })))[0]?.ComplianceType).toBe('NON_COMPLIANT')
    expect((await answered(event({ policyUri }), hostOf({ policyText })))[0]?.ComplianceType).toBe('NON_COMPLIANT')
    const both = await answered(event({ policyUri, minRetentionDays: '7' }), hostOf({ policyText }))
    expect(both[0]?.ComplianceType).toBe('COMPLIANT')
  })

  it('that is exempted by the policy says so', async () => {
    const policyText = async () =>
      `version: 1\nexemptions: [{ rule: s3-versioning, resource: "arn:aws:s3:::shop-*", reason: a cache, owner: web, expires: 2026-02-01 }]\n`
    const ruleParameters = '{"policyUri":"s3://shop-policies/rel09.yaml"}'
    const [one] = await answered(
      eventOf('s3-versioning', changeOf(bucketItem('Off')), { ruleParameters }),
      hostOf({ policyText }),
    )
    expect(one).toMatchObject({
      ComplianceType: 'NOT_APPLICABLE',
      Annotation: expect.stringMatching(/^exempted .*a cache/),
    })
  })
})

describe('a change, with what AWS Backup knows', () => {
  const records = snapshot()
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as SnapshotRecord)
  const groupOf: { [type: string]: string } = {
    'AWS::Backup::BackupPlan': 'plans',
    'AWS::Backup::BackupSelection': 'selections',
    'AWS::Backup::BackupVault': 'vaults',
    'AWS::Backup::RecoveryPoint': 'recovery-points',
    'AWS::Backup::RegionSettings': 'region-settings',
  }
  const gapOf = (group: string) => ({
    record: 'gap' as const,
    account,
    region,
    factGroups: [group],
    types: [],
    api: 'backup:List',
    reason: 'denied' as const,
    remedy: 'Allow it.',
  })
  /** The bookshop's account, whose scope claims what was asked for. */
  function shopHost() {
    const asked: string[][] = []
    const host = hostOf({
      readableGroups,
      async backupFacts(_place, groups) {
        asked.push([...groups].sort())
        return records
          .filter(one => one.record === 'scope' || (one.record === 'resource' && groups.has(groupOf[one.type] ?? '')))
          .map(one => (one.record === 'scope' ? { ...one, factGroups: [...groups] } : structuredClone(one)))
      },
    })
    return { host, asked }
  }

  it('reads what the verdict hangs on, and only then', async () => {
    const { host, asked } = shopHost()
    const covered = databaseItem(7, { tags: { backup: 'daily' } })
    const [one] = await answered(eventOf('resource-in-backup-plan', changeOf(covered)), host)
    expect(told(one!)).toBe('COMPLIANT AWS::RDS::DBInstance db-ABCDEFGHIJKL')
    expect(asked.length).toBeGreaterThan(0)
    // Whether AWS Backup is switched on for databases here is as needful as the plan.
    expect(asked.at(-1)).toEqual(expect.arrayContaining(['plans', 'selections', 'region-settings']))
    expect(asked.flat()).not.toContain('recovery-points')
    const before = asked.length
    await answered(eventOf('rds-automated-backup', changeOf(covered)), host)
    expect(asked).toHaveLength(before)
  })

  it('of a vault is judged by the vault as it is, of which AWS Config tells no lock', async () => {
    const { host } = shopHost()
    const changed = item(
      'AWS::Backup::BackupVault',
      'main',
      { BackupVaultName: 'main' },
      {
        ARN: `arn:aws:backup:${region}:${account}:backup-vault:main`,
      },
    )
    const event = eventOf('vault-lock', changeOf(changed), { ruleParameters: '{"onlyTiers":""}' })
    const alone = await answered(event)
    expect(alone).toMatchObject([
      { ComplianceType: 'NOT_APPLICABLE', Annotation: expect.stringMatching(/^undetermined/) },
    ])
    expect((await answered(event, host)).map(told)).toEqual(['NON_COMPLIANT AWS::Backup::BackupVault main'])
  })

  it.each([
    ['recovery-point-encrypted', 'AWS::Backup::BackupVault', 'main', { BackupVaultName: 'main' }],
    ['empty-or-overbroad-selection', 'AWS::Backup::BackupPlan', 'p-1', { BackupPlanId: 'p-1' }],
  ])(
    'of what holds what %s is about judges all of that, and says nothing where it cannot',
    async (rule, type, id, configuration) => {
      const arn = `arn:aws:backup:${region}:${account}:${type.endsWith('Vault') ? 'backup-vault' : 'backup-plan'}:${id}`
      const event = eventOf(rule, changeOf(item(type, id, configuration, { ARN: arn })))
      const { host } = shopHost()
      expect((await answered(event, host)).map(told)).toEqual([expect.stringMatching(`^(?!NOT_APPL).* ${type} ${id}$`)])
      expect(await answered(event)).toEqual([])
      const group = rule === 'recovery-point-encrypted' ? 'recovery-points' : 'selections'
      const cut: SnapshotRecord = { ...gapOf(group), scope: records[0]!.record === 'scope' ? records[0]!.id : '' }
      const partial = {
        ...host,
        backupFacts: async (...asked: Parameters<typeof host.backupFacts>) => [
          ...(await host.backupFacts(...asked)),
          cut,
        ],
      }
      expect(await answered(event, partial)).toEqual([])
    },
  )

  it('of a selection is filed under its plan, of which AWS Config does not tell all', async () => {
    const changed = item('AWS::Backup::BackupSelection', 's-1', {
      BackupPlanId: 'p-1',
      SelectionId: 's-1',
      BackupSelection: { SelectionName: 'tagged-daily', IamRoleArn: `arn:aws:iam::${account}:role/backup` },
    })
    const event = eventOf('empty-or-overbroad-selection', changeOf(changed))
    const { host } = shopHost()
    expect((await answered(event, host)).map(told)).toEqual(['COMPLIANT AWS::Backup::BackupPlan p-1'])
    expect((await answered(event)).map(told)).toEqual(['NOT_APPLICABLE AWS::Backup::BackupSelection s-1'])
  })

  it('of a recovery point is filed under its vault only where all points are known, or one is bad', async () => {
    const arn = `arn:aws:backup:${region}:${account}:recovery-point:1`
    const point = (more: object) =>
      item(
        'AWS::Backup::RecoveryPoint',
        arn,
        {
          RecoveryPointArn: arn,
          BackupVaultName: 'main',
          BackupVaultArn: `arn:aws:backup:${region}:${account}:backup-vault:main`,
          ResourceArn: `arn:aws:rds:${region}:${account}:db:orders`,
          ResourceType: 'RDS',
          Status: 'COMPLETED',
          CreationDate: orderedAt,
          ...more,
        },
        { ARN: arn },
      )
    const rule = 'recovery-point-encrypted'
    const good = eventOf(rule, changeOf(point({ IsEncrypted: true })))
    const bad = eventOf(rule, changeOf(point({ IsEncrypted: false })))
    expect((await answered(good)).map(told)).toEqual([`NOT_APPLICABLE AWS::Backup::RecoveryPoint ${arn}`])
    expect((await answered(bad)).map(told)).toEqual(['NON_COMPLIANT AWS::Backup::BackupVault main'])
    const { host } = shopHost()
    const whole = await answered(good, host)
    expect(whole).toMatchObject([{ ComplianceResourceType: 'AWS::Backup::BackupVault', ComplianceResourceId: 'main' }])
  })
})

describe('a scheduled run', () => {
  const bookshop = snapshot()
  const takenAt = Date.parse(/"takenAt":"([^"]+)"/.exec(bookshop)?.[1] ?? '')
  const at = (hours: number) => new Date(takenAt + hours * 3_600_000).toISOString()
  const parameters = { snapshotUri: 's3://shop-snapshots/daily/' }
  const eventAt = (hours: number, rule = 'dynamodb-pitr', more: object = {}) =>
    eventOf(rule, scheduled({ notificationCreationTime: at(hours) }), {
      ruleParameters: JSON.stringify({ ...parameters, ...more }),
    })
  const newest = (text: string) => async () => storedText('daily/shop.ndjson', text)
  const carts = { type: 'AWS::DynamoDB::Table', id: 'carts' }
  const former = { type: 'AWS::DynamoDB::Table', id: 'former' }

  it('judges its own rule, and retracts what is gone by type and id', async () => {
    const host = hostOf({
      newestSnapshot: newest(bookshop),
      before: [carts, former, { type: 'AWS::S3::Bucket', id: 'carts' }],
    })
    const answer = await answered(eventAt(1, 'resource-in-backup-plan'), host)
    expect(answer.map(told).sort()).toEqual([
      'COMPLIANT AWS::RDS::DBInstance db-ORDERS',
      'NON_COMPLIANT AWS::DynamoDB::Table carts',
      'NOT_APPLICABLE AWS::DynamoDB::Table former',
      'NOT_APPLICABLE AWS::S3::Bucket carts',
    ])
    expect(answer.every(one => one.OrderingTimestamp === at(1) && !one.Annotation?.startsWith('undetermined'))).toBe(
      true,
    )
    expect(await answered(eventAt(1, 'resource-in-backup-plan'), host)).toEqual(answer)
  })

  it.each<[string, Parameters<typeof hostOf>[0], number, object]>([
    ['is too old', { newestSnapshot: newest(bookshop) }, 27, {}],
    ['is older than a parameter allows', { newestSnapshot: newest(bookshop) }, 3, { maxSnapshotAgeHours: '2' }],
    ['is not there', { newestSnapshot: async () => undefined }, 1, {}],
    ['may not be read', { newestSnapshot: () => Promise.reject(new Unobtainable('denied')) }, 1, {}],
    ['is no snapshot', { newestSnapshot: newest('Resources: {}\n') }, 1, {}],
    [
      'is of another Region',
      { newestSnapshot: newest(bookshop.replaceAll(`"region":"${region}"`, '"region":"eu-west-3"')) },
      1,
      {},
    ],
  ])('whose snapshot %s tells that nothing is known any more', async (_name, given, hours, more) => {
    const answer = await answered(eventAt(hours, 'dynamodb-pitr', more), hostOf({ ...given, before: [carts] }))
    expect(answer.map(told).sort()).toEqual([
      `NOT_APPLICABLE AWS::::Account ${account}`,
      'NOT_APPLICABLE AWS::DynamoDB::Table carts',
    ])
    expect(answer.every(one => one.Annotation?.startsWith('undetermined: '))).toBe(true)
  })

  it('does not call gone what a damaged snapshot, or one of less, could not show', async () => {
    for (const text of [`${bookshop}{"record":\n`, snapshot(['plans', 'selections'])]) {
      const answer = await answered(eventAt(1), hostOf({ newestSnapshot: newest(text), before: [former] }))
      const gone = answer.find(one => one.ComplianceResourceId === 'former')
      expect(gone?.Annotation).toMatch(/^undetermined: /)
    }
  })

  it('with nothing to say answers for the account', async () => {
    const empty = bookshop
      .split('\n')
      .filter(line => line.includes('"record":"scope"'))
      .join('\n')
    expect((await answered(eventAt(1), hostOf({ newestSnapshot: newest(empty) }))).map(told)).toEqual([
      `NOT_APPLICABLE AWS::::Account ${account}`,
    ])
  })
})

describe('a delivery of AWS Config', () => {
  const key = `AWSLogs/${account}/Config/${region}/2026/1/5/ConfigSnapshot/${account}_Config_${region}_ConfigSnapshot_20260105T100000Z_11111111-2222-3333-4444-555555555555.json.gz`
  const delivery = {
    s3Bucket: 'shop-config',
    s3ObjectKey: key,
    configSnapshotId: '1',
    notificationCreationTime: orderedAt,
    messageType: 'ConfigurationSnapshotDeliveryCompleted',
    recordVersion: '1.0',
  }
  const items = [databaseItem(0), bucketItem('Off'), table('DISABLED'), plan(1)]
  const storedAs =
    (configurationItems: object[]) =>
    ({ key: name }: { key: string }) =>
      storedText(name, JSON.stringify({ fileVersion: '1.0', configSnapshotId: '1', configurationItems }))
  const storedObject = storedAs(items)

  it.each([
    ['rds-automated-backup', 'NON_COMPLIANT AWS::RDS::DBInstance db-ABCDEFGHIJKL'],
    ['s3-versioning', 'NON_COMPLIANT AWS::S3::Bucket shop-data'],
    ['dynamodb-pitr', 'NON_COMPLIANT AWS::DynamoDB::Table carts'],
    ['plan-min-frequency-retention', 'NON_COMPLIANT AWS::Backup::BackupPlan 0f0e0d0c-aaaa-bbbb-cccc-000000000001'],
  ])('is judged whole by %s, in both encodings', async (rule, expected) => {
    for (const stored of [storedObject, storedAs(items.map(apiForm))])
      expect((await answered(eventOf(rule, delivery), hostOf({ storedObject: stored }))).map(told)).toEqual([expected])
  })

  it('calls gone only what is of a type that it holds', async () => {
    const before = [
      { type: 'AWS::DynamoDB::Table', id: 'former' },
      { type: 'AWS::EFS::FileSystem', id: 'fs-1' },
    ]
    const answer = await answered(eventOf('dynamodb-pitr', delivery), hostOf({ storedObject, before }))
    expect(answer.slice(1).map(one => one.Annotation?.startsWith('undetermined: '))).toEqual([false, true])
  })
})

describe('an event that cannot be evaluated', () => {
  const given = (ruleParameters: object) =>
    eventOf('rds-automated-backup', changeOf(databaseItem(7)), { ruleParameters: JSON.stringify(ruleParameters) })

  it.each(badEvents)('names %s', async (field, event) => {
    const error = await answered(event).then(
      () => undefined,
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(BadEvent)
    expect((error as BadEvent).field).toBe(field)
    expect((error as BadEvent).message.length).toBeLessThan(400)
  })

  it.each([
    ['is not there', () => Promise.reject(new Unobtainable('no such parameter'))],
    ['is no policy', async () => 'tiers: 5\n'],
    ['is no YAML', async () => '{{{'],
  ])('names policyUri where the policy %s', async (_name, policyText) => {
    const asked = answered(given({ policyUri: 'ssm:/rel09/policy' }), hostOf({ policyText }))
    await expect(asked).rejects.toMatchObject({ name: 'BadEvent', field: 'ruleParameters.policyUri' })
  })
})

describe('names', () => {
  it.each([
    ['vault-lock'],
    ['rel09-vault-lock'],
    ['OrgConfigRule-rel09-vault-lock-abcd1234'],
    ['rel09-vault-lock-conformance-pack-ab12cd34e'],
  ])('of the AWS Config rule %s lead to the rule', async configRuleName => {
    const changed = item('AWS::Backup::BackupVault', 'main', { BackupVaultName: 'main' })
    const [one] = await answered(eventOf('', changeOf(changed), { configRuleName, ruleParameters: '{"onlyTiers":""}' }))
    expect(one?.Annotation).toMatch(/^undetermined/)
  })

  it('of our parameters are no rule’s', () => {
    const taken = builtInRules.flatMap(({ parameters = {} }) => Object.keys(parameters))
    expect(taken.filter(name => (reservedParameters as readonly string[]).includes(name))).toEqual([])
  })
})

describe('events that others published', () => {
  const corpus = join(import.meta.dirname, '../../../../shared/corpus')
  const lines = (() => {
    try {
      return readFileSync(join(corpus, 'expectations.jsonl'), 'utf8').trim().split('\n')
    } catch {
      return []
    }
  })()
  type Label = { file: string; format: string; topic: string; effective: string }
  const labels = lines.map(line => JSON.parse(line) as Label).filter(({ format }) => format === 'config-rule-event')
  const topics = labels.length === 0 ? {} : JSON.parse(readFileSync(join(corpus, 'topics.json'), 'utf8'))

  it.skipIf(labels.length === 0)('are answered as their labels say', async () => {
    for (const { file, topic, effective } of labels) {
      const published = JSON.parse(readFileSync(join(corpus, 'inputs', file), 'utf8'))
      const [rule] = topics[topic].rules as [string]
      const { configurationItem } = JSON.parse(published.invokingEvent)
      const event = { ...eventOf(rule, ''), ...published }
      const ruleParameters = '{"policyUri":"ssm:/minimum"}'
      const policyText = async () => readFileSync(join(corpus, 'minimum.yaml'), 'utf8')
      const [one, ...others] = await answered({ ...event, ruleParameters }, hostOf({ policyText }))
      expect(others).toEqual([])
      expect(one, `${file} ${topic}`).toMatchObject({
        ComplianceType: effective === 'pass' ? 'COMPLIANT' : 'NON_COMPLIANT',
        ComplianceResourceType: configurationItem.resourceType,
        ComplianceResourceId: configurationItem.resourceId,
        OrderingTimestamp: configurationItem.configurationItemCaptureTime,
      })
      const itemOf = async () => apiForm(configurationItem)
      const oversized = { ...event, ruleParameters, invokingEvent: JSON.stringify(oversizedOf(configurationItem)) }
      expect(await answered(oversized, hostOf({ itemOf, policyText }))).toEqual([one])
    }
  })
})
