// A clinic's report, made by hand: what reporters get from the engine, with the names that people give to things.
import type { Finding, Report, Summary } from '../../src/model/report.ts'
import type { BestPractice, Rule, Severity, Verdict } from '../../src/model/rule.ts'
import type { Reporter, ReporterOptions } from '../../src/reporters/reporter.ts'

export const verdicts: readonly Verdict[] = ['compliant', 'non-compliant', 'not-applicable', 'undetermined']

function ruleOf(
  id: string,
  bestPractice: BestPractice,
  severity: Severity,
  title: string,
  rest: Partial<Rule> = {},
): Rule {
  return {
    id,
    title,
    bestPractice,
    severity,
    subject: 'data-store',
    expect: { 'protection.covered': { const: true } },
    message: '{name} falls short',
    remediation: { text: `Mend it: ${title}.` },
    references: ['https://docs.aws.amazon.com/aws-backup/latest/devguide/whatisbackup.html'],
    examples: [],
    ...rest,
  }
}

/** Four rules, one of each best practice, in the engine's order. */
export const rules: readonly Rule[] = [
  ruleOf('resource-in-backup-plan', 'REL09-BP01', 'high', 'Every data store is covered by a backup plan', {
    description: 'A store that no plan selects is backed up by luck.\nLuck has no schedule.',
    remediation: {
      text: 'Add the store to a selection of a backup plan,\nor give it the tag that one selects.',
      cli: '# Look first\naws backup create-backup-selection --backup-plan-id PLAN \\\n  --backup-selection file://selection.json\naws backup list-backup-selections',
      terraform: 'resource "aws_backup_selection" "stores" {\n}',
    },
    controls: { config: ['resources-protected-by-backup-plan'], securityHub: ['Backup.1'], nist80053: ['CP-9'] },
  }),
  ruleOf('restore-test-recent', 'REL09-BP04', 'medium', 'A restore was tested within the interval of the tier'),
  ruleOf('s3-versioning', 'REL09-BP03', 'low', 'Buckets keep former versions of their objects'),
  ruleOf('vault-lock', 'REL09-BP02', 'critical', 'Vaults are locked against deletion of their recovery points', {
    subject: 'backup-vault',
    aliases: ['vault-locked'],
  }),
]

/** A fingerprint that no other number has. */
const fingerprintOf = (number: number): string => number.toString(16).padStart(32, '0')

/** A finding of a patients' table, with what a test wants otherwise. */
export function findingOf(number: number, rest: Partial<Finding> & { name?: string } = {}): Finding {
  const { name = `patients-${number}`, ...members } = rest
  const rule = rules.find(({ id }) => id === members.rule) ?? (rules[0] as Rule)
  return {
    rule: rule.id,
    bestPractice: rule.bestPractice,
    title: rule.title,
    verdict: 'non-compliant',
    severity: rule.severity,
    baseSeverity: rule.severity,
    state: 'open',
    subject: 'data-store',
    resource: {
      type: 'AWS::DynamoDB::Table',
      id: name,
      arn: `arn:aws:dynamodb:eu-west-1:111122223333:table/${name}`,
      account: '111122223333',
      region: 'eu-west-1',
      name,
    },
    message: `${name} is covered by no backup plan`,
    evidence: [{ path: 'protection.covered', expected: { const: true }, actual: false, from: 'backup-plans' }],
    missing: [],
    fingerprint: fingerprintOf(number),
    ...members,
  }
}

const noCounts = (): { [verdict in Verdict]: number } => ({
  compliant: 0,
  'non-compliant': 0,
  'not-applicable': 0,
  undetermined: 0,
})

