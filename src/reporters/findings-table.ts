/**
 * Findings as the rows of a table: a line of JSON each, for Amazon Athena and whatever else reads such lines, and the definition of the
 * table. What has no fixed shape (evidence, what is missing) stands as JSON in a text.
 * https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
 */
import type { FactValue } from '../model/facts.ts'
import type { Finding } from '../model/report.ts'
import { jsonText } from './json-text.ts'

type Cell = string | number | null

/** Columns by name: their type in Athena, and what stands in them. */
const columns: { readonly [name: string]: { type: 'string' | 'bigint'; of: (finding: Finding) => Cell } } = {
  rule: { type: 'string', of: ({ rule }) => rule },
  best_practice: { type: 'string', of: ({ bestPractice }) => bestPractice },
  severity: { type: 'string', of: ({ severity }) => severity },
  verdict: { type: 'string', of: ({ verdict }) => verdict },
  state: { type: 'string', of: ({ state }) => state },
  resource_account: { type: 'string', of: ({ resource }) => resource.account ?? null },
  region: { type: 'string', of: ({ resource }) => resource.region ?? null },
  subject: { type: 'string', of: ({ subject }) => subject },
  resource_type: { type: 'string', of: ({ resource }) => resource.type },
  resource_id: { type: 'string', of: ({ resource }) => resource.id },
  resource_arn: { type: 'string', of: ({ resource }) => resource.arn ?? null },
  resource_name: { type: 'string', of: ({ resource }) => resource.name ?? null },
  message: { type: 'string', of: ({ message }) => message },
  members: { type: 'bigint', of: ({ count }) => count ?? null },
  fingerprint: { type: 'string', of: ({ fingerprint }) => fingerprint },
  exemption: { type: 'string', of: ({ exemption }) => (exemption ? jsonText(exemption) : null) },
  evidence: { type: 'string', of: ({ evidence }) => jsonText(evidence as unknown as FactValue) },
  missing: { type: 'string', of: ({ missing }) => jsonText(missing) },
}

/** A finding as a row. */
export function tableRow(finding: Finding): string {
  return jsonText(Object.fromEntries(Object.entries(columns).map(([name, { of }]) => [name, of(finding)])))
}

/** Names a table and where its rows lie. */
export interface TablePlace {
  /** `s3://bucket/prefix/`, which the keys of a run follow. */
  root: string
  /** Accounts of which there are rows. */
  accounts: readonly string[]
}

/**
 * What makes the table in Athena. The rows of a run lie in a folder for each account; no crawler is needed and nothing has to be
 * added when a run ends. A query names its run: `WHERE run = '…'`.
 */
export function tableDefinition({ root, accounts }: TablePlace): string {
  const fields = Object.entries(columns).map(([name, { type }]) => `  \`${name}\` ${type}`)
  return `CREATE EXTERNAL TABLE IF NOT EXISTS rel09_findings (
${fields.join(',\n')}
)
PARTITIONED BY (\`run\` string, \`account\` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION '${root}runs/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.run.type' = 'injected',
  'projection.account.type' = 'enum',
  'projection.account.values' = '${accounts.join(',')}',
  'storage.location.template' = '${root}runs/\${run}/findings/account=\${account}/'
);
`
}
