/**
 * Protects collecting many accounts: an estate of two accounts and three Regions, made through the API, is judged exactly as what was
 * made deserves, account by account; one that cannot be entered is told, and costs the others nothing; an organisation is read with
 * the units below, and who is suspended is told.
 */

import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import {
  BackupClient,
  CreateBackupPlanCommand,
  CreateBackupSelectionCommand,
  CreateBackupVaultCommand,
} from '@aws-sdk/client-backup'
import { CreateTableCommand, DynamoDBClient, UpdateContinuousBackupsCommand } from '@aws-sdk/client-dynamodb'
import {
  CloseAccountCommand,
  CreateAccountCommand,
  CreateOrganizationalUnitCommand,
  CreateOrganizationCommand,
  ListRootsCommand,
  MoveAccountCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations'
import { CreateBucketCommand, PutBucketTaggingCommand, PutBucketVersioningCommand, S3Client } from '@aws-sdk/client-s3'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { GapRecord, ScopeRecord, SnapshotRecord } from '../../src/model/record.ts'
import { Binary, type Outcome, type Setting } from '../system/binary.ts'
import { type FaultProxy, startProxy } from './fault-proxy.ts'

const emulator = process.env.REL09_EMULATOR ?? ''
const backupEmulator = process.env.REL09_BACKUP_EMULATOR ?? ''
/** moto's account of whoever is nobody. */
const own = '123456789012'
const accounts = ['222233334444', '555566667777']
const regions = ['ap-southeast-1', 'sa-east-1', 'us-west-2']

let proxy: FaultProxy
let binary: Binary

/** A store of the estate: what was made, and what is to be said of it. */
interface Made {
  kind: 'table' | 'bucket'
  name: string
  tags: { [key: string]: string } | undefined
  /** Point-in-time recovery of a table, versioning of a bucket. */
  isOn: boolean
}

const stores: Made[] = [
  { kind: 'table', name: 'orders', tags: { backup: 'daily' }, isOn: true },
  { kind: 'table', name: 'sessions', tags: undefined, isOn: false },
  { kind: 'table', name: 'ledger', tags: { backup: 'never' }, isOn: true },
  { kind: 'bucket', name: 'covers', tags: { backup: 'daily' }, isOn: false },
  { kind: 'bucket', name: 'scans', tags: undefined, isOn: true },
]

/** Where the plan that selects `backup: daily` is. */
const planned = new Set(['222233334444 ap-southeast-1', '222233334444 us-west-2', '555566667777 sa-east-1'])

/** Region whose buckets AWS Backup is not opted in to. */
const optedOut = 'us-west-2'

/** Buckets are named once in the world. */
const nameIn = ({ kind, name }: Made, account: string, region: string) =>
  kind === 'bucket' ? `${name}-${account}-${region}` : name

/** What the rules are to say: written from what was made, not from what is collected. */
const expected = accounts
  .flatMap(account =>
    regions.flatMap(region =>
      stores.flatMap(store => {
        const name = `${account} ${region} ${nameIn(store, account, region)}`
        const isOptedOut = store.kind === 'bucket' && region === optedOut
        const isPlanned = store.tags?.backup === 'daily' && planned.has(`${account} ${region}`) && !isOptedOut
        return [
          `${store.kind === 'table' ? 'dynamodb-pitr' : 's3-versioning'} ${name} ${store.isOn ? 'compliant' : 'non-compliant'}`,
          `resource-in-backup-plan ${name} ${isPlanned ? 'compliant' : 'non-compliant'}`,
        ]
      }),
    ),
  )
  .sort()

beforeAll(async () => {
  proxy = await startProxy(emulator, { url: backupEmulator, services: ['backup'], account: own })
  // ministack has no settings of Regions: what AWS answers, https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeRegionSettings.html
  proxy.instead = ({ operation, region }) =>
    operation === 'GET /account-settings'
      ? {
          ResourceTypeOptInPreference: { DynamoDB: true, S3: region !== optedOut },
          ResourceTypeManagementPreference: {},
        }
      : undefined
  binary = new Binary()
  for (const account of accounts) await makeEstate(account)
})
beforeEach(() => {
  proxy.calls.length = 0
  proxy.fault = () => undefined
})
afterAll(async () => {
  binary.remove()
  await proxy.close()
})

const nobody = { accessKeyId: 'test', secretAccessKey: 'test' }

async function makeEstate(account: string): Promise<void> {
  const sts = new STSClient({ region: 'us-west-2', endpoint: proxy.url, credentials: nobody })
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${account}:role/maker`, RoleSessionName: 'maker' }),
  )
  const credentials = {
    accessKeyId: Credentials!.AccessKeyId!,
    secretAccessKey: Credentials!.SecretAccessKey!,
    sessionToken: Credentials!.SessionToken!,
  }
  for (const region of regions) {
    const at = { region, endpoint: proxy.url, credentials }
    for (const store of stores) await (store.kind === 'table' ? makeTable : makeBucket)(at, store, account)
    await makeBackup(at, account, planned.has(`${account} ${region}`))
  }
}

interface At {
  region: string
  endpoint: string
  credentials: typeof nobody
}

const tagList = (tags: Made['tags']) => Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value }))

async function makeTable(at: At, { name: TableName, tags, isOn }: Made): Promise<void> {
  const client = new DynamoDBClient(at)
  await client.send(
    new CreateTableCommand({
      TableName,
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
      ...(tags ? { Tags: tagList(tags) } : {}),
    }),
  )
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true }
  if (isOn) await client.send(new UpdateContinuousBackupsCommand({ TableName, PointInTimeRecoverySpecification }))
}

async function makeBucket(at: At, store: Made, account: string): Promise<void> {
  const client = new S3Client({ ...at, forcePathStyle: true })
  const Bucket = nameIn(store, account, at.region)
  const CreateBucketConfiguration = { LocationConstraint: at.region as never }
  await client.send(new CreateBucketCommand({ Bucket, CreateBucketConfiguration }))
  if (store.isOn)
    await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }))
  if (store.tags) await client.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: tagList(store.tags) } }))
}

async function makeBackup(at: At, account: string, isPlanned: boolean): Promise<void> {
  const client = new BackupClient(at)
  await client.send(new CreateBackupVaultCommand({ BackupVaultName: 'bookshop' }))
  if (!isPlanned) return
  const Rules = [
    {
      RuleName: 'daily',
      TargetBackupVaultName: 'bookshop',
      ScheduleExpression: 'cron(0 5 ? * * *)',
      Lifecycle: { DeleteAfterDays: 35 },
    },
  ]
  const { BackupPlanId } = await client.send(
    new CreateBackupPlanCommand({ BackupPlan: { BackupPlanName: 'daily', Rules } }),
  )
  const BackupSelection = {
    SelectionName: 'tagged',
    IamRoleArn: `arn:aws:iam::${account}:role/backup`,
    ListOfTags: [{ ConditionType: 'STRINGEQUALS' as const, ConditionKey: 'backup', ConditionValue: 'daily' }],
  }
  await client.send(new CreateBackupSelectionCommand({ BackupPlanId, BackupSelection }))
}

function rel09(...args: string[]): Promise<Outcome> {
  return rel09With({}, args)
}

function rel09With(setting: Setting, args: readonly string[]): Promise<Outcome> {
  const env = {
    AWS_ENDPOINT_URL: proxy.url,
    AWS_ACCESS_KEY_ID: nobody.accessKeyId,
    AWS_SECRET_ACCESS_KEY: nobody.secretAccessKey,
    AWS_REGION: 'us-west-2',
    AWS_CONFIG_FILE: '/dev/null',
    AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  }
  const isLive = args[0] === 'collect' || args[0] === 'org' || args.includes('--live')
  return binary.run([...args, ...(isLive ? ['--max-attempts', '1'] : [])], {
    ...setting,
    env: { ...env, ...setting.env },
  })
}

const everywhere = ['--regions', regions.join(',')]

const recordsOf = (output: string) =>
  binary
    .read(output)
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as SnapshotRecord)
const gapsOf = (output: string) => recordsOf(output).filter((record): record is GapRecord => record.record === 'gap')
const scopesOf = (output: string) =>
  recordsOf(output).filter((record): record is ScopeRecord => record.record === 'scope')

interface Place {
  file: string
  line: number
}

/** Accounts whose role was asked for. */
const assumed = () =>
  proxy.calls.flatMap(({ operation, body }) =>
    operation === 'AssumeRole' ? [/iam%3A%3A(\d{12})%3Arole%2F([\w%-]+)/.exec(body)?.slice(1).join(' ')] : [],
  )

const rules = 'dynamodb-pitr,s3-versioning,resource-in-backup-plan'

/** Rule, place, name and verdict of a report, of stores alone. */
function verdictsOf(report: string): string[] {
  const { findings } = JSON.parse(report) as {
    findings: {
      rule: string
      verdict: string
      resource: { account: string; region: string; name: string; type: string }
    }[]
  }
  return findings
    .filter(({ resource }) => /Table|Bucket/.test(resource.type))
    .map(({ rule, verdict, resource: { account, region, name } }) => `${rule} ${account} ${region} ${name} ${verdict}`)
    .sort()
}

const judged = [
  '--rule',
  rules,
  '--verdicts',
  'compliant,non-compliant,undetermined',
  '--format',
  'json',
  '--fail-on',
  'never',
]

describe('two accounts and three Regions', () => {
  it('are judged by what was made', async () => {
    const list = accounts.join(',')
    const { code, errors } = await rel09('collect', '--output', 'two.ndjson.gz', '--accounts', list, ...everywhere)
    expect(code, errors.join('\n')).toBe(0)
    expect(verdictsOf((await rel09('scan', 'two.ndjson.gz', ...judged)).out)).toEqual(expected)
    expect(assumed().sort()).toEqual(accounts.map(account => `${account} rel09-reader`))
  })

  it('are the same from a file, and by a role with a path', async () => {
    binary.write('accounts.txt', `# shops\n${accounts[1]}  # the second\n\n${accounts[0]}, 999900001111\n`)
    const list = ['--accounts', '@accounts.txt', '--exclude-accounts', '999900001111']
    const role = ['--role', 'audit/reader', '--external-id', 'shop-7']
    const args = [...list, ...role, ...everywhere, '--services', 'dynamodb']
    const { code, errors } = await rel09('collect', '--output', 'file.ndjson', ...args)
    expect(code, errors.join('\n')).toBe(0)
    expect(assumed().sort()).toEqual(accounts.map(account => `${account} audit%2Freader`))
    const externals = proxy.calls.filter(({ operation }) => operation === 'AssumeRole').map(({ body }) => body)
    for (const body of externals) expect(body).toContain('ExternalId=shop-7')
    expect(new Set(scopesOf('file.ndjson').map(({ account }) => account))).toEqual(new Set(accounts))
  })

  it('are read in the Regions that each has enabled', async () => {
    const list = ['--accounts', accounts.join(','), '--regions', 'all', '--services', 'dynamodb']
    expect((await rel09('collect', '--output', 'all.ndjson', ...list)).code).toBe(0)
    for (const account of accounts) {
      const places = scopesOf('all.ndjson').filter(scope => scope.account === account)
      expect(places.map(({ region }) => region)).toEqual(expect.arrayContaining(regions))
      expect(places.length).toBeGreaterThan(10)
    }
  })
})

