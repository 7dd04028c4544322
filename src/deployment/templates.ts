/** The templates that are deployed, each put together from its parts. */
import {
  choose,
  isGiven,
  objectsOf,
  type Part,
  type Resource,
  ref,
  sub,
  type Template,
  templateOf,
  type Value,
} from './cloudformation.ts'
import { configRules, type DeployedRule, type GivenValues } from './config-rules.ts'
import {
  type CodeFiles,
  closedBucket,
  functionNames,
  functions,
  onlyOverTls,
  ownBucketName,
  snapshotUri,
  storeTags,
} from './functions.ts'

/** What templates are made from. */
export interface DeploymentInput {
  rules: readonly DeployedRule[]
  given: GivenValues
  code: CodeFiles
  backupActions: readonly string[]
  collectorActions: readonly string[]
}

const codeBucket: Part = {
  Parameters: {
    CodeBucket: {
      Type: 'String',
      Description: 'Bucket in this Region that holds the zips of the functions.',
      AllowedPattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$',
    },
  },
  Resources: {},
}

/** Function, rules and collector for one account and Region. */
export function configRulesTemplate(input: DeploymentInput): Template {
  const { rules, given, ...rest } = input
  return templateOf('rel09 in AWS Config - one rule for each best practice rule, answered by one function', [
    codeBucket,
    configRules(rules, {
      functionArn: { 'Fn::GetAtt': ['RulesFunction', 'Arn'] },
      permission: 'RulesPermission',
      snapshotUri,
      given,
      withRuleParameters: true,
    }),
    functions({ ...rest, codeBucket: ref('CodeBucket') }),
  ])
}

/** What a rule asks of the function, for which the function's role needs a permission. */
const permittedParameters = ['PolicyBucket', 'PolicyKey', 'PolicyParameter', 'SecurityHub', 'EventBusArn'] as const

/** Function and collector, without rules: what a conformance pack needs in its account and Region. */
export function functionTemplate(input: DeploymentInput, ofOrganization: boolean): Template {
  const { rules: _rules, given, ...rest } = input
  const { Parameters = {} } = configRules([], packOptions(given))
  const permitted = Object.fromEntries(permittedParameters.map(name => [name, Parameters[name]!]))
  const regional: Part = {
    Parameters: {
      CodeBucketPrefix: {
        Type: 'String',
        Description: 'Buckets that hold the zips are called by it, a hyphen, and their Region.',
        AllowedPattern: '^[a-z0-9][a-z0-9-]{1,44}$',
      },
    },
    Resources: {},
  }
  return templateOf('The functions of rel09 in AWS Config, without rules - a conformance pack brings them', [
    ofOrganization ? regional : codeBucket,
    functions({
      ...rest,
      codeBucket: ofOrganization ? sub('${CodeBucketPrefix}-${AWS::Region}') : ref('CodeBucket'),
    }),
    { Parameters: permitted, Resources: {} },
  ])
}

/** In the account and Region that the pack is deployed to, whichever that is. */
const functionInPlace = sub(
  `arn:\${AWS::Partition}:lambda:\${AWS::Region}:\${AWS::AccountId}:function:${functionNames.rules}`,
)

function packOptions(given: GivenValues) {
  const place: Value = choose(
    'HasSnapshotBucket',
    sub('s3://${SnapshotBucket}/${SnapshotPrefix}${AWS::AccountId}/${AWS::Region}/'),
    sub(`s3://${ownBucketName}/\${SnapshotPrefix}\${AWS::AccountId}/\${AWS::Region}/`),
  )
  return { functionArn: functionInPlace, snapshotUri: place, given, withRuleParameters: false }
}

const packPlace: Part = {
  Parameters: {
    SnapshotBucket: {
      Type: 'String',
      Description: 'The bucket of the snapshots, where it is your own. Empty - the one that the functions stack made.',
      Default: '',
    },
    SnapshotPrefix: {
      Type: 'String',
      Description: 'What the keys of all snapshots begin with, as the functions stack has it.',
      Default: 'snapshots/',
    },
  },
  Conditions: { HasSnapshotBucket: isGiven('SnapshotBucket') },
  Resources: {},
}

/**
 * A conformance pack: rules and nothing else, since a pack cannot hold a function.
 * https://docs.aws.amazon.com/config/latest/developerguide/custom-conformance-pack.html
 */
export function conformancePack({ rules, given }: DeploymentInput): Part {
  // As AWS writes its own packs: parameters, conditions and resources.
  const {
    AWSTemplateFormatVersion: _version,
    Description: _description,
    ...pack
  } = templateOf('', [configRules(rules, packOptions(given)), packPlace])
  return pack
}

