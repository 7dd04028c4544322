/**
 * Findings in the AWS Security Finding Format. What is wrong, or not known, is active; what no longer is the case is archived, so
 * that nothing is told of what was never wrong. https://docs.aws.amazon.com/securityhub/latest/userguide/securityhub-findings-format.html
 */
import { accountType, type EvaluatedResource } from '../model/evaluation.ts'
import type { Policy } from '../model/policy.ts'
import type { Finding } from '../model/report.ts'
import type { Rule, Severity } from '../model/rule.ts'
import {
  configResourceField,
  type SecurityCompliance,
  type SecurityFinding,
  type SecurityResource,
} from '../model/security-finding.ts'
import { filedUnder, type Outcome, outcomeOf } from './evaluations.ts'
import { evidenceLines } from './evidence-text.ts'
import { sentenceOf } from './finding-text.ts'
import { flowing, shorten, shortVisible } from './visible-text.ts'

/** What is the same for all findings of an event. */
export interface TellingContext {
  rule: Rule
  /** The account, Region and partition that the AWS Config rule is in. */
  account: string
  region: string
  partition: string
  /** ISO 8601 UTC, from the event, so that a retry says the same. */
  orderedAt: string
  /** What counts where the verdict is not known. */
  undeterminedAs: Policy['undeterminedAs']
  policyDigest: string
}

/** Lengths that the format allows. */
const longest = { id: 512, title: 256, description: 1024, remediation: 512, value: 1024 } as const

/** Lines of evidence that a finding carries. */
const mostEvidence = 5

/** Types of resources that the format has a name for. https://docs.aws.amazon.com/securityhub/latest/userguide/asff-resources.html */
const typeNames: { readonly [type: string]: string } = {
  [accountType]: 'AwsAccount',
  'AWS::Backup::BackupPlan': 'AwsBackupBackupPlan',
  'AWS::Backup::BackupVault': 'AwsBackupBackupVault',
  'AWS::Backup::RecoveryPoint': 'AwsBackupRecoveryPoint',
  'AWS::CloudFormation::Stack': 'AwsCloudFormationStack',
  'AWS::CloudTrail::Trail': 'AwsCloudTrailTrail',
  'AWS::DynamoDB::Table': 'AwsDynamoDbTable',
  'AWS::EC2::Instance': 'AwsEc2Instance',
  'AWS::EC2::Volume': 'AwsEc2Volume',
  'AWS::EKS::Cluster': 'AwsEksCluster',
  'AWS::IAM::Group': 'AwsIamGroup',
  'AWS::IAM::Policy': 'AwsIamPolicy',
  'AWS::IAM::Role': 'AwsIamRole',
  'AWS::IAM::User': 'AwsIamUser',
  'AWS::KMS::Key': 'AwsKmsKey',
  'AWS::Kinesis::Stream': 'AwsKinesisStream',
  'AWS::OpenSearchService::Domain': 'AwsOpenSearchServiceDomain',
  'AWS::RDS::DBCluster': 'AwsRdsDbCluster',
  'AWS::RDS::DBClusterSnapshot': 'AwsRdsDbClusterSnapshot',
  'AWS::RDS::DBInstance': 'AwsRdsDbInstance',
  'AWS::RDS::DBSnapshot': 'AwsRdsDbSnapshot',
  'AWS::Redshift::Cluster': 'AwsRedshiftCluster',
  'AWS::S3::Bucket': 'AwsS3Bucket',
}

const labels: { readonly [severity in Severity]: string } = {
  critical: 'CRITICAL',
  high: 'HIGH',
  medium: 'MEDIUM',
  low: 'LOW',
}

/** The finding type of misconfigurations. https://docs.aws.amazon.com/securityhub/latest/userguide/asff-required-attributes.html */
const findingType = 'Software and Configuration Checks/AWS Security Best Practices'

/** The product that findings are imported as where there is no partnership. */
export const productArnOf = ({
  partition,
  region,
  account,
}: Pick<TellingContext, 'partition' | 'region' | 'account'>) =>
  `arn:${partition}:securityhub:${region}:${account}:product/${account}/default`

/** What tells our findings of a rule from others. */
export const generatorOf = ({ rule }: Pick<TellingContext, 'rule'>): string => `rel09/${rule.id}`

/** The resource that a product field tells of. */
function configResourceOf({ ProductFields }: SecurityFinding): EvaluatedResource {
  const text = ProductFields[configResourceField] ?? ''
  const space = text.indexOf(' ')
  return { type: text.slice(0, Math.max(space, 0)), id: text.slice(space + 1) }
}

/** A resource of AWS Config in one text, as the product field has it. */
export const configResourceText = ({ type, id }: EvaluatedResource): string =>
  shortVisible(`${type} ${id}`, 2 * longest.value)

/** Whether the format has to tell it: what is fine is told only of what was not. */
const isTold = (outcome: Outcome): boolean => outcome === 'non-compliant' || outcome === 'undetermined'

/**
 * How an outcome reads in the format. What is not known lacks information; what AWS Config calls NOT_APPLICABLE, as what is exempted, is not
 * available. https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_Compliance.html
 */