describe('an organisation', () => {
  const manifest = () =>
    accounts
      .flatMap(account => regions.map(region => `${JSON.stringify({ account, region, role: 'rel09-reader' })}\n`))
      .join('')

  it('is read shard by shard, what counts for an account whole once, and judged by what was made', async () => {
    binary.write('org/manifest.jsonl', manifest())
    const more = ['--jobs', '2', '--run-id', 'run', '--rule', rules, '--verdicts', 'all', '--fail-on', 'never']
    const org = () => rel09('org', '--manifest', 'org/manifest.jsonl', '--store', 'org/store', ...more)
    // One account cannot be entered at first.
    proxy.fault = ({ operation, body }) =>
      operation === 'AssumeRole' && body.includes(accounts[1]!) ? 'denied' : undefined
    expect((await org()).out).toContain('3 shards of 6, in 1 account')
    proxy.fault = () => undefined
    proxy.calls.length = 0
    const { code, errors } = await org()
    expect(code, errors.join('\n')).toBe(0)
    // What was read is not read again.
    expect(new Set(assumed())).toEqual(new Set([`${accounts[1]} rel09-reader`]))
    const users = proxy.calls.filter(
      ({ service, operation }) => service === 'iam' && operation === 'GetAccountAuthorizationDetails',
    )
    expect(users.length).toBeLessThanOrEqual(2)
    const rows = accounts.flatMap(account => {
      const file = join(binary.path, `org/store/runs/run/findings/account=${account}/findings.ndjson.gz`)
      const text = gunzipSync(readFileSync(file)).toString('utf8')
      return text
        .trimEnd()
        .split('\n')
        .map(row => JSON.parse(row) as { [column: string]: string })
    })
    const found = rows
      .filter(({ resource_type: type }) => /Table|Bucket/.test(type!))
      .map(row => `${row.rule} ${row.resource_account} ${row.region} ${row.resource_name} ${row.verdict}`)
    expect(found.sort()).toEqual(expected)
  })
})