/** Counts findings as the engine does. */
export function summaryOf(findings: Iterable<Finding>): Summary {
  const summary: Summary = {
    resources: 12,
    stores: 5,
    covered: { yes: 3, no: 1, unknown: 1 },
    verdicts: noCounts(),
    open: { critical: 0, high: 0, medium: 0, low: 0 },
    states: { open: 0, exempted: 0, baselined: 0, belowThreshold: 0 },
    byBestPractice: {
      'REL09-BP01': noCounts(),
      'REL09-BP02': noCounts(),
      'REL09-BP03': noCounts(),
      'REL09-BP04': noCounts(),
    },
    byRule: Object.fromEntries(rules.map(({ id }) => [id, noCounts()])),
    undetermined: [],
  }
  for (const { verdict, severity, state, bestPractice, rule, missing } of findings) {
    summary.verdicts[verdict] += 1
    summary.byBestPractice[bestPractice][verdict] += 1
    const own = summary.byRule[rule]
    if (own) own[verdict] += 1
    for (const { factGroup, reason, remedy } of missing)
      summary.undetermined.push({ factGroup, reason, remedy, count: 1 })
    if (verdict !== 'non-compliant') continue
    summary.states[state] += 1
    if (state === 'open') summary.open[severity] += 1
  }
  return summary
}

/** A report of some findings, which may be made while they are asked for. */
export function reportOf(findings: () => Iterable<Finding>, rest: Partial<Report> = {}): Report {
  return {
    version: 1,
    tool: { name: 'rel09', version: '1.2.3' },
    takenAt: '2026-02-01T06:00:00.000Z',
    now: '2026-02-01T07:00:00.000Z',
    policyDigest: 'a'.repeat(64),
    rulesDigest: 'b'.repeat(64),
    policyFile: 'rel09.yaml',
    assumptions: { jobMinutes: 30, breakGlassArns: [], organizationId: null },
    scopes: [
      {
        record: 'scope',
        id: '0123456789abcdef',
        source: 'aws',
        account: '111122223333',
        region: 'eu-west-1',
        takenAt: '2026-02-01T06:00:00.000Z',
      },
    ],
    rules: [...rules],
    summary: rest.summary ?? summaryOf(findings()),
    gaps: [],
    notEvaluated: [],
    unusedExemptions: [],
    *findings(wanted) {
      for (const finding of findings()) if (wanted.has(finding.verdict)) yield finding
    },
    ...rest,
  }
}

const bucket = {
  type: 'AWS::S3::Bucket',
  id: 'xrays',
  arn: 'arn:aws:s3:::xrays',
  account: '111122223333',
  region: 'eu-west-1',
  name: 'xrays',
}
const vault = {
  type: 'AWS::Backup::BackupVault',
  id: 'night',
  arn: 'arn:aws:backup:eu-west-1:444455556666:backup-vault:night',
  account: '444455556666',
  region: 'eu-west-1',
  name: 'night',
}

/** Every verdict and every state, in a live account and in a template. */
export const clinicFindings: readonly Finding[] = [
  findingOf(1, { location: { file: 'infra/clinic stack.yaml', line: 12, column: 5, endLine: 20 } }),
  findingOf(2, {
    severity: 'critical',
    name: 'appointments',
    relatedLocations: [{ file: 'infra/plans.yaml', line: 3 }],
  }),
  findingOf(3, {
    state: 'exempted',
    name: 'waiting-room',
    exemption: { reason: 'rebuilt each night', owner: 'front desk', expires: '2026-12-31', kind: 'accepted' },
  }),
  findingOf(4, {
    verdict: 'compliant',
    name: 'invoices',
    evidence: [{ path: 'protection.covered', expected: { const: true }, actual: true, from: 'backup-plans' }],
  }),
  findingOf(5, {
    rule: 'restore-test-recent',
    verdict: 'undetermined',
    evidence: [],
    missing: [
      {
        path: 'restores.lastSuccessAgeHours',
        factGroup: 'restore-jobs',
        reason: 'denied',
        remedy: 'allow backup:ListRestoreJobs to the reader',
      },
    ],
  }),
  findingOf(6, {
    rule: 'restore-test-recent',
    evidence: [
      {
        path: 'restores.lastSuccessAgeHours',
        expected: { maximum: 4320 },
        actual: 9000.5,
        from: 'restore-jobs',
        assumptions: { jobWindowDays: 7 },
      },
    ],
    message: 'patients-6 was last restored 9000.5 hours ago',
  }),
  findingOf(7, {
    rule: 's3-versioning',
    state: 'belowThreshold',
    resource: bucket,
    message: 'xrays keeps no former versions',
  }),
  findingOf(8, { rule: 's3-versioning', verdict: 'not-applicable', message: '' }),
  findingOf(9, {
    rule: 'vault-lock',
    subject: 'backup-vault',
    state: 'baselined',
    resource: vault,
    message: 'night is not locked',
  }),
  findingOf(10, {
    rule: 'vault-lock',
    subject: 'backup-vault',
    resource: {
      ...vault,
      id: 'day',
      name: 'day',
      arn: 'arn:aws:backup:eu-west-1:444455556666:backup-vault:day',
      related: [{ type: 'AWS::KMS::Key', id: 'key' }],
    },
    message: 'day is not locked',
    evidence: [{ path: 'lock.strength', expected: { minimum: 2 }, actual: 0, from: 'vault-locks' }],
    aliases: ['arn:aws:backup:eu-west-1:444455556666:backup-vault:noon'],
    count: 43,
  }),
]

