// Protects that nothing is proven by what deployment may leave out: a selection, a lock or a restore test behind a condition that
// nobody can decide counts neither as there nor as missing, unless what it protects hangs on the same.
import { afterAll, describe, expect, it } from 'vitest'
import { Shop } from './bookshop.ts'

const role = 'arn:aws:iam::111122223333:role/backup'
const stack = (resources: object, sections: object = {}) =>
  JSON.stringify({
    AWSTemplateFormatVersion: '2010-09-09',
    Parameters: { On: { Type: 'String' } },
    Conditions: { IsOn: { 'Fn::Equals': [{ Ref: 'On' }, 'yes'] } },
    ...sections,
    Resources: resources,
  })
const table = (more: object = {}) => ({
  Orders: { Type: 'AWS::DynamoDB::Table', ...more, Properties: { TableName: 'orders' } },
})
const planned = (more: object) => ({
  Plan: {
    Type: 'AWS::Backup::BackupPlan',
    ...more,
    Properties: {
      BackupPlan: {
        BackupPlanName: 'daily',
        BackupPlanRule: [{ RuleName: 'daily', TargetBackupVault: 'Default', ScheduleExpression: 'cron(0 5 * * ? *)' }],
      },
    },
  },
  Selection: {
    Type: 'AWS::Backup::BackupSelection',
    ...more,
    Properties: {
      BackupPlanId: { Ref: 'Plan' },
      BackupSelection: { SelectionName: 's', IamRoleArn: role, Resources: [{ 'Fn::GetAtt': ['Orders', 'Arn'] }] },
    },
  },
})
const conditional = { Condition: 'IsOn' }
const volume = {
  Disk: { Type: 'AWS::EC2::Volume', Properties: { AvailabilityZone: 'eu-west-1a', Tags: [{ Key: 'a', Value: 'b' }] } },
  Snapshots: {
    Type: 'AWS::DLM::LifecyclePolicy',
    ...conditional,
    Properties: {
      Description: 'd',
      State: 'ENABLED',
      ExecutionRoleArn: role,
      PolicyDetails: {
        PolicyType: 'EBS_SNAPSHOT_MANAGEMENT',
        ResourceTypes: ['VOLUME'],
        TargetTags: [{ Key: 'a', Value: 'b' }],
        Schedules: [{ Name: 'n', CreateRule: { Interval: 24, IntervalUnit: 'HOURS' }, RetainRule: { Count: 14 } }],
      },
    },
  },
}
const tested = {
  Testing: {
    Type: 'AWS::Backup::RestoreTestingPlan',
    ...conditional,
    Properties: {
      RestoreTestingPlanName: 'testing',
      ScheduleExpression: 'cron(0 1 ? * MON *)',
      RecoveryPointSelection: {
        Algorithm: 'LATEST_WITHIN_WINDOW',
        IncludeVaults: ['*'],
        RecoveryPointTypes: ['SNAPSHOT'],
      },
    },
  },
  Tests: {
    Type: 'AWS::Backup::RestoreTestingSelection',
    ...conditional,
    Properties: {
      RestoreTestingPlanName: { Ref: 'Testing' },
      RestoreTestingSelectionName: 'all',
      ProtectedResourceType: 'DynamoDB',
      ProtectedResourceArns: ['*'],
      IamRoleArn: role,
    },
  },
}
const child = {
  Child: { Type: 'AWS::CloudFormation::Stack', ...conditional, Properties: { TemplateURL: 'child.json' } },
}

const vault = (count = '') => `resource "aws_backup_vault" "v" {\n  ${count}\n  name = "v"\n}\n`
const lock = (name: string) =>
  `resource "aws_backup_vault_lock_configuration" "l" {\n  count = var.on ? 1 : 0\n  backup_vault_name = ${name}\n  min_retention_days = 35\n  changeable_for_days = 3\n}\n`
const variable = 'variable "on" {\n  type = bool\n}\n'
const module = (call: string) => `${variable}module "m" {\n  source = "./m"\n  ${call}\n}\n`

