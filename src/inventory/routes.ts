/**
 * Which accounts need a record to be judged, where the accounts of an organisation are judged one by one: its own always; another
 * where it holds or uses something of it (`src/commands/org/README.md`). What nobody else needs goes nowhere.
 */
import type { BackupPlan, RecoveryPoint } from '../model/backup.ts'
import type { ResourceRecord } from '../model/record.ts'
import type { EvidenceDefinition, ResourceDefinition } from '../resources/definition.ts'
import { partitionOf } from '../resources/identity.ts'
import { parseArn } from './arn.ts'
import { DefinitionIndex } from './definition-index.ts'

/** Where a record goes beside its own account. */
export type Route =
  /** To every account. */
  | { to: 'everyone' }
  | { to: 'account'; account: string }
  /** To whom a store belongs that only its ARN tells (a bucket). */
  | { to: 'owner'; of: string }
  /** To whoever names it. `record`: what is told of it, where that is less than all. */
  | { to: 'namers'; names: string[]; record?: ResourceRecord }
  /** Not the record: an account is asked to tell of a store of its own. */
  | { to: 'asked'; account: string; store: string }

/** ARNs of vaults, keys and topics that a text names. */
const linked = /arn:aws[a-z-]*:(?:backup|kms|sns):[a-z0-9-]*:\d{12}:[^"\\\s*]+/g
const buckets = /arn:aws[a-z-]*:s3:::[^"\\\s/*]+/g

/** The vaults, keys and topics of other accounts that a record names, and for a bucket the buckets. */
export function namesIn(record: ResourceRecord, text: string, account: string): string[] {
  const found = (text.match(linked) ?? []).filter(arn => accountIn(arn) !== account)
  if (record.type !== 'AWS::S3::Bucket') return found
  return [...found, ...(text.match(buckets) ?? []).filter(arn => arn !== record.arn)]
}

function accountIn(arn: string): string | undefined {
  return arn.split(':', 5)[4]
}

/** Finds the routes of the records of one account. */
export class Router {
  private readonly definitions: DefinitionIndex

  constructor(
    definitions: readonly ResourceDefinition[],
    private readonly account: string,
  ) {
    this.definitions = new DefinitionIndex(definitions)
  }

  /** Where a record goes beside its own account. Scopes and gaps go to everyone: they decide what an absence means. */
  routesOf(record: ResourceRecord): Route[] {
    const definition = this.definitions.of(record)
    if (!definition || record.deleted) return []
    if (definition.role === 'data-store') return record.type === 'AWS::S3::Bucket' ? bucketRoutes(record) : []
    return this.evidenceRoutes(record, definition as EvidenceDefinition)
  }

  private evidenceRoutes(record: ResourceRecord, definition: EvidenceDefinition): Route[] {
    switch (definition.role) {
      case 'recovery-point':
        return this.pointRoutes((definition as EvidenceDefinition<'recovery-point'>).read(record))
      case 'backup-job':
      case 'restore-job':
        return this.toOwner((definition as EvidenceDefinition<'backup-job' | 'restore-job'>).read(record)?.sourceArn)
      case 'companion':
        return this.toOwner((definition as EvidenceDefinition<'companion'>).read(record)?.storeId)
      case 'native-snapshot':
        return this.ask((definition as EvidenceDefinition<'native-snapshot'>).read(record)?.sourceArn)
      case 'backup-plan':
        return this.planRoutes((definition as EvidenceDefinition<'backup-plan'>).read(record))
      case 'trail':
      // What AWS Config records decides what its snapshots prove.
      case 'config-recorder':
      case 'organization-backup-policy':
        return [{ to: 'everyone' }]
      default:
        return linkedRoutes(record, definition)
    }
  }

  private pointRoutes(point: RecoveryPoint | undefined): Route[] {
    // Of a bucket's point nothing tells the account: a copy of a copy names the vault that it was copied from last.
    return !point || point.isChild ? [] : this.toOwner(point.sourceArn)
  }

  private toOwner(arn: string | null | undefined): Route[] {
    if (arn?.startsWith('arn:') && parseArn(arn)?.service === 's3') return [{ to: 'owner', of: arn }]
    const account = this.otherOf(arn)
    return account === undefined ? [] : [{ to: 'account', account }]
  }

  private ask(arn: string | null | undefined): Route[] {
    const account = this.otherOf(arn)
    return account === undefined ? [] : [{ to: 'asked', account, store: arn! }]
  }

  /** The account of an ARN, where it is another. What is no account is a word of the input, which must not become the name of an object. */
  private otherOf(arn: string | null | undefined): string | undefined {
    const account = arn == null ? undefined : parseArn(arn)?.account
    return account === undefined || account === this.account || !/^\d{12}$/.test(account) ? undefined : account
  }

  private planRoutes(plan: BackupPlan | undefined): Route[] {
    if (!plan) return []
    const isPartial =
      plan.rulesPartial === true ||
      plan.rules.some(({ targetVaultName, copyActions }) => targetVaultName === undefined || copyActions === undefined)
    // It may send points to any vault.
    if (isPartial) return [{ to: 'everyone' }]
    const arns = plan.rules.flatMap(({ copyActions, targetAirGappedVaultArn }) => [
      ...(copyActions ?? []).map(({ destinationVaultArn }) => destinationVaultArn),
      targetAirGappedVaultArn,
    ])
    const accounts = new Set(arns.flatMap(arn => this.otherOf(arn) ?? []))
    return [...accounts].map(account => ({ to: 'account', account }))
  }
}

function linkedRoutes(record: ResourceRecord, definition: EvidenceDefinition): Route[] {
  const names = namesOf(record, definition)
  return names.length === 0 ? [] : [{ to: 'namers', names }]
}

/** ARNs by which other accounts may name a vault, a key or a topic. */
function namesOf(record: ResourceRecord, definition: EvidenceDefinition): string[] {
  const { account = '', region = '' } = record
  const kms = `arn:${partitionOf(region)}:kms:${region}:${account}:`
  switch (definition.role) {
    case 'backup-vault': {
      const vault = (definition as EvidenceDefinition<'backup-vault'>).read(record)
      const made = vault && `arn:${partitionOf(region)}:backup:${region}:${account}:backup-vault:${vault.name}`
      return [record.arn ?? made].filter(name => name !== undefined)
    }
    case 'kms-key': {
      const key = (definition as EvidenceDefinition<'kms-key'>).read(record)
      const names = [record.arn ?? key?.arn, ...(key?.aliases ?? []).map(alias => `${kms}${alias}`)]
      return names.filter(name => name !== undefined)
    }
    case 'kms-alias': {
      const alias = (definition as EvidenceDefinition<'kms-alias'>).read(record)
      // The key that it stands for is named like its own: whoever needs the key needs the alias.
      return alias ? [alias.arn ?? `${kms}${alias.alias}`, ...keyNames(kms, alias.keyId)] : []
    }
    case 'topic': {
      const topic = (definition as EvidenceDefinition<'topic'>).read(record)
      return topic ? [topic.arn] : []
    }
    default:
      return []
  }
}

function keyNames(kms: string, keyId: string | undefined): string[] {
  return keyId === undefined ? [] : [keyId.startsWith('arn:') ? keyId : `${kms}key/${keyId}`]
}

/** A bucket that another's replication or point names: where it lies, and what it is classified by. */
function bucketRoutes({ configuration: _, supplementary: __, ...record }: ResourceRecord): Route[] {
  if (record.arn === undefined) return []
  return [{ to: 'namers', names: [record.arn], record: { ...record, configuration: {} } }]
}
