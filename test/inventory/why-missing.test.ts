// Protects the reason that a fact is not known: the gap that mends it, wherever that gap lies, before anything vaguer; and never
// the advice for another kind of input.
import { describe, expect, it } from 'vitest'
import { Completeness, type ScopeState } from '../../src/inventory/completeness.ts'
import { type MissingOf, whyMissing } from '../../src/inventory/why-missing.ts'
import type { GapRecord, ScopeRecord, SourceKind } from '../../src/model/record.ts'
import { account, backupAccount, gap, otherRegion, region, regionGroups, scope } from './records.ts'

interface Given {
  /** One scope that read everything unless others are given. */
  scopes?: (Partial<ScopeRecord> & { clock?: number })[]
  gaps?: GapRecord[]
  closedWorld?: boolean
}

const completenessOf = ({ scopes = [{}], gaps = [], closedWorld = false }: Given) => {
  const states = scopes.map(
    ({ clock, ...more }): ScopeState => ({
      scope: scope(more),
      clockSeconds: clock,
      seenTypes: new Set(),
      places: new Set(),
    }),
  )
  return new Completeness(states, gaps, { closedWorld, configRecords: null })
}

const table: MissingOf = { kind: 'data-store', type: 'AWS::DynamoDB::Table', account, region }
const everything = [...regionGroups, 'trails', 'global-settings', 'iam']
const whole = { factGroups: everything }
const without = (...groups: string[]) => ({ factGroups: everything.filter(group => !groups.includes(group)) })
const there = { ...whole, region: otherRegion }
const elsewhere = { ...whole, account: backupAccount }
const from = (source: SourceKind, more: Partial<ScopeRecord> = {}) => ({ source, factGroups: undefined, ...more })
const nowhere = { account: undefined, region: undefined }

type Row = [name: string, given: Given, path: string, group: string, factGroup: string, reason: string, of?: MissingOf]

