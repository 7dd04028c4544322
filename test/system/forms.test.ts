// Protects: one estate in its forms gets one answer. What a template's form can know, it answers as the estate's snapshot does;
// where it differs, an AWS fact says why, in the tables below, and no line of them is left over. AWS Config's files are held
// against the snapshot in test/fixtures/expected.test.ts.
import { beforeAll, describe, expect, it } from 'vitest'
import type { ResourceRecord } from '../../src/model/record.ts'
import type { Finding } from '../../src/model/report.ts'
import type { Verdict } from '../../src/model/rule.ts'
import { builtInRules } from '../../src/rules/built-in.ts'
import {
  declaredRecords,
  type Estate,
  estates,
  type Findings,
  judgedAs,
  snapshotRecords,
  templateForms,
} from '../fixtures/forms.ts'

type TemplateForm = (typeof templateForms)[number]

/** A difference that an AWS fact explains. */
interface Explained {
  because: string
  /** All of them unless stated. */
  estates?: readonly Estate[]
  forms?: readonly TemplateForm[]
  rules: readonly string[]
  /** Ends of the names of the subjects. */
  subjects: RegExp
}

const cloudFormation = ['cloudformation'] as const

/** Where a template's definite answer is another than the snapshot's. */
const otherThanDeployed: readonly Explained[] = [
  {
    because:
      'CloudFormation declares no service opt-in: the policy assumes that it is on. Deployed, it is off for DynamoDB in this Region.',
    estates: ['clinic'],
    forms: cloudFormation,
    rules: ['resource-in-backup-plan', 'rpo-met-by-schedule', 'selection-near-miss'],
    subjects: /us-east-1:\d+:table\/video-visits$/,
  },
  {
    because:
      'The same, of the selection that matches that table, its plan, and the vault of both: they back up tier1 then.',
    estates: ['clinic'],
    forms: cloudFormation,
    rules: ['selection-matches-nothing', 'plan-copies-elsewhere', 'vault-lock'],
    subjects: /^2dada247-|us-east-1:\d+:(?:backup-plan:b785c21e-|backup-vault:clinic-telehealth$)/,
  },
  {
    because: 'The same: deployed, Aurora, Neptune, EFS and EBS are opted out of in these Regions.',
    estates: ['traps'],
    forms: cloudFormation,
    rules: ['resource-in-backup-plan', 'rpo-met-by-schedule', 'selection-near-miss', 'efs-automatic-backup'],
    subjects:
      /cluster:(?:aurora-by-arn|neptune-by-arn|swept-past-too)$|volume\/vol-0e9e8f556b09d9a5a$|file-system\/fs-0bb414a87bbd27e75$/,
  },
  {
    because: 'The same, of the restore testing plan that tests that file system.',
    estates: ['traps'],
    forms: cloudFormation,
    rules: ['selection-window-sane'],
    subjects: /restore-testing-plan:tests-02f25f41/,
  },
  {
    because:
      'Plans and selections of this account and Region were denied to the collector; in a closed world there are none.',
    estates: ['clinic'],
    rules: ['resource-in-backup-plan', 'rpo-met-by-schedule'],
    subjects: /table\/trial-cohort$/,
  },
  {
    because:
      'A vault is for the tier of what lies in it. Of vaults that no plan fills a template knows no content, so that the default tier counts.',
    estates: ['traps'],
    rules: ['vault-lock'],
    subjects: /eu-west-1:\d+:backup-vault:/,
  },
  {
    because: 'The same: what the collector was denied in one account may lie in these vaults.',
    estates: ['clinic'],
    rules: ['vault-lock'],
    subjects: /backup-vault:clinic-(?:copies|analytics)$/,
  },
  {
    because:
      'Deployment begins the cooling-off of a compliance lock; the one that is deployed is final, or begins later.',
    estates: ['clinic'],
    rules: ['vault-denies-manual-deletion', 'vault-lock'],
    subjects: /backup-vault:clinic-(?:copies|dr)$/,
  },
  {
    because:
      'An author names none but keys of customers by ARN; that of a deployed vault may be AWS’s, which looks alike.',
    estates: ['traps'],
    rules: ['vault-uses-cmk'],
    subjects: /backup-vault:key-of-a-stranger$/,
  },
  {
    because: 'Amazon EFS does not tell the key of a replica; a template does, and this one names none.',
    estates: ['clinic'],
    rules: ['replication-encrypted'],
    subjects: /file-system\/fs-057f138bcf3f41ace$/,
  },
]

