/**
 * What a file in `src/resources/` declares. One file a service is the home of everything the project knows of it: its
 * names in each format, which subject it is, what AWS Backup supports for it, and where each fact is found.
 */
import type {
  BackupJob,
  BackupPlan,
  BackupSelection,
  BackupVault,
  RecoveryPoint,
  RestoreJob,
  RestoreTestingPlan,
  RestoreTestingSelection,
} from '../model/backup.ts'
import type { Facts, FactValue } from '../model/facts.ts'
import type {
  AccountSettings,
  Alarm,
  Companion,
  ConfigRecorder,
  EventRule,
  Framework,
  IamManagedPolicy,
  IamPrincipal,
  KmsAlias,
  KmsKey,
  NativeSnapshot,
  RegionSettings,
  ReportPlan,
  ResilienceApp,
  SnapshotPolicy,
  Topic,
  Trail,
  TransferLocation,
  TransferTask,
} from '../model/guards.ts'
import type { Encoding, ResourceRecord } from '../model/record.ts'

/** What the sources call a type. Absent list: the format has no such type. `api` names a type that only a native API lists. */
export interface TypeNames {
  /** AWS Config's spelling; `[]` where Config records no such type. */
  config: readonly string[]
  /** CloudFormation's spelling. */
  cloudformation: readonly string[]
  /** Terraform's spelling (`aws_*`, `awscc_*`). */
  terraform: readonly string[]
}

/**
 * Where a fact's value stands. Paths are dotted and case-insensitive; `supplementary.X` looks into
 * `supplementaryConfiguration`, everything else into `configuration`. Several paths: the first that is present.
 */
export interface PropertySource {
  config?: string | readonly string[]
  /** Native API's answer; the same path as `config` where not given (casing does not matter). */
  api?: string | readonly string[]
  cloudformation?: string | readonly string[]
  terraform?: string | readonly string[]
  /**
   * What the raw value becomes; default: as it is (`{ value: x }` unwrapped). `time`: an instant that the inventory turns
   * into an age in hours at the fact's path. A function returns `undefined` for a value it cannot read.
   */
  as?: 'boolean' | 'number' | 'string' | 'time' | ((value: unknown, item: ResourceRecord) => FactValue | undefined)
  /**
   * What it means where no path is present and the property is not unknown-until-deploy: the value by encoding. An encoding
   * that is not listed leaves the fact absent (not known). `null` in the source counts as absent.
   */
  absent?: Partial<Record<Encoding, FactValue>>
}

/**
 * How a template names a type's resources, so that references to them can be resolved before deployment
 * ({@link ../resources/identity.ts}). Absent: nothing refers to the type by ARN.
 */
export interface TemplateIdentity {
  /**
   * The ARN after `arn:{partition}:` (`dynamodb:{region}:{account}:table/{id}`). Filled in are `{region}`, `{account}`, `{id}`,
   * `{within}` and `{made}`, a part that AWS makes although the author chose the id (a framework's `name-uuid`).
   */
  arn?: string
  /** What `{within}` stands for: the property that names what holds the resource, or its path. Absent properties: not known. */
  within?: { cloudformation?: string; terraform?: string; absent?: string }
  /** The property in which the author chooses the id; absent where AWS always makes it. Dotted. */
  cloudformation?: string
  terraform?: string
  /** CloudFormation's `Ref` and Terraform's `id` give the ARN, not the id (an SNS topic). */
  refersByArn?: boolean
  /** AWS lower-cases the id (RDS, Redshift, ElastiCache). */
  lowerCase?: boolean
}

/**
 * Terraform resources that each declare a part of an owner's configuration (`aws_s3_bucket_versioning` of an `aws_s3_bucket`), by
 * Terraform type. A source puts their values, a list of one element a resource, under `as` into the owner's configuration; what
 * is not known in one is marked `as.0.…` in the owner's `unknown`. Without the key no such resource is declared in the scope,
 * which in an open world means nothing: there the key is marked as unknown before the record is read.
 */
export interface TerraformCompanions {
  [terraformType: string]: {
    /** The companion's attribute that names the owner, by id, name or ARN. */
    by: string
    /** Where the companions' values stand in the owner's configuration; no attribute of the owner's own. */
    as: string
    /** An owner may have several. Where there may be more than those of the list, `as[]` is marked as unknown. */
    many?: boolean
    /**
     * What it says is worth judging where its owner is declared elsewhere, if it names the owner by its whole ARN: the owner then
     * is a record of which nothing else is known.
     */
    standsAlone?: boolean
  }
}

/**
 * A CloudFormation resource that declares a part of an owner (an attachment of a volume, a policy of a role). What it says stands as
 * an element of a list under `as` in the owner's configuration. Without the key no such resource is declared in the scope, which in
 * an open world means nothing: there the key is marked as unknown before the record is read.
 */
export interface CloudFormationCompanion {
  type: string
  /** The property that names the owner, or several of them, by id, name or ARN; dotted, lists entered. */
  by: string
  /** Where the values stand in the owner's configuration; no property of the owner's own. */
  as: string
  /** The value is what the companion itself is called, under this name; absent: all of its properties. */
  own?: { as: string; what: 'arn' | 'id' }
}