const rows: Row[] = [
  // A gap explains what hangs on it.
  ['a gap in its own group', { gaps: [gap(['plans'])] }, 'protection.covered', 'plans', 'plans', 'denied'],
  ['a gap in what it hangs on', { gaps: [gap(['tags'])] }, 'protection.covered', 'plans', 'tags', 'denied'],
  [
    'a gap of another reason',
    { gaps: [gap(['plans'], { reason: 'throttled' })] },
    'storeCount',
    'plans',
    'plans',
    'throttled',
    { ...table, kind: 'backup-plan' },
  ],
  [
    'its own group before what it hangs on',
    { gaps: [gap(['selections']), gap(['vaults'])] },
    'recovery.pointCount',
    'recovery-points',
    'vaults',
    'denied',
  ],
  [
    'the likeliest before the rest',
    { gaps: [gap(['plans']), gap(['selections'])] },
    'protection.covered',
    'plans',
    'plans',
    'denied',
  ],
  ['a gap that feeds every group', { gaps: [gap(['*'])] }, 'native.encrypted', 'inventory', 'inventory', 'denied'],
  [
    'no gap of what it does not hang on',
    { gaps: [gap(['alerts'])] },
    'recovery.continuous',
    'vaults',
    'vaults',
    'notStated',
  ],
  [
    'a path of an element',
    { gaps: [gap(['iam'])] },
    'roles[0].arn',
    'plans',
    'iam',
    'denied',
    { ...table, kind: 'policy' },
  ],
  [
    'the policy itself is known: what is not is whose tier it names',
    { gaps: [gap(['policy']), gap(['tags'])] },
    'objectives.rpoHours',
    'policy',
    'tags',
    'denied',
  ],
  [
    'the inventory, not a name that only the join gives it',
    { gaps: [gap(['inventory'])] },
    'ebs.encryptByDefault',
    'region-settings',
    'inventory',
    'denied',
  ],
  [
    'a kind of subject of its own',
    { gaps: [gap(['vaults'])] },
    'encryption.keyManager',
    'keys',
    'vaults',
    'denied',
    { ...table, kind: 'backup-vault' },
  ],
  ['another kind hangs on less', { gaps: [gap(['vaults'])] }, 'encryption.keyManager', 'keys', 'keys', 'notStated'],
  // Settings and tags of one type say nothing of another's.
  [
    'settings of its own type',
    { gaps: [gap(['configuration'], { types: [table.type] })] },
    'native.encrypted',
    'configuration',
    'configuration',
    'denied',
  ],
  [
    'settings of another type',
    { gaps: [gap(['configuration'], { types: ['AWS::S3::Bucket'] })] },
    'native.encrypted',
    'configuration',
    'configuration',
    'notStated',
  ],
  [
    'its own tags, of another type',
    { gaps: [gap(['tags'], { types: ['AWS::S3::Bucket'] })] },
    'tags',
    'tags',
    'tags',
    'notStated',
  ],
  [
    'tags of any store that a plan may select',
    { gaps: [gap(['tags'], { types: ['AWS::S3::Bucket'] })] },
    'storeCount',
    'selections',
    'tags',
    'denied',
    { ...table, kind: 'backup-plan' },
  ],
  // How far the gap may lie.
  [
    'not another Region, where nothing reaches there',
    { scopes: [whole, there], gaps: [gap(['vaults'], { region: otherRegion })] },
    'recovery.pointCount',
    'recovery-points',
    'recovery-points',
    'notStated',
  ],
  [
    'another Region of the account',
    { scopes: [whole, there], gaps: [gap(['plans'], { region: otherRegion })] },
    'protection.covered',
    'selections',
    'plans',
    'denied',
  ],
  [
    'not another account, where it reaches only its own',
    { scopes: [whole, elsewhere], gaps: [gap(['plans'], { account: backupAccount })] },
    'protection.covered',
    'selections',
    'selections',
    'notStated',
  ],
  [
    'another account',
    { scopes: [whole, elsewhere], gaps: [gap(['vaults'], { account: backupAccount })] },
    'copies.crossAccount',
    'recovery-points',
    'vaults',
    'denied',
  ],
  [
    'another account only for one whose own was read',
    { scopes: [from('terraform-plan'), elsewhere], gaps: [gap(['vaults'], { account: backupAccount })] },
    'copies.crossAccount',
    'recovery-points',
    'recovery-points',
    'notInSource',
  ],
  [
    'its own Region before another',
    { scopes: [whole, there], gaps: [gap(['selections']), gap(['plans'], { region: otherRegion })] },
    'protection.covered',
    'plans',
    'selections',
    'denied',
  ],
  [
    'any Region, of what lies in none',
    { scopes: [there], gaps: [gap(['iam'], { region: otherRegion })] },
    'roles',
    'plans',
    'iam',
    'denied',
    { ...table, kind: 'policy', region: undefined },
  ],
  [
    'any Region, of what is global',
    { scopes: [there], gaps: [gap(['restore-testing'], { region: otherRegion })] },
    'restores.count',
    'restore-jobs',
    'restore-testing',
    'denied',
    { ...table, region: 'global' },
  ],
  // A collection that should have read it.
  [
    'a group that was not collected',
    { scopes: [without('plans')] },
    'protection.covered',
    'selections',
    'plans',
    'notCollected',
  ],
  [
    'a gap before what was not collected',
    { scopes: [without('selections')], gaps: [gap(['plans'])] },
    'protection.covered',
    'selections',
    'plans',
    'denied',
  ],
  [
    'another Region that was not collected',
    { scopes: [whole, { ...without('plans'), region: otherRegion }] },
    'protection.covered',
    'selections',
    'plans',
    'notCollected',
  ],
  [
    'not the scope of what an account has once',
    { scopes: [whole, { factGroups: [], region: 'global' }] },
    'protection.covered',
    'selections',
    'selections',
    'notStated',
  ],
  ['nothing was read at all', { scopes: [] }, 'protection.covered', 'plans', 'plans', 'notCollected'],
  ['another account alone was read', { scopes: [elsewhere] }, 'protection.covered', 'plans', 'plans', 'notCollected'],
  ['another Region alone was read', { scopes: [there] }, 'recovery.continuous', 'vaults', 'vaults', 'notStated'],
  // Nothing was cut.
  ['AWS did not state it', {}, 'native.encrypted', 'configuration', 'configuration', 'notStated'],
  ['no group at all', {}, 'constructor', 'policy', 'tags', 'notStated'],
  [
    'a name that objects inherit',
    { gaps: [gap(['plans'])] },
    'constructor.name',
    'configuration',
    'configuration',
    'notStated',
  ],
  [
    'AWS Config does not tell it',
    { scopes: [from('aws-config-item')] },
    'protection.covered',
    'plans',
    'plans',
    'notInSource',
  ],
  [
    'AWS Config beside a collection of the Region',
    { scopes: [from('aws-config-item'), whole] },
    'native.encrypted',
    'configuration',
    'configuration',
    'notStated',
  ],
  // Ages need a clock.
  ...[
    'lastExecutionAgeHours',
    'ageHours.max',
    'recovery.newestAgeHours',
    'recovery.measuredLossHours',
    'recovery.retentionHeldDays',
  ].map((path): Row => ['no clock', { scopes: [from('aws-config-item')] }, path, 'vaults', 'vaults', 'noClock']),
  ['a time is no age', { scopes: [from('aws-config-item')] }, 'longestGapHours', 'plans', 'plans', 'notInSource'],
  [
    'an age that a clock would not tell',
    { scopes: [from('aws-config-item', { clock: 1 } as never)] },
    'recovery.newestAgeHours',
    'vaults',
    'vaults',
    'notInSource',
  ],
  [
    'one of two without a clock',
    { scopes: [from('aws-config-item', { clock: 1 } as never), from('aws-config-event' as SourceKind)] },
    'recovery.newestAgeHours',
    'vaults',
    'vaults',
    'notInSource',
  ],
  ['no clock of what was not read', { scopes: [] }, 'recovery.newestAgeHours', 'vaults', 'vaults', 'notCollected'],
  // Templates.
  ...(['cloudformation', 'cdk', 'terraform-plan', 'terraform-state', 'terraform-hcl'] as const).map(
    (source): Row => [
      `its own settings, ${source}`,
      { scopes: [from(source)] },
      'native.encrypted',
      'configuration',
      'configuration',
      'unknownUntilDeploy',
    ],
  ),
  ['its own tags', { scopes: [from('cdk')] }, 'tags', 'tags', 'tags', 'unknownUntilDeploy'],
  ['it may be declared elsewhere', { scopes: [from('cdk')] }, 'protection.covered', 'plans', 'plans', 'openWorld'],
  [
    'nothing is declared elsewhere',
    { scopes: [from('cdk')], closedWorld: true },
    'protection.covered',
    'plans',
    'plans',
    'unknownUntilDeploy',
  ],
  [
    'what no template tells',
    { scopes: [from('cdk')] },
    'recovery.pointCount',
    'recovery-points',
    'recovery-points',
    'notInSource',
  ],
  [
    'what no template tells, at whatever time',
    { scopes: [from('cdk')] },
    'recovery.newestAgeHours',
    'recovery-points',
    'recovery-points',
    'notInSource',
  ],
  [
    'what no template tells, in a closed world',
    { scopes: [from('cdk')], closedWorld: true },
    'restores.count',
    'restore-jobs',
    'restore-jobs',
    'notInSource',
  ],
  ['an age in a template', { scopes: [from('cdk')] }, 'ageHours.max', 'configuration', 'configuration', 'noClock'],
  [
    'a template that names no account',
    { scopes: [from('cdk', nowhere)] },
    'protection.covered',
    'plans',
    'plans',
    'openWorld',
    { ...table, ...nowhere },
  ],
  [
    'a template of an account places something in another',
    { scopes: [from('cdk')] },
    'protection.covered',
    'plans',
    'plans',
    'openWorld',
    { ...table, account: backupAccount },
  ],
  [
    'a template beside a collection of another account',
    { scopes: [from('cdk', nowhere), elsewhere] },
    'protection.covered',
    'plans',
    'plans',
    'openWorld',
  ],
  [
    'a template of another Region beside AWS Config of this one',
    { scopes: [from('cdk', { region: otherRegion }), from('aws-config-item')] },
    'protection.covered',
    'plans',
    'plans',
    'notInSource',
  ],
  [
    'a template beside AWS Config of the same Region',
    { scopes: [from('cdk'), from('aws-config-item')] },
    'protection.covered',
    'plans',
    'plans',
    'openWorld',
  ],
  [
    'what no template tells, beside AWS Config that has no clock',
    { scopes: [from('cdk'), from('aws-config-item')] },
    'recovery.newestAgeHours',
    'recovery-points',
    'recovery-points',
    'noClock',
  ],
]

