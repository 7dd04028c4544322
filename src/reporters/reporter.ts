import type { Report } from '../model/report.ts'
import type { Verdict } from '../model/rule.ts'

/** What a host asks of a reporter. Everything is given: reporters read no environment and no terminal. */
export interface ReporterOptions {
  /** Verdicts to show. */
  verdicts: ReadonlySet<Verdict>
  /** ANSI colours may be used (text only). */
  colour: boolean
  /** Columns of the terminal; 100 where there is none. */
  width: number
  /** SARIF: the file that findings without a location point at (`--anchor`, default the policy file). */
  anchor?: string
  /** SARIF: what tells the run from others of one commit (an account); code scanning keeps one run of each. */
  category?: string
  /** SARIF: the most results; less than GitHub's own limit where the file would be too large. */
  mostResults?: number
}

/** One output format. Pure: the same report and options give the same text. Never decides exit codes. */
export interface Reporter {
  /** One line for `--help`. */
  description: string
  /** Verdicts shown where the user does not say. */
  defaultVerdicts: readonly Verdict[]
  /** Chunks of the output, made while they are asked for. */
  render(report: Report, options: ReporterOptions): Iterable<string>
}
