// Protects what counts as proof: of a restore (jobs, points, attestations, whose day has come and has not passed), of what a
// role may do, and of what a group of points is. A proof taken from somewhere else makes «we can restore» untrue.
import { describe, expect, it } from 'vitest'
import type { Attestation } from '../../src/model/policy.ts'
import type { ResourceRecord, SnapshotRecord } from '../../src/model/record.ts'
import {
  account,
  ago,
  backupAccount,
  factAt,
  factsOf,
  inventoryOf,
  otherRegion,
  point,
  policy,
  region,
  regionGroups,
  resource,
  scope,
  selection,
  subjectOf,
  table,
  tableArn,
  vaultArn,
} from './records.ts'

const without = (...groups: string[]) => scope({ factGroups: regionGroups.filter(group => !groups.includes(group)) })

describe('an attested restore', () => {
  const attestation = (more: Partial<Attestation> = {}): Attestation =>
    ({
      kind: 'restoreTest',
      resource: tableArn('orders'),
      date: '2026-01-10',
      operator: 'clerk',
      durationHours: 3,
      expires: '2027-01-01',
      ...more,
    }) as Attestation
  const tagged = (tested: string) => table('orders', { tags: { tested } })
  const told = (attestations: Attestation[], store = table('orders'), now?: string) => {
    const chosen = policy({ attestations }, { restoreTestTag: 'tested' })
    const facts = factsOf(inventoryOf([scope(), store], { policy: chosen, ...(now && { now }) }), 'data-store')
    return [factAt(facts, 'restores.attestedAgeHours'), factAt(facts, 'restores.lastDurationHours')]
  }

  it.each<[string, Attestation[], ResourceRecord | undefined, unknown]>([
    ['is none', [], undefined, null],
    ['tells its age', [attestation()], undefined, 126],
    ['is not another store’s', [attestation({ resource: tableArn('carts') })], undefined, null],
    ['is not of another kind', [attestation({ kind: 'runbook' })], undefined, null],
    ['did not fail', [attestation({ result: 'failure' })], undefined, null],
    ['is for many stores', [attestation({ resource: tableArn('*') })], undefined, 126],
    [
      'is the newest of several',
      [attestation({ date: '2026-01-08' }), attestation({ date: '2026-01-12' }), attestation({ date: '2026-01-11' })],
      undefined,
      78,
    ],
    [
      'is the newest of several, whichever stands first',
      [attestation({ date: '2026-01-12' }), attestation({ date: '2026-01-08' })],
      undefined,
      78,
    ],
    ['holds through its last day', [attestation({ expires: '2026-01-15' })], undefined, 126],
    ['has expired', [attestation({ expires: '2026-01-14' })], undefined, null],
    ['may be of a day that has come elsewhere on Earth', [attestation({ date: '2026-01-16' })], undefined, -18],
    ['is of a day to come', [attestation({ date: '2026-01-17' })], undefined, null],
    ['is told by a tag', [], tagged('2026-01-11'), 102],
    ['is told by the day in a tag', [], tagged('2026-01-11 by the clerk'), 102],
    ['is not told by a tag that only holds a day', [], tagged('by the clerk, 2026-01-11'), null],
    ['is not told by a tag of a day to come', [], tagged('2026-03-01'), null],
    ['is told by a tag that is newer', [attestation()], tagged('2026-01-11'), 102],
    ['is told by the policy, where its day is newer', [attestation()], tagged('2026-01-09'), 126],
    ['is told by the policy, where the tag’s day is still to come', [attestation()], tagged('2026-03-01'), 126],
    ['is not known where tags are not', [], table('orders', { tags: undefined }), undefined],
    ['is told by the policy, though tags are not known', [attestation()], table('orders', { tags: undefined }), 126],
  ])('%s', (_name, attestations, store, age) => {
    expect(told(attestations, store)[0]).toEqual(age)
  })

  it('tells how long it took, unless a newer tag does not', () => {
    expect(told([attestation()])[1]).toBe(3)
    expect(told([attestation()], tagged('2026-01-11'))[1]).not.toBe(3)
  })

  it('names a template’s store by its address', () => {
    const template = scope({ source: 'cloudformation', factGroups: undefined, file: 'a.yaml' })
    const declared = (more: Partial<ResourceRecord>) =>
      table('Orders', { address: 'Orders', encoding: 'cloudformation', ...more })
    const age = (store: ResourceRecord, resourceName: string) => {
      const chosen = policy({ attestations: [attestation({ resource: resourceName })] })
      return factAt(
        factsOf(inventoryOf([template, store], { policy: chosen }), 'data-store'),
        'restores.attestedAgeHours',
      )
    }
    expect(age(declared({ arn: undefined }), 'Orders')).toBe(126)
    expect(age(declared({ arn: `${tableArn('')}\${Orders@x}` }), 'Orders')).toBe(126)
    expect(age(declared({}), 'Orders')).not.toBe(126)
    expect(age(declared({}), tableArn('Orders'))).toBe(126)
  })
})

