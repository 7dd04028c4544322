/**
 * Reads inputs of every kind as snapshot records: finds the files, tells their kinds by their content, and lets each kind's
 * source read its own. See `reading.md` beside this file.
 */
import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { sources as builtIn } from '../generated/sources.ts'
import type { SnapshotRecord } from '../model/record.ts'
import type { InputProblem, NotEvaluated } from '../model/report.ts'
import { byText } from '../model/text-order.ts'
import {
  type ByteReader,
  contentReader,
  describeReadError,
  fileReader,
  prefixed,
  streamReader,
  UnreadableInput,
} from './bytes.ts'
import { type FoundFile, findFiles } from './input-files.ts'
import { describeSample, isBinary, sampleBytes, sampledText, takeBytes } from './sample.ts'
import type { InputFile, InputReading, Reading, Sample, Source, TemplateOptions } from './source.ts'
import { rootRegister } from './terraform/roots.ts'

/** How inputs are read. */
export interface ReadOptions {
  /** Directory that relative paths and the names in the output refer to. */
  cwd: string
  /** What `-` stands for. */
  stdin?: NodeJS.ReadableStream
  /** What the content of standard input is called where it was stored (the key of an object in S3); else `-`. */
  stdinName?: string | undefined
  /** Longest record that is held in memory, in bytes; default 64 MiB. A longer one becomes a gap. */
  maxRecordBytes?: number
  /** Kinds that are understood; default: all of them. */
  sources?: readonly Source[]
  /** Where and with what templates will be deployed. */
  template?: TemplateOptions | undefined
}

const defaultMaxRecordBytes = 64 * 1024 * 1024
/** Small inputs are kept from the time their kind is told, so that they are not read twice; up to this much altogether. */
const keptBytes = 64 * 1024 * 1024
/** Different problems told of one file; the rest are counted. */
const maxProblemsOfFile = 20
/** Entries told one by one; the rest are summed by reason. */
const maxNotEvaluated = 10_000

/** Problems and skipped parts as they are gathered, in an order that does not depend on that of the records. */
interface Findings {
  reading: Reading
  write(problems: InputProblem[], notEvaluated: NotEvaluated[]): void
}

function gather(maxRecordBytes: number, template: TemplateOptions | undefined): Findings {
  const problems = new Map<string, Map<string, { line?: number; count: number }>>()
  const skipped = new Map<string, NotEvaluated>()
  return {
    reading: {
      maxRecordBytes,
      template,
      problem(file, message, line) {
        const ofFile = problems.get(file) ?? new Map<string, { line?: number; count: number }>()
        problems.set(file, ofFile)
        const known = ofFile.get(message)
        if (known) known.count++
        else if (ofFile.size < maxProblemsOfFile) ofFile.set(message, { count: 1, ...(line ? { line } : {}) })
        else {
          const others = ofFile.get('')
          if (others) others.count++
          else ofFile.set('', { count: 1 })
        }
      },
      skip(entry) {
        const rest = skipped.size < maxNotEvaluated ? entry : { reason: entry.reason, count: entry.count }
        const key = JSON.stringify([rest.rule ?? null, rest.type ?? null, rest.file ?? null, rest.reason])
        const known = skipped.get(key)
        if (known) known.count += entry.count
        else skipped.set(key, { ...rest })
      },
    },
    write(into, notEvaluated) {
      for (const [file, messages] of problems) {
        for (const [message, { line, count }] of messages) {
          const repeats = count > 1 ? ` (and ${count - 1} more like it)` : ''
          const told = message === '' ? `has ${count} other problems` : `${message}${repeats}`
          into.push({ file, ...(line ? { line } : {}), message: told })
        }
      }
      const last = Number.MAX_SAFE_INTEGER
      into.sort((a, b) => byText(a.file, b.file) || (a.line ?? last) - (b.line ?? last) || byText(a.message, b.message))
      notEvaluated.push(...[...skipped.values()])
      notEvaluated.sort(
        (a, b) =>
          byText(a.file ?? '', b.file ?? '') || byText(a.type ?? '', b.type ?? '') || byText(a.reason, b.reason),
      )
    },
  }
}

const noKind = 'is no input that is understood'

function namesOf(sources: readonly Source[]): string {
  return sources.map(source => source.name).join(', ')
}

/** Opens files and tells their kinds. */
interface Classifier {
  /** The file as an input, with its source; `undefined` where it is none, which has been told. */
  classify(found: FoundFile): Promise<{ file: InputFile; source: Source } | undefined>
}

