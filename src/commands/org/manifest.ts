/** The manifest of a run over an organisation: a line of JSON for each shard, as Step Functions reads them too. */
import { isObjectKey } from '../../model/object-store.ts'
import { isRegionCode } from '../../resources/identity.ts'
import { type Shard, shardName } from './keys.ts'

/** A line of the manifest. */
export interface ShardLine extends Shard {
  /** Name (with its path) or ARN of the role in the account; absent where the account is the caller's own. */
  role?: string | undefined
  /** Key of what is read in place of AWS: a rel09 snapshot or AWS Config's delivery of the account. */
  snapshot?: string | undefined
  /** What counts for the account whole (IAM, trails, the organization) is read by this line: one of each account. */
  leads?: boolean | undefined
}

/** A manifest, or what is wrong with each line, as `line N: …`. */
export type Manifest = { lines: ShardLine[] } | { problems: string[] }

/** Step Functions reads files of up to 10 GB; a manifest of every account in every Region has some megabytes. */
const mostLines = 1_000_000
const mostProblems = 20

/** Reads a manifest; a byte order mark and line ends of Windows are no part of it. */
export function parseManifest(text: string): Manifest {
  const problems: string[] = []
  const lines: ShardLine[] = []
  const known = new Map<string, number>()
  const wrong = (line: number, message: string) => problems.push(`line ${line}: ${message}`)
  for (const [i, row] of text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .entries()) {
    if (row.trim() === '' || problems.length >= mostProblems) continue
    const read = readLine(row)
    const name = typeof read === 'string' ? '' : shardName(read)
    if (typeof read === 'string') wrong(i + 1, read)
    else if (known.has(name)) wrong(i + 1, `names ${name}, which line ${known.get(name)} names already`)
    else {
      known.set(name, i + 1)
      lines.push(read)
    }
  }
  if (lines.length > mostLines) problems.push(`holds more than ${mostLines} lines`)
  if (problems.length > 0) return { problems }
  return lines.length === 0 ? { problems: ['the manifest is empty'] } : { lines: withLeaders(sorted(lines)) }
}

function sorted(lines: ShardLine[]): ShardLine[] {
  const names = new Map(lines.map(line => [line, shardName(line)]))
  return lines.sort((a, b) => (names.get(a)! < names.get(b)! ? -1 : 1))
}

/** Of each account the first line that reads AWS also reads what counts for the account whole. */
function withLeaders(lines: ShardLine[]): ShardLine[] {
  let leader: string | undefined
  return lines.map(line => {
    const leads = line.snapshot === undefined && line.account !== leader
    if (leads) leader = line.account
    return leads ? { ...line, leads } : line
  })
}

const members = new Set(['account', 'region', 'part', 'role', 'roleArn', 'snapshot', 'leads'])

function readLine(row: string): ShardLine | string {
  let value: unknown
  try {
    value = JSON.parse(row)
  } catch {
    return 'is no JSON: write {"account": "111122223333", "region": "eu-west-1"}'
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'is no JSON object'
  const stray = Object.keys(value).find(name => !members.has(name))
  if (stray !== undefined) return `has the unknown member ${JSON.stringify(stray)}`
  return checkedLine(value as { [name: string]: unknown })
}

function checkedLine({ account, region, part, role, roleArn, snapshot }: { [name: string]: unknown }) {
  if (typeof account !== 'string' || !/^\d{12}$/.test(account)) return 'account: write twelve digits, as text'
  if (typeof region !== 'string' || !(isRegionCode(region) || region === 'all'))
    return 'region: write a Region as eu-west-1, or all where the snapshot holds several'
  if (part !== undefined && !(typeof part === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(part)))
    return 'part: write up to 64 letters, digits, - or _'
  if (snapshot !== undefined && !(typeof snapshot === 'string' && isObjectKey(snapshot)))
    return 'snapshot: write the key of an object, relative to the manifest or the bucket'
  if (snapshot === undefined && (region === 'all' || part !== undefined))
    return 'region "all" and part go with a snapshot: AWS is read Region by Region'
  const given = role ?? roleArn
  if (given === undefined) return { account, region, part, snapshot } as ShardLine
  const name = typeof given === 'string' ? given.replace(/^arn:[a-z0-9-]+:iam::\d{12}:role\//, '') : ''
  if (!/^[\w+=,.@/-]{1,512}$/.test(name)) return 'role: write the name of the role, with its path'
  if (typeof given === 'string' && given.startsWith('arn:') && !given.includes(`::${account}:`))
    return 'roleArn: the role is in another account'
  return { account, region, part, snapshot, role: name } as ShardLine
}

/** A manifest as text: the same lines, the same bytes. */
export function manifestText(lines: readonly ShardLine[]): string {
  return lines
    .map(({ account, region, part, role, snapshot, leads }) =>
      JSON.stringify({ account, region, part, role, snapshot, leads }),
    )
    .map(line => `${line}\n`)
    .join('')
}

/** The accounts of a manifest, each once, with their shards. */
export function shardsByAccount(lines: readonly ShardLine[]): Map<string, ShardLine[]> {
  const accounts = new Map<string, ShardLine[]>()
  for (const line of lines) {
    const known = accounts.get(line.account)
    if (known) known.push(line)
    else accounts.set(line.account, [line])
  }
  return accounts
}
