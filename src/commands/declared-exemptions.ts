/** The exemptions that templates declare beside their resources, gathered while the inputs are read. */
import type { DeclaredExemption, SnapshotRecord } from '../model/record.ts'
import type { InputProblem } from '../model/report.ts'
import type { Rule } from '../model/rule.ts'
import { byText } from '../model/text-order.ts'
import { suggestion } from '../rules/problem.ts'

/** Gathers exemptions, each once however many resources a loop or a module makes of the one that it stands beside. */
export class DeclaredExemptions {
  private readonly found = new Map<string, DeclaredExemption>()

  /** Takes what stands beside a record. */
  note(record: SnapshotRecord): void {
    if (record.record !== 'resource' || !record.exemptions) return
    for (const exemption of record.exemptions) {
      const key = JSON.stringify([exemption.file, exemption.line, exemption.rule])
      if (!this.found.has(key)) this.found.set(key, { exemption, resource: record.address ?? record.id })
    }
  }

  /** Those that name a rule there is, by file and line, and a problem for each of the others. */
  check(rules: readonly Rule[]): { exemptions: DeclaredExemption[]; problems: InputProblem[] } {
    const known = new Set(this.found.size === 0 ? [] : rules.flatMap(rule => [rule.id, ...(rule.aliases ?? [])]))
    const exemptions: DeclaredExemption[] = []
    const problems: InputProblem[] = []
    const inOrder = [...this.found.values()].sort(
      ({ exemption: a }, { exemption: b }) => byText(a.file, b.file) || a.line - b.line || byText(a.rule, b.rule),
    )
    for (const declared of inOrder) {
      const { file, line, rule } = declared.exemption
      if (known.has(rule)) exemptions.push(declared)
      else
        problems.push({
          file,
          line,
          message: `holds an exemption of a rule that there is not, ${rule}${suggestion(rule, known)}`,
        })
    }
    return { exemptions, problems }
  }
}