const mechanisms =
  'version: 1\nmechanisms: { "*": [aws-backup, dlm] }\nrules:\n  vault-lock: { parameters: { requiredMode: any, onlyTiers: [] } }\n'

describe('what deployment may leave out', () => {
  const shops: Shop[] = []
  afterAll(() => {
    for (const shop of shops) shop.remove()
  })

  const never = ['non-compliant', 'undetermined', 'compliant'] as const
  const always = ['compliant', 'compliant', 'compliant'] as const
  it.each<[string, { [file: string]: string }, string, string, readonly string[]]>([
    [
      'a selection',
      { 'a.json': stack({ ...table(), ...planned(conditional) }) },
      'resource-in-backup-plan',
      'Orders',
      never,
    ],
    [
      'a selection, of a table that hangs on the same',
      { 'a.json': stack({ ...table(conditional), ...planned(conditional) }) },
      'resource-in-backup-plan',
      'Orders',
      ['', 'compliant', 'compliant'],
    ],
    ['a policy of snapshots', { 'a.json': stack(volume) }, 'resource-in-backup-plan', 'Disk', never],
    ['a restore test', { 'a.json': stack({ ...table(), ...tested }) }, 'restore-testing-plan-exists', '', never],
    [
      'a nested stack',
      {
        'a.json': stack({ ...table(), ...child }, { Outputs: {} }),
        'child.json': stack(
          Object.fromEntries(
            Object.entries(planned({})).map(([name, body]) => [
              name,
              JSON.parse(
                JSON.stringify(body).replace('{"Fn::GetAtt":["Orders","Arn"]}', '"arn:aws:dynamodb:*:*:table/orders"'),
              ),
            ]),
          ),
        ),
      },
      'resource-in-backup-plan',
      'Orders',
      never,
    ],
    [
      'a lock',
      { 'a.tf': variable + vault() + lock('aws_backup_vault.v.name') },
      'vault-lock',
      'aws_backup_vault.v',
      never,
    ],
    [
      'a lock, of a vault that hangs on the same',
      { 'a.tf': variable + vault('count = var.on ? 1 : 0') + lock('aws_backup_vault.v[0].name') },
      'vault-lock',
      'aws_backup_vault.v',
      ['', 'compliant', 'compliant'],
    ],
    [
      'a module with a vault and its lock',
      {
        'a.tf': module('count = var.on ? 1 : 0\n  on = true'),
        'm/m.tf': variable + vault() + lock('aws_backup_vault.v.name'),
      },
      'vault-lock',
      'module.m',
      ['', 'compliant', 'compliant'],
    ],
    [
      'nothing',
      { 'a.tf': variable + vault() + lock('aws_backup_vault.v.name').replace('var.on ? 1 : 0', '1') },
      'vault-lock',
      'aws_backup_vault.v',
      always,
    ],
  ])('%s: without it, undecided, with it', async (_, files, rule, address, expected) => {
    const shop = new Shop({ ...Object.fromEntries(Object.entries(files).map(([name, text]) => [`in/${name}`, text])) })
    shops.push(shop)
    shop.write('rel09.yaml', mechanisms)
    const isTerraform = Object.keys(files).some(name => name.endsWith('.tf'))
    const verdicts: string[] = []
    for (const value of ['no', undefined, 'yes']) {
      if (isTerraform) shop.write('in/terraform.tfvars', value === undefined ? '' : `on = ${value === 'yes'}\n`)
      else shop.write('values.txt', value === undefined ? 'Other=x\n' : `On=${value}\n`)
      const place = ['--account', '111122223333', '--region', 'eu-west-1', '--closed-world']
      const given = isTerraform ? [] : ['--parameters', 'values.txt']
      const run = await shop.run([
        'scan',
        'in',
        '--rule',
        rule,
        '--format',
        'json',
        '--verdicts',
        'all',
        ...place,
        ...given,
      ])
      const { findings } = JSON.parse(run.out) as { findings: { verdict: string; resource: { address?: string } }[] }
      verdicts.push(findings.find(({ resource }) => (resource.address ?? '').startsWith(address))?.verdict ?? '')
    }
    expect(verdicts).toEqual(expected)
  })
})
