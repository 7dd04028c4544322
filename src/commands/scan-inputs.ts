import { judge } from '../engine/judge.ts'
import type { Inventory } from '../model/inventory.ts'
import type { DeclaredExemption } from '../model/record.ts'
import type { InputProblem, Report } from '../model/report.ts'
import type { Severity } from '../model/rule.ts'
import { PolicyExemptions } from '../policy/exemptions.ts'
import type { CommandContext } from './command.ts'
import { type JudgingOptions, joinInputs, type ReadingContext, type Standards } from './pipeline.ts'

/** Options of judging that hang on no file. */
export interface VerdictOptions extends JudgingOptions {
  /** Judge only by these rules. */
  ruleIds?: readonly string[]
  /** Findings less severe are below the threshold. */
  failOn: Severity | 'never'
  /** Exemptions beside resources do not count. */
  ignoreInlineExemptions?: boolean
}

/** Inputs that were read and can be judged. */
export interface Scanned {
  /** What the inputs hold, joined. */
  inventory: Inventory
  problems: InputProblem[]
  /** Exemptions beside resources, counted or not. */
  exemptions: DeclaredExemption[]
  /** The report, with the findings of a baseline set aside. Judges anew at each call; the inputs are not read again. */
  report(baseline?: ReadonlySet<string>): Report
}

/** The one way from inputs to a report, whatever the host. */
export async function scanInputs(
  inputs: readonly string[],
  standards: Standards,
  options: VerdictOptions,
  context: ReadingContext & Pick<CommandContext, 'version'>,
  onProgress?: (bytesRead: number, bytesTotal: number) => void,
): Promise<Scanned> {
  const { inventory, problems, exemptions } = await joinInputs(inputs, standards, options, context, onProgress)
  const { policy, rules, rulesDigest } = standards
  const now = options.now ?? context.now
  const report = (baseline?: ReadonlySet<string>) =>
    judge(inventory, rules, policy, {
      now,
      ruleIds: options.ruleIds,
      failOn: options.failOn,
      baseline,
      exemptions: new PolicyExemptions(policy, rules, now),
      problems,
      inlineExemptions: options.ignoreInlineExemptions ? [] : exemptions,
      version: context.version,
      rulesDigest,
    })
  return { inventory, problems, exemptions, report }
}