describe('a live scan', () => {
  const list = ['--live', '--accounts', accounts.join(','), ...everywhere]
  const files = () => readdirSync(binary.path).sort()

  it('judges at once what a snapshot would be judged as, and leaves nothing', async () => {
    const before = files()
    const temporary = mkdtempSync(join(tmpdir(), 'rel09-test-'))
    const env = { TMPDIR: temporary }
    const sarif = ['--format', 'sarif', '--output', 'live.sarif', '--anchor', 'backup/main.tf']
    const { code, out, errors } = await rel09With({ env }, ['scan', ...list, ...judged, ...sarif])
    expect(code, errors.join('\n')).toBe(0)
    expect(verdictsOf(out)).toEqual(expected)
    expect(out).not.toMatch(/live\.ndjson|rel09-parts/)
    expect(files()).toEqual([...before, 'live.sarif'].sort())
    expect(readdirSync(temporary)).toEqual([])
    rmSync(temporary, { recursive: true })
    const { runs } = JSON.parse(binary.read('live.sarif')) as {
      runs: { results: { locations: { physicalLocation: { artifactLocation: { uri: string } } }[] }[] }[]
    }
    const uris = runs[0]!.results.flatMap(({ locations }) =>
      locations.map(({ physicalLocation }) => physicalLocation.artifactLocation.uri),
    )
    expect(new Set(uris)).toEqual(new Set(['backup/main.tf']))
  })

  it('keeps the snapshot where it is told to, and points into it', async () => {
    const { code, out } = await rel09('scan', ...list, ...judged, '--keep-snapshot', 'kept.ndjson')
    expect(code).toBe(0)
    expect(verdictsOf(out)).toEqual(expected)
    const { findings } = JSON.parse(out) as { findings: { resource: { arn: string }; location: Place }[] }
    const lines = binary.read('kept.ndjson').split('\n')
    for (const { resource, location } of findings) {
      expect(location.file).toBe('kept.ndjson')
      expect(lines[location.line - 1]).toContain(resource.arn)
    }
    expect(files().filter(name => name.endsWith('-parts'))).toEqual([])
  })

  it('judges nothing where it is interrupted, and goes on where it keeps', async () => {
    for (const keep of [[], ['--keep-snapshot', 'later.ndjson']]) {
      let child: ChildProcess | undefined
      proxy.calls.length = 0
      proxy.fault = () => {
        if (proxy.calls.length < 60) return undefined
        child?.kill('SIGINT')
        return 'stalled'
      }
      const started = (process: ChildProcess) => {
        child = process
      }
      const stopped = await rel09With({ started }, ['scan', ...list, ...judged, ...keep])
      expect([stopped.code, stopped.out]).toEqual([130, ''])
      proxy.fault = () => undefined
    }
    const { out, errors } = await rel09('scan', ...list, ...judged, '--keep-snapshot', 'later.ndjson')
    expect(errors.join('\n')).toMatch(/goes on with the run/)
    expect(verdictsOf(out)).toEqual(expected)
  })

  it.each([
    ['inputs beside it', ['--live', 'two.ndjson.gz']],
    ['its options without it', ['two.ndjson.gz', '--accounts', 'organization']],
    ['a snapshot over a report', [...list, '--format', 'json', '--output', 'a.json', '--keep-snapshot', 'a.json']],
  ])('refuses %s', async (_name, args) => {
    const { code, errors } = await rel09('scan', ...args)
    expect([code, errors.length, proxy.calls.length]).toEqual([2, 1, 0])
  })
})

