import type { Finding } from '../model/report.ts'
import { csvRow } from './csv-row.ts'
import { evidenceLines } from './evidence-text.ts'
import { sentenceOf } from './finding-text.ts'
import type { Reporter } from './reporter.ts'
import { visible } from './visible-text.ts'

/** The columns in their order; new ones are added at the end. */
const columns: readonly (readonly [name: string, cell: (finding: Finding) => string | number | undefined])[] = [
  ['bestPractice', finding => finding.bestPractice],
  ['rule', finding => finding.rule],
  ['severity', finding => finding.severity],
  ['verdict', finding => finding.verdict],
  ['state', finding => finding.state],
  ['account', ({ resource }) => resource.account],
  ['region', ({ resource }) => resource.region],
  ['type', ({ resource }) => resource.type],
  ['name', ({ resource }) => resource.name],
  ['id', ({ resource }) => resource.id],
  ['arn', ({ resource }) => resource.arn],
  ['address', ({ resource }) => resource.address],
  ['file', ({ location }) => location?.file],
  ['line', ({ location }) => location?.line],
  ['finding', sentenceOf],
  ['evidence', finding => evidenceLines(finding, 10).join('; ')],
  ['exemptionReason', ({ exemption }) => exemption?.reason],
  ['exemptionOwner', ({ exemption }) => exemption?.owner],
  ['exemptionExpires', ({ exemption }) => exemption?.expires],
  ['fingerprint', finding => finding.fingerprint],
]

/** The CSV report: one row a finding, for spreadsheets. Cells are single-line, quoted and never formulas. */
export const reporter: Reporter = {
  description: 'for spreadsheets, one finding a row',
  defaultVerdicts: ['non-compliant', 'undetermined'],
  *render(report, { verdicts }) {
    yield csvRow(columns.map(([name]) => name))
    for (const finding of report.findings(verdicts))
      yield csvRow(columns.map(([, cell]) => visible(String(cell(finding) ?? ''))))
  },
}
