/**
 * SAP HANA databases on Amazon EC2, registered with AWS Systems Manager for SAP. AWS Backup backs up each database of the
 * application through Backint; what HANA's own tools keep beside that, AWS does not see.
 *
 * `configuration` = `Application` of `ssm-sap:GetApplication`; id = `Id`. `supplementary.Databases` = `Databases` of
 * `ssm-sap:ListDatabases` for the application (`Arn`, `DatabaseType` SYSTEM or TENANT), whose ARNs selections and recovery
 * points name. Only an application with one such database answers to its ARN: with several, a backup of one is not a backup
 * of all, and whether all are backed up is not known; nor is it where the databases are not. https://docs.aws.amazon.com/ssmsap/latest/APIReference/API_Application.html
 */
import type { ResourceRecord } from '../model/record.ts'
import type { ResourceDefinition } from './definition.ts'
import { supplementaryOf } from './evidence.ts'
import { keptByTemplate, noReplication, textAt } from './native-backup.ts'
import { toList, toText, valueAt } from './property.ts'
import { settleDeletionPolicy } from './store-settings.ts'

/** ARNs of the databases that hold the data; `undefined` = not known. */
function databaseArns(item: ResourceRecord): (string | undefined)[] | undefined {
  const databases = toList(supplementaryOf(item, 'Databases'))
  if (!databases) return undefined
  // Every multitenant system has a SYSTEM database beside the tenants; the data is in those.
  const tenants = databases.filter(database => toText(valueAt(database, 'DatabaseType')) !== 'SYSTEM')
  const holding = tenants.length > 0 ? tenants : databases
  return holding.map(database => toText(valueAt(database, 'Arn')))
}

/** The ARN that stands for the application. */
function onlyDatabase(item: ResourceRecord): string[] {
  const [arn, ...further] = databaseArns(item) ?? []
  return arn === undefined || further.length > 0 ? [] : [arn]
}

/** Backups of its databases that cannot be told to be the application's may be there. */
function throughDatabases(item: ResourceRecord): string[] | undefined {
  const arns = databaseArns(item)
  return arns && arns.length < 2 && !arns.includes(undefined) ? [] : undefined
}

export const definitions: ResourceDefinition[] = [
  {
    role: 'data-store',
    type: 'AWS::SystemsManagerSAP::Application',
    names: {
      config: ['AWS::SystemsManagerSAP::Application'],
      cloudformation: ['AWS::SystemsManagerSAP::Application'],
      terraform: ['awscc_systemsmanagersap_application'],
    },
    identity: { cloudformation: 'ApplicationId', terraform: 'application_id' },
    service: 'SAP HANA on Amazon EC2',
    support: {
      awsBackup: true,
      crossRegionCopy: true,
      crossAccountCopy: true,
      continuous: true,
      independentEncryption: true,
      restoreTesting: false,
    },
    facts: {
      ...noReplication,
      engine: {
        config: ['Type', 'ApplicationType'],
        cloudformation: 'ApplicationType',
        terraform: 'application_type',
        as: 'string',
      },
      deploymentType: null,
      replicaOf: null,
      attached: true,
      'encryption.keyArn': null,
      'encryption.algorithm': null,
      'encryption.inTransit': null,
      'native.keepsForever': false,
      'native.retentionHours': null,
      'native.snapshotIntervalHours': null,
      'native.backtrackHours': null,
      'native.crossRegionCopy': null,
      'native.exported': null,
      'lifecycle.deletionProtection': false,
      'lifecycle.deleteAutomatedBackups': null,
      'lifecycle.finalSnapshot': keptByTemplate,
      'lifecycle.copyTagsToBackups': null,
    },
    derive: (own, item) => settleDeletionPolicy(own, item, false),
    notAStore: item => {
      const type = textAt(item, ['Type', 'application_type']) ?? textAt(item, ['ApplicationType', 'application_type'])
      return type === 'SAP_ABAP'
        ? 'an SAP application server; its database is registered as an application of its own'
        : null
    },
    otherArns: onlyDatabase,
    coveredThrough: throughDatabases,
  },
]
