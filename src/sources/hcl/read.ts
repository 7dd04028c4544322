/** Reads configurations: sorts their files into directories, finds the roots among these, and gives the records of each. */
import type { ResourceRecord, SnapshotRecord } from '../../model/record.ts'
import { tellIdle } from '../inline-exemptions.ts'
import type { InputDirectory } from '../input-directory.ts'
import { chunksOf } from '../scan-file.ts'
import { scopeRecord } from '../scope.ts'
import type { InputFile, Reading } from '../source.ts'
import { terraformRecords } from '../terraform/records.ts'
import { configurationRank, type Site } from '../terraform/roots.ts'
import type { Libraries } from './function.ts'
import { decoded, isLoadedByItself, maxFileBytes, parseFile, type SourceText } from './module-directory.ts'
import { type RootContent, readRoot } from './root.ts'
import type { HclFile } from './syntax.ts'
import { loneModule, type Workspace, workspace } from './workspace.ts'

const baseNameOf = (file: InputFile) =>
  (file.met?.path ?? file.name)
    .split('/')
    .at(-1)!
    .replace(/ \(\d+\)$/, '')
const isVariablesFile = (baseName: string) => /\.tfvars(?:\.json)?$/.test(baseName)

/** The text of a file; `undefined` where it cannot be had, which has been told. */
async function textOf(file: InputFile, reading: Reading): Promise<string | undefined> {
  const parts: Buffer[] = []
  let length = 0
  let isLost = false
  const chunks = chunksOf(file, reading, () => {
    isLost = true
  })
  for await (const chunk of chunks) {
    length += chunk.length
    if (length > maxFileBytes) {
      reading.problem(
        file.name,
        `is larger than ${maxFileBytes / 1024 / 1024} MiB: no configuration is read that is so long`,
      )
      return undefined
    }
    parts.push(Buffer.from(chunk))
  }
  if (isLost) return undefined
  const content = decoded(Buffer.concat(parts))
  if ('text' in content) return content.text
  reading.problem(file.name, content.fault)
  return undefined
}

/** The inputs by what becomes of them. */
interface Sorted {
  /** Named by themselves: judged alone. */
  lone: SourceText[]
  /** By the directory that the user named, then by the path in it. */
  met: Map<InputDirectory, Map<string, SourceText[]>>
  /** Named files of variables. */
  variables: SourceText[]
  libraries: Libraries
}