describe('an account that cannot be entered', () => {
  it('is told with its role, and costs the others nothing', async () => {
    const [lost, found] = accounts
    proxy.fault = ({ operation, body }) => (operation === 'AssumeRole' && body.includes(lost!) ? 'denied' : undefined)
    const list = ['--accounts', accounts.join(','), ...everywhere]
    expect((await rel09('collect', '--output', 'lost.ndjson', ...list)).code).toBe(0)
    const [gap, ...others] = gapsOf('lost.ndjson').filter(({ account }) => account === lost)
    expect(others).toEqual([])
    expect(gap).toMatchObject({ api: 'sts:AssumeRole', reason: 'denied', factGroups: ['*'], types: [] })
    expect(gap!.remedy).toContain(`arn:aws:iam::${lost}:role/rel09-reader`)
    const [scope, ...more] = scopesOf('lost.ndjson').filter(({ account }) => account === lost)
    expect([scope?.factGroups, more]).toEqual([[], []])
    const report = (await rel09('scan', 'lost.ndjson', ...judged)).out
    expect(verdictsOf(report)).toEqual(expected.filter(line => line.includes(` ${found} `)))
  })

  it('is told where its Regions are not known', async () => {
    const [lost] = accounts
    let calls = 0
    proxy.fault = ({ operation }) => (operation === 'DescribeRegions' && calls++ === 0 ? 'denied' : undefined)
    const list = ['--accounts', lost!, '--regions', 'all', '--services', 'dynamodb']
    expect((await rel09('collect', '--output', 'nowhere.ndjson', ...list)).code).toBe(0)
    expect(gapsOf('nowhere.ndjson')).toMatchObject([{ api: 'ec2:DescribeRegions', reason: 'denied' }])
  })
})

