/**
 * The snapshot: a stream of records, one JSON object a line (`schemas/snapshot.schema.json`). Everything that reads
 * AWS or files produces these; everything that judges starts from them.
 */

/** What kind of input a scope was read from; decides what the scope can know and what its absences mean. */
export type SourceKind =
  | 'aws'
  | 'aws-config-snapshot'
  | 'aws-config-history'
  | 'aws-config-item'
  | 'aws-config-event'
  | 'aws-config-query'
  | 'cloudformation'
  | 'cdk'
  | 'terraform-plan'
  | 'terraform-state'
  | 'terraform-hcl'

/**
 * How the `configuration` of a resource is spelt.
 * `config`: an AWS Config configuration item. `api`: the native API's answer. `cloudformation`, `terraform`: declared.
 * The same property may be spelt differently in each, and its absence may mean something else.
 */
export type Encoding = 'config' | 'api' | 'cloudformation' | 'terraform'

/** A line in an input file. `file` is relative to the working directory or the input, never absolute. Lines from 1. */
export interface Location {
  file: string
  line: number
  column?: number
  endLine?: number
}

/** What one reading of one account and Region, or of one template, could know, and when. */
export interface ScopeRecord {
  record: 'scope'
  /** Hash of source, account, Region and `takenAt`: two captures never share it, so that snapshots can be concatenated. */
  id: string
  source: SourceKind
  account?: string
  region?: string
  /** ISO 8601 UTC. The only clock for ages; absent where no source states a time. */
  takenAt?: string
  /** Fact groups that this scope read completely, but for its gaps. Absent or empty: it closes nothing. */
  factGroups?: string[]
  /** Resource types that this scope read completely (AWS Config: types with items or a recorder that records them). */
  types?: string[]
  /** True where everything declared is in this scope or in another that is given (`--closed-world`). */
  closed?: boolean
  tool?: { name: string; version: string }
  file?: string
}

/** One configuration item: a resource as AWS, or a template, describes it. */
export interface ResourceRecord {
  record: 'resource'
  /** Id of the scope it was read in. */
  scope: string
  /** CloudFormation's or AWS Config's spelling, as the source called it (`AWS::RDS::DBCluster`). */
  type: string
  /** AWS Config's resourceId; in a template the address. */
  id: string
  arn?: string
  account?: string
  region?: string
  name?: string
  /** `null`: known to have none. Absent: not known. */
  tags?: Record<string, string> | null
  encoding: Encoding
  configuration: Record<string, unknown>
  /**
   * AWS Config's supplementaryConfiguration, or further API answers by name; in CloudFormation the resource's attributes
   * (`DeletionPolicy`). `null` values: known to be none.
   */
  supplementary?: Record<string, unknown>
  /** The source says that the resource no longer exists. */
  deleted?: boolean
  /** ISO 8601: when the source saw this state (configurationItemCaptureTime). */
  seenAt?: string
  /** ISO 8601: when the resource was created. */
  createdAt?: string
  /** Logical id or Terraform address; set by templates only. */
  address?: string
  location?: Location
  /** Property paths that are not known until deployment, dotted, in the encoding's spelling. */
  unknown?: string[]
  /**
   * Lines of properties in the location's file: dotted path (the encoding's spelling, list positions included) → line. At most a
   * few hundred, eight levels deep. Set by templates only.
   */
  positions?: Record<string, number>
  /** Resources of the template that declare a part of this one (a bucket's `aws_s3_bucket_versioning`). */
  related?: RelatedResource[]
  /** The AWS CDK construct that made it (`Metadata['aws:cdk:path']`). */
  constructPath?: string
  /** The calls of Terraform modules that lead to it, the root's first. */
  moduleCalls?: ModuleCall[]
  /**
   * What it hangs on whether deployment makes it, where that is not known (a condition, a `count`), by keys that mean the same
   * throughout the scope. It is judged as though it were made, and is no proof for a resource that may be made without it.
   */
  mayNotExist?: string[]
  /** Exemptions that stand beside it in the template. No snapshot holds any: they would silence whoever it is judged by. */
  exemptions?: InlineExemption[]
  /** What it shares with other records, where its source found them to be written alike. No snapshot holds it. */
  like?: Likeness | undefined
}

/**
 * Records that share this object have the same members, all the way down, and the same values, but for those that may differ
 * and for what the source says of where they stand.
 */
export interface Likeness {
  /** Paths of strings, numbers, booleans and nulls. Each is of one type in all of the records. */
  readonly differing: readonly (readonly (string | number)[])[]
}

/** An exemption that stands beside its resource. It asks for what one of the policy asks for. */
export interface InlineExemption {
  /** Rule id. */
  rule: string
  /** YYYY-MM-DD; it holds through that day, UTC. */
  expires: string
  owner: string
  reason: string
  file: string
  line: number
}

/** An exemption beside a resource, with what its findings call it: its address in the template. */
export interface DeclaredExemption {
  exemption: InlineExemption
  resource: string
}

/** Another resource that a record was made of. */
export interface RelatedResource {
  type: string
  address?: string
  id?: string
  name?: string
  location?: Location
  /** Where its properties stand in the record's configuration, and their lines in the file of its own location. */
  at?: string
  positions?: Record<string, number>
}

/** A `module` block of Terraform. */
export interface ModuleCall {
  /** `module.orders` or `module.orders["eu"]`. */
  address: string
  file: string
  line: number
}

/** Why something could not be read. */
export type GapReason =
  | 'denied'
  | 'throttled'
  | 'notEnabled'
  | 'truncated'
  | 'expired'
  | 'interrupted'
  | 'oversized'
  | 'contradictory'
  | 'notInSource'

/** What could not be read: every list that it could have fed is partial, and nothing is judged compliant by its absence. */
export interface GapRecord {
  record: 'gap'
  scope: string
  account?: string
  region?: string
  /** Fact groups that are incomplete; `['*']` where any may be. */
  factGroups: string[]
  /** Resource types concerned; empty = every type that feeds the fact groups. */
  types: string[]
  /** API operation that failed, as `service:Operation`. */
  api?: string
  file?: string
  line?: number
  reason: GapReason
  /** What would mend it: the IAM action or the setting, in one sentence. */
  remedy: string
}

/** One line of a snapshot. */
export type SnapshotRecord = ScopeRecord | ResourceRecord | GapRecord
