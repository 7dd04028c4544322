/** The Lambda functions: one that answers AWS Config, one that takes the snapshot it reads, and what each needs around it. */
import {
  choose,
  getAtt,
  isGiven,
  objectsOf,
  type Parameter,
  type Part,
  type Resource,
  ref,
  sub,
  type Value,
} from './cloudformation.ts'
import {
  answersConfig,
  collects,
  functionRole,
  readsBackup,
  readsPolicyObject,
  readsPolicyParameter,
  readsSnapshots,
  sendsDeadLetters,
  tellsEventBus,
  tellsSecurityHub,
  usesKey,
  writesLog,
  writesSnapshots,
} from './function-role.ts'

/** Zips by the function that each holds, with the digest of their content in the name: a stack sees new code by its key. */
export interface CodeFiles {
  readonly 'config-rules': string
  readonly collector: string
}

/** What the functions are made with. */
export interface FunctionsOptions {
  code: CodeFiles
  /** Bucket of the zips. */
  codeBucket: Value
  /** IAM actions of the collectors that the function of the rules has in it. */
  backupActions: readonly string[]
  /** IAM actions of all collectors. */
  collectorActions: readonly string[]
}

/** What the functions are called, so that a conformance pack can name them. */
export const functionNames = { rules: 'rel09-config-rules', collector: 'rel09-collector' } as const

/** What a snapshot bucket of the stack is called. */
export const ownBucketName = 'rel09-snapshots-${AWS::AccountId}-${AWS::Region}'

/** Where the snapshots of this account and Region are, below the prefix. */
const snapshotFolder = '${AWS::AccountId}/${AWS::Region}/'

const bucketName: Value = choose('MakesBucket', sub(ownBucketName), ref('SnapshotBucket'))

/** Where the collector puts snapshots, and rules look for the newest. */
export const snapshotUri: Value = {
  'Fn::Sub': [`s3://\${SnapshotBucketName}/\${SnapshotPrefix}${snapshotFolder}`, { SnapshotBucketName: bucketName }],
}

const runtime = { Runtime: 'nodejs22.x', Architectures: ['arm64'], Handler: 'index.handler' }

/** Lambda's own limit: a whole inventory may take its time. */
const longestSeconds = 900

const retentionDays = [30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]

const parameters: { readonly [name: string]: Parameter } = {
  LogRetentionDays: {
    Type: 'String',
    Description: 'How long CloudWatch Logs keeps the logs of the functions.',
    Default: '365',
    AllowedValues: retentionDays.map(String),
  },
  SnapshotBucket: {
    Type: 'String',
    Description: 'A bucket of your own for the snapshots. Empty - the stack makes one.',
    Default: '',
    AllowedPattern: '^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$',
  },
  SnapshotPrefix: {
    Type: 'String',
    Description: 'What the keys of all snapshots begin with.',
    Default: 'snapshots/',
    AllowedPattern: '^([A-Za-z0-9_=-][A-Za-z0-9_.=-]*/)*$',
    ConstraintDescription: 'nothing, or names that each end with a slash',
  },
  SnapshotRetentionDays: {
    Type: 'Number',
    Description: 'How long the bucket of the stack keeps a snapshot, and then what was deleted.',
    Default: 90,
    MinValue: 2,
    MaxValue: 3650,
  },
  CollectorSchedule: {
    Type: 'String',
    Description: 'When the collector reads the account. MaxSnapshotAgeHours must be more than lies between two runs.',
    Default: 'rate(12 hours)',
    AllowedPattern: '^(rate|cron)\\(.{1,240}\\)$',
    ConstraintDescription: 'rate(12 hours), or cron(0 3 * * ? *) in UTC',
  },
  CollectorMemoryMB: {
    Type: 'Number',
    Description: 'Memory of the collector, and processor with it.',
    Default: 1024,
    MinValue: 256,
    MaxValue: 10_240,
  },
  RulesMemoryMB: {
    Type: 'Number',
    Description: 'Memory of the function that answers AWS Config, and processor with it.',
    Default: 512,
    MinValue: 256,
    MaxValue: 10_240,
  },
  AlarmTopicArn: {
    Type: 'String',
    Description: 'SNS topic that is told when an event failed for good, or a snapshot. Empty - no alarms.',
    Default: '',
    AllowedPattern: '^(arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+)?$',
  },
  KeyArn: {
    Type: 'String',
    Description:
      'KMS key of snapshots and failed events, and of a policy that is encrypted with it. Empty - keys of AWS.',
    Default: '',
    AllowedPattern: '^(arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+)?$',
  },
}

