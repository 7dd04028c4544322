/**
 * For each rule that a template can be judged by, the least template that it refuses, in CloudFormation and Terraform. `# <-` stands on
 * the line where the finding must be: the property that is wrong, else the first line of the resource.
 */
import type { Verdict } from '../../src/model/rule.ts'

export interface LineCase {
  rule: string
  /** What the case shows, where a rule has several. */
  about?: string
  /** Members of `Resources`; absent where CloudFormation has no such thing. */
  cloudformation?: string
  /** Absent where Terraform has no such thing. */
  terraform?: string
  verdict?: Verdict
  /** Policy beside the built-in one. */
  parameters?: { [name: string]: unknown }
  /** Why one of the forms is missing, or why the verdict is no refusal. */
  because?: string
}

/** A plan with a selection, and the vault that it fills. */
const daily = {
  cloudformation: `
  Vault:
    Type: AWS::Backup::BackupVault
    Properties:
      BackupVaultName: shop
  Daily:
    Type: AWS::Backup::BackupPlan
    Properties:
      BackupPlan:
        BackupPlanName: daily
        BackupPlanRule:
          - RuleName: nightly
            TargetBackupVault: shop
            ScheduleExpression: cron(0 5 ? * * *)
            StartWindowMinutes: 60
            Lifecycle:
              DeleteAfterDays: 35
  Tagged:
    Type: AWS::Backup::BackupSelection
    Properties:
      BackupPlanId: { Ref: Daily }
      BackupSelection:
        SelectionName: tagged
        IamRoleArn: arn:aws:iam::111122223333:role/backup
        ListOfTags:
          - ConditionType: STRINGEQUALS
            ConditionKey: backup
            ConditionValue: daily
`,
  terraform: `
resource "aws_backup_vault" "shop" {
  name = "shop"
}

resource "aws_backup_plan" "daily" {
  name = "daily"

  rule {
    rule_name         = "nightly"
    target_vault_name = "shop"
    schedule          = "cron(0 5 ? * * *)"
    start_window      = 60

    lifecycle {
      delete_after = 35
    }
  }
}

resource "aws_backup_selection" "tagged" {
  plan_id      = aws_backup_plan.daily.id
  name         = "tagged"
  iam_role_arn = "arn:aws:iam::111122223333:role/backup"

  selection_tag {
    type  = "STRINGEQUALS"
    key   = "backup"
    value = "daily"
  }
}
`,
}

const cfnTags = (tags: { [key: string]: string }) =>
  `Tags: [${Object.entries(tags)
    .map(([key, value]) => `{ Key: ${key}, Value: '${value}' }`)
    .join(', ')}]`
const tfTags = (tags: { [key: string]: string }) =>
  `tags = { ${Object.entries(tags)
    .map(([key, value]) => `"${key}" = "${value}"`)
    .join(', ')} }`

const tier1 = { criticality: 'tier1' }

/** A plan whose second rule is wrong: the first keeps the rule's list from being the finding's line. */
const secondRule = (
  cloudformation: string,
  terraform: string,
  beside: { cloudformation?: string; terraform?: string } = {},
) => ({
  cloudformation: `
  Vault:
    Type: AWS::Backup::BackupVault
    Properties:
      BackupVaultName: shop
${beside.cloudformation ?? ''}
  Daily:
    Type: AWS::Backup::BackupPlan
    Properties:
      BackupPlan:
        BackupPlanName: daily
        BackupPlanRule:
          - RuleName: nightly
            TargetBackupVault: shop
            ScheduleExpression: cron(0 5 ? * * *)
            StartWindowMinutes: 60
            Lifecycle:
              DeleteAfterDays: 35
${cloudformation}
`,
  terraform: `
resource "aws_backup_vault" "shop" {
  name = "shop"
}
${beside.terraform ?? ''}

resource "aws_backup_plan" "daily" {
  name = "daily"

  rule {
    rule_name         = "nightly"
    target_vault_name = "shop"
    schedule          = "cron(0 5 ? * * *)"
    start_window      = 60

    lifecycle {
      delete_after = 35
    }
  }

${terraform}
}
`,
})

