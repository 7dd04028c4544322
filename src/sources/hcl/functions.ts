/**
 * Functions that are evaluated. Whatever is not here is not known: what depends on the time or on chance (`timestamp`, `uuid`),
 * hashes, networks (`cidrsubnet`), and functions of providers.
 */
import { collectionFunctions } from './collection-functions.ts'
import type { TerraformFunction } from './function.ts'
import { textFunctions } from './text-functions.ts'

/** Functions by name. */
export const functions: ReadonlyMap<string, TerraformFunction> = new Map([
  ...Object.entries(collectionFunctions),
  ...Object.entries(textFunctions),
])
