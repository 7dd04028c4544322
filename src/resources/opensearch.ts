/**
 * Amazon OpenSearch Service domains, Elasticsearch ones too. The service always takes snapshots of its own and keeps them 14
 * days: hourly, but daily for Elasticsearch older than 5.3. They lie in the service's bucket, go with the domain, and can be
 * paused for up to three days. AWS Backup does not support domains.
 *
 * AWS Config calls the type `AWS::OpenSearch::Domain` or `AWS::Elasticsearch::Domain`, resourceId = domain name. Live:
 * `configuration` = `DomainStatus` of `es:DescribeDomain` (element of `DescribeDomains`); id = `DomainName`. No further
 * answers are needed. https://docs.aws.amazon.com/opensearch-service/latest/developerguide/managedomains-snapshots.html
 */
import type { Facts } from '../model/facts.ts'
import type { ResourceRecord } from '../model/record.ts'
import type { ResourceDefinition } from './definition.ts'
import {
  everywhere,
  factGroup,
  keptByTemplate,
  noPointInTimeRecovery,
  noReplication,
  notInAwsBackup,
  settleKeyManager,
} from './native-backup.ts'
import { property, toBoolean, toText, valueAt } from './property.ts'
import { isUnknownUntilDeploy } from './reading.ts'
import { settleDeletionPolicy } from './store-settings.ts'

interface Engine {
  name: 'OpenSearch' | 'Elasticsearch'
  /** Major and minor; `undefined` = the newest. */
  version?: [number, number]
}

/** Engine and version; AWS creates an Elasticsearch 1.5 domain where the old resource type names no version. */
function engineOf(item: ResourceRecord): Engine | undefined {
  const old = /elasticsearch/i.test(item.type)
  const path = item.encoding === 'terraform' ? (old ? 'elasticsearch_version' : 'engine_version') : undefined
  const raw = path ? property(item, path) : (property(item, 'EngineVersion') ?? property(item, 'ElasticsearchVersion'))
  if (raw === undefined || raw === null) {
    const template = item.encoding === 'cloudformation' || item.encoding === 'terraform'
    const unknown = ['EngineVersion', 'ElasticsearchVersion', 'engine_version', 'elasticsearch_version'].some(name =>
      isUnknownUntilDeploy(item, name),
    )
    if (!template || unknown) return undefined
    return old ? { name: 'Elasticsearch', version: [1, 5] } : { name: 'OpenSearch' }
  }
  const match = /^(?:(OpenSearch|Elasticsearch)_)?(\d{1,3})\.(\d{1,3})/i.exec(
    typeof raw === 'number' ? raw.toFixed(1) : (toText(raw) ?? ''),
  )
  if (!match) return undefined
  return {
    name: match[1]?.toLowerCase() === 'opensearch' ? 'OpenSearch' : 'Elasticsearch',
    version: [Number(match[2]), Number(match[3])],
  }
}

/** `paused` = no automatic snapshots are taken now; `undefined` = not known. */
function isPaused(item: ResourceRecord): boolean | undefined {
  const pause = property(
    item,
    item.encoding === 'terraform' ? 'automated_snapshot_pause_options' : 'AutomatedSnapshotPauseOptions',
  )
  if (pause === undefined || pause === null || (Array.isArray(pause) && pause.length === 0)) return false
  const state = toText(valueAt(pause, 'State'))
  if (state !== undefined) return state === 'Active'
  return toBoolean(valueAt(pause, 'Enabled')) === false ? false : undefined
}

function settleSnapshots(own: Facts, item: ResourceRecord, engine: Engine | undefined): void {
  const native = factGroup(own, 'native')
  const paused = isPaused(item)
  if (paused === undefined) return
  native.automatedBackup = !paused
  // What was taken before a pause stays its 14 days, but nothing new is kept.
  native.retentionDays = paused ? 0 : 14
  if (paused) {
    native.snapshotIntervalHours = null
    native.latestRestorableAgeHours = null
    return
  }
  if (!engine) return
  const [major, minor] = engine.version ?? [Number.POSITIVE_INFINITY, 0]
  const daily = engine.name === 'Elasticsearch' && (major < 5 || (major === 5 && minor < 3))
  // A daily snapshot may begin anywhere in its hour.
  native.snapshotIntervalHours = daily ? 25 : 1
}

/** Terraform's provider enforces HTTPS where the block is there without the flag; without the block AWS does not. */
function settleInTransit(own: Facts, item: ResourceRecord): void {
  const encryption = factGroup(own, 'encryption')
  if (item.encoding !== 'terraform' || encryption.inTransit !== undefined) return
  const block = 'domain_endpoint_options'
  if (isUnknownUntilDeploy(item, block)) return
  const options = property(item, block)
  if (valueAt(options, 'enforce_https') !== undefined && valueAt(options, 'enforce_https') !== null) return
  const empty = options === undefined || options === null || (Array.isArray(options) && options.length === 0)
  encryption.inTransit = !empty && !item.type.startsWith('awscc_')
}

export const definitions: ResourceDefinition[] = [
  {
    role: 'data-store',
    type: 'AWS::OpenSearchService::Domain',
    names: {
      config: ['AWS::OpenSearch::Domain', 'AWS::Elasticsearch::Domain'],
      cloudformation: ['AWS::OpenSearchService::Domain', 'AWS::Elasticsearch::Domain'],
      terraform: [
        'aws_opensearch_domain',
        'aws_elasticsearch_domain',
        'awscc_opensearchservice_domain',
        'awscc_elasticsearch_domain',
      ],
    },
    identity: { arn: 'es:{region}:{account}:domain/{id}', cloudformation: 'DomainName', terraform: 'domain_name' },
    service: null,
    support: notInAwsBackup,
    facts: {
      ...noPointInTimeRecovery,
      ...noReplication,
      deploymentType: null,
      replicaOf: null,
      attached: true,
      'encryption.encrypted': {
        config: 'EncryptionAtRestOptions.Enabled',
        cloudformation: 'EncryptionAtRestOptions.Enabled',
        terraform: ['encrypt_at_rest.enabled', 'encryption_at_rest_options.enabled'],
        as: 'boolean',
        absent: { cloudformation: false, terraform: false },
      },
      'encryption.keyArn': {
        config: 'EncryptionAtRestOptions.KmsKeyId',
        cloudformation: 'EncryptionAtRestOptions.KmsKeyId',
        terraform: ['encrypt_at_rest.kms_key_id', 'encryption_at_rest_options.kms_key_id'],
        as: 'string',
        absent: everywhere(null),
      },
      'encryption.algorithm': null,
      'encryption.inTransit': {
        config: 'DomainEndpointOptions.EnforceHTTPS',
        cloudformation: 'DomainEndpointOptions.EnforceHTTPS',
        terraform: 'domain_endpoint_options.enforce_https',
        as: 'boolean',
        absent: { cloudformation: false },
      },
      'native.keepsForever': false,
      'native.retentionHours': null,
      'native.backtrackHours': null,
      'native.crossRegionCopy': null,
      'native.exported': null,
      'lifecycle.deletionProtection': false,
      'lifecycle.deleteAutomatedBackups': null,
      'lifecycle.finalSnapshot': keptByTemplate,
      'lifecycle.copyTagsToBackups': null,
    },
    derive: (own, item) => {
      settleDeletionPolicy(own, item, false)
      const engine = engineOf(item)
      if (engine) own.engine = engine.name
      settleSnapshots(own, item, engine)
      settleInTransit(own, item)
      // Where no key is named the service uses `alias/aws/es`.
      settleKeyManager(own, 'aws')
    },
  },
]