export const lineCases: readonly LineCase[] = [
  {
    rule: 'backup-exemption-documented',
    cloudformation: `
  Carts: # <-
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: carts
      ${cfnTags({ 'backup-exempt': 'true' })}
`,
    terraform: `
resource "aws_dynamodb_table" "carts" { # <-
  name = "carts"
  ${tfTags({ 'backup-exempt': 'true' })}
}
`,
  },
  {
    rule: 'copy-unsupported-type',
    cloudformation: `
  Search: # <-
    Type: AWS::OpenSearchService::Domain
    Properties:
      DomainName: search
      ${cfnTags(tier1)}
`,
    terraform: `
resource "aws_opensearch_domain" "search" { # <-
  domain_name = "search"
  ${tfTags(tier1)}
}
`,
  },
  ...['cross-account-copy', 'cross-region-copy'].map(rule => ({
    rule,
    cloudformation: `
  Orders: # <-
    Type: AWS::RDS::DBInstance
    Properties:
      DBInstanceIdentifier: orders
      Engine: postgres
      ${cfnTags({ ...tier1, backup: 'daily' })}
${daily.cloudformation}`,
    terraform: `
resource "aws_db_instance" "orders" { # <-
  identifier = "orders"
  engine     = "postgres"
  ${tfTags({ ...tier1, backup: 'daily' })}
}
${daily.terraform}`,
  })),
  {
    rule: 'data-store-classified',
    about: 'without tags',
    cloudformation: `
  Carts: # <-
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: carts
`,
    terraform: `
resource "aws_dynamodb_table" "carts" { # <-
  name = "carts"
}
`,
  },
  {
    rule: 'data-store-classified',
    about: 'with other tags',
    cloudformation: `
  Carts:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: carts
      Tags: # <-
        - Key: team
          Value: web
`,
    terraform: `
resource "aws_dynamodb_table" "carts" {
  name = "carts"

  tags = { # <-
    team = "web"
  }
}
`,
  },
  {
    rule: 'empty-or-overbroad-selection',
    cloudformation: `
  Daily:
    Type: AWS::Backup::BackupPlan
    Properties:
      BackupPlan:
        BackupPlanName: daily
        BackupPlanRule: [{ RuleName: nightly, TargetBackupVault: shop }]
  All:
    Type: AWS::Backup::BackupSelection
    Properties:
      BackupPlanId: { Ref: Daily }
      BackupSelection:
        SelectionName: all
        IamRoleArn: arn:aws:iam::111122223333:role/backup
        Resources: # <-
          - '*'
`,
    terraform: `
resource "aws_backup_selection" "all" {
  plan_id      = "plan"
  name         = "all"
  iam_role_arn = "arn:aws:iam::111122223333:role/backup"
  resources    = ["*"] # <-
}
`,
  },
  {
    rule: 'log-data-retained',
    verdict: 'undetermined',
    because: 'Whether the events are exported, no template tells.',
    cloudformation: `
  Web: # <-
    Type: AWS::Logs::LogGroup
    Properties:
      LogGroupName: web
      RetentionInDays: 30
`,
    terraform: `
resource "aws_cloudwatch_log_group" "web" { # <-
  name              = "web"
  retention_in_days = 30
}
`,
  },
  {
    rule: 'non-backup-service-stateful',
    cloudformation: `
  Clicks:
    Type: AWS::Kinesis::Stream
    Properties:
      Name: clicks
      RetentionPeriodHours: 24 # <-
`,
    terraform: `
resource "aws_kinesis_stream" "clicks" {
  name             = "clicks"
  retention_period = 24 # <-
}
`,
  },
  {
    rule: 'plan-has-selection',
    cloudformation: `
  Daily: # <-
    Type: AWS::Backup::BackupPlan
    Properties:
      BackupPlan:
        BackupPlanName: daily
        BackupPlanRule: [{ RuleName: nightly, TargetBackupVault: shop }]
`,
    terraform: `
resource "aws_backup_plan" "daily" { # <-
  name = "daily"

  rule {
    rule_name         = "nightly"
    target_vault_name = "shop"
  }
}
`,
  },
  {
    rule: 'plan-target-vault-exists',
    ...secondRule(
      `          - RuleName: monthly
            TargetBackupVault: gone # <-
            ScheduleExpression: cron(0 5 1 * ? *)`,
      `  rule {
    rule_name         = "monthly"
    target_vault_name = "gone" # <-
    schedule          = "cron(0 5 1 * ? *)"
  }`,
    ),
  },
  {
    rule: 'resource-in-backup-plan',
    cloudformation: `
  Carts: # <-
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: carts
`,
    terraform: `
resource "aws_dynamodb_table" "carts" { # <-
  name = "carts"
}
`,
  },
  {
    rule: 'rpo-met-by-schedule',
    cloudformation: `
  Orders: # <-
    Type: AWS::RDS::DBInstance
    Properties:
      DBInstanceIdentifier: orders
      Engine: postgres
      ${cfnTags({ ...tier1, backup: 'daily' })}
${daily.cloudformation}`,
    terraform: `
resource "aws_db_instance" "orders" { # <-
  identifier = "orders"
  engine     = "postgres"
  ${tfTags({ ...tier1, backup: 'daily' })}
}
${daily.terraform}`,
  },
  {
    rule: 's3-replication',
    about: 'without',
    cloudformation: `
  Covers: # <-
    Type: AWS::S3::Bucket
    Properties:
      BucketName: covers
      ${cfnTags(tier1)}
`,
    terraform: `
resource "aws_s3_bucket" "covers" { # <-
  bucket = "covers"
  ${tfTags(tier1)}
}
`,
  },
  {
    rule: 's3-replication',
    about: 'switched off',
    cloudformation: `
  Covers:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: covers
      ${cfnTags(tier1)}
      ReplicationConfiguration: # <-
        Role: arn:aws:iam::111122223333:role/replication
        Rules:
          - Id: all
            Status: Disabled
            Destination:
              Bucket: arn:aws:s3:::covers-far
`,
    terraform: `
resource "aws_s3_bucket" "covers" {
  bucket = "covers"
  ${tfTags(tier1)}
}

resource "aws_s3_bucket_replication_configuration" "covers" { # <-
  bucket = aws_s3_bucket.covers.id
  role   = "arn:aws:iam::111122223333:role/replication"

  rule {
    id     = "all"
    status = "Disabled"

    destination {
      bucket = "arn:aws:s3:::covers-far"
    }
  }
}
`,
  },
  {
    rule: 's3-versioning',
    about: 'suspended',
    cloudformation: `
  Covers:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: covers
      VersioningConfiguration:
        Status: Suspended # <-
`,
    terraform: `
resource "aws_s3_bucket" "covers" {
  bucket = "covers"
}

resource "aws_s3_bucket_versioning" "covers" {
  bucket = aws_s3_bucket.covers.id

  versioning_configuration {
    status = "Suspended" # <-
  }
}
`,
  },
  {
    rule: 's3-versioning',
    about: 'without',
    cloudformation: `
  Covers: # <-
    Type: AWS::S3::Bucket
    Properties:
      BucketName: covers
`,
    terraform: `
resource "aws_s3_bucket" "covers" { # <-
  bucket = "covers"
}
`,
  },
  {
    rule: 'selection-matches-nothing',
    cloudformation: daily.cloudformation.replace('ListOfTags:', 'ListOfTags: # <-'),
    terraform: daily.terraform.replace('selection_tag {', 'selection_tag { # <-'),
  },
  {
    rule: 'selection-near-miss',
    cloudformation: `
  Orders: # <-
    Type: AWS::RDS::DBInstance
    Properties:
      DBInstanceIdentifier: orders
      Engine: postgres
      ${cfnTags({ backup: 'Daily' })}
${daily.cloudformation}`,
    terraform: `
resource "aws_db_instance" "orders" { # <-
  identifier = "orders"
  engine     = "postgres"
  ${tfTags({ backup: 'Daily' })}
}
${daily.terraform}`,
  },
  {
    rule: 'selection-or-trap',
    cloudformation: daily.cloudformation.replace(
      'ListOfTags:',
      `Resources: [arn:aws:dynamodb:*:*:table/*]
        ListOfTags: # <-`,
    ),
    terraform: daily.terraform.replace(
      'selection_tag {',
      `resources    = ["arn:aws:dynamodb:*:*:table/*"]

  selection_tag { # <-`,
    ),
  },
  {
    rule: 'selection-pattern-doubtful',
    cloudformation: daily.cloudformation.replace(
      /ListOfTags:[\s\S]*$/,
      `Resources: # <-
          - arn:aws:s3:::*-logs
`,
    ),
    terraform: daily.terraform.replace(/selection_tag \{[\s\S]*$/, 'resources    = ["arn:aws:s3:::*-logs"] # <-\n}\n'),
  },
  {
    rule: 'backup-role-least-privilege',
    cloudformation: `
  Backup:
    Type: AWS::IAM::Role
    Properties:
      RoleName: backup
      AssumeRolePolicyDocument:
        Statement: [{ Effect: Allow, Principal: { Service: backup.amazonaws.com }, Action: 'sts:AssumeRole' }]
      ManagedPolicyArns: # <-
        - arn:aws:iam::aws:policy/AdministratorAccess
${daily.cloudformation}`,
    terraform: `
resource "aws_iam_role" "backup" {
  name = "backup"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { Service = "backup.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })
  managed_policy_arns = ["arn:aws:iam::aws:policy/AdministratorAccess"] # <-
}
${daily.terraform}`,
  },
  {
    rule: 'cross-account-key-compatible',
    ...secondRule(
      `          - RuleName: away
            TargetBackupVault: shop
            CopyActions:
              - DestinationBackupVaultArn: arn:aws:backup:eu-west-1:444455556666:backup-vault:far # <-`,
      `  rule {
    rule_name         = "away"
    target_vault_name = "shop"

    copy_action {
      destination_vault_arn = "arn:aws:backup:eu-west-1:444455556666:backup-vault:far" # <-
    }
  }`,
      {
        cloudformation: `  Orders:
    Type: AWS::RDS::DBInstance
    Properties:
      DBInstanceIdentifier: orders
      Engine: postgres
      StorageEncrypted: true
      KmsKeyId: arn:aws:kms:eu-west-1:111122223333:alias/aws/rds
  Selected:
    Type: AWS::Backup::BackupSelection
    Properties:
      BackupPlanId: { Ref: Daily }
      BackupSelection:
        SelectionName: orders
        IamRoleArn: arn:aws:iam::111122223333:role/backup
        Resources: [arn:aws:rds:eu-west-1:111122223333:db:orders]`,
        terraform: `
resource "aws_db_instance" "orders" {
  identifier        = "orders"
  engine            = "postgres"
  storage_encrypted = true
  kms_key_id        = "arn:aws:kms:eu-west-1:111122223333:alias/aws/rds"
}

resource "aws_backup_selection" "orders" {
  plan_id      = aws_backup_plan.daily.id
  name         = "orders"
  iam_role_arn = "arn:aws:iam::111122223333:role/backup"
  resources    = ["arn:aws:rds:eu-west-1:111122223333:db:orders"]
}`,
      },
    ),
  },
  {
    rule: 'deletion-protection',
    about: 'off',
    cloudformation: `
  Orders:
    Type: AWS::RDS::DBInstance
    DeletionPolicy: Snapshot
    Properties:
      DBInstanceIdentifier: orders
      Engine: postgres
      DeleteAutomatedBackups: false
      DeletionProtection: false # <-
`,
    terraform: `
resource "aws_db_instance" "orders" {
  identifier                = "orders"
  engine                    = "postgres"
  delete_automated_backups  = false
  final_snapshot_identifier = "last"
  deletion_protection       = false # <-
}
`,
  },
  {
    rule: 'deletion-protection',
    about: 'on, without a last snapshot',
    cloudformation: `
  Catalogue:
    Type: AWS::RDS::DBCluster
    DeletionPolicy: Delete # <-
    Properties:
      DBClusterIdentifier: catalogue
      Engine: aurora-postgresql
      DeleteAutomatedBackups: false
      DeletionProtection: true
`,
    terraform: `
resource "aws_rds_cluster" "catalogue" {
  cluster_identifier       = "catalogue"
  engine                   = "aurora-postgresql"
  delete_automated_backups = false
  deletion_protection      = true
  skip_final_snapshot      = true # <-
}
`,
  },
  {
    rule: 'kms-key-healthy',
    cloudformation: `
  Key:
    Type: AWS::KMS::Key
    Properties:
      Enabled: false # <-
      EnableKeyRotation: true
  Vault:
    Type: AWS::Backup::BackupVault
    Properties:
      BackupVaultName: shop
      EncryptionKeyArn: { 'Fn::GetAtt': [Key, Arn] }
${daily.cloudformation.replace(/ {2}Vault:[\s\S]*?(?= {2}Daily:)/, '')}`,
    terraform: `
resource "aws_kms_key" "key" {
  is_enabled          = false # <-
  enable_key_rotation = true
}
${daily.terraform.replace('name = "shop"', 'name        = "shop"\n  kms_key_arn = aws_kms_key.key.arn')}`,
  },
  {
    rule: 'kms-key-lifecycle',
    about: 'deleted at once',
    cloudformation: `
  Key:
    Type: AWS::KMS::Key
    Properties:
      EnableKeyRotation: true
      PendingWindowInDays: 7 # <-
  Vault:
    Type: AWS::Backup::BackupVault
    Properties:
      BackupVaultName: shop
      EncryptionKeyArn: { 'Fn::GetAtt': [Key, Arn] }
${daily.cloudformation.replace(/ {2}Vault:[\s\S]*?(?= {2}Daily:)/, '')}`,
    terraform: `
resource "aws_kms_key" "key" {
  enable_key_rotation     = true
  deletion_window_in_days = 7 # <-
}
${daily.terraform.replace('name = "shop"', 'name        = "shop"\n  kms_key_arn = aws_kms_key.key.arn')}`,
  },
  {
    rule: 'mpa-team-associated',
    because: 'The AWS provider of Terraform has no argument for the team.',
    cloudformation: `
  Orders:
    Type: AWS::RDS::DBInstance
    Properties:
      DBInstanceIdentifier: orders
      Engine: postgres
      ${cfnTags({ criticality: 'tier0', backup: 'daily' })}
${daily.cloudformation.replace('Lifecycle:', 'CopyActions: [{ DestinationBackupVaultArn: { "Fn::GetAtt": [Bunker, BackupVaultArn] } }]\n            Lifecycle:')}
  Bunker: # <-
    Type: AWS::Backup::LogicallyAirGappedBackupVault
    Properties:
      BackupVaultName: bunker
      MinRetentionDays: 35
      MaxRetentionDays: 400
`,
  },
  {
    rule: 'native-snapshot-encrypted',
    because: 'CloudFormation takes no snapshots.',
    terraform: `
resource "aws_ebs_snapshot_import" "ledger" {
  encrypted = false # <-

  disk_container {
    format = "VHD"
    url    = "s3://ledger/disk.vhd"
  }
}
`,
  },
  {
    rule: 'plan-copies-elsewhere',
    cloudformation: `
  Orders:
    Type: AWS::RDS::DBInstance
    Properties:
      DBInstanceIdentifier: orders
      Engine: postgres
      ${cfnTags({ ...tier1, backup: 'daily' })}
${daily.cloudformation.replace('BackupPlanRule:', 'BackupPlanRule: # <-')}`,
    terraform: `
resource "aws_db_instance" "orders" {
  identifier = "orders"
  engine     = "postgres"
  ${tfTags({ ...tier1, backup: 'daily' })}
}
${daily.terraform.replace('rule {', 'rule { # <-')}`,
  },
  {
    rule: 'plan-fits-lock',
    ...secondRule(
      `          - RuleName: monthly
            TargetBackupVault: locked # <-
            ScheduleExpression: cron(0 5 1 * ? *)
            Lifecycle:
              DeleteAfterDays: 7`,
      `  rule {
    rule_name         = "monthly"
    target_vault_name = "locked" # <-
    schedule          = "cron(0 5 1 * ? *)"

    lifecycle {
      delete_after = 7
    }
  }`,
      {
        cloudformation: `  Locked:
    Type: AWS::Backup::BackupVault
    Properties:
      BackupVaultName: locked
      LockConfiguration: { MinRetentionDays: 35 }`,
        terraform: `
resource "aws_backup_vault" "locked" {
  name = "locked"
}

resource "aws_backup_vault_lock_configuration" "locked" {
  backup_vault_name  = aws_backup_vault.locked.name
  min_retention_days = 35
}`,
      },
    ),
  },
  {
    rule: 'plan-fits-lock',
    about: 'of a copy',
    ...secondRule(
      `          - RuleName: monthly
            TargetBackupVault: shop
            CopyActions:
              - DestinationBackupVaultArn: arn:aws:backup:eu-west-1:111122223333:backup-vault:locked # <-
                Lifecycle: { DeleteAfterDays: 7 }`,
      `  rule {
    rule_name         = "monthly"
    target_vault_name = "shop"

    copy_action {
      destination_vault_arn = "arn:aws:backup:eu-west-1:111122223333:backup-vault:locked" # <-

      lifecycle {
        delete_after = 7
      }
    }
  }`,
      {
        cloudformation: `  Locked:
    Type: AWS::Backup::BackupVault
    Properties:
      BackupVaultName: locked
      LockConfiguration: { MinRetentionDays: 35 }`,
        terraform: `
resource "aws_backup_vault" "locked" {
  name = "locked"
}

resource "aws_backup_vault_lock_configuration" "locked" {
  backup_vault_name  = aws_backup_vault.locked.name
  min_retention_days = 35
}`,
      },
    ),
  },
  {
    rule: 'replication-encrypted',
    about: 'of a file system',
    cloudformation: `
  Manuscripts:
    Type: AWS::EFS::FileSystem
    Properties:
      Encrypted: true
      ReplicationConfiguration: # <-
        Destinations:
          - Region: eu-central-1
`,
    terraform: `
resource "aws_efs_file_system" "manuscripts" {
  encrypted = true
}

resource "aws_efs_replication_configuration" "manuscripts" { # <-
  source_file_system_id = aws_efs_file_system.manuscripts.id

  destination {
    region = "eu-central-1"
  }
}
`,
  },
  {
    rule: 'replication-encrypted',
    about: 'of a snapshot policy',
    cloudformation: `
  Snapshots:
    Type: AWS::DLM::LifecyclePolicy
    Properties:
      Description: snapshots
      State: ENABLED
      ExecutionRoleArn: arn:aws:iam::111122223333:role/dlm
      PolicyDetails:
        ResourceTypes: [VOLUME]
        TargetTags: [{ Key: dlm, Value: daily }]
        Schedules: # <-
          - Name: daily
            CreateRule: { Interval: 24, IntervalUnit: HOURS }
            RetainRule: { Count: 14 }
            CrossRegionCopyRules:
              - Target: eu-central-1
                Encrypted: false
`,
    terraform: `
resource "aws_dlm_lifecycle_policy" "snapshots" {
  description        = "snapshots"
  execution_role_arn = "arn:aws:iam::111122223333:role/dlm"

  policy_details {
    resource_types = ["VOLUME"]
    target_tags    = { dlm = "daily" }

    schedule { # <-
      name = "daily"

      create_rule {
        interval      = 24
        interval_unit = "HOURS"
      }

      retain_rule {
        count = 14
      }

      cross_region_copy_rule {
        target    = "eu-central-1"
        encrypted = false
      }
    }
  }
}
`,
  },
  {
    rule: 's3-bucket-encrypted',
    cloudformation: `
  Covers:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: covers
      BucketEncryption: # <-
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault: { SSEAlgorithm: AES256 }
      ${cfnTags({ 'data-classification': 'confidential' })}
`,
    terraform: `
resource "aws_s3_bucket" "covers" {
  bucket = "covers"
  ${tfTags({ 'data-classification': 'confidential' })}
}

resource "aws_s3_bucket_server_side_encryption_configuration" "covers" { # <-
  bucket = aws_s3_bucket.covers.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}
`,
  },
  {
    rule: 's3-mfa-delete',
    because: 'CloudFormation has no property for it.',
    terraform: `
resource "aws_s3_bucket" "archive" {
  bucket = "archive"
  ${tfTags({ 'backup-target': 'true' })}
}

resource "aws_s3_bucket_versioning" "archive" {
  bucket = aws_s3_bucket.archive.id

  versioning_configuration {
    status     = "Enabled"
    mfa_delete = "Disabled" # <-
  }
}
`,
  },
  {
    rule: 's3-object-lock',
    about: 'without',
    cloudformation: `
  Archive: # <-
    Type: AWS::S3::Bucket
    Properties:
      BucketName: archive
      ${cfnTags({ 'backup-target': 'true' })}
`,
    terraform: `
resource "aws_s3_bucket" "archive" { # <-
  bucket = "archive"
  ${tfTags({ 'backup-target': 'true' })}
}
`,
  },
  {
    rule: 's3-object-lock',
    about: 'too short',
    cloudformation: `
  Archive:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: archive
      ObjectLockEnabled: true
      ObjectLockConfiguration:
        ObjectLockEnabled: Enabled
        Rule:
          DefaultRetention:
            Mode: COMPLIANCE
            Days: 7 # <-
      ${cfnTags({ 'backup-target': 'true' })}
`,
    terraform: `
resource "aws_s3_bucket" "archive" {
  bucket              = "archive"
  object_lock_enabled = true
  ${tfTags({ 'backup-target': 'true' })}
}

resource "aws_s3_bucket_object_lock_configuration" "archive" {
  bucket = aws_s3_bucket.archive.id

  rule {
    default_retention {
      mode = "COMPLIANCE"
      days = 7 # <-
    }
  }
}
`,
  },
  {
    rule: 'source-encrypted-where-backup-inherits',
    cloudformation: `
  Orders:
    Type: AWS::RDS::DBInstance
    Properties:
      DBInstanceIdentifier: orders
      Engine: postgres
      StorageEncrypted: false # <-
      ${cfnTags({ backup: 'daily' })}
${daily.cloudformation}`,
    terraform: `
resource "aws_db_instance" "orders" {
  identifier        = "orders"
  engine            = "postgres"
  storage_encrypted = false # <-
  ${tfTags({ backup: 'daily' })}
}
${daily.terraform}`,
  },
  {
    rule: 'storagegateway-datasync-encrypted',
    because: 'CloudFormation has no volumes of Storage Gateway.',
    terraform: `
resource "aws_storagegateway_cached_iscsi_volume" "ledger" {
  gateway_arn          = "arn:aws:storagegateway:eu-west-1:111122223333:gateway/sgw-1"
  network_interface_id = "10.0.0.1"
  target_name          = "ledger"
  volume_size_in_bytes = 1024
  kms_encrypted        = false # <-
}
`,
  },
  {
    rule: 'unencrypted-cluster-copy',
    cloudformation: `
  Catalogue:
    Type: AWS::RDS::DBCluster
    Properties:
      DBClusterIdentifier: catalogue
      Engine: aurora-postgresql
      StorageEncrypted: false # <-
      ${cfnTags({ backup: 'daily' })}
${daily.cloudformation.replace('Lifecycle:', 'CopyActions: [{ DestinationBackupVaultArn: arn:aws:backup:eu-central-1:111122223333:backup-vault:far }]\n            Lifecycle:')}`,
    terraform: `
resource "aws_rds_cluster" "catalogue" {
  cluster_identifier = "catalogue"
  engine             = "aurora-postgresql"
  storage_encrypted  = false # <-
  ${tfTags({ backup: 'daily' })}
}
${daily.terraform.replace('    lifecycle {', '    copy_action {\n      destination_vault_arn = "arn:aws:backup:eu-central-1:111122223333:backup-vault:far"\n    }\n\n    lifecycle {')}`,
  },
  {
    rule: 'vault-denies-manual-deletion',
    about: 'without a policy',
    cloudformation: `
  Vault: # <-
    Type: AWS::Backup::BackupVault
    Properties:
      BackupVaultName: shop
`,
    terraform: `
resource "aws_backup_vault" "shop" { # <-
  name = "shop"
}
`,
  },
  {
    rule: 'vault-denies-manual-deletion',
    about: 'with another policy',
    cloudformation: `
  Vault:
    Type: AWS::Backup::BackupVault
    Properties:
      BackupVaultName: shop
      AccessPolicy: # <-
        Statement: [{ Effect: Deny, Principal: '*', Action: 'backup:DeleteBackupVault', Resource: '*' }]
`,
    terraform: `
resource "aws_backup_vault" "shop" {
  name = "shop"
}

resource "aws_backup_vault_policy" "shop" { # <-
  backup_vault_name = aws_backup_vault.shop.name
  policy = jsonencode({
    Statement = [{ Effect = "Deny", Principal = "*", Action = "backup:DeleteBackupVault", Resource = "*" }]
  })
}
`,
  },
  {
    rule: 'vault-lock',
    about: 'too short',
    parameters: { onlyTiers: [] },
    cloudformation: `
  Vault:
    Type: AWS::Backup::BackupVault
    Properties:
      BackupVaultName: shop
      LockConfiguration:
        MinRetentionDays: 7 # <-
`,
    terraform: `
resource "aws_backup_vault" "shop" {
  name = "shop"
}

resource "aws_backup_vault_lock_configuration" "shop" {
  backup_vault_name  = aws_backup_vault.shop.name
  min_retention_days = 7 # <-
}
`,
  },
  {
    rule: 'vault-lock',
    about: 'without',
    parameters: { onlyTiers: [] },
    cloudformation: `
  Vault: # <-
    Type: AWS::Backup::BackupVault
    Properties:
      BackupVaultName: shop
`,
    terraform: `
resource "aws_backup_vault" "shop" { # <-
  name = "shop"
}
`,
  },
  {
    rule: 'vault-policy-no-wildcard',
    cloudformation: `
  Vault:
    Type: AWS::Backup::BackupVault
    Properties:
      BackupVaultName: shop
      AccessPolicy: # <-
        Statement: [{ Effect: Allow, Principal: '*', Action: 'backup:CopyIntoBackupVault', Resource: '*' }]
`,
    terraform: `
resource "aws_backup_vault" "shop" {
  name = "shop"
}

resource "aws_backup_vault_policy" "shop" { # <-
  backup_vault_name = aws_backup_vault.shop.name
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = "*", Action = "backup:CopyIntoBackupVault", Resource = "*" }]
  })
}
`,
  },
  {
    rule: 'vault-uses-cmk',
    about: 'without a key',
    cloudformation: `
  Vault: # <-
    Type: AWS::Backup::BackupVault
    Properties:
      BackupVaultName: shop
`,
    terraform: `
resource "aws_backup_vault" "shop" { # <-
  name = "shop"
}
`,
  },
  {
    rule: 'vault-uses-cmk',
    about: "with AWS's key",
    cloudformation: `
  Vault:
    Type: AWS::Backup::BackupVault
    Properties:
      BackupVaultName: shop
      EncryptionKeyArn: arn:aws:kms:eu-west-1:111122223333:alias/aws/backup # <-
`,
    terraform: `
resource "aws_backup_vault" "shop" {
  name        = "shop"
  kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:alias/aws/backup" # <-
}
`,
  },
  {
    rule: 'workload-cannot-delete-backups',
    because: 'Whether the organisation denies it, no template tells.',
    verdict: 'undetermined',
    cloudformation: `
  Web:
    Type: AWS::IAM::Role
    Properties:
      RoleName: web
      AssumeRolePolicyDocument:
        Statement: [{ Effect: Allow, Principal: { Service: ec2.amazonaws.com }, Action: 'sts:AssumeRole' }]
      Policies: # <-
        - PolicyName: all
          PolicyDocument:
            Statement: [{ Effect: Allow, Action: 'backup:*', Resource: '*' }]
`,
    terraform: `
resource "aws_iam_role" "web" {
  name = "web"
  assume_role_policy = jsonencode({
    Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }]
  })

  inline_policy { # <-
    name   = "all"
    policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "backup:*", Resource = "*" }] })
  }
}
`,
  },
  {
    rule: 'aurora-backtrack',
    cloudformation: `
  Catalogue:
    Type: AWS::RDS::DBCluster
    Properties:
      DBClusterIdentifier: catalogue
      Engine: aurora-mysql
      BacktrackWindow: 3600 # <-
`,
    terraform: `
resource "aws_rds_cluster" "catalogue" {
  cluster_identifier = "catalogue"
  engine             = "aurora-mysql"
  backtrack_window   = 3600 # <-
}
`,
  },
  {
    rule: 'cluster-backup-retention',
    cloudformation: `
  Catalogue:
    Type: AWS::DocDB::DBCluster
    Properties:
      DBClusterIdentifier: catalogue
      BackupRetentionPeriod: 1 # <-
`,
    terraform: `
resource "aws_docdb_cluster" "catalogue" {
  cluster_identifier      = "catalogue"
  engine                  = "docdb"
  backup_retention_period = 1 # <-
}
`,
  },
  ...[
    ['AWS::RDS::DBCluster', 'Engine: aurora-postgresql', 'aws_rds_cluster', 'aurora-postgresql'],
    ['AWS::Neptune::DBCluster', 'Port: 8182', 'aws_neptune_cluster', 'neptune'],
  ].map(([cloudformation, more, terraform, engine]) => ({
    rule: 'cluster-backup-retention',
    about: `of ${engine}`,
    cloudformation: `
  Catalogue:
    Type: ${cloudformation}
    Properties:
      DBClusterIdentifier: catalogue
      ${more}
      BackupRetentionPeriod: 1 # <-
`,
    terraform: `
resource "${terraform}" "catalogue" {
  cluster_identifier      = "catalogue"
  engine                  = "${engine}"
  backup_retention_period = 1 # <-
}
`,
  })),
  ...[
    ['AWS::DocDB::DBCluster', 'aws_docdb_cluster', 'docdb'],
    ['AWS::Neptune::DBCluster', 'aws_neptune_cluster', 'neptune'],
  ].map(([cloudformation, terraform, engine]) => ({
    rule: 'deletion-protection',
    about: `of ${engine}`,
    cloudformation: `
  Catalogue:
    Type: ${cloudformation}
    DeletionPolicy: Retain
    Properties:
      DBClusterIdentifier: catalogue
      DeletionProtection: false # <-
`,
    terraform: `
resource "${terraform}" "catalogue" {
  cluster_identifier        = "catalogue"
  engine                    = "${engine}"
  final_snapshot_identifier = "last"
  deletion_protection       = false # <-
}
`,
  })),
  {
    rule: 'cold-storage-cost',
    ...secondRule(
      `          - RuleName: yearly
            TargetBackupVault: shop
            Lifecycle:
              DeleteAfterDays: 365 # <-`,
      `  rule {
    rule_name         = "yearly"
    target_vault_name = "shop"

    lifecycle {
      delete_after = 365 # <-
    }
  }`,
      {
        cloudformation: `  Manuscripts:
    Type: AWS::EFS::FileSystem
    Properties:
      FileSystemTags: [{ Key: backup, Value: daily }]
${daily.cloudformation.replace(/^[\s\S]*?(?= {2}Tagged:)/, '')}`,
        terraform: `
resource "aws_efs_file_system" "manuscripts" {
  ${tfTags({ backup: 'daily' })}
}
${daily.terraform.replace(/^[\s\S]*(?=resource "aws_backup_selection")/, '')}`,
      },
    ),
  },
  {
    rule: 'continuous-backup-for-low-rpo',
    cloudformation: `
  Carts: # <-
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: carts
      ${cfnTags({ criticality: 'tier0' })}
`,
    terraform: `
resource "aws_dynamodb_table" "carts" { # <-
  name = "carts"
  ${tfTags({ criticality: 'tier0' })}
}
`,
  },
  {
    rule: 'datasync-task-healthy',
    about: 'without a schedule',
    cloudformation: `
  Mirror: # <-
    Type: AWS::DataSync::Task
    Properties:
      Name: mirror
      SourceLocationArn: arn:aws:datasync:eu-west-1:111122223333:location/loc-1
      DestinationLocationArn: arn:aws:datasync:eu-west-1:111122223333:location/loc-2
`,
    terraform: `
resource "aws_datasync_task" "mirror" { # <-
  name                     = "mirror"
  source_location_arn      = "arn:aws:datasync:eu-west-1:111122223333:location/loc-1"
  destination_location_arn = "arn:aws:datasync:eu-west-1:111122223333:location/loc-2"
}
`,
  },
  {
    rule: 'datasync-task-healthy',
    about: 'unverified',
    cloudformation: `
  Mirror:
    Type: AWS::DataSync::Task
    Properties:
      Name: mirror
      SourceLocationArn: arn:aws:datasync:eu-west-1:111122223333:location/loc-1
      DestinationLocationArn: arn:aws:datasync:eu-west-1:111122223333:location/loc-2
      Schedule:
        ScheduleExpression: cron(0 5 * * ? *)
      Options:
        LogLevel: BASIC
        VerifyMode: NONE # <-
`,
    terraform: `
resource "aws_datasync_task" "mirror" {
  name                     = "mirror"
  source_location_arn      = "arn:aws:datasync:eu-west-1:111122223333:location/loc-1"
  destination_location_arn = "arn:aws:datasync:eu-west-1:111122223333:location/loc-2"

  schedule {
    schedule_expression = "cron(0 5 * * ? *)"
  }

  options {
    log_level   = "BASIC"
    verify_mode = "NONE" # <-
  }
}
`,
  },
  {
    rule: 'dlm-policy-healthy',
    about: 'disabled',
    cloudformation: `
  Snapshots:
    Type: AWS::DLM::LifecyclePolicy
    Properties:
      Description: snapshots
      State: DISABLED # <-
      ExecutionRoleArn: arn:aws:iam::111122223333:role/dlm
      PolicyDetails:
        ResourceTypes: [VOLUME]
        TargetTags: [{ Key: dlm, Value: daily }]
        Schedules:
          - Name: daily
            CreateRule: { Interval: 24, IntervalUnit: HOURS }
            RetainRule: { Count: 14 }
`,
    terraform: `
resource "aws_dlm_lifecycle_policy" "snapshots" {
  description        = "snapshots"
  execution_role_arn = "arn:aws:iam::111122223333:role/dlm"
  state              = "DISABLED" # <-

  policy_details {
    resource_types = ["VOLUME"]
    target_tags    = { dlm = "daily" }

    schedule {
      name = "daily"

      create_rule {
        interval      = 24
        interval_unit = "HOURS"
      }

      retain_rule {
        count = 14
      }
    }
  }
}
`,
  },
  {
    rule: 'dlm-policy-healthy',
    about: 'kept too short',
    cloudformation: `
  Snapshots:
    Type: AWS::DLM::LifecyclePolicy
    Properties:
      Description: snapshots
      State: ENABLED
      ExecutionRoleArn: arn:aws:iam::111122223333:role/dlm
      PolicyDetails:
        ResourceTypes: [VOLUME]
        TargetTags: [{ Key: dlm, Value: daily }]
        Schedules:
          - Name: daily
            CreateRule: { Interval: 24, IntervalUnit: HOURS }
            RetainRule: { Count: 14 }
          - Name: hourly
            CreateRule: { Interval: 1, IntervalUnit: HOURS }
            RetainRule: { Count: 3 } # <-
`,
    terraform: `
resource "aws_dlm_lifecycle_policy" "snapshots" {
  description        = "snapshots"
  execution_role_arn = "arn:aws:iam::111122223333:role/dlm"

  policy_details {
    resource_types = ["VOLUME"]
    target_tags    = { dlm = "daily" }

    schedule {
      name = "daily"

      create_rule {
        interval      = 24
        interval_unit = "HOURS"
      }

      retain_rule {
        count = 14
      }
    }

    schedule {
      name = "hourly"

      create_rule {
        interval      = 1
        interval_unit = "HOURS"
      }

      retain_rule { # <-
        count = 3
      }
    }
  }
}
`,
  },
  {
    rule: 'dynamodb-pitr',
    about: 'off',
    cloudformation: `
  Carts:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: carts
      PointInTimeRecoverySpecification:
        PointInTimeRecoveryEnabled: false # <-
`,
    terraform: `
resource "aws_dynamodb_table" "carts" {
  name = "carts"

  point_in_time_recovery {
    enabled = false # <-
  }
}
`,
  },
  {
    rule: 'dynamodb-pitr',
    about: 'without',
    cloudformation: `
  Carts: # <-
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: carts
`,
    terraform: `
resource "aws_dynamodb_table" "carts" { # <-
  name = "carts"
}
`,
  },
  {
    rule: 'efs-automatic-backup',
    about: 'off',
    cloudformation: `
  Manuscripts:
    Type: AWS::EFS::FileSystem
    Properties:
      Encrypted: true
      BackupPolicy:
        Status: DISABLED # <-
`,
    terraform: `
resource "aws_efs_file_system" "manuscripts" {
}

resource "aws_efs_backup_policy" "manuscripts" {
  file_system_id = aws_efs_file_system.manuscripts.id

  backup_policy {
    status = "DISABLED" # <-
  }
}
`,
  },
  {
    rule: 'elasticache-memorydb-backup',
    cloudformation: `
  Sessions:
    Type: AWS::ElastiCache::ReplicationGroup
    Properties:
      ReplicationGroupId: sessions
      ReplicationGroupDescription: sessions
      Engine: redis
      SnapshotRetentionLimit: 0 # <-
`,
    terraform: `
resource "aws_elasticache_replication_group" "sessions" {
  replication_group_id     = "sessions"
  description              = "sessions"
  engine                   = "redis"
  snapshot_retention_limit = 0 # <-
}
`,
  },
  {
    rule: 'elasticache-memorydb-backup',
    about: 'of MemoryDB',
    cloudformation: `
  Sessions:
    Type: AWS::MemoryDB::Cluster
    Properties:
      ClusterName: sessions
      SnapshotRetentionLimit: 0 # <-
`,
    terraform: `
resource "aws_memorydb_cluster" "sessions" {
  name                     = "sessions"
  snapshot_retention_limit = 0 # <-
}
`,
  },
  {
    rule: 'failure-alerting',
    about: 'without',
    cloudformation: daily.cloudformation.replace('Vault:', 'Vault: # <-'),
    terraform: daily.terraform.replace('"shop" {', '"shop" { # <-'),
  },
  {
    rule: 'fsx-automatic-backup',
    cloudformation: `
  Share:
    Type: AWS::FSx::FileSystem
    Properties:
      FileSystemType: WINDOWS
      SubnetIds: [subnet-1]
      WindowsConfiguration:
        ThroughputCapacity: 32
        AutomaticBackupRetentionDays: 0 # <-
`,
    terraform: `
resource "aws_fsx_windows_file_system" "share" {
  subnet_ids                      = ["subnet-1"]
  throughput_capacity             = 32
  automatic_backup_retention_days = 0 # <-
}
`,
  },
  {
    rule: 'keyspaces-kinesis-opensearch',
    cloudformation: `
  Ratings:
    Type: AWS::Cassandra::Table
    Properties:
      KeyspaceName: shop
      TableName: ratings
      PointInTimeRecoveryEnabled: false # <-
`,
    terraform: `
resource "aws_keyspaces_table" "ratings" {
  keyspace_name = "shop"
  table_name    = "ratings"

  point_in_time_recovery {
    status = "DISABLED" # <-
  }
}
`,
  },
  {
    rule: 'lifecycle-valid',
    ...secondRule(
      `          - RuleName: cold
            TargetBackupVault: shop
            Lifecycle:
              MoveToColdStorageAfterDays: 30 # <-
              DeleteAfterDays: 60`,
      `  rule {
    rule_name         = "cold"
    target_vault_name = "shop"

    lifecycle {
      cold_storage_after = 30 # <-
      delete_after       = 60
    }
  }`,
    ),
  },
  {
    rule: 'pitr-lost-in-copy',
    ...secondRule(
      `          - RuleName: weekly
            TargetBackupVault: shop
            ScheduleExpression: cron(0 5 ? * SUN *)
            EnableContinuousBackup: true # <-
            CopyActions:
              - DestinationBackupVaultArn: arn:aws:backup:eu-central-1:111122223333:backup-vault:far`,
      `  rule {
    rule_name                = "weekly"
    target_vault_name        = "shop"
    schedule                 = "cron(0 5 ? * SUN *)"
    enable_continuous_backup = true # <-

    copy_action {
      destination_vault_arn = "arn:aws:backup:eu-central-1:111122223333:backup-vault:far"
    }
  }`,
    ),
  },
  {
    rule: 'plan-min-frequency-retention',
    ...(() => {
      const { cloudformation, terraform } = daily
      return {
        cloudformation: cloudformation.replace('DeleteAfterDays: 35', 'DeleteAfterDays: 7 # <-'),
        terraform: terraform.replace('delete_after = 35', 'delete_after = 7 # <-'),
      }
    })(),
  },
  {
    rule: 'rds-automated-backup',
    about: 'off',
    cloudformation: `
  Orders:
    Type: AWS::RDS::DBInstance
    Properties:
      DBInstanceIdentifier: orders
      Engine: postgres
      BackupRetentionPeriod: 0 # <-
`,
    terraform: `
resource "aws_db_instance" "orders" {
  identifier              = "orders"
  engine                  = "postgres"
  backup_retention_period = 0 # <-
}
`,
  },
  {
    rule: 'rds-automated-backup',
    about: 'by default',
    cloudformation: `
  Orders: # <-
    Type: AWS::RDS::DBInstance
    Properties:
      DBInstanceIdentifier: orders
      Engine: postgres
`,
    terraform: `
resource "aws_db_instance" "orders" { # <-
  identifier = "orders"
  engine     = "postgres"
}
`,
  },
  {
    rule: 'rds-cross-region-automated-backups',
    cloudformation: `
  Orders: # <-
    Type: AWS::RDS::DBInstance
    Properties:
      DBInstanceIdentifier: orders
      Engine: postgres
      ${cfnTags(tier1)}
`,
    terraform: `
resource "aws_db_instance" "orders" { # <-
  identifier = "orders"
  engine     = "postgres"
  ${tfTags(tier1)}
}
`,
  },
  {
    rule: 'redshift-snapshots',
    cloudformation: `
  Warehouse:
    Type: AWS::Redshift::Cluster
    Properties:
      ClusterIdentifier: warehouse
      AutomatedSnapshotRetentionPeriod: 0 # <-
`,
    terraform: `
resource "aws_redshift_cluster" "warehouse" {
  cluster_identifier                  = "warehouse"
  automated_snapshot_retention_period = 0 # <-
}
`,
  },
  {
    rule: 'retention-max',
    ...secondRule(
      `          - RuleName: for ever
            TargetBackupVault: shop
            Lifecycle:
              DeleteAfterDays: 9000 # <-`,
      `  rule {
    rule_name         = "for ever"
    target_vault_name = "shop"

    lifecycle {
      delete_after = 9000 # <-
    }
  }`,
    ),
  },
  {
    rule: 'retention-max',
    about: 'of a copy',
    ...secondRule(
      `          - RuleName: away
            TargetBackupVault: shop
            Lifecycle:
              DeleteAfterDays: 35
            CopyActions:
              - DestinationBackupVaultArn: arn:aws:backup:eu-central-1:111122223333:backup-vault:far
                Lifecycle:
                  DeleteAfterDays: 9000 # <-`,
      `  rule {
    rule_name         = "away"
    target_vault_name = "shop"

    lifecycle {
      delete_after = 35
    }

    copy_action {
      destination_vault_arn = "arn:aws:backup:eu-central-1:111122223333:backup-vault:far"

      lifecycle {
        delete_after = 9000 # <-
      }
    }
  }`,
    ),
  },
  {
    rule: 's3-lifecycle',
    about: 'without',
    cloudformation: `
  Covers: # <-
    Type: AWS::S3::Bucket
    Properties:
      BucketName: covers
      VersioningConfiguration: { Status: Enabled }
`,
    terraform: `
resource "aws_s3_bucket" "covers" { # <-
  bucket = "covers"
}

resource "aws_s3_bucket_versioning" "covers" {
  bucket = aws_s3_bucket.covers.id

  versioning_configuration {
    status = "Enabled"
  }
}
`,
  },
  {
    rule: 's3-lifecycle',
    about: 'too soon',
    cloudformation: `
  Covers:
    Type: AWS::S3::Bucket
    Properties:
      BucketName: covers
      VersioningConfiguration: { Status: Enabled }
      LifecycleConfiguration: # <-
        Rules:
          - Id: tidy
            Status: Enabled
            NoncurrentVersionExpiration: { NoncurrentDays: 3 }
            AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 }
`,
    terraform: `
resource "aws_s3_bucket" "covers" {
  bucket = "covers"
}

resource "aws_s3_bucket_versioning" "covers" {
  bucket = aws_s3_bucket.covers.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "covers" { # <-
  bucket = aws_s3_bucket.covers.id

  rule {
    id     = "tidy"
    status = "Enabled"

    noncurrent_version_expiration {
      noncurrent_days = 3
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }
}
`,
  },
  {
    rule: 'storagegateway-volume-backup',
    verdict: 'undetermined',
    because: 'CloudFormation has no volumes of Storage Gateway, and Terraform no schedule of their snapshots.',
    terraform: `
resource "aws_storagegateway_cached_iscsi_volume" "ledger" { # <-
  gateway_arn          = "arn:aws:storagegateway:eu-west-1:111122223333:gateway/sgw-1"
  network_interface_id = "10.0.0.1"
  target_name          = "ledger"
  volume_size_in_bytes = 1024
}
`,
  },
  {
    rule: 'tags-reach-backups',
    about: 'off',
    cloudformation: `
  Orders:
    Type: AWS::RDS::DBInstance
    Properties:
      DBInstanceIdentifier: orders
      Engine: postgres
      CopyTagsToSnapshot: false # <-
`,
    terraform: `
resource "aws_db_instance" "orders" {
  identifier            = "orders"
  engine                = "postgres"
  copy_tags_to_snapshot = false # <-
}
`,
  },
  {
    rule: 'tags-reach-backups',
    about: 'of a Neptune cluster, by default',
    cloudformation: `
  Graph: # <-
    Type: AWS::Neptune::DBCluster
    Properties:
      DBClusterIdentifier: graph
`,
    terraform: `
resource "aws_neptune_cluster" "graph" { # <-
  cluster_identifier = "graph"
}
`,
  },
  {
    rule: 'window-conflicts',
    ...secondRule(
      `          - RuleName: hourly
            TargetBackupVault: shop
            ScheduleExpression: cron(0 * ? * * *)
            StartWindowMinutes: 480 # <-
            Lifecycle: { DeleteAfterDays: 35 }`,
      `  rule {
    rule_name         = "hourly"
    target_vault_name = "shop"
    schedule          = "cron(0 * ? * * *)"
    start_window      = 480 # <-

    lifecycle {
      delete_after = 35
    }
  }`,
    ),
  },
  {
    rule: 'reproduction-rehearsed',
    cloudformation: `
  Carts: # <-
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: carts
      ${cfnTags({ 'backup-exempt': 'true' })}
`,
    terraform: `
resource "aws_dynamodb_table" "carts" { # <-
  name = "carts"
  ${tfTags({ 'backup-exempt': 'true' })}
}
`,
  },
  {
    rule: 'restore-role-ready',
    cloudformation: `
  Tests: # <-
    Type: AWS::Backup::RestoreTestingPlan
    Properties:
      RestoreTestingPlanName: tests
      ScheduleExpression: cron(0 7 1 * ? *)
      RecoveryPointSelection:
        Algorithm: LATEST_WITHIN_WINDOW
        IncludeVaults: ['*']
        RecoveryPointTypes: [SNAPSHOT]
  Databases:
    Type: AWS::Backup::RestoreTestingSelection
    Properties:
      RestoreTestingSelectionName: databases
      RestoreTestingPlanName: { Ref: Tests }
      ProtectedResourceType: RDS
      IamRoleArn: arn:aws:iam::111122223333:role/gone
      ProtectedResourceArns: ['*']
`,
    terraform: `
resource "aws_backup_restore_testing_plan" "tests" { # <-
  name                = "tests"
  schedule_expression = "cron(0 7 1 * ? *)"

  recovery_point_selection {
    algorithm            = "LATEST_WITHIN_WINDOW"
    include_vaults       = ["*"]
    recovery_point_types = ["SNAPSHOT"]
  }
}

resource "aws_backup_restore_testing_selection" "databases" {
  name                      = "databases"
  restore_testing_plan_name = aws_backup_restore_testing_plan.tests.name
  protected_resource_type   = "RDS"
  iam_role_arn              = "arn:aws:iam::111122223333:role/gone"
  protected_resource_arns   = ["*"]
}
`,
  },
  {
    rule: 'runbook-exists',
    cloudformation: `
  Carts: # <-
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: carts
      ${cfnTags(tier1)}
`,
    terraform: `
resource "aws_dynamodb_table" "carts" { # <-
  name = "carts"
  ${tfTags(tier1)}
}
`,
  },
  {
    rule: 'selection-window-sane',
    cloudformation: `
  Orders:
    Type: AWS::RDS::DBInstance
    Properties:
      DBInstanceIdentifier: orders
      Engine: postgres
      ${cfnTags({ backup: 'daily' })}
${daily.cloudformation.replace('cron(0 5 ? * * *)', 'cron(0 5 ? * SUN *)')}
  Tests:
    Type: AWS::Backup::RestoreTestingPlan
    Properties:
      RestoreTestingPlanName: tests
      ScheduleExpression: cron(0 7 1 * ? *)
      RecoveryPointSelection:
        Algorithm: LATEST_WITHIN_WINDOW
        IncludeVaults: ['*']
        RecoveryPointTypes: [SNAPSHOT]
        SelectionWindowDays: 1 # <-
  Databases:
    Type: AWS::Backup::RestoreTestingSelection
    Properties:
      RestoreTestingSelectionName: databases
      RestoreTestingPlanName: { Ref: Tests }
      ProtectedResourceType: RDS
      IamRoleArn: arn:aws:iam::111122223333:role/restore
      ProtectedResourceArns: ['*']
`,
    terraform: `
resource "aws_db_instance" "orders" {
  identifier = "orders"
  engine     = "postgres"
  ${tfTags({ backup: 'daily' })}
}
${daily.terraform.replace('cron(0 5 ? * * *)', 'cron(0 5 ? * SUN *)')}

resource "aws_backup_restore_testing_plan" "tests" {
  name                = "tests"
  schedule_expression = "cron(0 7 1 * ? *)"

  recovery_point_selection {
    algorithm             = "LATEST_WITHIN_WINDOW"
    include_vaults        = ["*"]
    recovery_point_types  = ["SNAPSHOT"]
    selection_window_days = 1 # <-
  }
}

resource "aws_backup_restore_testing_selection" "databases" {
  name                      = "databases"
  restore_testing_plan_name = aws_backup_restore_testing_plan.tests.name
  protected_resource_type   = "RDS"
  iam_role_arn              = "arn:aws:iam::111122223333:role/restore"
  protected_resource_arns   = ["*"]
}
`,
  },
  {
    rule: 'testing-covers-remote-copies',
    verdict: 'undetermined',
    because: 'Whether the vault that is drawn from holds copies, no template tells.',
    cloudformation: `
  Orders:
    Type: AWS::RDS::DBInstance
    Properties:
      DBInstanceIdentifier: orders
      Engine: postgres
      ${cfnTags(tier1)}
  Bunker:
    Type: AWS::Backup::LogicallyAirGappedBackupVault
    Properties:
      BackupVaultName: bunker
      MinRetentionDays: 35
      MaxRetentionDays: 400
  Tests:
    Type: AWS::Backup::RestoreTestingPlan
    Properties:
      RestoreTestingPlanName: tests
      ScheduleExpression: cron(0 7 1 * ? *)
      RecoveryPointSelection:
        Algorithm: LATEST_WITHIN_WINDOW
        IncludeVaults: # <-
          - arn:aws:backup:eu-west-1:111122223333:backup-vault:shop
        RecoveryPointTypes: [SNAPSHOT]
  Databases:
    Type: AWS::Backup::RestoreTestingSelection
    Properties:
      RestoreTestingSelectionName: databases
      RestoreTestingPlanName: { Ref: Tests }
      ProtectedResourceType: RDS
      IamRoleArn: arn:aws:iam::111122223333:role/restore
      ProtectedResourceArns: ['*']
`,
    terraform: `
resource "aws_db_instance" "orders" {
  identifier = "orders"
  engine     = "postgres"
  ${tfTags(tier1)}
}

resource "aws_backup_logically_air_gapped_vault" "bunker" {
  name               = "bunker"
  min_retention_days = 35
  max_retention_days = 400
}

resource "aws_backup_restore_testing_plan" "tests" {
  name                = "tests"
  schedule_expression = "cron(0 7 1 * ? *)"

  recovery_point_selection {
    algorithm            = "LATEST_WITHIN_WINDOW"
    include_vaults       = ["arn:aws:backup:eu-west-1:111122223333:backup-vault:shop"] # <-
    recovery_point_types = ["SNAPSHOT"]
  }
}

resource "aws_backup_restore_testing_selection" "databases" {
  name                      = "databases"
  restore_testing_plan_name = aws_backup_restore_testing_plan.tests.name
  protected_resource_type   = "RDS"
  iam_role_arn              = "arn:aws:iam::111122223333:role/restore"
  protected_resource_arns   = ["*"]
}
`,
  },
  {
    rule: 'untestable-type-attested',
    verdict: 'undetermined',
    because: 'A template attests no restore, and tells of none.',
    cloudformation: `
  Warehouse: # <-
    Type: AWS::Redshift::Cluster
    Properties:
      ClusterIdentifier: warehouse
`,
    terraform: `
resource "aws_redshift_cluster" "warehouse" { # <-
  cluster_identifier = "warehouse"
}
`,
  },
]
