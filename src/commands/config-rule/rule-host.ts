/** What evaluating an event may use of AWS. Given by the Lambda, by the command that shows what would be sent, and by tests. */
import type { EvaluatedResource } from '../../model/evaluation.ts'
import type { SnapshotRecord } from '../../model/record.ts'
import type { RuleFile } from '../../rules/load.ts'
import type { PolicyPlace, S3Place } from './parameters.ts'

/** What is not there, or may not be read: asking again would not help. One sentence for whoever set the rule up. */
export class Unobtainable extends Error {
  override readonly name = 'Unobtainable'
}

/** An object that can be read, with its name. */
export interface StoredInput {
  name: string
  /** Its bytes, gzip or not. */
  open(): Promise<NodeJS.ReadableStream>
}

/** Where facts are asked for. */
export interface FactPlace {
  account: string
  region: string
}

/** Reads of AWS. All of them reject with {@link Unobtainable}, or with what is worth another try. */
export interface RuleHost {
  version: string
  policyText(place: PolicyPlace): Promise<string>
  /** The rule files below a place. */
  ruleFiles(place: S3Place): Promise<RuleFile[]>
  /** The item of a resource as of a change, as AWS's API gives it; `undefined`: AWS Config does not have it yet. */
  itemOf(resource: EvaluatedResource, capturedAt: string): Promise<object | undefined>
  /** The newest snapshot of ours below a place. */
  newestSnapshot(place: S3Place): Promise<StoredInput | undefined>
  storedObject(place: S3Place): StoredInput
  /** Fact groups that {@link backupFacts} can read whole. */
  readableGroups: ReadonlySet<string>
  /** What AWS Backup knows in a place, of all groups that are named; what was read once is not read again. */
  backupFacts(place: FactPlace, groups: ReadonlySet<string>): Promise<readonly SnapshotRecord[]>
  /** Resources that AWS Config shows as compliant or non-compliant by the rule. */
  evaluatedBefore(configRuleName: string): Promise<readonly EvaluatedResource[]>
}
