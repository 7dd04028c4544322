/** Files of one directory, which are one module: parsed, and what of them could not be. */
import { isUtf8 } from 'node:buffer'
import type { InlineExemption } from '../../model/record.ts'
import { besideResources, commentExemptions, commentLines, resourceAt } from '../inline-exemptions.ts'
import { type Configuration, configurationOf } from './configuration.ts'
import { parseHclJson } from './json-parser.ts'
import { parseHcl } from './parser.ts'
import type { Block, HclFile } from './syntax.ts'

/** Longer files are no configuration that a person could read. */
export const maxFileBytes = 8 * 1024 * 1024

/** A text to be parsed. */
export interface SourceText {
  /** As output names it. */
  name: string
  /** The last part of its path. */
  baseName: string
  /** `undefined` where it cannot be read, which has been told. */
  text: string | undefined
}

/** A module's directory. */
export interface ModuleDirectory {
  configuration: Configuration
  /** Variables' files in the order in which later ones win; `undefined` where one cannot be read. */
  variables: (HclFile | undefined)[]
  /** Files that could not be parsed: what they declare is not known. */
  faulty: { file: string; line: number | undefined }[]
}

/** Told of what cannot be parsed. */
export type TellProblem = (file: string, message: string, line?: number) => void

/** Bytes as text; what is wrong with them. */
export function decoded(bytes: Buffer): { text: string } | { fault: string } {
  if (!isUtf8(bytes)) return { fault: 'is not text in UTF-8' }
  return { text: bytes.toString('utf8').replace(/^\uFEFF/, '') }
}

const isVariables = (baseName: string) => /\.tfvars(?:\.json)?$/.test(baseName)

/** Parses one file by what its name says; anything else is native syntax. */
export function parseFile(source: SourceText, problem: TellProblem): HclFile | { line: number | undefined } {
  const { name, baseName, text } = source
  if (text === undefined) return { line: undefined }
  const isJson = baseName.endsWith('.json')
  const parsed = isJson ? parseHclJson(text, name, isVariables(baseName)) : parseHcl(text, name)
  if ('value' in parsed)
    return isJson ? withJsonExemptions(parsed.value, problem) : withExemptions(parsed.value, text, problem)
  problem(name, parsed.problem.message, parsed.problem.line)
  return { line: parsed.problem.line }
}

/** The exemptions in the comments of a file of native syntax, each with the resource that it stands beside. */
function withExemptions(file: HclFile, text: string, problem: TellProblem): HclFile {
  const comments = file.comments ?? []
  const read = commentExemptions(
    comments.flatMap(comment => commentLines(comment.text, file.lineAt(comment.at))),
    file.name,
  )
  if (read.length === 0) return file
  const blocks = resourcesIn(file).map(block => ({
    block,
    line: file.lineAt(block.at),
    endLine: file.lineAt(block.end),
  }))
  const { placed, problems } = besideResources(read, ({ line }) => resourceAt(blocks, line, text.split('\n')))
  for (const { problem: message, line } of problems) problem(file.name, message, line)
  return { ...file, exemptions: new Map([...placed].map(([{ block }, exemptions]) => [block, exemptions])) }
}

/** The same of JSON syntax: an exemption is the text of a `"//"` within the resource, whatever the lines. */
function withJsonExemptions(file: HclFile, problem: TellProblem): HclFile {
  const exemptions = new Map<Block, InlineExemption[]>()
  for (const { at, text } of file.comments ?? []) {
    const read = commentExemptions([{ line: file.lineAt(at), text: `// ${text}` }], file.name)
    const owner = resourcesIn(file).find(block => block.at <= at && at <= block.end)
    const { placed, problems } = besideResources(read, () => owner)
    for (const { problem: message, line } of problems) problem(file.name, message, line)
    for (const [block, found] of placed) exemptions.set(block, [...(exemptions.get(block) ?? []), ...found])
  }
  return exemptions.size === 0 ? file : { ...file, exemptions }
}

const resourcesIn = (file: HclFile): Block[] => file.body.blocks.filter(({ type }) => type === 'resource')

/** Whether Terraform loads a variables' file by itself. */
export function isLoadedByItself(baseName: string): boolean {
  return /^terraform\.tfvars(?:\.json)?$|\.auto\.tfvars(?:\.json)?$/.test(baseName)
}

function rank(baseName: string): string {
  const order = ['terraform.tfvars', 'terraform.tfvars.json'].indexOf(baseName)
  return `${order < 0 ? 2 : order}${baseName}`
}

/** The directory that files make. Variables' files that Terraform does not load by itself must have been left out. */
export function moduleDirectory(sources: readonly SourceText[], problem: TellProblem): ModuleDirectory {
  const files: HclFile[] = []
  const faulty: ModuleDirectory['faulty'] = []
  const variables: { rank: string; file: HclFile | undefined }[] = []
  for (const source of sources) {
    const parsed = parseFile(source, problem)
    const file = 'body' in parsed ? parsed : undefined
    if (isVariables(source.baseName)) variables.push({ rank: rank(source.baseName), file })
    else if (file) files.push(file)
    else faulty.push({ file: source.name, line: (parsed as { line: number | undefined }).line })
  }
  variables.sort((a, b) => (a.rank < b.rank ? -1 : 1))
  const configuration = configurationOf(files)
  for (const { file, at, message } of configuration.faults) {
    const line = file.lineAt(at)
    problem(file.name, message, line)
    faulty.push({ file: file.name, line })
  }
  return { configuration, variables: variables.map(one => one.file), faulty }
}