/** Where the forms of templates answer differently among each other, beyond what stands above. */
const otherThanEachOther: readonly Explained[] = [
  {
    because:
      'CloudFormation declares neither opt-in, nor the advanced features for DynamoDB, nor encryption of volumes by default; Terraform does.',
    rules: [
      'cold-storage-cost',
      'copy-unsupported-type',
      'cross-account-copy',
      'cross-region-copy',
      'ebs-default-encryption',
      'separate-security-domain',
      'service-opt-in-enabled',
      'source-encrypted-where-backup-inherits',
      'untestable-type-attested',
    ],
    subjects: /./,
  },
  {
    because: 'The AWS provider of Terraform has no argument for the approval team of an air-gapped vault.',
    estates: ['clinic'],
    rules: ['mpa-team-associated'],
    subjects: /backup-vault:clinic-air-gapped$/,
  },
  {
    because: 'Of a document that holds one value which deployment tells, a plan tells nothing at all.',
    rules: ['vault-policy-no-wildcard', 'vault-denies-manual-deletion'],
    subjects: /backup-vault:(?:clinic-departments|policy-one-principal)$/,
  },
  {
    because:
      'Without the key beside it, in the template of another account, that of a vault is not known before deployment.',
    estates: ['clinic'],
    rules: ['cross-account-key-compatible'],
    subjects: /backup-plan:/,
  },
  {
    because:
      'The management account holds the backup policy alone: a template of its own makes it a place, a provider does not.',
    estates: ['clinic'],
    rules: [
      'audit-framework-and-reports',
      'backup-api-audited',
      'destructive-events-alerted',
      'ebs-default-encryption',
      'restore-failure-notified',
      'restore-testing-plan-exists',
      'service-opt-in-enabled',
      'test-artifacts-cleaned',
    ],
    subjects: / 123456789012/,
  },
]

/** Rules that no template answers, though the snapshots do: what they ask for happens after deployment. */
const onlyAfterDeployment: { [rule: string]: string } = {
  'air-gapped-copy-recent': 'the age of copies',
  'automated-not-manual': 'who made the recovery points',
  'backup-job-success': 'jobs',
  'copies-survive-one-account': 'where the copies lie',
  'copy-job-success': 'jobs',
  'key-loss-loses-backups': 'which keys the points and their copies hang on',
  'last-recovery-point-fresh': 'the age of points',
  'native-snapshot-encrypted': 'snapshots that were taken',
  'recovery-point-encrypted': 'points',
  'recovery-point-min-retention': 'points',
  'restore-test-recent': 'the age of restores',
  'restore-test-success-rate': 'restore jobs',
  'restore-validated': 'restores',
  'restored-data-meets-rpo': 'the age of what was restored',
  'separate-security-domain': 'where the copies lie',
  'snapshot-not-public': 'snapshots that were shared',
  'snapshot-sharing-trusted': 'snapshots that were shared',
  'test-artifacts-cleaned': 'what restore tests left behind',
}

/** Definite answers that name a fact of what happens. */
const groundedElsewhere: readonly Explained[] = [
  {
    because: 'The policy attests a restore of the warehouse, for how long it took and that it was its own.',
    estates: ['clinic'],
    rules: ['restore-evidence-independent', 'restore-time-meets-rto'],
    subjects: /cluster:warehouse$/,
  },
  {
    because: 'A vault of which no input can tell what lies in it is for the default tier, of which this is not asked.',
    rules: ['vault-lock'],
    subjects: /backup-vault:/,
  },
]

/** Fact groups of what happens, and of what no template declares. */
const happening = new Set(['recovery-points', 'backup-jobs', 'copy-jobs', 'restore-jobs', 'snapshots', 'resilience'])

interface Answers {
  snapshot: Findings
  /** By form, in a closed world and in an open one. */
  closed: Map<TemplateForm, Findings>
  open: Map<TemplateForm, Findings>
}

interface Difference {
  estate: Estate
  form: TemplateForm
  rule: string
  subject: string
  verdicts: string
}