/** Functions whose libraries take a while to load. */
const needsPatterns = /\b(?:regex|regexall|replace)\s*\(/
const needsYaml = /\byaml(?:en|de)code\s*\(/

async function sorted(files: readonly InputFile[], reading: Reading): Promise<Sorted> {
  const result: Sorted = { lone: [], met: new Map(), variables: [], libraries: {} }
  for (const file of files) {
    const baseName = baseNameOf(file)
    if (file.met && isVariablesFile(baseName) && !isLoadedByItself(baseName)) {
      const reason = 'Terraform does not load these variables by itself: name the file to have it read'
      reading.skip({ file: file.name, reason, count: 1 })
      continue
    }
    const source: SourceText = { name: file.name, baseName, text: await textOf(file, reading) }
    if (needsPatterns.test(source.text ?? '')) result.libraries.re2 ??= await import('re2js')
    if (needsYaml.test(source.text ?? '')) result.libraries.yaml ??= await import('yaml')
    if (file.met) addMet(result.met, file.met.in, file.met.path, source)
    else (isVariablesFile(baseName) ? result.variables : result.lone).push(source)
  }
  return result
}

function addMet(met: Sorted['met'], directory: InputDirectory, path: string, source: SourceText): void {
  const above = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '.'
  const place = directory.canonical(above) ?? above
  const places = met.get(directory) ?? new Map<string, SourceText[]>()
  met.set(directory, places)
  const sources = places.get(place)
  if (sources) sources.push(source)
  else places.set(place, [source])
}

/** A directory of nothing but variables declares nothing. */
function withoutBareVariables(places: Map<string, SourceText[]>, reading: Reading): Map<string, SourceText[]> {
  for (const [path, sources] of places) {
    if (!sources.every(source => isVariablesFile(source.baseName))) continue
    places.delete(path)
    for (const { name } of sources)
      reading.skip({ file: name, reason: 'variables without a configuration beside them', count: 1 })
  }
  return places
}

/** A root's records. */
function* recordsOf(
  place: Workspace,
  path: string,
  name: string,
  run: { reading: Reading; libraries: Libraries; variables: (HclFile | undefined)[] },
): Generator<SnapshotRecord[]> {
  const { reading } = run
  const { account, region } = reading.template ?? {}
  const given = { account, region }
  const scope = scopeRecord({ source: 'terraform-hcl', ...given, file: name })
  const content = readRoot({
    workspace: place,
    path,
    name,
    scope: scope.id,
    given,
    libraries: run.libraries,
    variables: run.variables,
    problem: reading.problem,
  })
  const { records, unjudged, unowned } = terraformRecords({
    scope: scope.id,
    resources: content.resources,
    isWhole: content.gaps.length === 0,
  })
  for (const [type, count] of unjudged) reading.skip({ type, file: name, reason: 'no rule concerns this type', count })
  for (const [type, count] of unowned)
    reading.skip({ type, file: name, reason: 'what it belongs to is in another configuration', count })
  tellIdleExemptions(records, content, reading)
  yield [scope, ...content.gaps, ...records.map(record => completed(record, content))]
}

/** The addresses that a record stands for: its own, and those of the companions that are a part of it. */
const partsOf = ({ address, related = [] }: ResourceRecord): string[] =>
  [...new Set([address, ...related.map(part => part.address)])].filter(part => part !== undefined)

/** Exemptions beside what no record stands for: nothing else would tell that they accept nothing. */
function tellIdleExemptions(
  records: readonly ResourceRecord[],
  { exemptions }: RootContent,
  reading: Pick<Reading, 'skip'>,
): void {
  if (exemptions.size === 0) return
  const judged = new Set(records.flatMap(partsOf))
  for (const [address, beside] of exemptions)
    if (!judged.has(address)) tellIdle(reading, beside[0]!.file, beside.length)
}

/** A record of a module tells which calls made it: they share its lines. */
function completed(record: ResourceRecord, { calls, exemptions }: RootContent): ResourceRecord {
  const { address } = record
  if (address === undefined) return record
  const beside = partsOf(record).flatMap(part => exemptions.get(part) ?? [])
  if (beside.length > 0) record.exemptions = beside
  const sites = calls.get(address)
  if (sites) record.moduleCalls = sites.map(({ file, line, address }) => ({ file, line, address }))
  return record
}

/** Where the resources of a root stand that is judged by a plan or a state beside it. */
function sitesOf(batches: Iterable<SnapshotRecord[]>): Map<string, Site> {
  const sites = new Map<string, Site>()
  for (const record of [...batches].flat()) {
    if (record.record !== 'resource' || record.address === undefined) continue
    const { location, positions, moduleCalls, exemptions, related } = record
    const site = { location, positions, moduleCalls, exemptions }
    sites.set(record.address, Object.fromEntries(Object.entries(site).filter(([, value]) => value !== undefined)))
    for (const part of related ?? [])
      if (part.address !== undefined && part.location)
        sites.set(part.address, { location: part.location, ...(part.positions ? { positions: part.positions } : {}) })
  }
  return sites
}

/** A run that lists nothing as not judged: what is judged instead does. */
function quietly<R extends { reading: Reading }>(run: R): R {
  return { ...run, reading: { ...run.reading, skip: () => {} } }
}

/** Reads all configurations of a run. */
export async function* readConfigurations(
  files: readonly InputFile[],
  reading: Reading,
): AsyncGenerator<SnapshotRecord[]> {
  const { lone, met, variables, libraries } = await sorted(files, reading)
  const named = variables.map(source => {
    const parsed = parseFile(source, reading.problem)
    return 'body' in parsed ? parsed : undefined
  })
  if (lone.length === 0 && met.size === 0)
    for (const { name } of variables) reading.problem(name, 'sets variables of a configuration that is not given')
  const run = { reading, libraries, variables: named }
  for (const [directory, places] of met) {
    const place = workspace(directory, withoutBareVariables(places, reading), reading.problem)
    for (const path of place.roots()) {
      const below = path === '.' ? directory.name : directory.name === '.' ? path : `${directory.name}/${path}`
      const root = { in: directory, path }
      if (!reading.roots?.isOutranked(root, configurationRank)) yield* recordsOf(place, path, below, run)
      else reading.roots.note(root, sitesOf(recordsOf(place, path, below, quietly(run))))
    }
  }
  for (const source of lone) yield* recordsOf(loneModule(source, reading.problem), '.', source.name, run)
}