function classifier(
  sources: readonly Source[],
  options: ReadOptions,
  reading: Reading,
  progress: InputReading['progress'],
): Classifier {
  let kept = 0

  async function open(found: FoundFile, count: (bytes: number) => void): Promise<ByteReader> {
    if (found.size !== undefined) return contentReader(fileReader(found.path, count), found.size)
    const stream = found.path === '-' ? options.stdin : createReadStream(found.path)
    if (!stream) throw new UnreadableInput('cannot be read: there is no standard input')
    return contentReader(streamReader(stream, count))
  }

  /** Samples an open input, further and further while its kind may still show. */
  async function sampleOf(reader: ByteReader, name: string) {
    const most = Math.max(sampleBytes, reading.maxRecordBytes)
    let { bytes, ended, failure } = await takeBytes(reader, sampleBytes, Buffer.alloc(0))
    for (;;) {
      const sample = describeSample(bytes, ended)
      const source = sources.find(kind => kind.detect(sample, name))
      const mayShowMore =
        sample.shape === 'other'
          ? sample.keys.size > 0 && bytes.length < sampledText
          : sample.shape !== 'empty' && !sample.membersComplete
      if (source || ended || failure || !mayShowMore || bytes.length >= most)
        return { sample, source, bytes, ended, failure }
      ;({ bytes, ended, failure } = await takeBytes(reader, Math.min(bytes.length * 16, most), bytes))
    }
  }

  function refuse(found: FoundFile, reason: string, sample?: Sample, isRefused = false): undefined {
    const name = basename(found.name)
    const isMeant = sources.some(
      kind =>
        kind.nameMarkers?.some(marker => marker.test(name)) ||
        (sample && kind.markers.some(marker => marker.test(sample.text))),
    )
    const kinds = reason === noKind ? ` (${namesOf(sources)})` : ''
    if (found.named || isMeant || isRefused) reading.problem(found.name, `${reason}${kinds}`)
    else reading.skip({ file: found.name, reason: `it ${reason}`, count: 1 })
    return undefined
  }

  function whyNone(sample: Sample, bytes: Buffer, ended: boolean): string {
    if (sample.shape === 'empty') return 'is empty'
    if (isBinary(bytes, ended)) return 'is not text in UTF-8'
    return noKind
  }

  async function classify(found: FoundFile): Promise<{ file: InputFile; source: Source } | undefined> {
    const name = basename(found.name)
    if (!found.named && sources.some(kind => kind.ignored?.some(ignored => ignored.test(name)))) return undefined
    const isStream = found.size === undefined
    let reader: ByteReader | undefined
    let isHandedOn = false
    let isOpen = false
    try {
      // Bytes of a stream count once, when they are first read; those of a file when it is opened to be read.
      reader = await open(found, bytes => {
        if (isStream) progress.bytesRead += bytes
      })
      const { sample, source, bytes, ended, failure } = await sampleOf(reader, found.name)
      if (!source) return refuse(found, failure?.message ?? whyNone(sample, bytes, ended), sample)
      const isKept = ended && kept + bytes.length <= keptBytes
      if (isKept) kept += bytes.length
      isHandedOn = isStream || isKept
      isOpen = !ended && isHandedOn
      const rest = ended ? noMore : failure ? failing(failure) : reader
      const whole = (): ByteReader => {
        progress.bytesRead += found.size ?? 0
        return prefixed(bytes, rest)
      }
      const file: InputFile = {
        name: found.name,
        named: found.named,
        ...(found.met ? { met: found.met } : {}),
        sample: { ...sample, text: sample.text.slice(0, sampleBytes) },
        open: isHandedOn ? whole : () => lazyReader(() => open(found, count => (progress.bytesRead += count))),
      }
      return { file, source }
    } catch (error) {
      if (!(error instanceof UnreadableInput)) throw error
      return refuse(found, describeReadError(error), undefined, error.isRefused)
    } finally {
      if (!isOpen) reader?.close()
    }
  }
  return { classify }
}

/** A reader at its end. */
const noMore: ByteReader = { next: () => undefined, close: () => {} }

/** A reader that has come to where its input is damaged. */
const failing = (failure: UnreadableInput): ByteReader => ({
  next() {
    throw failure
  },
  close: () => {},
})

/** A reader that opens its input when the first chunk is wanted. */
function lazyReader(open: () => Promise<ByteReader>): ByteReader {
  let reader: ByteReader | undefined
  return {
    next() {
      if (reader) return reader.next()
      return open().then(opened => {
        reader = opened
        return opened.next()
      })
    },
    close: () => reader?.close(),
  }
}

/**
 * Reads files, directories (searched in depth) and standard input (`-`) as snapshot records. Nothing is thrown for what an
 * input holds: what could not be read is a problem, or, in a directory and of no kind, an entry of `notEvaluated`. Records
 * come kind by kind, within a kind in the order of the paths; each scope comes before the first record that names it, but for
 * snapshots, whose own order is kept.
 */
export function readInputs(paths: readonly string[], options: ReadOptions): InputReading {
  const problems: InputProblem[] = []
  const notEvaluated: NotEvaluated[] = []
  const progress = { bytesRead: 0, bytesTotal: 0 }

  async function* records(): AsyncGenerator<SnapshotRecord[]> {
    const sources: readonly Source[] = options.sources ?? builtIn
    const findings = gather(options.maxRecordBytes ?? defaultMaxRecordBytes, options.template)
    const { reading } = findings
    try {
      const found = findFiles(paths, { cwd: options.cwd, problem: reading.problem, skip: reading.skip })
      const { stdinName } = options
      if (stdinName !== undefined) for (const file of found) if (file.path === '-') file.name = stdinName
      for (const file of found) progress.bytesTotal += file.size ?? 0
      const { classify } = classifier(sources, options, reading, progress)
      const inputs = new Map<Source, InputFile[]>(sources.map(source => [source, []]))
      const hasInput = new Map<string, boolean>()
      for (const file of found) {
        const input = await classify(file)
        if (input) inputs.get(input.source)!.push(input.file)
        if (file.directory !== undefined) {
          hasInput.set(file.directory, hasInput.get(file.directory) === true || input !== undefined)
        }
      }
      for (const [directory, has] of hasInput) {
        if (!has) reading.problem(directory, `holds no input that is understood (${namesOf(sources)})`)
      }
      const roots = rootRegister(inputs)
      // A configuration, whose lines a plan or state is told by, comes before them by the order of the kinds.
      for (const source of sources) {
        const files = inputs.get(source)!
        if (files.length > 0) yield* source.read(files, { ...reading, roots })
      }
    } finally {
      findings.write(problems, notEvaluated)
    }
  }
  return { records: records(), problems, notEvaluated, progress }
}