const bucketOfCode: Resource = {
  Type: 'AWS::S3::Bucket',
  DeletionPolicy: 'Retain',
  UpdateReplacePolicy: 'Retain',
  Properties: {
    BucketName: sub('${CodeBucketPrefix}-${AWS::Region}'),
    Tags: storeTags,
    ...closedBucket,
    BucketEncryption: {
      // Other accounts read it, who may not use AWS's own KMS key for S3. It holds no secret.
      ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
    },
    LifecycleConfiguration: {
      Rules: [
        {
          Id: 'old-versions',
          Status: 'Enabled',
          NoncurrentVersionExpiration: { NoncurrentDays: 90 },
          AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
        },
      ],
    },
  },
}

/** A bucket in each Region from which every account of the organisation may take the code, and the pack. */
export function codeBucketTemplate(): Template {
  return templateOf('Where the accounts of an organization take the code of rel09 from, one bucket a Region', [
    {
      Parameters: {
        CodeBucketPrefix: {
          Type: 'String',
          Description: 'The bucket is called by it, a hyphen, and the Region.',
          AllowedPattern: '^[a-z0-9][a-z0-9-]{1,44}$',
        },
        OrganizationId: {
          Type: 'String',
          Description: 'Whose accounts may read it (o-a1b2c3d4e5).',
          AllowedPattern: '^o-[a-z0-9]{10,32}$',
        },
      },
      Resources: {
        Code: bucketOfCode,
        CodePolicy: {
          Type: 'AWS::S3::BucketPolicy',
          Properties: {
            Bucket: ref('Code'),
            PolicyDocument: {
              Version: '2012-10-17',
              Statement: [
                {
                  Sid: 'TheOrganizationReads',
                  Effect: 'Allow',
                  Principal: '*',
                  Action: 's3:GetObject',
                  Resource: objectsOf('Code'),
                  Condition: { StringEquals: { 'aws:PrincipalOrgID': ref('OrganizationId') } },
                },
                onlyOverTls('Code'),
              ],
            },
          },
        },
      },
      Outputs: { CodeBucket: { Description: 'Copy the zips into it.', Value: ref('Code') } },
    },
  ])
}

/** The parameters of a pack that an organisation's stack hands on, with what each stands for if nobody sets it. */
const handedOn = [
  'RuleFrequency',
  'MaxSnapshotAgeHours',
  'UndeterminedAs',
  ...permittedParameters,
  'SnapshotBucket',
  'SnapshotPrefix',
]

/**
 * The pack in every account of the organisation, from the delegated administrator of AWS Config. An organisation *rule* names one
 * function for all accounts; a pack's rules name the one in their own.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-config-organizationconformancepack.html
 */
export function organizationTemplate(input: DeploymentInput, packKey: string): Template {
  const { Parameters = {} } = conformancePack(input)
  const parameters = Object.fromEntries(handedOn.map(name => [name, Parameters[name]!]))
  return templateOf('The rules of rel09 in every account of an organization', [
    {
      Parameters: {
        CodeBucketPrefix: {
          Type: 'String',
          Description: 'The bucket that holds the pack is called by it, a hyphen, and the Region.',
          AllowedPattern: '^[a-z0-9][a-z0-9-]{1,44}$',
        },
        CodePrefix: { Type: 'String', Description: 'What the key of the pack begins with.', Default: 'rel09/' },
        ExcludedAccounts: {
          Type: 'CommaDelimitedList',
          Description:
            'Accounts without the rules. The pack fails in an account that lacks the functions or a recorder.',
          Default: '',
        },
        ...parameters,
      },
      Conditions: {
        HasExcludedAccounts: {
          'Fn::Not': [{ 'Fn::Equals': [{ 'Fn::Join': ['', ref('ExcludedAccounts')] }, ''] }],
        },
      },
      Resources: {
        Pack: {
          Type: 'AWS::Config::OrganizationConformancePack',
          Properties: {
            OrganizationConformancePackName: 'rel09',
            TemplateS3Uri: sub(`s3://\${CodeBucketPrefix}-\${AWS::Region}/\${CodePrefix}${packKey}`),
            ExcludedAccounts: choose('HasExcludedAccounts', ref('ExcludedAccounts')),
            ConformancePackInputParameters: handedOn.map(name => ({ ParameterName: name, ParameterValue: ref(name) })),
          },
        },
      },
    },
  ])
}
