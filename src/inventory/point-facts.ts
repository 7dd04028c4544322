/** Groups of recovery points as facts: each number with both ends, each flag with a count for each value (DESIGN §10.16). */
import type { Facts, FactValue } from '../model/facts.ts'
import { type MaybeNumber, smallest } from './bounds.ts'
import type { Join } from './join.ts'
import { countOf } from './join.ts'
import type { PointGroup } from './point-groups.ts'
import { isLocal, newestAge, oldestAge } from './recovery.ts'

/** Services whose points Amazon GuardDuty can scan for malware. */
const scannedServices: ReadonlySet<string> = new Set(['EC2', 'EBS', 'S3'])

/** What tells a group apart, and what it is judged by: what stands beside its own facts. */
export interface GroupIdentity {
  id: string
  name: string
  /** `null`: no tier; absent: not known. */
  tier: string | null | undefined
  objectives: Facts | undefined
}

/** Facts of a group of recovery points. Of a list that was cut short, more members may follow. */
export function pointGroupFacts(join: Join, group: PointGroup, identity: GroupIdentity): Facts {
  return new PointGroupFacts(join, group, identity) as unknown as Facts
}

/** Each fact is made when a rule reads it: there are as many groups as stores, and few rules about them. `toJSON` gives all. */
class PointGroupFacts {
  private knownWhole: boolean | undefined

  constructor(
    private readonly join: Join,
    private readonly group: PointGroup,
    private readonly identity: GroupIdentity,
  ) {}

  get type() {
    return 'AWS::Backup::RecoveryPoint'
  }
  get sourceType() {
    return 'AWS::Backup::RecoveryPoint'
  }
  get id() {
    return this.identity.id
  }
  get arn() {
    return null
  }
  get account() {
    return this.group.vault.account
  }
  get region() {
    return this.group.vault.region
  }
  get name() {
    return this.identity.name
  }
  get tier() {
    return this.identity.tier
  }
  get objectives() {
    return this.identity.objectives
  }
  get sourceArn() {
    return this.group.sourceArn
  }
  get sourceService() {
    return this.group.service ?? undefined
  }
  get vaultArn() {
    return this.group.vault.arn
  }
  get vaultName() {
    return this.group.vault.name
  }
  get count() {
    return countOf(this.group.count, this.isWhole)
  }
  get usableCount() {
    return countOf(this.group.usable, this.isWhole)
  }
  get expiredCount() {
    return countOf(this.group.expired, this.isWhole)
  }
  get partialCount() {
    return countOf(this.group.partial, this.isWhole)
  }
  get isEncrypted() {
    const { encrypted, encryptedArn, unencrypted, unencryptedArn } = this.group
    return this.flag(encrypted, encryptedArn, unencrypted, unencryptedArn)
  }
  get keepsForever() {
    const { forever, foreverArn, bounded, boundedArn } = this.group
    return this.flag(forever, foreverArn, bounded, boundedArn)
  }
  get retentionDays() {
    return retentionFacts(this.group, this.isWhole && this.group.retentionUnknown === 0)
  }
  get ageHours() {
    const { join, group, isWhole } = this
    const source = join.entries.get(group.sourceArn ?? '')?.store ?? undefined
    const local = source && isLocal(source, group) ? source : undefined
    return {
      min: smallest([newestAge(local, group)], isWhole) as FactValue | undefined,
      minArn: group.newestArn ?? group.continuousArn,
      max: atLeastUnless(isWhole, oldestAge(local, group)) as FactValue | undefined,
      maxArn: group.oldestArn ?? group.continuousArn,
    }
  }
  get scan() {
    const { service, scanClean, scanCleanArn, scanFindings, scanFindingsArn } = this.group
    return {
      supported: service === null ? undefined : scannedServices.has(service),
      clean: this.flag(scanClean, scanCleanArn, scanFindings, scanFindingsArn),
    }
  }

  private get isWhole(): boolean {
    const { vault, statusUnknown } = this.group
    this.knownWhole ??=
      statusUnknown === 0 && !this.join.completeness.isCut('recovery-points', vault.account, vault.region)
    return this.knownWhole
  }

  private flag(yes: number, yesArn: string | null, no: number, noArn: string | null): Facts {
    const known = this.isWhole && yes + no === this.group.count
    return { trueCount: countOf(yes, known), trueArn: yesArn, falseCount: countOf(no, known), falseArn: noArn }
  }

  toJSON(): Facts {
    const facts: Facts = {}
    for (const name of factNames) facts[name] = (this as unknown as Facts)[name]
    return facts
  }
}

/** Every fact of a group, in the order of the facts schema. */
const factNames = [
  'type',
  'sourceType',
  'id',
  'arn',
  'account',
  'region',
  'name',
  'tier',
  'objectives',
  'sourceArn',
  'sourceService',
  'vaultArn',
  'vaultName',
  'count',
  'usableCount',
  'expiredCount',
  'partialCount',
  'isEncrypted',
  'keepsForever',
  'retentionDays',
  'ageHours',
  'scan',
] as const

function retentionFacts(group: PointGroup, known: boolean): Facts {
  const none = known ? null : undefined
  const { retentionMin: min, retentionMax: max } = group
  return {
    min: min < 0 ? none : known ? min : { $atMost: min },
    minArn: group.retentionMinArn,
    max: max < 0 ? none : known ? max : { $atLeast: max },
    maxArn: group.retentionMaxArn,
  }
}

/** The greatest of a list that may go on. */
function atLeastUnless(whole: boolean, value: MaybeNumber): MaybeNumber {
  if (whole || typeof value !== 'number') return whole || value !== null ? value : undefined
  return { $atLeast: value }
}
