// Protects what AWS Config shows from being out of date, or less than is known: a rule runs on changes only where a change tells it all.
import { describe, expect, it } from 'vitest'
import { readableGroups } from '../../src/commands/config-rule/readable-groups.ts'
import { collectedTypes } from '../../src/commands/live-run.ts'
import { triggerOf } from '../../src/deployment/triggers.ts'
import { resourceDefinitions } from '../../src/generated/resources.ts'
import type { Rule } from '../../src/model/rule.ts'
import { builtInRules, factIndex } from '../../src/rules/built-in.ts'
import { compileRule, subjectsOf } from '../../src/rules/compiled-rule.ts'
import { factPathsOf } from '../../src/rules/condition.ts'

const facts = { definitions: resourceDefinitions, liveTypes: collectedTypes(), readableGroups }
const builtIn = (id: string) => builtInRules.find(rule => rule.id === id)!
const schedule = { kind: 'schedule' }
const change = (...types: string[]) => ({ kind: 'change', types })
const bucket = { type: { const: 'AWS::S3::Bucket' } }
const enabled = { 'versioning.status': { const: 'Enabled' } }

/** A rule about buckets, but for what is given. */
const ruleOf = (more: Partial<Rule>): Rule => ({ ...builtIn('s3-versioning'), id: 'shop', when: bucket, ...more })

describe('a rule of ours', () => {
  it.each<[string, object]>([
    ['s3-versioning', change('AWS::S3::Bucket')],
    ['rds-automated-backup', change('AWS::RDS::DBInstance')],
    // Neptune and DocumentDB are recorded as clusters of RDS.
    ['cluster-backup-retention', change('AWS::RDS::DBCluster')],
    ['deletion-protection', change('AWS::DynamoDB::Table', 'AWS::RDS::DBCluster', 'AWS::RDS::DBInstance')],
    // A global table is a type of CloudFormation alone: no account has one.
    ['dynamodb-pitr', change('AWS::DynamoDB::Table')],
    ['retention-max', change('AWS::Backup::BackupPlan')],
    // Whether a plan covers it hangs on plans.
    ['resource-in-backup-plan', schedule],
    // Its requirement is of the tier of what the plan selects.
    ['plan-min-frequency-retention', schedule],
    // AWS Config does not record locks, nor when they change.
    ['vault-lock', schedule],
    ['kms-key-healthy', schedule],
    ['workload-cannot-delete-backups', schedule],
    ['service-opt-in-enabled', schedule],
    ['backup-api-audited', schedule],
    ['tier-has-rpo-rto', schedule],
    // Judged with all others of its vault, or source.
    ['recovery-point-encrypted', schedule],
    ['snapshot-not-public', schedule],
    // Nobody changes a store, and its last review becomes too old.
    ['runbook-exists', schedule],
    // AWS Config does not record file systems of FSx, nor log groups.
    ['fsx-automatic-backup', schedule],
    ['log-data-retained', schedule],
    ['data-store-classified', schedule],
    // What a task last did is no configuration.
    ['datasync-task-healthy', schedule],
  ])('%s', (id, expected) => {
    expect(triggerOf(builtIn(id), facts)).toEqual(expected)
  })
})

describe('a rule', () => {
  const objective = {
    type: 'number',
    description: '',
    default: 1,
    objective: 'retentionDays',
    stricter: 'max',
  } as const
  it.each<[string, Partial<Rule>, object]>([
    ['about one recorded type', { expect: enabled }, change('AWS::S3::Bucket')],
    ['about every store, some unrecorded', { when: {}, expect: { engine: { const: 'x' } } }, schedule],
    ['that reads plans', { expect: { 'protection.covered': { const: true } } }, schedule],
    [
      'that reads plans in one branch',
      { expect: { anyOf: [enabled, { 'protection.covered': { const: true } }] } },
      schedule,
    ],
    [
      'that reads plans where it is judged',
      { when: { ...bucket, 'protection.covered': { const: true } }, expect: enabled },
      schedule,
    ],
    ['that denies plans', { expect: { not: { 'protection.covered': { const: true } } } }, schedule],
    ['that reads copies in a list', { expect: { some: { copies: { crossRegion: { const: true } } } } }, schedule],
    [
      'whose operand is an age',
      { expect: { 'objectives.rpoHours': { minimum: { $fact: 'objectives.restoreTestAgeHours' } } } },
      schedule,
    ],
    ['that asks how old it is', { expect: { ageHours: { minimum: 1 } } }, schedule],
    [
      'whose parameter is taken from the tier of a store',
      { parameters: { days: objective }, expect: { 'objectLock.retentionDays': { minimum: { $param: 'days' } } } },
      change('AWS::S3::Bucket'),
    ],
    [
      'whose parameter is taken from the tier of what a plan selects',
      {
        subject: 'backup-plan',
        when: {},
        parameters: { days: objective },
        expect: { every: { rules: { retentionDays: { minimum: { $param: 'days' } } }, $empty: true } },
      },
      schedule,
    ],
    [
      'of two kinds',
      { subject: ['data-store', 'snapshot-policy'], when: {}, expect: { type: { const: 'x' } } },
      schedule,
    ],
    ['about no type that there is', { when: { type: { const: 'AWS::Shop::Till' } }, expect: enabled }, schedule],
  ])('%s', (_, more, expected) => {
    const { when, ...rest } = more
    const rule = ruleOf({ ...rest, ...(when && Object.keys(when).length > 0 ? { when } : {}) })
    if (when && Object.keys(when).length === 0) delete rule.when
    expect(triggerOf(rule, facts)).toEqual(expected)
  })
})

describe('what runs on changes', () => {
  const onChange = builtInRules.flatMap(rule => {
    const trigger = triggerOf(rule, facts)
    return trigger.kind === 'change' ? [{ rule, types: trigger.types }] : []
  })

  it('reads no fact of the run time', () => {
    const runTime = [
      'recovery-points',
      'backup-jobs',
      'copy-jobs',
      'restore-jobs',
      'snapshots',
      'selections',
      'keys',
      'iam',
    ]
    const groupsOf = (rule: Rule) => {
      const { when, expect: wanted } = compileRule(rule, factIndex)
      const paths = [when, wanted].flatMap(node => (node ? factPathsOf(node) : []))
      return subjectsOf(rule).flatMap(kind => paths.map(path => factIndex[kind]?.[path]?.group))
    }
    expect(onChange.length).toBeGreaterThan(5)
    for (const { rule } of onChange) for (const group of groupsOf(rule)) expect(runTime, rule.id).not.toContain(group)
  })

  it('is told the types as AWS Config spells them', () => {
    const recorded = new Set(resourceDefinitions.flatMap(({ names }) => names.config))
    for (const { rule, types } of onChange)
      for (const type of types) expect(recorded.has(type), `${rule.id}: ${type}`).toBe(true)
  })
})
