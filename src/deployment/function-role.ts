/** What the functions may do: the actions that their own code calls, on what they are called on. */
import { type Part, ref, sub, type Value } from './cloudformation.ts'

/** A statement of an IAM policy. */
interface Statement {
  readonly [name: string]: Value | undefined
  readonly Sid: string
  readonly Effect: 'Allow' | 'Deny'
  readonly Action: string | readonly string[]
  readonly Resource: Value
}

/** A role that Lambda alone assumes, for a function of this account. */
export function functionRole(description: string, statements: readonly Value[]): Part['Resources'][string] {
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      Description: description,
      AssumeRolePolicyDocument: {
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      },
      Policies: [{ PolicyName: 'rel09', PolicyDocument: { Version: '2012-10-17', Statement: statements } }],
    },
  }
}

/** Writing to the function's own log, and nothing else of CloudWatch Logs. */
export const writesLog = (logGroup: string): Statement => ({
  Sid: 'WriteLog',
  Effect: 'Allow',
  Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
  Resource: { 'Fn::GetAtt': [logGroup, 'Arn'] },
})

/** What an event is put into that failed for good. */
export const sendsDeadLetters = (queue: string): Statement => ({
  Sid: 'KeepFailedEvents',
  Effect: 'Allow',
  Action: 'sqs:SendMessage',
  Resource: { 'Fn::GetAtt': [queue, 'Arn'] },
})

/** Evaluations and what AWS Config shows by a rule. AWS Config knows no resources for PutEvaluations. */
export const answersConfig: Statement = {
  Sid: 'AnswerAwsConfig',
  Effect: 'Allow',
  Action: ['config:GetComplianceDetailsByConfigRule', 'config:GetResourceConfigHistory', 'config:PutEvaluations'],
  Resource: '*',
}

/** What AWS Backup knows of a resource that changed. */
export const readsBackup = (actions: readonly string[]): Statement => ({
  Sid: 'ReadAwsBackup',
  Effect: 'Allow',
  Action: actions,
  Resource: '*',
})

/** Whatever the collectors call: reading, in every service that holds data or backups. */
export const collects = (actions: readonly string[]): Statement => ({
  Sid: 'Collect',
  Effect: 'Allow',
  Action: actions,
  Resource: '*',
})

const bucketArn = 'arn:${AWS::Partition}:s3:::${SnapshotBucketName}'

/** Snapshots below the stack's place in the bucket. `SnapshotBucketName` stands for the bucket's name. */
const snapshotObjects = (name: Value): Value => ({
  'Fn::Sub': [`${bucketArn}/\${SnapshotPrefix}*`, { SnapshotBucketName: name }],
})

/** The bucket of the snapshots. */
const snapshotBucketArn = (name: Value): Value => ({ 'Fn::Sub': [bucketArn, { SnapshotBucketName: name }] })

/** Reading the newest snapshot. */
export const readsSnapshots = (name: Value): readonly Statement[] => [
  { Sid: 'ReadSnapshots', Effect: 'Allow', Action: 's3:GetObject', Resource: snapshotObjects(name) },
  {
    Sid: 'FindSnapshots',
    Effect: 'Allow',
    Action: 's3:ListBucket',
    Resource: snapshotBucketArn(name),
    Condition: { StringLike: { 's3:prefix': sub('${SnapshotPrefix}*') } },
  },
]

/** Writing snapshots. A large one goes in parts, and one that failed halfway is taken away. */
export const writesSnapshots = (name: Value): Statement => ({
  Sid: 'WriteSnapshots',
  Effect: 'Allow',
  Action: ['s3:AbortMultipartUpload', 's3:PutObject'],
  Resource: snapshotObjects(name),
})

/** Reading a policy: one object, or one parameter. Each is a statement where it is wanted. */
export const readsPolicyObject: Statement = {
  Sid: 'ReadPolicyObject',
  Effect: 'Allow',
  Action: 's3:GetObject',
  Resource: sub('arn:${AWS::Partition}:s3:::${PolicyBucket}/${PolicyKey}'),
}

/** The parameter of Systems Manager that holds the policy. */
export const readsPolicyParameter: Statement = {
  Sid: 'ReadPolicyParameter',
  Effect: 'Allow',
  Action: 'ssm:GetParameter',
  Resource: sub('arn:${AWS::Partition}:ssm:${AWS::Region}:${AWS::AccountId}:parameter/${PolicyParameter}'),
}

/** Telling findings to AWS Security Hub, which knows no resources for reading them. */
export const tellsSecurityHub: Statement = {
  Sid: 'TellSecurityHub',
  Effect: 'Allow',
  Action: ['securityhub:BatchImportFindings', 'securityhub:GetFindings'],
  Resource: '*',
}

/** Telling findings to a bus. */
export const tellsEventBus: Statement = {
  Sid: 'TellEventBus',
  Effect: 'Allow',
  Action: 'events:PutEvents',
  Resource: ref('EventBusArn'),
}

/** Using a key of one's own, where bucket, policy or log are encrypted with it. */
export const usesKey: Statement = {
  Sid: 'UseKey',
  Effect: 'Allow',
  Action: ['kms:Decrypt', 'kms:GenerateDataKey'],
  Resource: ref('KeyArn'),
}
