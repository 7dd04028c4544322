/** Reads a whole input as a document: of a template no part can be understood alone. */
import { isUtf8 } from 'node:buffer'
import { chunksOf, oversizedRemedy } from '../scan-file.ts'
import type { InputFile, Reading } from '../source.ts'
import { sampleKind } from './detect.ts'
import type { Fault, ParsedDocument } from './document.ts'

/** Parses a template by the parser that it needs. What begins with a brace is JSON, as CloudFormation tells the two apart. */
async function parseDocument(text: string): Promise<ParsedDocument | Fault> {
  return /^\s*\{/.test(text)
    ? (await import('./json-document.ts')).parseJsonDocument(text)
    : (await import('./yaml-document.ts')).parseYamlDocument(text)
}

/**
 * CloudFormation takes 1 MB at most, and a parsed template takes a hundred times its length.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
 */
const maxTemplateBytes = 2 * 1024 * 1024

/** Reads a file; `undefined` where it cannot be read, which has been told. */
export async function readDocument(file: InputFile, reading: Reading): Promise<ParsedDocument | undefined> {
  const text = await wholeText(file, reading)
  if (text === undefined) return undefined
  const parsed = await parseDocument(text)
  if (!('fault' in parsed)) return parsed
  reading.problem(file.name, parsed.fault, parsed.line)
  return undefined
}

/** The text of an input; `undefined` where it cannot be read or is too long, which has been told. */
async function wholeText(file: InputFile, reading: Reading): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  let isLost = false
  const lost = () => {
    isLost = true
  }
  for await (const chunk of chunksOf(file, reading, lost)) {
    chunks.push(Buffer.from(chunk))
    length += chunk.length
    const tooLong = lengthFault(length, file, reading)
    if (tooLong === undefined) continue
    reading.problem(file.name, tooLong, 1)
    return undefined
  }
  if (isLost) return undefined
  const bytes = Buffer.concat(chunks)
  if (isUtf8(bytes)) return bytes.toString('utf8')
  reading.problem(file.name, 'is not text in UTF-8')
  return undefined
}

/** What is wrong with the length of an input, as far as it was read. Manifests of assemblies have no limit of AWS's. */
function lengthFault(length: number, { sample }: InputFile, { maxRecordBytes }: Reading): string | undefined {
  if (length > maxTemplateBytes && sampleKind(sample) === 'template')
    return 'is longer than 2 MiB: CloudFormation takes templates of at most 1 MB, so split it into nested stacks'
  return length > maxRecordBytes ? `is too long to be read: ${oversizedRemedy(maxRecordBytes)}` : undefined
}
