/**
 * What AWS Security Hub is told of a finding: the members of the AWS Security Finding Format that we fill, with its names.
 * https://docs.aws.amazon.com/securityhub/1.0/APIReference/API_AwsSecurityFinding.html
 */

/** A resource of the format. `Other` where it has no name for the type. */
export interface SecurityResource {
  Type: string
  Id: string
  Partition: string
  Region: string
}

/** One finding of the format. Sent with the same `Id` again it is an update; one that is no newer is ignored. */
export interface SecurityFinding {
  SchemaVersion: string
  /** At most 512 characters. */
  Id: string
  ProductArn: string
  GeneratorId: string
  AwsAccountId: string
  /** ISO 8601 UTC. */
  CreatedAt: string
  UpdatedAt: string
  /** At most 256 characters. */
  Title: string
  /** At most 1024 characters. */
  Description: string
  /** Severity and types are the provider's to give here, and the customer's to change outside of it. */
  FindingProviderFields: { Severity: { Label: string; Original?: string }; Types: string[] }
  Resources: SecurityResource[]
  Compliance: { Status: SecurityCompliance }
  /** `ARCHIVED`: it is no longer the case. */
  RecordState: 'ACTIVE' | 'ARCHIVED'
  Remediation?: { Recommendation: { Text: string; Url?: string } }
  /** Keys of at most 128 characters, values of at most 2048, at most 50. */
  ProductFields: { [name: string]: string }
}

/** `WARNING`: some information is missing. `NOT_AVAILABLE`: there is nothing to check. */
export type SecurityCompliance = 'PASSED' | 'FAILED' | 'WARNING' | 'NOT_AVAILABLE'

/** The product field that says which resource of AWS Config a finding is filed under: type and id. */
export const configResourceField = 'rel09/ConfigResource'
