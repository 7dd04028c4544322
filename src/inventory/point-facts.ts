/** Groups of recovery points as facts: each number with both ends, each flag with a count for each value (DESIGN §10.16). */
import type { Facts, FactValue } from '../model/facts.ts'
import { type MaybeNumber, smallest } from './bounds.ts'
import type { Join } from './join.ts'
import { countOf } from './join.ts'
import type { PointGroup } from './point-groups.ts'
import { isLocal, newestAge, oldestAge } from './recovery.ts'

/** Services whose points Amazon GuardDuty can scan for malware. */
const scannedServices: ReadonlySet<string> = new Set(['EC2', 'EBS', 'S3'])

/** Facts of a group of recovery points. Of a list that was cut short, more members may follow. */
export function pointGroupFacts(join: Join, group: PointGroup): Facts {
  const whole =
    !join.completeness.isCut('recovery-points', group.vault.account, group.vault.region) && group.statusUnknown === 0
  const source = join.entries.get(group.sourceArn ?? '')?.store ?? undefined
  const local = source && isLocal(source, group) ? source : undefined
  const flag = (yes: number, yesArn: string | null, no: number, noArn: string | null): Facts => {
    const known = whole && yes + no === group.count
    return { trueCount: countOf(yes, known), trueArn: yesArn, falseCount: countOf(no, known), falseArn: noArn }
  }
  return {
    sourceArn: group.sourceArn,
    sourceService: group.service ?? undefined,
    vaultArn: group.vault.arn,
    vaultName: group.vault.name,
    count: countOf(group.count, whole),
    usableCount: countOf(group.usable, whole),
    expiredCount: countOf(group.expired, whole),
    partialCount: countOf(group.partial, whole),
    isEncrypted: flag(group.encrypted, group.encryptedArn, group.unencrypted, group.unencryptedArn),
    keepsForever: flag(group.forever, group.foreverArn, group.bounded, group.boundedArn),
    retentionDays: retentionFacts(group, whole && group.retentionUnknown === 0),
    ageHours: {
      min: smallest([newestAge(local, group)], whole) as FactValue | undefined,
      minArn: group.newestArn ?? group.continuousArn,
      max: atLeastUnless(whole, oldestAge(local, group)) as FactValue | undefined,
      maxArn: group.oldestArn ?? group.continuousArn,
    },
    scan: {
      supported: group.service === null ? undefined : scannedServices.has(group.service),
      clean: flag(group.scanClean, group.scanCleanArn, group.scanFindings, group.scanFindingsArn),
    },
  }
}

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