const conditions: { readonly [name: string]: Value } = {
  MakesBucket: { 'Fn::Equals': [ref('SnapshotBucket'), ''] },
  HasAlarmTopic: isGiven('AlarmTopicArn'),
  HasKey: isGiven('KeyArn'),
  HasPolicyObject: isGiven('PolicyBucket'),
  HasPolicyParameter: isGiven('PolicyParameter'),
  TellsSecurityHub: { 'Fn::Equals': [ref('SecurityHub'), 'true'] },
  HasEventBus: isGiven('EventBusArn'),
}

/**
 * What rel09 itself asks of every store: how critical it is, and what it holds. Snapshots and logs name resources, and can be done
 * without.
 */
export const storeTags: Value = [
  { Key: 'criticality', Value: 'tier3' },
  { Key: 'data-classification', Value: 'internal' },
]

const logGroup = (name: string): Resource => ({
  Type: 'AWS::Logs::LogGroup',
  // Nothing in it has to outlive the function; what AWS Config was told is in AWS Config.
  DeletionPolicy: 'Delete',
  UpdateReplacePolicy: 'Delete',
  Properties: { LogGroupName: `/aws/lambda/${name}`, RetentionInDays: ref('LogRetentionDays'), Tags: storeTags },
})

/** Two weeks, as long as SQS keeps anything. */
const longestInQueue = 14 * 24 * 3600

const deadLetters: Resource = {
  Type: 'AWS::SQS::Queue',
  DeletionPolicy: 'Delete',
  UpdateReplacePolicy: 'Delete',
  Properties: {
    MessageRetentionPeriod: longestInQueue,
    KmsMasterKeyId: choose('HasKey', ref('KeyArn')),
    SqsManagedSseEnabled: choose('HasKey', ref('AWS::NoValue'), true),
  },
}

/** Only what is sent over TLS; and from EventBridge what its rule could not deliver. */
const deadLettersPolicy: Resource = {
  Type: 'AWS::SQS::QueuePolicy',
  Properties: {
    Queues: [ref('FailedEvents')],
    PolicyDocument: {
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 'OnlyOverTls',
          Effect: 'Deny',
          Principal: '*',
          Action: 'sqs:*',
          Resource: getAtt('FailedEvents', 'Arn'),
          Condition: { Bool: { 'aws:SecureTransport': 'false' } },
        },
        {
          Sid: 'FromTheSchedule',
          Effect: 'Allow',
          Principal: { Service: 'events.amazonaws.com' },
          Action: 'sqs:SendMessage',
          Resource: getAtt('FailedEvents', 'Arn'),
          Condition: { ArnEquals: { 'aws:SourceArn': getAtt('CollectorScheduleRule', 'Arn') } },
        },
      ],
    },
  },
}

interface FunctionSpec {
  name: string
  description: string
  role: string
  log: string
  key: string
  memory: Value
  environment?: { readonly [name: string]: Value }
  /** MB of `/tmp`. */
  disk?: number
}

function lambda(spec: FunctionSpec, codeBucket: Value): Resource {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: spec.name,
      Description: spec.description,
      ...runtime,
      Code: { S3Bucket: codeBucket, S3Key: sub(`\${CodePrefix}${spec.key}`) },
      Role: getAtt(spec.role, 'Arn'),
      MemorySize: spec.memory,
      Timeout: longestSeconds,
      LoggingConfig: { LogGroup: ref(spec.log) },
      DeadLetterConfig: { TargetArn: getAtt('FailedEvents', 'Arn') },
      ...(spec.disk === undefined ? {} : { EphemeralStorage: { Size: spec.disk } }),
      ...(spec.environment ? { Environment: { Variables: spec.environment } } : {}),
    },
  }
}

