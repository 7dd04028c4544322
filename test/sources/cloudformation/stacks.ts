/** Templates of a small bookshop, and what reading them gives. */
import type { ReadOptions } from '../../../src/sources/read.ts'
import { type Outcome, readFiles } from '../estate.ts'

export type Files = { [path: string]: string | object }

/** Reads templates, given as text or as what becomes JSON. */
export function readTemplates(files: Files, options: Partial<ReadOptions> = {}, paths?: string[]): Promise<Outcome> {
  const texts = Object.entries(files).map(([name, content]) => [
    name,
    typeof content === 'string' ? content : JSON.stringify(content, null, 2),
  ])
  return readFiles(Object.fromEntries(texts), paths, options)
}

/** The configuration of the resource at an address. */
export function configurationOf(outcome: Outcome, address = 'Orders'): { [name: string]: unknown } | undefined {
  return outcome.resources.find(resource => resource.address === address)?.configuration
}

/** A template of one table, with further sections. */
export const table = (properties: object, sections: object = {}) => ({
  AWSTemplateFormatVersion: '2010-09-09',
  ...sections,
  Resources: { Orders: { Type: 'AWS::DynamoDB::Table', Properties: properties } },
})