/** The report of `clinicFindings`, with a gap, something unjudged and idle exemptions. */
export const clinic = (rest: Partial<Report> = {}): Report =>
  reportOf(() => clinicFindings, {
    gaps: [
      {
        record: 'gap',
        scope: '0123456789abcdef',
        account: '444455556666',
        region: 'eu-west-1',
        factGroups: ['restore-jobs'],
        types: [],
        api: 'backup:ListRestoreJobs',
        reason: 'denied',
        remedy: 'Allow backup:ListRestoreJobs to the reader',
      },
      {
        record: 'gap',
        scope: '0123456789abcdef',
        factGroups: ['*'],
        types: [],
        file: 'infra/big.json',
        line: 7,
        reason: 'truncated',
        remedy: 'Give the whole file',
      },
    ],
    notEvaluated: [{ type: 'AWS::Robomaker::Robot', reason: 'rel09 knows no such service', count: 2 }],
    unusedExemptions: [
      {
        rule: 'vault-lock',
        resource: 'arn:aws:backup:*:*:backup-vault:gone',
        reason: 'moved out',
        expires: '2026-01-01',
        why: 'expired',
      },
    ],
    ...rest,
  })

/** Names that no reporter may take for anything but a name. */
export const nastyNames: readonly string[] = [
  '::error::x',
  '##[error]x',
  '=cmd()',
  '<script>alert(1)</script>',
  'a|b',
  '`ticks`',
  '\u001b[31mred\u0007',
  'two\nlines\r\nand\ttab',
  '\u202egnp.exe',
  ']]><x/>',
  '[link](https://example.com) {0} @octocat #1',
  '../../etc/passwd',
  '\ud800lone',
  '\u0000\ufffe\u2028\u{e0041}',
  '__proto__',
  '',
  'x'.repeat(10_240),
]

/** One finding for each nasty name, in each place where a name may stand. */
export const nastyFindings: readonly Finding[] = nastyNames.map((name, number) =>
  findingOf(100 + number, {
    name,
    verdict: number % 5 === 4 ? 'undetermined' : 'non-compliant',
    location: { file: name, line: number % 3, column: 0 },
    message: name,
    evidence: [{ path: `tags.${name}`, expected: { enum: [name] }, actual: name, from: name }],
    missing: [{ path: name, factGroup: name, reason: 'denied', remedy: name }],
    exemption: { reason: name, owner: name, expires: name, kind: 'accepted' },
    aliases: [name],
  }),
)

/** A report in which everything that others can name has a nasty name. */
export const nasty = (): Report =>
  reportOf(() => nastyFindings, {
    gaps: nastyNames.map(name => ({
      record: 'gap',
      scope: 's',
      factGroups: [name],
      types: [name],
      api: name,
      file: name,
      line: 0,
      reason: 'denied',
      remedy: name,
    })),
    notEvaluated: nastyNames.map(name => ({ type: name, file: name, reason: name, count: 1 })),
    unusedExemptions: nastyNames.map(name => ({ resource: name, reason: name, expires: name, why: 'unused' })),
  })

/** Renders a report as a host would without a terminal. */
export function rendered(reporter: Reporter, report: Report, options: Partial<ReporterOptions> = {}): string {
  return [
    ...reporter.render(report, {
      verdicts: new Set(reporter.defaultVerdicts),
      colour: false,
      width: 100,
      anchor: 'rel09.yaml',
      ...options,
    }),
  ].join('')
}

/** Every verdict, as `--verdicts all` asks. */
export const everything = { verdicts: new Set(verdicts) }