describe('a restore on record', () => {
  const job = (
    id: string,
    hours: number,
    source = tableArn('orders'),
    more: object = {},
    record: Partial<ResourceRecord> = {},
  ) =>
    resource(
      'AWS::Backup::RestoreJob',
      id,
      {
        RestoreJobId: id,
        SourceResourceArn: source,
        Status: 'COMPLETED',
        CreationDate: ago(hours),
        CompletionDate: ago(hours - 2),
        ...more,
      },
      record,
    )
  const restored = (hours: number) => point('one', 90, { LastRestoreTime: ago(hours) })
  const orders = table('orders', { createdAt: ago(9_000) })
  const fresh = table('orders', { createdAt: ago(100) })
  const window = policy().assumptions.restoreJobWindowDays * 24
  const told = (records: SnapshotRecord[], name = 'orders') => {
    const { proven, lastSuccessAgeHours, lastDurationHours, lastStatus } = factsOf(
      inventoryOf(records),
      'data-store',
      name,
    ).restores as Record<string, unknown>
    return { proven, age: lastSuccessAgeHours, hours: lastDurationHours, status: lastStatus }
  }
  it.each<[string, SnapshotRecord[], object]>([
    ['is that of a job', [scope(), orders, job('j', 20)], { proven: true, age: 18, hours: 2, status: 'COMPLETED' }],
    ['is that of a point', [scope(), orders, restored(30)], { proven: true, age: 30, hours: undefined, status: null }],
    [
      'is the newer of both',
      [scope(), orders, restored(5), job('j', 20)],
      { proven: true, age: 5, hours: 2, status: 'COMPLETED' },
    ],
    [
      'may be newer where jobs were not read',
      [without('restore-jobs'), orders, restored(30)],
      { proven: true, age: { $atMost: 30 } },
    ],
    [
      'is not that of another store',
      [scope(), orders, job('j', 20, tableArn('carts'))],
      { age: { $atLeast: window }, status: null },
    ],
    [
      'is none of a store that is younger than the list',
      [scope(), fresh],
      { proven: false, age: null, hours: null, status: null },
    ],
    ['is not known where jobs were not read', [without('restore-jobs'), fresh], {}],
    [
      'is not known where tags may tell of one',
      [scope(), { ...fresh, tags: undefined } as unknown as ResourceRecord],
      { status: null },
    ],
  ])('%s', (_name, records, expected) => {
    expect(JSON.parse(JSON.stringify(told(records)))).toEqual(JSON.parse(JSON.stringify(expected)))
  })

  const instanceArn = `arn:aws:ec2:${region}:${account}:instance/i-1`
  const volume = resource(
    'AWS::EC2::Volume',
    'vol-1',
    { VolumeId: 'vol-1', State: 'in-use', Attachments: [{ InstanceId: 'i-1', State: 'attached' }] },
    { arn: `arn:aws:ec2:${region}:${account}:volume/vol-1`, name: 'vol-1', tags: {} },
  )
  it('of a volume is also that of its instance, unless it has its own', () => {
    expect(told([scope(), volume, job('j', 20, instanceArn)], 'vol-1')).toMatchObject({ proven: true, age: 18 })
    expect(told([scope(), volume, job('j', 9, instanceArn), job('k', 20, volume.arn!)], 'vol-1')).toMatchObject({
      age: 18,
    })
    expect(told([scope(), volume], 'vol-1').proven).toBeUndefined()
  })
})

