/**
 * Reads what stores' items tell of them, once for items that differ in nothing that was read. A hundred thousand tables of
 * one shape differ in names, sizes and times; their settings are a few. Where a source says which records are alike, and in
 * what they may differ, the first of them shows which of that is read at all.
 */
import type { Facts } from '../model/facts.ts'
import type { Likeness, ResourceRecord } from '../model/record.ts'
import type { StoreDefinition } from './definition.ts'
import { readStore, readTimes, type StoreReading } from './reading.ts'

/** What was read of the places where alike records differ, one after the other: the next place, or what came of it. */
interface Step {
  /** Index of the place; -1 at the end. */
  at: number
  next: Map<unknown, Step>
  own: Facts | undefined
}

/** The readings of records that are alike, by one definition. */
interface Known {
  like: Likeness
  definition: StoreDefinition
  /** By which of the times are told: one that is not told stands among the facts. */
  byTimes: Map<string, Step>
  reads: number
  misses: number
}

/** A record that every other of its kind differs from in what is read teaches nothing: then they are read each by itself. */
const trials = 40
const leastShare = 0.5
const mostMisses = 2_000
const mostKept = 200

/** Shares readings between items that are alike. */
export class AlikeReadings {
  private readonly known: Known[] = []

  /** `share` gives one copy for facts that are equal. */
  constructor(private readonly share: (definition: StoreDefinition, own: Facts) => Facts) {}

  /** As `readStore`, with facts that are shared and to be read only. */
  read(definition: StoreDefinition, item: ResourceRecord): StoreReading {
    const known = item.like && this.knownOf(item.like, definition)
    if (!known || isHopeless(known)) return this.readAlone(definition, item)
    known.reads++
    const told = readTimes(definition, item)
    let step = told && known.byTimes.get(told.kinds)
    while (step && step.at >= 0) step = step.next.get(valueAt(item, known.like.differing[step.at]!))
    if (step) return { own: step.own!, times: told!.times }
    known.misses++
    return told ? this.learn(known, item, told) : this.readAlone(definition, item)
  }

  private readAlone(definition: StoreDefinition, item: ResourceRecord): StoreReading {
    const { own, times } = readStore(definition, item)
    return { own: this.share(definition, own), times }
  }

  /** Records of one kind come in a run. */
  private knownOf(like: Likeness, definition: StoreDefinition): Known {
    const { known } = this
    const first = known[0]
    if (first && first.like === like && first.definition === definition) return first
    const at = known.findIndex(other => other.like === like && other.definition === definition)
    const [found] = at < 0 ? [{ like, definition, byTimes: new Map(), reads: 0, misses: 0 }] : known.splice(at, 1)
    known.unshift(found!)
    if (known.length > mostKept) known.pop()
    return found!
  }

  private learn(known: Known, item: ResourceRecord, told: { kinds: string }): StoreReading {
    const { like, definition } = known
    const watch = new Watch(item, like)
    const { own, times } = readStore(definition, watch.item, item)
    const shared = this.share(definition, watch.plain(own) as Facts)
    if (!watch.isBlind) keep(known.byTimes, told.kinds, watch.read, item, like, shared)
    return { own: shared, times }
  }
}

const isHopeless = ({ reads, misses }: Known) => misses > mostMisses || (reads >= trials && misses > reads * leastShare)

function keep(
  from: Map<unknown, Step>,
  kinds: string,
  read: readonly number[],
  item: ResourceRecord,
  like: Likeness,
  own: Facts,
): void {
  let steps = from
  let key: unknown = kinds
  // The same values were read before on the way to here, so that the same is read next.
  for (const at of read) {
    let step = steps.get(key)
    if (!step) steps.set(key, (step = { at, next: new Map(), own: undefined }))
    steps = step.next
    key = valueAt(item, like.differing[at]!)
  }
  steps.set(key, { at: -1, next: new Map(), own })
}

type Tree = { [key: string]: unknown }

function valueAt(item: ResourceRecord, path: readonly (string | number)[]): unknown {
  let value: unknown = item
  for (const key of path) value = (value as Tree)[key]
  return value
}

/** Notes which of the places where alike records differ are read of a record, in the order in which they are read first. */
class Watch {
  readonly item: ResourceRecord
  readonly read: number[] = []
  /** Something was read that may differ without being one of the places. */
  isBlind = false
  private readonly placesIn = new Map<object, Map<string, number>>()
  private readonly watched = new Map<object, object>()
  private readonly originals = new Map<object, object>()

  constructor(item: ResourceRecord, { differing }: Likeness) {
    differing.forEach((path, i) => {
      const holder = valueAt(item, path.slice(0, -1)) as object
      const places = this.placesIn.get(holder) ?? new Map<string, number>()
      this.placesIn.set(holder, places.set(String(path.at(-1)), i))
    })
    // Where a record stands is told of it by its source.
    this.placesIn.set(
      item,
      new Map([
        ...(this.placesIn.get(item) ?? []),
        ...(['location', 'like'] as const).map(name => [name, -1] as const),
      ]),
    )
    this.item = this.of(item) as ResourceRecord
  }

  /** The value without what watches it. What is handed on whole was read whole. */
  plain(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value
    const original = this.originals.get(value)
    if (original) {
      this.noteAll(original)
      return original
    }
    for (const [key, inner] of Object.entries(value)) {
      const plain = this.plain(inner)
      if (plain !== inner) (value as Tree)[key] = plain
    }
    return value
  }

  private of(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value
    let watched = this.watched.get(value)
    if (!watched) {
      watched = new Proxy(value, {
        get: (target, key) => this.note(target, key, Reflect.get(target, key)),
        getOwnPropertyDescriptor: (target, key) => {
          // Whoever asks which members there are, or goes through their names, does not read them.
          const found = Reflect.getOwnPropertyDescriptor(target, key)
          if (!found?.configurable) return found
          const get = () => this.note(target, key, Reflect.get(target, key))
          return { get, enumerable: found.enumerable ?? false, configurable: true }
        },
      })
      this.watched.set(value, watched)
      this.originals.set(watched, value)
    }
    return watched
  }

  private note(target: object, key: string | symbol, value: unknown): unknown {
    const place = this.placesIn.get(target)?.get(String(key))
    if (place === -1) this.isBlind = true
    else if (place !== undefined && !this.read.includes(place)) this.read.push(place)
    return this.of(value)
  }

  private noteAll(value: object): void {
    for (const [key, inner] of Object.entries(value)) {
      this.note(value, key, inner)
      if (typeof inner === 'object' && inner !== null) this.noteAll(inner)
    }
  }
}
