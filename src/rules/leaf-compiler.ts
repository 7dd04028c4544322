import { Ajv2020 } from './ajv.ts'
import { canonicalJson } from './canonical-json.ts'
import { type LeafSchema, type LeafValidator, registerLeaves, simpleValidator } from './leaf.ts'
import { linearPattern } from './linear-pattern.ts'

/** The engine that ajv compiles `pattern` with; `code` is how precompiled leaves call it. */
export const linearPatternEngine = Object.assign((pattern: string) => linearPattern(pattern), { code: 'linearPattern' })

let shared: Ajv2020 | undefined

/** ajv for the leaves of rules: JSON Schema 2020-12, unknown keywords refused, patterns linear. */
export function leafAjv(source = false): Ajv2020 {
  return new Ajv2020({
    strict: true,
    strictTypes: false,
    strictRequired: false,
    allowUnionTypes: true,
    logger: false,
    code: { regExp: linearPatternEngine, source, esm: source },
  })
}

/**
 * Compiles a schema that no closure can judge and makes its validator known. Throws with what is wrong for a schema that
 * JSON Schema refuses.
 */
export function compileLeaf(schema: LeafSchema): LeafValidator {
  const simple = simpleValidator(schema)
  if (simple) return simple
  shared ??= leafAjv()
  const validate = shared.compile(schema)
  const validator: LeafValidator = value => validate(value) === true
  registerLeaves([[canonicalJson(schema), validator]])
  return validator
}
