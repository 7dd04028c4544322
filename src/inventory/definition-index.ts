/** Finds the definition of an item by what its encoding calls the type. */
import type { Encoding, ResourceRecord } from '../model/record.ts'
import type { ResourceDefinition } from '../resources/definition.ts'

const encodings: readonly Encoding[] = ['config', 'api', 'cloudformation', 'terraform']

function namesIn(encoding: Encoding, { type, names }: ResourceDefinition): ReadonlySet<string> {
  if (encoding === 'terraform') return new Set(names.terraform)
  if (encoding === 'cloudformation') return new Set([...names.cloudformation, type])
  // An API tells its types by AWS Config's name, and by CloudFormation's where AWS Config has none.
  return new Set([type, ...names.config, ...names.cloudformation])
}

/** Definitions by encoding and type. */
export class DefinitionIndex {
  private lastType = ''
  private lastEncoding: Encoding | undefined
  private lastFound: ResourceDefinition[] | undefined
  private readonly byEncoding = new Map<Encoding, Map<string, ResourceDefinition[]>>()

  constructor(definitions: readonly ResourceDefinition[]) {
    for (const encoding of encodings) {
      const byName = new Map<string, ResourceDefinition[]>()
      this.byEncoding.set(encoding, byName)
      for (const definition of definitions) {
        for (const name of namesIn(encoding, definition)) {
          const list = byName.get(name)
          if (list) list.push(definition)
          else byName.set(name, [definition])
        }
      }
    }
  }

  /** The definition that takes an item; `undefined` where no rule concerns its type. */
  of(record: ResourceRecord): ResourceDefinition | undefined {
    // Records of one type come in long runs.
    if (record.type !== this.lastType || record.encoding !== this.lastEncoding) {
      this.lastType = record.type
      this.lastEncoding = record.encoding
      this.lastFound = this.byEncoding.get(record.encoding)?.get(record.type)
    }
    const found = this.lastFound
    if (!found) return undefined
    return found.length === 1 && !found[0]!.accepts
      ? found[0]
      : found.find(definition => !definition.accepts || definition.accepts(record))
  }
}