/** The function of the rules. One permission for all of them: a policy of one each would not hold them (20,480 bytes). */
function rulesFunction({ code, codeBucket, backupActions }: FunctionsOptions): Part['Resources'] {
  return {
    RulesLog: logGroup(functionNames.rules),
    RulesRole: functionRole('Of the rel09 rules of AWS Config: reads AWS Backup, and answers AWS Config', [
      writesLog('RulesLog'),
      sendsDeadLetters('FailedEvents'),
      answersConfig,
      readsBackup(backupActions),
      ...readsSnapshots(bucketName),
      choose('HasPolicyObject', readsPolicyObject),
      choose('HasPolicyParameter', readsPolicyParameter),
      choose('TellsSecurityHub', tellsSecurityHub),
      choose('HasEventBus', tellsEventBus),
      choose('HasKey', usesKey),
    ]),
    RulesFunction: lambda(
      {
        name: functionNames.rules,
        description: 'Answers the rel09 rules of AWS Config',
        role: 'RulesRole',
        log: 'RulesLog',
        key: code['config-rules'],
        memory: ref('RulesMemoryMB'),
      },
      codeBucket,
    ),
    RulesPermission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        FunctionName: getAtt('RulesFunction', 'Arn'),
        Action: 'lambda:InvokeFunction',
        Principal: 'config.amazonaws.com',
        SourceAccount: ref('AWS::AccountId'),
        SourceArn: sub('arn:${AWS::Partition}:config:${AWS::Region}:${AWS::AccountId}:config-rule/*'),
      },
    },
  }
}

/** The collector with its schedule. */
function collectorFunction({ code, codeBucket, collectorActions }: FunctionsOptions): Part['Resources'] {
  return {
    CollectorLog: logGroup(functionNames.collector),
    CollectorRole: functionRole('Of the rel09 collector: reads the account, and writes snapshots', [
      writesLog('CollectorLog'),
      sendsDeadLetters('FailedEvents'),
      collects(collectorActions),
      writesSnapshots(bucketName),
      choose('HasKey', usesKey),
    ]),
    CollectorFunction: lambda(
      {
        name: functionNames.collector,
        description: 'Reads this account and Region into a snapshot that the rel09 rules judge',
        role: 'CollectorRole',
        log: 'CollectorLog',
        key: code.collector,
        memory: ref('CollectorMemoryMB'),
        disk: 2048,
        environment: { REL09_SNAPSHOT_URI: snapshotUri },
      },
      codeBucket,
    ),
    CollectorScheduleRule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        Description: 'Takes a snapshot for the rel09 rules of AWS Config',
        ScheduleExpression: ref('CollectorSchedule'),
        Targets: [
          {
            Id: 'collector',
            Arn: getAtt('CollectorFunction', 'Arn'),
            RetryPolicy: { MaximumRetryAttempts: 8, MaximumEventAgeInSeconds: 3600 },
            DeadLetterConfig: { Arn: getAtt('FailedEvents', 'Arn') },
          },
        ],
      },
    },
    CollectorPermission: {
      Type: 'AWS::Lambda::Permission',
      Properties: {
        FunctionName: getAtt('CollectorFunction', 'Arn'),
        Action: 'lambda:InvokeFunction',
        Principal: 'events.amazonaws.com',
        SourceAccount: ref('AWS::AccountId'),
        SourceArn: getAtt('CollectorScheduleRule', 'Arn'),
      },
    },
  }
}

/** What every bucket of a deployment is: its versions kept, and nobody's but its account's. */
export const closedBucket: { readonly [name: string]: Value } = {
  VersioningConfiguration: { Status: 'Enabled' },
  PublicAccessBlockConfiguration: {
    BlockPublicAcls: true,
    BlockPublicPolicy: true,
    IgnorePublicAcls: true,
    RestrictPublicBuckets: true,
  },
  OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
}

