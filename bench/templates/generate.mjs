// Writes a repository of templates: CloudFormation in YAML and JSON, and Terraform modules. What holds is drawn by number, so
// that the same size is the same bytes.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Stores that keep to the rule and stores that do not take turns. */
const isGood = (at, of) => at % of !== 0

const cloudformation = at => ({
  AWSTemplateFormatVersion: '2010-09-09',
  Description: `Service ${at}`,
  Parameters: { Environment: { Type: 'String', Default: 'prod' } },
  Resources: {
    Orders: {
      Type: 'AWS::DynamoDB::Table',
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: isGood(at, 3) },
        Tags: [{ Key: 'backup', Value: 'daily' }],
      },
    },
    Ledger: {
      Type: 'AWS::RDS::DBInstance',
      DeletionPolicy: 'Snapshot',
      UpdateReplacePolicy: 'Snapshot',
      Properties: {
        DBInstanceClass: 'db.t4g.medium',
        Engine: 'postgres',
        AllocatedStorage: '100',
        StorageEncrypted: true,
        MultiAZ: true,
        ManageMasterUserPassword: true,
        MasterUsername: 'ledger',
        BackupRetentionPeriod: isGood(at, 5) ? 14 : 0,
        CopyTagsToSnapshot: true,
        Tags: [{ Key: 'backup', Value: 'daily' }],
      },
    },
    Media: {
      Type: 'AWS::S3::Bucket',
      Properties: {
        BucketName: { 'Fn::Sub': `media-${at}-\${AWS::AccountId}-\${Environment}` },
        VersioningConfiguration: { Status: isGood(at, 4) ? 'Enabled' : 'Suspended' },
      },
    },
    Topic: { Type: 'AWS::SNS::Topic', Properties: { DisplayName: `alerts-${at}` } },
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
      },
    },
  },
  Outputs: { Table: { Value: { 'Fn::GetAtt': ['Orders', 'Arn'] } } },
})

/** A value as YAML that a person might have written. */
function yamlOf(value, indent = '') {
  if (Array.isArray(value))
    return value.map(item => `\n${indent}- ${yamlOf(item, `${indent}  `).replace(/^\n\s*/, '')}`).join('')
  if (typeof value !== 'object') return JSON.stringify(value)
  return Object.entries(value)
    .map(([name, member]) => {
      const text = yamlOf(member, `${indent}  `)
      return `\n${indent}${name}:${text.startsWith('\n') ? '' : ' '}${text}`
    })
    .join('')
}

const terraform = at => `variable "environment" {
  type    = string
  default = "prod"
}

locals {
  tags = { backup = "daily", service = "service-${at}" }
}

resource "aws_dynamodb_table" "orders" {
  name         = "orders-${at}-\${var.environment}"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "id"
  attribute {
    name = "id"
    type = "S"
  }
  point_in_time_recovery {
    enabled = ${isGood(at, 3)}
  }
  tags = local.tags
}

resource "aws_db_instance" "ledger" {
  identifier              = "ledger-${at}"
  engine                  = "postgres"
  instance_class          = "db.t4g.medium"
  allocated_storage       = 100
  storage_encrypted       = true
  multi_az                = true
  username                = "ledger"
  backup_retention_period = ${isGood(at, 5) ? 14 : 0}
  tags                    = local.tags
}

resource "aws_s3_bucket" "media" {
  bucket = "media-${at}"
  tags   = local.tags
}

resource "aws_s3_bucket_versioning" "media" {
  bucket = aws_s3_bucket.media.id
  versioning_configuration {
    status = "${isGood(at, 4) ? 'Enabled' : 'Suspended'}"
  }
}

resource "aws_sns_topic" "alerts" {
  name = "alerts-${at}"
}
`

/** Writes so many templates of CloudFormation into a folder: three of four in YAML. */
export function writeCloudFormation(folder, count) {
  mkdirSync(folder, { recursive: true })
  for (let at = 1; at <= count; at++) {
    const template = cloudformation(at)
    if (at % 4 === 0) writeFileSync(join(folder, `service-${at}.json`), `${JSON.stringify(template, null, 1)}\n`)
    else writeFileSync(join(folder, `service-${at}.yaml`), `${yamlOf(template).trimStart()}\n`)
  }
}

/** Writes so many Terraform files into a folder, each a root module of its own. */
export function writeTerraform(folder, count) {
  for (let at = 1; at <= count; at++) {
    const module = join(folder, `service-${at}`)
    mkdirSync(module, { recursive: true })
    writeFileSync(join(module, 'main.tf'), terraform(at))
  }
}