const answers = new Map<Estate, Answers>()

beforeAll(async () => {
  for (const estate of estates) {
    const judged = async (closedWorld: boolean) => {
      const found = new Map<TemplateForm, Findings>()
      for (const form of templateForms) found.set(form, await judgedAs(estate, form, { closedWorld }))
      return found
    }
    answers.set(estate, {
      snapshot: await judgedAs(estate, 'snapshot'),
      closed: await judged(true),
      open: await judged(false),
    })
  }
}, 120_000)

const explains = (row: Explained, { estate, form, rule, subject }: Difference) =>
  (row.estates ?? estates).includes(estate) &&
  (row.forms ?? templateForms).includes(form) &&
  row.rules.includes(rule) &&
  row.subjects.test(subject)

const isDefinite = (verdict: Verdict | undefined) => verdict !== undefined && verdict !== 'undetermined'

/** Definite answers of the templates of a world that are not the snapshot's. */
function differencesFrom(world: 'closed' | 'open'): Difference[] {
  const found: Difference[] = []
  for (const [estate, { snapshot, [world]: forms }] of answers) {
    for (const [form, findings] of forms) {
      for (const [rule, ofRule] of findings) {
        for (const [subject, { verdict }] of ofRule) {
          if (!isDefinite(verdict) || isOfNoPlace(estate, subject)) continue
          const deployed = snapshot.get(rule)?.get(subject)?.verdict ?? 'absent'
          if (verdict !== deployed)
            found.push({ estate, form, rule, subject, verdicts: `${verdict}, deployed ${deployed}` })
        }
      }
    }
  }
  return found
}

/** The management account is a place of templates only. */
const isOfNoPlace = (estate: Estate, subject: string) => estate === 'clinic' && / 123456789012/.test(subject)

/** Answers of a closed world that are not the same in every form. */
function differencesAmongForms(): Difference[] {
  const found: Difference[] = []
  for (const [estate, { closed }] of answers) {
    for (const { id: rule } of builtInRules) {
      const ofRule = templateForms.map(form => closed.get(form)!.get(rule))
      for (const subject of new Set(ofRule.flatMap(findings => [...(findings?.keys() ?? [])]))) {
        const verdicts = ofRule.map(findings => findings?.get(subject)?.verdict ?? 'absent')
        if (new Set(verdicts).size > 1)
          found.push({ estate, form: 'cloudformation', rule, subject, verdicts: verdicts.join(', ') })
      }
    }
  }
  return found
}

/** Parts of rows that explain nothing. */
function leftOver(rows: readonly Explained[], differences: readonly Difference[]): string[] {
  return rows.flatMap(row =>
    row.rules.flatMap(rule =>
      (row.forms ?? [undefined]).flatMap(form => {
        const isUsed = differences.some(
          difference =>
            difference.rule === rule && (form ?? difference.form) === difference.form && explains(row, difference),
        )
        return isUsed ? [] : [`${rule}: ${row.because}`]
      }),
    ),
  )
}

const unexplained = (rows: readonly Explained[], differences: readonly Difference[]) =>
  differences.filter(difference => !rows.some(row => explains(row, difference)))

describe('a template answers as what is deployed of it', () => {
  it.each(['closed', 'open'] as const)('in a world that is %s, but for what a fact explains', world => {
    expect(unexplained(otherThanDeployed, differencesFrom(world))).toEqual([])
  })

  it('and every explanation is of some difference', () => {
    expect(leftOver(otherThanDeployed, differencesFrom('closed'))).toEqual([])
  })
})

describe('the forms of templates answer alike', () => {
  it('but for what a fact explains', () => {
    expect(unexplained([...otherThanDeployed, ...otherThanEachOther], differencesAmongForms())).toEqual([])
  })

  it('and every explanation is of some difference', () => {
    expect(leftOver(otherThanEachOther, differencesAmongForms())).toEqual([])
  })
})

