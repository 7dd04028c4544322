// Checks rule files as CI does: shape, facts, operands, examples, clause coverage. Without arguments: every rule.
//   node scripts/check-rules.mjs [rules/REL09-BP02/vault-lock.yaml …]
import { factSchemas, importLoader, ruleFiles } from './rule-loader.mjs'

const { formatProblem, indexFacts, loadRules } = await importLoader()
const files = ruleFiles(process.argv.slice(2))
const { rules, problems } = loadRules(files, indexFacts(factSchemas()), { strict: true })
for (const problem of problems) console.log(formatProblem(problem))
const examples = rules.reduce((sum, rule) => sum + rule.examples.length, 0)
console.log(
  `${files.length} files: ${rules.length} rules are sound (${examples} examples), ${problems.length} problems`,
)
process.exitCode = problems.length > 0 ? 1 : 0