describe('a group of recovery points', () => {
  const group = (records: SnapshotRecord[]) => subjectOf(inventoryOf([scope(), ...records]), 'recovery-point')

  it('is named by its source and its vault', () => {
    const told = group([table('orders', { name: 'Orders' }), point('one', 3)])
    const identity = {
      type: 'AWS::Backup::RecoveryPoint',
      sourceType: 'AWS::Backup::RecoveryPoint',
      id: `${vaultArn('shop')}|${tableArn('orders')}`,
      account,
      region,
      name: 'Orders',
    }
    expect(told).toMatchObject(identity)
    expect({ ...identity, arn: told.facts.arn }).toEqual({ ...identity, arn: null })
    const { type, sourceType, id, arn, name } = told.facts
    expect({ type, sourceType, id, arn, name, account: told.facts.account, region: told.facts.region }).toEqual({
      ...identity,
      arn: null,
    })
  })

  it.each<[string, Record<string, unknown>[], object]>([
    ['says what it is of', [{ ResourceType: 'S3' }], { sourceService: 'S3', scan: { supported: true } }],
    [
      'says that it cannot be scanned',
      [{ ResourceType: 'DynamoDB' }],
      { sourceService: 'DynamoDB', scan: { supported: false } },
    ],
    [
      'keeps from the shortest to the longest time',
      [{ Lifecycle: { DeleteAfterDays: 7 } }, { Lifecycle: { DeleteAfterDays: 90 } }],
      { retentionDays: { min: 7, max: 90 } },
    ],
    [
      'counts the states of its points',
      [{}, { Status: 'EXPIRED' }, { Status: 'PARTIAL' }],
      { count: 3, usableCount: 1, expiredCount: 1, partialCount: 1 },
    ],
    [
      'is only bounded where a state is not told',
      [{}, { Status: undefined }],
      { count: { $atLeast: 2 }, usableCount: { $atLeast: 1 } },
    ],
  ])('%s', (_name, points, expected) => {
    const facts = group(points.map((more, i) => point(`p${i}`, 3 + i, more))).facts
    expect(JSON.parse(JSON.stringify(facts))).toMatchObject(expected)
  })

  it('does not say what it cannot know of a source that is not told', () => {
    const { facts } = group([point('one', 3, { ResourceArn: undefined, ResourceType: undefined })])
    expect(facts.sourceService).toBeUndefined()
    expect((facts.scan as { supported?: boolean }).supported).toBeUndefined()
  })
})