describe('what happens after deployment', () => {
  it('is no ground of any definite answer', () => {
    const grounds: Difference[] = []
    for (const [estate, { closed, open }] of answers)
      for (const [form, findings] of [...closed, ...open])
        for (const [rule, ofRule] of findings)
          for (const [subject, { verdict, evidence }] of ofRule) {
            const paths = evidence.filter(({ from }) => happening.has(from)).map(({ path }) => path)
            if (isDefinite(verdict) && paths.length > 0)
              grounds.push({ estate, form, rule, subject, verdicts: `${verdict} by ${paths}` })
          }
    expect(unexplained(groundedElsewhere, grounds)).toEqual([])
    expect(leftOver(groundedElsewhere, grounds)).toEqual([])
  })
})

describe('enough is answered', () => {
  const isAnswer = ({ verdict }: Finding) => verdict === 'compliant' || verdict === 'non-compliant'

  it('every rule that the snapshots answer and templates can, in some form', () => {
    const answeredIn = (forms: (of: Answers) => Iterable<Findings>) => {
      const rules = new Set<string>()
      for (const of of answers.values())
        for (const findings of forms(of))
          for (const [rule, ofRule] of findings) if ([...ofRule.values()].some(isAnswer)) rules.add(rule)
      return rules
    }
    const inTemplates = answeredIn(({ closed }) => closed.values())
    const silent = [...answeredIn(({ snapshot }) => [snapshot])].filter(rule => !inTemplates.has(rule))
    expect(silent.sort()).toEqual(Object.keys(onlyAfterDeployment).sort())
    expect(inTemplates.size).toBeGreaterThan(50)
  })

  it.each(estates)('most of what the snapshot of the %s answers of declared resources by what is declared', estate => {
    const { snapshot, closed } = answers.get(estate)!
    for (const [form, findings] of closed) {
      let known = 0
      let same = 0
      for (const [rule, ofRule] of snapshot) {
        if (rule in onlyAfterDeployment) continue
        for (const [subject, finding] of ofRule) {
          if (!declaredRecords(estate).has(subject) || !isAnswer(finding)) continue
          known++
          if (findings.get(rule)?.get(subject)?.verdict === finding.verdict) same++
        }
      }
      expect({ form, share: same / known }).toEqual({ form, share: expect.toSatisfy((share: number) => share > 0.8) })
    }
  })

  it.each(estates)('all records of the %s but those that nobody can declare', estate => {
    const declared = declaredRecords(estate)
    const missing = snapshotRecords(estate).filter(record => {
      const name = record.arn ?? record.id
      return !declared.has(name) && !undeclarable.has(record.type) && !madeByAws.test(name) && !isOfAnotherTime(record)
    })
    expect(missing.map(({ arn, id }) => arn ?? id)).toEqual([])
  })
})

/** Types that happen, or that only AWS makes. */
const undeclarable = new Set([
  'AWS::Backup::BackupJob',
  'AWS::Backup::CopyJob',
  'AWS::Backup::GlobalSettings',
  'AWS::Backup::RecoveryPoint',
  'AWS::Backup::RestoreJob',
  'AWS::EC2::Snapshot',
  'AWS::IAM::ManagedPolicy',
  'AWS::Organizations::Organization',
  'AWS::RDS::DBClusterSnapshot',
  'AWS::RDS::DBSnapshot',
  // A part of the file system in CloudFormation, a resource without ARN in Terraform.
  'AWS::EFS::ReplicationConfiguration',
])

/** AWS's own, the members that it makes of a group or a Multi-AZ cluster, and what a restore test left behind. */
const madeByAws =
  /backup-vault:(?:Default|aws\/efs\/automatic-backup-vault)$|role\/aws-service-role\/|cluster:group-001$|db:multi-az-1$|db:awsbackup-restore-test/

/** A live estate also shows what was, and what is still to come of a change. */
function isOfAnotherTime({ deleted, configuration }: ResourceRecord): boolean {
  const { State, KeyMetadata, PendingModifiedValues, RootDeviceType } = configuration as {
    State?: string | { Name: string }
    KeyMetadata?: { KeyManager: string; KeyState: string }
    PendingModifiedValues?: object
    RootDeviceType?: string
  }
  return (
    deleted === true ||
    ['deleting', 'terminated'].includes(typeof State === 'object' ? State.Name : (State ?? '')) ||
    KeyMetadata?.KeyManager === 'AWS' ||
    KeyMetadata?.KeyState === 'PendingDeletion' ||
    PendingModifiedValues !== undefined ||
    // The image decides.
    RootDeviceType === 'instance-store'
  )
}