/** The statement of a bucket's policy that refuses whatever is not sent over TLS. */
export const onlyOverTls = (bucket: string): Value => ({
  Sid: 'OnlyOverTls',
  Effect: 'Deny',
  Principal: '*',
  Action: 's3:*',
  Resource: [getAtt(bucket, 'Arn'), objectsOf(bucket)],
  Condition: { Bool: { 'aws:SecureTransport': 'false' } },
})

/** The bucket of the snapshots, where no other is named. It stays when the stack goes: what it holds is a record of the past. */
const snapshotBucket: Part['Resources'] = {
  Snapshots: {
    Type: 'AWS::S3::Bucket',
    Condition: 'MakesBucket',
    DeletionPolicy: 'Retain',
    UpdateReplacePolicy: 'Retain',
    Properties: {
      BucketName: sub(ownBucketName),
      Tags: storeTags,
      ...closedBucket,
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          {
            // Without a key: that of AWS for S3, which whoever may read the bucket may use.
            ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms', KMSMasterKeyID: choose('HasKey', ref('KeyArn')) },
            BucketKeyEnabled: true,
          },
        ],
      },
      LifecycleConfiguration: {
        Rules: [
          {
            Id: 'expire',
            Status: 'Enabled',
            ExpirationInDays: ref('SnapshotRetentionDays'),
            NoncurrentVersionExpiration: { NoncurrentDays: ref('SnapshotRetentionDays') },
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
          },
        ],
      },
    },
  },
  SnapshotsPolicy: {
    Type: 'AWS::S3::BucketPolicy',
    Condition: 'MakesBucket',
    Properties: {
      Bucket: ref('Snapshots'),
      PolicyDocument: {
        Version: '2012-10-17',
        Statement: [onlyOverTls('Snapshots')],
      },
    },
  },
}

const alarm = (description: string, metric: { readonly [name: string]: Value }): Resource => ({
  Type: 'AWS::CloudWatch::Alarm',
  Condition: 'HasAlarmTopic',
  Properties: {
    AlarmDescription: description,
    ...metric,
    Statistic: 'Maximum',
    Period: 300,
    EvaluationPeriods: 1,
    Threshold: 0,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
    AlarmActions: [ref('AlarmTopicArn')],
  },
})

const alarms: Part['Resources'] = {
  FailedEventsAlarm: alarm('rel09: an event of a rule or of the collector failed for good; it is in the queue', {
    Namespace: 'AWS/SQS',
    MetricName: 'ApproximateNumberOfMessagesVisible',
    Dimensions: [{ Name: 'QueueName', Value: getAtt('FailedEvents', 'QueueName') }],
  }),
  CollectorAlarm: alarm('rel09: the collector failed, and will be tried again', {
    Namespace: 'AWS/Lambda',
    MetricName: 'Errors',
    Dimensions: [{ Name: 'FunctionName', Value: ref('CollectorFunction') }],
  }),
}

/** Both functions, with all that they need. */
export function functions(options: FunctionsOptions): Part {
  return {
    Parameters: {
      CodePrefix: {
        Type: 'String',
        Description: 'What the keys of the code begin with.',
        Default: 'rel09/',
        AllowedPattern: '^([A-Za-z0-9_=-][A-Za-z0-9_.=-]*/)*$',
        ConstraintDescription: 'nothing, or names that each end with a slash',
      },
      ...parameters,
    },
    Conditions: conditions,
    Resources: {
      ...rulesFunction(options),
      ...collectorFunction(options),
      FailedEvents: deadLetters,
      FailedEventsPolicy: deadLettersPolicy,
      ...snapshotBucket,
      ...alarms,
    },
    Outputs: {
      RulesFunctionArn: { Description: 'Answers the rules of AWS Config.', Value: getAtt('RulesFunction', 'Arn') },
      CollectorFunctionName: { Description: 'Invoke it to take a snapshot at once.', Value: ref('CollectorFunction') },
      SnapshotUri: { Description: 'Where the snapshots of this account and Region are.', Value: snapshotUri },
      FailedEventsUrl: { Description: 'Queue of the events that failed for good.', Value: ref('FailedEvents') },
    },
  }
}