describe('the own account', () => {
  it('is read by its own credentials', async () => {
    const list = ['--accounts', `${own},${accounts[0]}`, '--regions', regions[0]!, '--services', 'dynamodb']
    expect((await rel09('collect', '--output', 'own.ndjson', ...list)).code).toBe(0)
    expect(assumed()).toEqual([`${accounts[0]} rel09-reader`])
    expect(new Set(scopesOf('own.ndjson').map(({ account }) => account))).toEqual(new Set([own, accounts[0]]))
  })
})

describe('an organisation', () => {
  let unit: string
  let members: string[]

  beforeAll(async () => {
    const client = new OrganizationsClient({ region: 'us-east-1', endpoint: emulator, credentials: nobody })
    await client.send(new CreateOrganizationCommand({ FeatureSet: 'ALL' }))
    const root = (await client.send(new ListRootsCommand({}))).Roots![0]!.Id!
    const unitIn = async (ParentId: string, Name: string) =>
      (await client.send(new CreateOrganizationalUnitCommand({ ParentId, Name }))).OrganizationalUnit!.Id!
    unit = await unitIn(root, 'shops')
    const below = await unitIn(unit, 'north')
    members = []
    for (const [name, parent] of [
      ['outside', root],
      ['shop', unit],
      ['north-shop', below],
      ['closed', below],
    ] as const) {
      const made = await client.send(new CreateAccountCommand({ AccountName: name, Email: `${name}@example.com` }))
      const AccountId = made.CreateAccountStatus!.AccountId!
      members.push(AccountId)
      if (parent === root) continue
      await client.send(new MoveAccountCommand({ AccountId, SourceParentId: root, DestinationParentId: parent }))
    }
    await client.send(new CloseAccountCommand({ AccountId: members[3]! }))
  })

  const small = ['--services', 'dynamodb', '--regions', regions[0]!]

  it('is read whole, but for who is left out', async () => {
    const [outside, shop, north, closed] = members
    const args = ['--accounts', 'organization', '--exclude-accounts', shop!, ...small]
    const { code, errors } = await rel09('collect', '--output', 'org.ndjson', ...args)
    expect(code, errors.join('\n')).toBe(0)
    const read = new Set(scopesOf('org.ndjson').map(({ account }) => account))
    expect([...read].sort()).toEqual([own, outside, north, closed].sort())
    expect(gapsOf('org.ndjson')).toMatchObject([{ account: closed, reason: 'notEnabled', factGroups: ['*'] }])
    expect(gapsOf('org.ndjson')[0]!.remedy).toMatch(/SUSPENDED.*--exclude-accounts/)
  })

  it('is read unit by unit, those below included', async () => {
    const [, shop, north, closed] = members
    const args = ['--accounts', 'organization', '--ou', unit, ...small]
    const dry = await rel09('collect', '--dry-run', ...args)
    expect(dry.out).toContain(`${closed} (SUSPENDED, not read)`)
    expect((await rel09('collect', '--output', 'unit.ndjson', ...args)).code).toBe(0)
    expect(new Set(scopesOf('unit.ndjson').map(({ account }) => account))).toEqual(new Set([shop, north, closed]))
  })

  it.each([
    ['ListAccounts', [], 'organizations:ListAccounts'],
    ['ListAccountsForParent', ['--ou', 'x'], 'organizations:ListAccountsForParent'],
    ['ListOrganizationalUnitsForParent', ['--ou', 'x'], 'organizations:ListOrganizationalUnitsForParent'],
  ])('is not read by half: %s', async (refused, units, action) => {
    proxy.fault = ({ operation }) => (operation === refused ? 'denied' : undefined)
    const ou = units.map(word => (word === 'x' ? unit : word))
    const args = ['--output', 'half.ndjson', '--accounts', 'organization', ...ou, ...small]
    const { code, errors } = await rel09('collect', ...args)
    expect([code, errors.length]).toEqual([2, 1])
    expect(errors[0]).toContain(action)
    expect(() => binary.read('half.ndjson')).toThrow()
  })
})

describe('wrong use', () => {
  it.each([
    ['an account that is none', ['--accounts', '1234']],
    ['a unit without an organisation', ['--accounts', accounts[0]!, '--ou', 'ou-ab12-11111111']],
    ['a unit that is none', ['--accounts', 'organization', '--ou', 'shops']],
    ['a role without accounts', ['--role', 'reader']],
    ['the ARN of a role', ['--accounts', accounts[0]!, '--role', 'arn:aws:iam::222233334444:role/reader']],
    ['a file that is not there', ['--accounts', '@nowhere.txt']],
    ['no account', ['--accounts', ',']],
  ])('is told before anything is called: %s', async (_name, args) => {
    const { code, errors } = await rel09('collect', '--output', 'wrong.ndjson', ...args, ...everywhere)
    expect([code, errors.length, proxy.calls.length]).toEqual([2, 1, 0])
  })
})
