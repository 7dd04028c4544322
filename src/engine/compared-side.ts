/** One side of a comparison, small: a byte for each judgement, and who the resources are. */
import type { ComparedResource, SideHead, Standing } from '../model/comparison.ts'
import type { GapRecord, ScopeRecord } from '../model/record.ts'
import type { Finding, MissingFact } from '../model/report.ts'
import { severities, type Verdict } from '../model/rule.ts'
import type { Subject } from '../model/subject.ts'

/** What of a finding is told where it changed. */
export interface Details {
  message?: string
  missing?: MissingFact[]
}

/** What a comparison needs of a finding. */
export type ComparedFinding = Pick<
  Finding,
  'rule' | 'verdict' | 'severity' | 'state' | 'subject' | 'resource' | 'location' | 'message' | 'missing'
>

/** From the least to the worst: of two judgements of one thing (calls of a module) the worst counts. */
const verdicts: readonly Verdict[] = ['not-applicable', 'compliant', 'undetermined', 'non-compliant']

/** A standing in a byte; 0 is none. */
function codeOf({ verdict, severity, state }: Pick<Finding, 'verdict' | 'severity' | 'state'>): number {
  const severityRank = severities.length - 1 - severities.indexOf(severity)
  return 1 + verdicts.indexOf(verdict) * 8 + (state === 'exempted' ? 0 : 4) + severityRank
}

function standingOf(code: number): Standing {
  const bits = code - 1
  const verdict = verdicts[bits >> 3]!
  if (verdict === 'compliant' || verdict === 'not-applicable') return { verdict }
  return { verdict, severity: severities[severities.length - 1 - (bits & 3)]!, exempted: (bits & 4) === 0 }
}

const isTerraform = (type: string | undefined) => type !== undefined && /^awsc{0,2}_/.test(type)

const folderOf = (file: string) => file.slice(0, file.lastIndexOf('/') + 1)

/** What names a resource on both sides. A Terraform address is one in its whole root, whichever file it stands in. */
function keyOf(resource: ComparedResource, sourceType: string | undefined): string {
  const { subject, type, id, arn, account = '', region = '', address, file = '' } = resource
  const identity =
    address !== undefined
      ? ['', isTerraform(sourceType ?? type) ? folderOf(file) : file, address]
      : [arn ?? [type, account, region, id].join('\n')]
  return [subject, ...identity].join('\n')
}

/** What a side is told beside its findings. */
export interface SideFacts {
  head: SideHead
  scopes: readonly ScopeRecord[]
  gaps: readonly GapRecord[]
  /** A part of the inputs could not be read. */
  isUnreadable: boolean
  /** The file or folder that was given: file names are told from there. */
  root?: string
  /** Ids of rules that judged, with whether each says of every resource that it does not apply to none. */
  rules: ReadonlyMap<string, { appliesToAll: boolean }>
  /** True where what is not listed does not apply; false of a saved report that leaves out what is met. */
  listsAll: boolean
  /** Present id of a rule by any that it had. */
  idOf?: (rule: string) => string
}

/** A side, gathered finding by finding. */
export class ComparedSide {
  readonly resources: ComparedResource[] = []
  /** Ids of rules with findings. */
  readonly codes = new Map<string, Uint8Array>()
  private readonly places = new Map<string, number>()
  private readonly texts = new Map<string, Details>()
  private seen?: Set<string>

  /** `against`: the side that this one is compared to; texts are kept of what differs from it. */
  constructor(private readonly against?: ComparedSide) {}

  /** Place of the resource of a key; -1 where the side has none. */
  placeOf(key: string): number {
    return this.places.get(key) ?? -1
  }

  /** Keys in the order of their places. */
  keys(): Iterable<string> {
    return this.places.keys()
  }

  /** Notes that a subject is there, whatever is said of it. */
  addSubject(subject: Subject, root?: string): void {
    const { kind, type, sourceType, id, arn, account, region, name, address, location } = subject
    this.place({ kind, type, sourceType, id, arn, account, region, name, address, file: location?.file }, root)
  }

  /** Notes a judgement. */
  addFinding(finding: ComparedFinding, { root, idOf }: Pick<SideFacts, 'root' | 'idOf'> = {}): void {
    const { rule, subject, resource, location, verdict, message, missing } = finding
    const place = this.place({ ...resource, kind: subject, file: location?.file }, root)
    const id = idOf?.(rule) ?? rule
    const code = codeOf(finding)
    if (!this.raise(id, place.index, code) || !this.against) return
    if (verdict !== 'non-compliant' && verdict !== 'undetermined') return
    const text = `${id}\n${place.index}`
    if (this.against.codeAt(id, this.against.placeOf(place.key)) === code) this.texts.delete(text)
    else this.texts.set(text, verdict === 'undetermined' ? { missing } : { message })
  }

  /** What the findings of a rule at a place said. */
  detailsAt(rule: string, place: number): Details {
    return this.texts.get(`${rule}\n${place}`) ?? {}
  }

  /** The judgement at a place, as a byte; 0 where there is none. */
  codeAt(rule: string, place: number): number {
    return this.codes.get(rule)?.[place] ?? 0
  }

  /** The judgement at a place, where there is one. */
  standingAt(rule: string, place: number): Standing | undefined {
    const code = this.codeAt(rule, place)
    return code === 0 ? undefined : standingOf(code)
  }

  /** True where there is another of the type in the account and Region. */
  hasLike(resource: ComparedResource): boolean {
    this.seen ??= new Set(this.resources.map(placedType))
    return this.seen.has(placedType(resource))
  }

  private place(from: Named, root: string | undefined): { key: string; index: number } {
    const { kind, type, sourceType, id, arn, account, region, name, address } = from
    const file = address === undefined || from.file === undefined ? undefined : fromRoot(from.file, root)
    const resource: ComparedResource = {
      subject: kind,
      type,
      id,
      ...(arn === undefined ? {} : { arn }),
      ...(account === undefined ? {} : { account }),
      ...(region === undefined ? {} : { region }),
      ...(name === undefined ? {} : { name }),
      ...(address === undefined ? {} : { address }),
      ...(file === undefined ? {} : { file }),
    }
    const key = keyOf(resource, sourceType)
    let index = this.places.get(key)
    if (index === undefined) {
      index = this.resources.push(resource) - 1
      this.places.set(key, index)
    }
    return { key, index }
  }

  private raise(rule: string, place: number, code: number): boolean {
    let codes = this.codes.get(rule)
    if (!codes || codes.length <= place) {
      const grown = new Uint8Array(Math.max(64, this.resources.length * 2))
      if (codes) grown.set(codes)
      this.codes.set(rule, (codes = grown))
    }
    if (codes[place]! >= code) return false
    codes[place] = code
    return true
  }
}

const placedType = ({ type, account = '', region = '' }: ComparedResource) => [type, account, region].join('\n')

interface Named {
  kind: string
  type: string
  sourceType?: string | undefined
  id: string
  arn?: string | undefined
  account?: string | undefined
  region?: string | undefined
  name?: string | undefined
  address?: string | undefined
  file?: string | undefined
}

/** A file's name as seen from the input that it was found in, so that two folders can be compared. */
export function fromRoot(file: string, root: string | undefined): string {
  if (root === undefined || root === '.') return file
  if (file === root) return ''
  return file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file
}
