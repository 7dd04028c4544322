/** Where a run over an organisation keeps what it reads and finds: the keys of its objects. */

/** A part of the organisation that is read at once: an account in a Region, or a part of it. */
export interface Shard {
  account: string
  /** `all`: every Region that its snapshot holds. */
  region: string
  part?: string | undefined
}

/** Whether a text may name a run: it is a part of every key. */
export const isRunId = (text: string): boolean => /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(text)

/** What a shard is called in keys, and to people. */
export const shardName = ({ account, region, part }: Shard): string =>
  [account, region, ...(part === undefined ? [] : [part])].join('/')

/** What stands in the place of an account where the organisation as a whole is meant. */
export const wholeOrganization = 'organization'

/** The keys of a run. Every key begins with its id. */
export function runKeys(runId: string) {
  const at = (path: string) => `runs/${runId}/${path}`
  return {
    run: at('run.json'),
    manifest: at('manifest.jsonl'),
    accounts: at('accounts.jsonl'),
    snapshot: (shard: Shard) => at(`snapshots/${shardName(shard)}.ndjson.gz`),
    exports: (shard: Shard) => at(`exports/${shardName(shard)}.ndjson.gz`),
    marker: (shard: Shard) => at(`shards/${shardName(shard)}.json`),
    /** What shards hold that an account must know of: all of them, and what one of them holds. */
    routedTo: (account: string) => at(`routed/${account}/`),
    routed: (account: string, shard: Shard) => at(`routed/${account}/${shardName(shard)}.ndjson.gz`),
    broadcast: at('evidence/broadcast.json'),
    everyone: at('evidence/everyone.ndjson.gz'),
    evidence: (account: string) => at(`evidence/${account}.ndjson.gz`),
    /** What accounts tell an account: all of them, and what one of them tells. */
    wordsTo: (account: string) => at(`words/${account}/`),
    word: (account: string, from: string) => at(`words/${account}/${from}.ndjson.gz`),
    told: (account: string) => at(`words/told/${account}.json`),
    findingsRoot: at('findings/'),
    findings: (account: string) => at(`findings/account=${account}/findings.ndjson.gz`),
    sarif: (account: string) => at(`report/sarif/${account}.sarif`),
    summary: (account: string) => at(`summaries/${account}.json`),
    report: (name: string) => at(`report/${name}`),
  }
}

/** The keys of a run. */
export type RunKeys = ReturnType<typeof runKeys>