/**
 * Where facts stand in a template that are not read by a path alone: property paths by fact path. `[]` stands for the same
 * position in both (`rules[].schedule` at `BackupPlan.BackupPlanRule[].ScheduleExpression`). A fact that is not listed stands
 * where the one around it does (`lock` is for `lock.strength` too).
 */
export interface FactPlaces {
  [factPath: string]: {
    cloudformation?: string | readonly string[]
    terraform?: string | readonly string[]
  }
}

/** AWS Backup's feature matrix for one store. Absent = AWS's documents do not say. */
export interface BackupSupport {
  awsBackup: boolean
  crossRegionCopy?: boolean
  crossAccountCopy?: boolean
  continuous?: boolean
  independentEncryption?: boolean
  coldStorage?: boolean
  restoreTesting?: boolean
  airGapped?: boolean
}

/** A type whose resources are data stores. */
export interface StoreDefinition {
  role: 'data-store'
  /** Canonical type: CloudFormation's name, told by engine. */
  type: string
  names: TypeNames
  identity?: TemplateIdentity
  places?: FactPlaces
  companions?: TerraformCompanions
  cloudFormationCompanions?: readonly CloudFormationCompanion[]
  /** Tells definitions apart that share a source type (RDS clusters by engine). Absent: takes every item. */
  accepts?: (item: ResourceRecord) => boolean
  /** AWS Backup's name of the type; `null` where it does not support it; `undefined` where the facts cannot tell which it is. */
  service: string | null | ((own: Facts) => string | null | undefined)
  support: BackupSupport | ((own: Facts, settings: { dynamodbAdvanced?: boolean }) => BackupSupport)
  /** Facts by path: where each is found, or a constant. Paths are those of `schemas/facts/data-store.schema.json`. */
  facts: { [path: string]: PropertySource | FactValue }
  /** What can't be said as data: adds to or corrects the facts that were read. */
  derive?: (own: Facts, item: ResourceRecord) => void
  /**
   * ARN or id of the resource that is judged in this one's place (an Aurora member's cluster); `null` = itself; `undefined` =
   * another one, not known which (then `notAStore` keeps this one out where that is certain).
   */
  judgedAs?: (item: ResourceRecord) => string | null | undefined
  /** Why the item is no store at all (memcached, instance-store, Lustre scratch, a terminated instance); `null` = it is one. */
  notAStore?: (item: ResourceRecord, own: Facts) => string | null
  /** ARNs whose selection covers this store too (the instance a volume is attached to, the stack); `undefined` = not known. */
  coveredThrough?: (item: ResourceRecord) => string[] | undefined
  /** ARNs other than the record's own by which points, jobs and selections may name the store. */
  otherArns?: (item: ResourceRecord) => string[]
}

/** What each kind of evidence is read into. */
export interface EvidenceKinds {
  'backup-plan': BackupPlan
  'backup-selection': BackupSelection
  'backup-vault': BackupVault
  'recovery-point': RecoveryPoint
  'backup-job': BackupJob
  'restore-job': RestoreJob
  'restore-testing-plan': RestoreTestingPlan
  'restore-testing-selection': RestoreTestingSelection
  'kms-key': KmsKey
  'kms-alias': KmsAlias
  'iam-principal': IamPrincipal
  'iam-managed-policy': IamManagedPolicy
  trail: Trail
  'event-rule': EventRule
  alarm: Alarm
  topic: Topic
  'native-snapshot': NativeSnapshot
  'snapshot-policy': SnapshotPolicy
  'transfer-task': TransferTask
  'transfer-location': TransferLocation
  'region-settings': RegionSettings
  'account-settings': AccountSettings
  framework: Framework
  'report-plan': ReportPlan
  'resilience-app': ResilienceApp
  'config-recorder': ConfigRecorder
  companion: Companion
  /** An organisation's backup policy: the plans it makes, each with its selections. */
  'organization-backup-policy': {
    accounts?: string[]
    plans: { plan: BackupPlan; selections: BackupSelection[]; regions?: string[] }[]
  }
}

/** Names of the evidence kinds. */
export type EvidenceKind = keyof EvidenceKinds

/** A type whose resources are evidence, or subjects other than data stores. */
export interface EvidenceDefinition<K extends EvidenceKind = EvidenceKind> {
  role: K
  type: string
  names: TypeNames
  identity?: TemplateIdentity
  places?: FactPlaces
  companions?: TerraformCompanions
  cloudFormationCompanions?: readonly CloudFormationCompanion[]
  accepts?: (item: ResourceRecord) => boolean
  /** What the item says; `undefined` where it lacks what identifies it. Never throws. */
  read: (item: ResourceRecord) => EvidenceKinds[K] | undefined
}

/** Any definition. */
export type ResourceDefinition = StoreDefinition | { [K in EvidenceKind]: EvidenceDefinition<K> }[EvidenceKind]
