/** Addresses and references as Terraform writes them: `module.data["eu"].aws_s3_bucket.orders[0].arn`. */

/** A name and, where one follows, its index. */
export interface Step {
  name: string
  index?: string | number
}

const part = /([^.[\]]+)(?:\[(?:(\d{1,9})|"((?:[^"\\]|\\.)*)")\])?\.?/y

/** The steps of a reference; `undefined` where the text is none. */
export function stepsOf(text: string): Step[] | undefined {
  const steps: Step[] = []
  part.lastIndex = 0
  while (part.lastIndex < text.length) {
    const found = part.exec(text)
    if (!found) return undefined
    const [, name, number, key] = found
    const index = number === undefined ? (key === undefined ? undefined : unquoted(key)) : Number(number)
    steps.push(index === undefined ? { name: name! } : { name: name!, index })
  }
  return steps.length > 0 ? steps : undefined
}

function unquoted(key: string): string {
  return key.replace(/\\(["\\])/g, '$1')
}

/** As Terraform writes the index of an instance. */
export function indexText(index: string | number | undefined): string {
  if (index === undefined) return ''
  return typeof index === 'number' ? `[${index}]` : `["${index.replace(/["\\]/g, '\\$&')}"]`
}

/** The most specific of the references of an expression: Terraform lists the prefixes of each beside it. */
export function mostSpecific(references: readonly string[]): string[] {
  const distinct = [...new Set(references)]
  return distinct.filter(
    reference => !distinct.some(other => other.startsWith(`${reference}.`) || other.startsWith(`${reference}[`)),
  )
}