describe('a principal', () => {
  const iam = scope({ factGroups: [...regionGroups, 'iam', 'global-settings'] })
  const trust = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'backup.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  }
  const allow = (...Action: string[]) => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
  })
  const arn = `arn:aws:iam::${account}:role/backup`
  const managed = (name: string, document: object, of = account) =>
    resource(
      'AWS::IAM::ManagedPolicy',
      name,
      {
        PolicyName: name,
        Arn: `arn:aws:iam::${of}:policy/${name}`,
        PolicyVersionList: [{ VersionId: 'v1', IsDefaultVersion: true, Document: document }],
      },
      { arn: `arn:aws:iam::${of}:policy/${name}`, region: 'global', scope: `${account}/${region}` },
    )
  const attached = (...names: string[]) => ({
    AttachedManagedPolicies: names.map(PolicyArn => ({ PolicyArn, PolicyName: PolicyArn })),
  })
  const ofAws = (name: string) => `arn:aws:iam::aws:policy/${name}`
  const own = (name: string) => `arn:aws:iam::${account}:policy/${name}`
  const role = (more: Record<string, unknown> = {}, record: Partial<ResourceRecord> = {}) =>
    resource(
      'AWS::IAM::Role',
      'backup',
      {
        RoleName: 'backup',
        Path: '/',
        Arn: arn,
        AssumeRolePolicyDocument: trust,
        RolePolicyList: [],
        AttachedManagedPolicies: [],
        ...more,
      },
      { arn, name: 'backup', region: 'global', scope: `${account}/${region}`, ...record },
    )
  const chosen = policy({}, { destructiveActions: ['backup:DeleteRecoveryPoint', 'iam:DeleteRole'] })
  const told = (records: SnapshotRecord[]) =>
    factsOf(inventoryOf([iam, ...records], { policy: chosen }), 'iam-role', arn)
  const point$ = 'backup:DeleteRecoveryPoint'

  it.each<[string, SnapshotRecord[], unknown, boolean | undefined]>([
    ['without policies may do nothing', [role()], [], false],
    [
      'with an inline policy',
      [role({ RolePolicyList: [{ PolicyName: 'p', PolicyDocument: allow(point$) }] })],
      [point$],
      false,
    ],
    [
      'with a policy of its own account',
      [role(attached(own('p'))), managed('q', allow('iam:*')), managed('p', allow(point$))],
      [point$],
      false,
    ],
    ['with a policy that was not read', [role(attached(own('p')))], { $partial: [] }, undefined],
    ['with all that AWS allows', [role(attached(ofAws('AdministratorAccess')))], [point$, 'iam:DeleteRole'], true],
    ['with the power of a user', [role(attached(ofAws('PowerUserAccess')))], [point$], false],
    ['with all of AWS Backup', [role(attached(ofAws('AWSBackupFullAccess')))], [point$], false],
    [
      'that only reads',
      [role(attached(ofAws('ReadOnlyAccess'), ofAws('SecurityAudit'), ofAws('job-function/ViewOnlyAccess')))],
      [],
      false,
    ],
    ['with a policy of AWS that nobody knows', [role(attached(ofAws('Odd')))], { $partial: [] }, undefined],
    [
      'with a policy whose name only looks like AWS’s',
      [role(attached(`${own('x')}:arn:aws:iam::aws:policy/ReadOnlyAccess`))],
      { $partial: [] },
      undefined,
    ],
  ])('%s', (_name, records, actions, admin) => {
    const { destructiveActions, admin: isAdmin } = told(records)
    expect([destructiveActions, isAdmin]).toEqual([actions, admin])
  })

  const organization = (of: string, member: boolean) =>
    resource(
      'AWS::Organizations::Organization',
      'organization',
      { Organization: member ? { Id: 'o-1' } : null },
      { account: of, region: 'global', scope: `${account}/${region}` },
    )
  const deletes = { RolePolicyList: [{ PolicyName: 'p', PolicyDocument: allow(point$) }], PermissionsBoundary: null }
  it.each<[string, SnapshotRecord[], unknown]>([
    [
      'is in no organisation',
      [role(deletes), organization(backupAccount, true), organization(account, false)],
      [point$],
    ],
    [
      'is in one, whose policies may deny it',
      [role(deletes), organization(backupAccount, false), organization(account, true)],
      undefined,
    ],
    ['is in one perhaps', [role(deletes), organization(backupAccount, false)], undefined],
    ['may do nothing', [role(), organization(account, true)], []],
  ])('may do in effect what its policies say, where its account %s', (_name, records, expected) => {
    expect(told(records).destructiveActionsInEffect).toEqual(expected)
  })

  it.each<[string, Record<string, unknown>, Partial<ResourceRecord>, unknown]>([
    ['by its path', { Path: '/aws-service-role/backup.amazonaws.com/' }, {}, true],
    ['by no path of another kind', { Path: '/shop/' }, {}, false],
    [
      'by its ARN, where no path is told',
      { Path: undefined, Arn: undefined },
      { arn: `arn:aws:iam::${account}:role/aws-service-role/x/backup` },
      true,
    ],
    ['by no other ARN', { Path: undefined }, {}, false],
  ])('is AWS’s own for a service: %s', (_name, more, record, expected) => {
    const inventory = inventoryOf([iam, role(more, record)], { policy: chosen })
    expect(factsOf(inventory, 'iam-role').serviceLinked).toBe(expected)
  })

  const uses = (roleArn: unknown, more: Partial<ResourceRecord> = {}) =>
    selection('p', 's', roleArn === undefined ? { IamRoleArn: undefined } : { IamRoleArn: roleArn }, more)
  const global = scope({ region: 'global', factGroups: ['iam'] })
  it.each<[string, SnapshotRecord[], unknown]>([
    ['that a selection names', [iam, uses(arn)], true],
    ['that no selection names', [iam, uses(`${arn}-2`)], false],
    ['that a selection may name', [iam, uses(undefined, { unknown: ['BackupSelection.IamRoleArn'] })], undefined],
    [
      'of an account of which another Region was not read',
      [iam, scope({ region: otherRegion, factGroups: [] })],
      undefined,
    ],
    ['of an account beside another that was not read', [iam, scope({ account: backupAccount, factGroups: [] })], false],
    ['of an account of which no Region was read', [global], undefined],
  ])('%s is used for backups: %s', (_name, records, expected) => {
    const [, ...rest] = records
    const inventory = inventoryOf([records[0]!, ...rest, role({}, { scope: (records[0] as { id: string }).id })], {
      policy: chosen,
    })
    expect(factsOf(inventory, 'iam-role', arn).usedForBackup).toBe(expected)
  })

  const member = (groups: string[] | undefined) =>
    resource(
      'AWS::IAM::User',
      'clerk',
      {
        UserName: 'clerk',
        Path: '/',
        Arn: `arn:aws:iam::${account}:user/clerk`,
        UserPolicyList: [],
        AttachedManagedPolicies: [],
        GroupList: groups,
      },
      { arn: `arn:aws:iam::${account}:user/clerk`, name: 'clerk', region: 'global', scope: `${account}/${region}` },
    )
  const group = (name: string, of: string, ...actions: string[]) =>
    resource(
      'AWS::IAM::Group',
      name,
      {
        GroupName: name,
        Path: '/',
        Arn: `arn:aws:iam::${of}:group/${name}`,
        GroupPolicyList: [{ PolicyName: 'p', PolicyDocument: allow(...actions) }],
        AttachedManagedPolicies: [],
      },
      { arn: `arn:aws:iam::${of}:group/${name}`, name, account: of, region: 'global', scope: `${account}/${region}` },
    )
  it.each<[string, SnapshotRecord[], unknown]>([
    ['of its group', [member(['tills']), group('tills', account, point$)], [point$]],
    [
      'of no other group',
      [member(['tills']), group('kitchen', account, 'iam:DeleteRole'), group('tills', account, point$)],
      [point$],
    ],
    [
      'of no group of another account',
      [member(['tills']), group('tills', backupAccount, 'iam:DeleteRole')],
      { $partial: [] },
    ],
    ['of a group that was not read', [member(['tills'])], { $partial: [] }],
    ['of no group', [member([])], []],
    ['of nobody knows which groups', [member(undefined)], { $partial: [] }],
  ])('who is a user may do what the policies allow %s', (_name, records, expected) => {
    const inventory = inventoryOf([iam, ...records], { policy: chosen })
    expect(factsOf(inventory, 'iam-role', 'clerk').destructiveActions).toEqual(expected)
  })
})
