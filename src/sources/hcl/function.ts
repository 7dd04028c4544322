/** What a function of Terraform's language is to the evaluator. https://developer.hashicorp.com/terraform/language/functions */
import type { Budget, Value } from './value.ts'

/** What functions may use. */
export interface FunctionContext {
  evaluation: { budget: Budget; libraries: Libraries }
}

/** Libraries that are loaded only where a configuration calls what needs them. */
export interface Libraries {
  /** Matches by an automaton whose time is linear in the text (RE2, as Terraform's own). */
  re2?: typeof import('re2js')
  yaml?: typeof import('yaml')
}

/** One function. */
export interface TerraformFunction {
  /** Fewest and most arguments. */
  least: number
  most: number
  /** `all`: nothing in any argument may be unknown. `whole`: parts of arguments may be. `none`: even whole arguments may be. */
  needs: 'all' | 'whole' | 'none'
  call(args: readonly Value[], context: FunctionContext): Value
}
