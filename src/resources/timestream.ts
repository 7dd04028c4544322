/**
 * Amazon Timestream for LiveAnalytics tables. A database is only a folder of tables and the home of their key. AWS Config
 * records neither.
 *
 * `configuration` = `Table` of `timestream:DescribeTable` (or an element of `timestream:ListTables`); id =
 * `<DatabaseName>|<TableName>`. `supplementary.Database` = `Database` of `timestream:DescribeDatabase`, which names the key.
 * https://docs.aws.amazon.com/timestream/latest/developerguide/API_Table.html
 */

import { stackArnOf } from './cloudformation-stacks.ts'
import type { ResourceDefinition } from './definition.ts'
import {
  keptByTemplate,
  noNativeBackup,
  noPointInTimeRecovery,
  noReplication,
  settleKeyManager,
} from './native-backup.ts'
import { settleDeletionPolicy } from './store-settings.ts'

export const definitions: ResourceDefinition[] = [
  {
    role: 'data-store',
    type: 'AWS::Timestream::Table',
    names: {
      config: [],
      cloudformation: ['AWS::Timestream::Table'],
      terraform: ['aws_timestreamwrite_table', 'awscc_timestream_table'],
    },
    identity: {
      arn: 'timestream:{region}:{account}:database/{within}/table/{id}',
      cloudformation: 'TableName',
      terraform: 'table_name',
      within: { cloudformation: 'DatabaseName', terraform: 'database_name' },
    },
    service: 'Timestream',
    support: {
      awsBackup: true,
      crossRegionCopy: true,
      crossAccountCopy: true,
      continuous: false,
      independentEncryption: true,
      coldStorage: true,
      restoreTesting: false,
      airGapped: false,
    },
    facts: {
      ...noNativeBackup,
      ...noPointInTimeRecovery,
      ...noReplication,
      engine: null,
      deploymentType: null,
      ageHours: { config: 'CreationTime', as: 'time' },
      replicaOf: null,
      attached: true,
      // Every database is encrypted, by default with the service's key in the account; the table itself names no key.
      'encryption.encrypted': true,
      'encryption.keyArn': { api: 'supplementary.Database.KmsKeyId', as: 'string' },
      'encryption.algorithm': null,
      'encryption.inTransit': null,
      'lifecycle.deletionProtection': false,
      'lifecycle.deleteAutomatedBackups': null,
      'lifecycle.finalSnapshot': keptByTemplate,
      'lifecycle.copyTagsToBackups': null,
    },
    derive: (own, item) => {
      settleKeyManager(own)
      settleDeletionPolicy(own, item, false)
    },
    coveredThrough: stackArnOf,
  },
]
