import { factIndex } from '../generated/fact-index.ts'
import { leaves } from '../generated/leaves.js'
import { builtInRules, builtInRulesDigest } from '../generated/rules.ts'
import { registerLeaves } from './leaf.ts'

registerLeaves(leaves)

export { builtInRules, builtInRulesDigest, factIndex }
