/**
 * The resource instances of a Terraform root, as plan, state and configuration files all come down to: the input of
 * {@link ./records.ts!terraformRecords}.
 *
 * An instance's `values` hold what is known, in Terraform's own spelling, blocks as lists. What is not known is left out of them and
 * its dotted path is in `unknown` (list positions included; a path stands for everything below it). What is another resource's
 * attribute is neither: `referenceTo('module.a.aws_db_instance.orders[0]', 'arn')` gives a text to be put where the value belongs,
 * alone or in the middle of a longer text (`"${aws_s3_bucket.b.arn}/*"`); it becomes the very text by which the join finds that
 * resource, a placeholder where the address is none of the root's or the attribute says neither its id nor its ARN.
 */
import type { Location } from '../../model/record.ts'
import type { JsonObject } from '../json.ts'

/** Where a provider's configuration puts its resources. What it does not state is absent: not known. */
export interface TerraformProvider {
  /** Tells provider configurations of a root apart (`aws`, `aws.dr`, `module.x:aws`). */
  key: string
  region?: string | undefined
  account?: string | undefined
  /** Tags that every resource gets; `null` = known to be none; absent = not known. */
  defaultTags?: { [key: string]: string } | null | undefined
}

/** One instance of a managed resource: it exists, or will, or may. */
export interface TerraformResource {
  /** With its modules and index: `module.data["eu"].aws_s3_bucket.orders[0]`. */
  address: string
  type: string
  provider: TerraformProvider
  values: JsonObject
  unknown: readonly string[]
  location: Location
  /** See {@link ../../model/record.ts!ResourceRecord}. */
  mayNotExist?: readonly string[]
  /** Property path → line of the location's file; see {@link ../../model/record.ts!ResourceRecord}. */
  positions?: Record<string, number>
}

/** The instances of one root, all of them: a companion is joined to its owner, a reference to what it names. */
export interface TerraformRoot {
  /** Id of the scope that the root is. */
  scope: string
  resources: readonly TerraformResource[]
  /** Companions that will be gone: what their owners still show of them will not hold, nor is it known what will. */
  removed?: readonly TerraformResource[]
  /** False where resources may be missing (a part that could not be read, a module that is not there). */
  isWhole: boolean
}

// Of the area for private use: no name, address or document of AWS's holds them.
const mark = '\uE0F0'
const between = '\uE0F1'
const written = /\uE0F0([^\uE0F0\uE0F1]*)\uE0F1([^\uE0F0\uE0F1]*)\uE0F0/g

/** A text that stands for an attribute of a resource of the same root. Attribute `''`: what `id` gives. */
export function referenceTo(address: string, attribute: string): string {
  return `${mark}${address.replace(/["\\]/g, hidden)}${between}${attribute}${mark}`
}

// The keys of instances are quoted, and references stand in the JSON text of policies.
const hidden = (letter: string) => (letter === '"' ? '\uE0F2' : '\uE0F3')
const shown = (address: string) => address.replaceAll('\uE0F2', '"').replaceAll('\uE0F3', '\\')

/** Whether a text holds a reference. */
export function hasReference(text: string): boolean {
  return text.includes(mark)
}

/** A text with each reference in it replaced. */
export function replaceReferences(text: string, replace: (address: string, attribute: string) => string): string {
  if (!text.includes(mark)) return text
  return text.replace(written, (_whole, address: string, attribute: string) => replace(shown(address), attribute))
}

/** The address that a text refers to, where it is nothing but one reference. */
export function soleReference(text: unknown): string | undefined {
  if (typeof text !== 'string' || !text.startsWith(mark)) return undefined
  const found = [...text.matchAll(written)]
  return found.length === 1 && found[0]![0] === text ? shown(found[0]![1]!) : undefined
}