function complianceOf(outcome: Outcome, { undeterminedAs }: TellingContext): SecurityCompliance {
  switch (outcome) {
    case 'non-compliant':
      return 'FAILED'
    case 'undetermined':
      return undeterminedAs === 'NON_COMPLIANT' ? 'FAILED' : 'WARNING'
    case 'compliant':
      return 'PASSED'
    default:
      return 'NOT_AVAILABLE'
  }
}

/** The id by which a finding is updated and archived: the fingerprint is the same in every account that names things alike. */
const idOf = ({ fingerprint }: Finding, { account, region }: TellingContext): string =>
  `rel09/${account}/${region}/${fingerprint}`

function resourceOf({ resource, subject }: Finding, context: TellingContext): SecurityResource {
  const { account, region, partition } = context
  const place = { Partition: partition, Region: region }
  if (subject === 'policy' || subject === 'account' || subject === 'region')
    return { Type: 'AwsAccount', Id: `${accountType}:${account}`, ...place }
  const { type, id, arn, region: own = region } = resource
  return {
    Type: Object.hasOwn(typeNames, type) ? typeNames[type]! : 'Other',
    Id: type === accountType ? `${accountType}:${id}` : filled(shortVisible(arn ?? id, longest.id), 'unnamed'),
    ...place,
    Region: own === 'global' ? region : own,
  }
}

const evidenceOf = (finding: Finding): string[] => evidenceLines(finding, mostEvidence).slice(0, mostEvidence)

/** What would make it known, or mend it. */
function remedyOf({ missing, verdict }: Finding, { rule }: TellingContext): string {
  const toKnow = verdict === 'undetermined' ? flowing(missing[0]?.remedy ?? '') : ''
  return toKnow === '' ? flowing(rule.remediation.text) : toKnow
}

/** The format refuses a text without anything to see. */
const filled = (text: string, otherwise: string): string => (text.trim() === '' ? otherwise : text)

function descriptionOf(finding: Finding): string {
  const { exemption } = finding
  const accepted = exemption ? [`accepted until ${exemption.expires} by ${exemption.owner}: ${exemption.reason}`] : []
  return [sentenceOf(finding), ...accepted, ...evidenceOf(finding)].map(flowing).join('. ')
}

/** A finding in the format. Its text was chosen by others in part: it is visible, and no longer than the format allows. */
export function securityFindingOf(finding: Finding, context: TellingContext): SecurityFinding {
  const { account, orderedAt, rule, policyDigest, undeterminedAs } = context
  const outcome = outcomeOf(finding)
  const isSevere = outcome === 'non-compliant' || (outcome === 'undetermined' && undeterminedAs === 'NON_COMPLIANT')
  const evidence = evidenceOf(finding).map(
    (line, i) => [`rel09/Evidence/${i + 1}`, shorten(line, longest.value)] as const,
  )
  const [Url] = rule.references
  return {
    SchemaVersion: '2018-10-08',
    Id: idOf(finding, context),
    ProductArn: productArnOf(context),
    GeneratorId: generatorOf(context),
    AwsAccountId: account,
    CreatedAt: orderedAt,
    UpdatedAt: orderedAt,
    Title: filled(shortVisible(sentenceOf(finding), longest.title), rule.id),
    Description: filled(shortVisible(descriptionOf(finding), longest.description), rule.id),
    FindingProviderFields: {
      Severity: { Label: isSevere ? labels[finding.severity] : 'INFORMATIONAL', Original: finding.severity },
      Types: [findingType],
    },
    Resources: [resourceOf(finding, context)],
    Compliance: { Status: complianceOf(outcome, context) },
    RecordState: isTold(outcome) ? 'ACTIVE' : 'ARCHIVED',
    Remediation: {
      Recommendation: {
        Text: shorten(remedyOf(finding, context), longest.remediation),
        ...(Url === undefined ? {} : { Url: shortVisible(Url, longest.value) }),
      },
    },
    ProductFields: {
      'rel09/Fingerprint': finding.fingerprint,
      'rel09/BestPractice': finding.bestPractice,
      'rel09/Verdict': finding.verdict,
      'rel09/PolicyDigest': policyDigest,
      [configResourceField]: configResourceText(filedUnder(finding, account)),
      ...Object.fromEntries(evidence),
    },
  }
}

/**
 * What Security Hub is to be told: all that is wrong or not known, and of what it shows as active what no longer is. `isWhole`: whether all
 * findings filed under a resource of AWS Config are among those given. `active` is used up.
 */
export function* importsOf(
  findings: Iterable<Finding>,
  active: Map<string, SecurityFinding>,
  isWhole: (configResource: EvaluatedResource) => boolean,
  context: TellingContext,
): Generator<SecurityFinding> {
  for (const finding of findings) {
    const before = active.get(idOf(finding, context))
    if (!before && !isTold(outcomeOf(finding))) continue
    const told = securityFindingOf(finding, context)
    active.delete(told.Id)
    yield before ? { ...told, CreatedAt: before.CreatedAt } : told
  }
  for (const before of active.values())
    if (isWhole(configResourceOf(before)))
      yield {
        ...before,
        UpdatedAt: context.orderedAt,
        RecordState: 'ARCHIVED',
        Compliance: { Status: 'NOT_AVAILABLE' },
      }
}