describe('why a fact is not known', () => {
  it.each(rows)('%s: %j', (_name, given, path, group, factGroup, reason, of = table) => {
    const { path: told, ...missing } = whyMissing(completenessOf(given), of, path, group)
    expect({ path: told, factGroup: missing.factGroup, reason: missing.reason }).toEqual({ path, factGroup, reason })
    const mending = given.gaps?.find(({ factGroups, reason: why }) => why === reason && factGroups.includes(factGroup))
    if (mending) expect(missing.remedy).toBe(mending.remedy)
  })

  it('names the place to collect', () => {
    const completeness = completenessOf({ scopes: [without('vaults')] })
    const { remedy } = whyMissing(completeness, table, 'recovery.pointCount', 'recovery-points')
    expect(remedy).toContain(account)
    expect(remedy).toContain(region)
    const { remedy: unknown } = whyMissing(completenessOf({ scopes: [] }), { ...table, ...nowhere }, 'x', 'plans')
    expect(unknown).not.toContain('undefined')
  })

  it('is answered for each question', () => {
    const completeness = completenessOf({ gaps: [gap(['plans'], { region })], scopes: [whole, there] })
    const asked = [
      whyMissing(completeness, table, 'storeCount', 'plans'),
      whyMissing(completeness, { ...table, region: otherRegion }, 'storeCount', 'plans'),
      whyMissing(completeness, table, 'native.encrypted', 'configuration'),
      whyMissing(completeness, table, 'storeCount', 'plans'),
    ]
    expect(asked.map(({ reason }) => reason)).toEqual(['denied', 'notStated', 'notStated', 'denied'])
    expect(asked[3]).toBe(asked[0])
  })
})
