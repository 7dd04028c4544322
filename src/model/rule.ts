import type { FactValue } from './facts.ts'
import type { SubjectKind } from './subject.ts'

/** How bad a finding is. Order: critical > high > medium > low. */
export type Severity = 'critical' | 'high' | 'medium' | 'low'

/** Severities, worst first. */
export const severities: readonly Severity[] = ['critical', 'high', 'medium', 'low']

/** The four best practices of AWS Well-Architected REL09. */
export type BestPractice = 'REL09-BP01' | 'REL09-BP02' | 'REL09-BP03' | 'REL09-BP04'

/** The four outcomes. Missing evidence is `undetermined`, never a pass. */
export type Verdict = 'compliant' | 'non-compliant' | 'not-applicable' | 'undetermined'

/** A value that a condition's leaf takes from a parameter, another fact, or the list element at hand. */
export type Operand = { $param: string } | { $fact: string } | { $item: string }

/** A condition: a map whose entries must all hold; keys are fact paths (value: a JSON Schema leaf) or operators. */
export type Condition = { [key: string]: unknown }

/** A parameter of a rule: a JSON Schema with a default, and optionally the objective that may make it stricter. */
export interface RuleParameter {
  type?: string | string[]
  description: string
  default: FactValue
  /** Name under `objectives` whose value competes with the default; the policy's own value beats both. */
  objective?: string
  /** Which of the two is the stricter. */
  stricter?: 'max' | 'min'
  [keyword: string]: unknown
}

/** One executable example of a rule. */
export interface RuleExample {
  name: string
  facts: { [path: string]: FactValue }
  parameters?: { [name: string]: FactValue }
  verdict: Verdict
}

/** A rule file (`schemas/rule.schema.json`). */
export interface Rule {
  id: string
  aliases?: string[]
  title: string
  description?: string
  bestPractice: BestPractice
  severity: Severity
  enabled?: boolean
  subject: SubjectKind | SubjectKind[]
  parameters?: { [name: string]: RuleParameter }
  when?: Condition
  expect: Condition
  message: string
  remediation: { text: string; cli?: string; cloudformation?: string; terraform?: string }
  controls?: { config?: string[]; securityHub?: string[]; backupAuditManager?: string[]; nist80053?: string[] }
  references: string[]
  examples: RuleExample[]
}
