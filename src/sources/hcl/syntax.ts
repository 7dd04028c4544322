/**
 * The syntax of Terraform's native language (HCL 2) as the parser hands it out. Every node knows where it begins, as an
 * offset into its file's text ({@link HclFile.lineAt} makes a line of it).
 * Language: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md
 */

import type { InlineExemption } from '../../model/record.ts'

/** A number, text, `true`, `false` or `null` as written. */
interface Literal {
  kind: 'literal'
  at: number
  value: string | number | boolean | null
}

/** A quoted text or heredoc with something to fill in. One lone interpolation is no template: it is its expression. */
export interface Template {
  kind: 'template'
  at: number
  parts: TemplatePart[]
}

/** A piece of a template: text, an expression between `${` and `}`, or a directive. */
export type TemplatePart =
  | string
  | Expression
  | { kind: 'if'; at: number; condition: Expression; whenTrue: TemplatePart[]; whenFalse: TemplatePart[] }
  | { kind: 'repeat'; at: number; key?: string; value: string; over: Expression; body: TemplatePart[] }

/** `.name` or `[key]` behind a value. */
export type Step = { kind: 'attribute'; name: string } | { kind: 'index'; key: Expression }

/** `[for k, v in over : value if condition]`, or with braces and `key => value`. */
export interface ForExpression {
  kind: 'for'
  at: number
  key?: string
  value: string
  over: Expression
  /** Set where it makes an object. */
  keyResult?: Expression
  result: Expression
  /** `...` behind the value: values of one key are gathered in a list. */
  groups: boolean
  condition?: Expression
}

/** Operators of two operands. */
export type BinaryOperator = '||' | '&&' | '==' | '!=' | '<' | '>' | '<=' | '>=' | '+' | '-' | '*' | '/' | '%'

/** An expression. */
export type Expression =
  | Literal
  | Template
  | ForExpression
  | { kind: 'list'; at: number; items: Expression[] }
  | { kind: 'object'; at: number; items: { key: Expression; value: Expression }[] }
  | { kind: 'root'; at: number; name: string }
  | { kind: 'attribute'; at: number; of: Expression; name: string }
  | { kind: 'index'; at: number; of: Expression; key: Expression }
  /** `of[*]` or `of.*`: the steps behind it are taken from each element. */
  | { kind: 'splat'; at: number; of: Expression; each: Step[] }
  | { kind: 'call'; at: number; name: string; args: Expression[]; expandsLast: boolean }
  | { kind: 'conditional'; at: number; condition: Expression; whenTrue: Expression; whenFalse: Expression }
  | { kind: 'binary'; at: number; operator: BinaryOperator; left: Expression; right: Expression }
  | { kind: 'unary'; at: number; operator: '!' | '-'; operand: Expression }

/** `name = expression`. */
export interface Attribute {
  name: string
  at: number
  value: Expression
  /** It stands in an override file: its place is none of the block's file. */
  isForeign?: true
}

/** `type "label" { … }`. */
export interface Block {
  type: string
  labels: string[]
  at: number
  /** Offset of the closing brace. */
  end: number
  body: Body
  /** It stands in an override file. */
  isForeign?: true
}

/** What stands between braces, or in a whole file. */
export interface Body {
  attributes: Attribute[]
  blocks: Block[]
}

/** A file that was parsed. */
export interface HclFile {
  /** As output names it. */
  name: string
  body: Body
  /** The line of an offset, from 1. */
  lineAt(offset: number): number
  /** Comments, where one may hold an exemption; in JSON syntax the texts of `"//"`, Terraform's way of commenting there. */
  comments?: readonly { at: number; text: string }[]
  /** Exemptions in comments beside blocks. */
  exemptions?: ReadonlyMap<Block, readonly InlineExemption[]>
}

/** Why a file cannot be parsed: the rest of a sentence that starts with the file. */
export interface SyntaxProblem {
  line: number
  message: string
}
