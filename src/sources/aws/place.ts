/**
 * An account in a Region, as collectors see it: calls that never throw, pages that always end, and records in one form. What
 * fails is noted as a gap once for each operation and reason, however often it fails.
 */
import type { GapRecord, ResourceRecord } from '../../model/record.ts'
import { scopeId } from '../scope.ts'
import { stated } from './answer.ts'
import type { Clients } from './clients.ts'
import type { EarlierSnapshot, Whereabouts } from './earlier.ts'
import { codeOf, type Failure, failureOf } from './failure.ts'
import { Gate } from './gate.ts'
import type { ClientClass, Operation } from './operation.ts'
import type { Stop } from './stop.ts'

/** What one run of the collector counts. */
export interface Counters {
  /** Calls by `service:Operation`, retries not counted. */
  readonly calls: Map<string, number>
  /** Calls that the SDK had to repeat, by `service:Operation`. */
  readonly repeated: Map<string, number>
}

/** What all places of a run share. */
export interface Run {
  /** ISO 8601 UTC: when the run began, the clock of every scope. */
  takenAt: string
  clients: Clients
  counters: Counters
  stop: Stop
  /** What need not be asked for again. */
  earlier?: EarlierSnapshot | undefined
}

/** What a record says beside its type. */
export interface ResourceFields {
  /** AWS Config's resourceId. */
  id: string
  arn?: string | undefined
  name?: string | undefined
  /** `{}`: known to have none. Absent: not known. */
  tags?: Record<string, string> | undefined
  /** The API's answer, or an element of it. */
  configuration: object
  /** Further answers by name; `null`: known to be none; `undefined`: not read. */
  supplementary?: { [name: string]: unknown }
  /** Members of the configuration that were not read though their absence would mean something. */
  unknown?: string[] | undefined
  /** Where it lies, if not in the Region of the place. */
  region?: string | undefined
}

/** Calls under way at once to one service in one Region: at first, and at most. */
const firstWidth = 4
const mostWidth = 8

type Answer = { $metadata?: { attempts?: number } }

const attemptsOf = (answer: unknown): number => (answer as Answer | undefined)?.$metadata?.attempts ?? 1

function memberAt(value: unknown, path: string): unknown {
  let found = value
  for (const name of path.split('.')) found = (found as { [name: string]: unknown } | null | undefined)?.[name]
  return found
}

/** Gates by Region and client. */
type Gates = Map<string, Map<unknown, Gate>>

/** An account in a Region. */
export class Place {
  readonly scope: string

  constructor(
    readonly run: Run,
    readonly partition: string,
    readonly account: string,
    /** The Region of the records: `global` for what is read once an account. */
    readonly region: string,
    /** The Region that is called. */
    readonly endpoint: string = region,
    /** Regions that are enabled in the account, or those that were asked for where that is not known. */
    readonly regions: readonly string[] = [region],
    /** What could not be read, by operation and reason. */
    readonly gaps: Map<string, GapRecord> = new Map(),
    private readonly gates: Gates = new Map(),
  ) {
    this.scope = scopeId({ source: 'aws', account, region, takenAt: run.takenAt })
  }

  /** The same account, its other Region called: for what an account has once but answers by Region. */
  calling(region: string): Place {
    const { run, partition, account, regions, gaps, gates } = this
    return new Place(run, partition, account, this.region, region, regions, gaps, gates)
  }

  /** The same place with gaps of its own, for one part of what is read there. */
  forPart(): Place {
    const { run, partition, account, region, endpoint, regions, gates } = this
    return new Place(run, partition, account, region, endpoint, regions, new Map(), gates)
  }

  /** Where its records lie, for an older snapshot. */
  get whereabouts(): Whereabouts {
    const { account, region, scope, run } = this
    return { account, region, scope, takenAt: run.takenAt }
  }

  /** An ARN of this account and Region. */
  arn(service: string, resource: string): string {
    return `arn:${this.partition}:${service}:${this.endpoint}:${this.account}:${resource}`
  }

  /** The answer of a call; `undefined` where it failed, which is noted. */
  async ask<Input, Answer>(operation: Operation<Input, Answer>, input: Input): Promise<Answer | undefined> {
    return (await this.askOrNone(operation, input, [])) ?? undefined
  }

  /** The answer of a call; `null` where AWS answers with one of the errors that mean «there is none». */
  async askOrNone<Input, Answer>(
    operation: Operation<Input, Answer>,
    input: Input,
    none: readonly string[],
  ): Promise<Answer | null | undefined> {
    try {
      return await this.send(operation, input)
    } catch (error) {
      if (none.includes(codeOf(error)) || none.includes((error as Error).name)) return null
      this.note(operation, failureOf(error, operation, this.endpoint))
      return undefined
    }
  }

  /** Every page of a list; after a failure no more, which is noted. */
  async *pages<Input, Answer>(operation: Operation<Input, Answer>, input: Input): AsyncGenerator<Answer> {
    yield* this.walk(operation, input)
  }

  /** Every element of a list; `undefined` where it was not read to its end, which is noted. */
  async all<Input, Answer, Element>(
    operation: Operation<Input, Answer>,
    input: Input,
    read: (page: Answer) => readonly Element[] | undefined,
  ): Promise<Element[] | undefined> {
    const elements: Element[] = []
    const pages = this.walk(operation, input)
    for (;;) {
      const { done, value } = await pages.next()
      if (done) return value ? elements : undefined
      for (const element of read(value) ?? []) elements.push(element)
    }
  }

  /** The pages of a list; tells at last whether they were all there. */
  private async *walk<Input, Answer>(
    operation: Operation<Input, Answer>,
    input: Input,
  ): AsyncGenerator<Answer, boolean> {
    const { paging } = operation
    const seen = new Set<string>()
    let token: string | undefined
    for (;;) {
      const turned = paging && token !== undefined ? { [paging.in]: token } : {}
      const answer = await this.ask(operation, { ...paging?.input, ...input, ...turned } as Input)
      if (answer === undefined) return false
      yield answer
      const next = paging && memberAt(answer, paging.out)
      if (typeof next !== 'string' || next === '') return true
      if (seen.has(next)) break
      seen.add(next)
      token = next
    }
    const remedy = `Collect again: ${operation.api} told the same page twice, so that its list has no end.`
    this.note(operation, { reason: 'truncated', remedy })
    return false
  }

  /** Notes a gap of an operation. */
  note({ api, cuts, types }: Pick<Operation, 'api' | 'cuts' | 'types'>, { reason, remedy }: Failure): void {
    const { scope, account, region, gaps } = this
    const key = `${api} ${reason}`
    const known = gaps.get(key)
    // The same remedy, whichever call failed first.
    if (known && known.remedy <= remedy) return
    const gap: GapRecord = {
      record: 'gap',
      scope,
      account,
      region,
      factGroups: [...cuts],
      types: [...types],
      api,
      reason,
      remedy,
    }
    gaps.set(key, gap)
  }

  /** A record of this place. `toldTags`: its tags, where its fields do not have them. */
  resource(type: string, fields: ResourceFields, toldTags?: Record<string, string>): ResourceRecord {
    const { id, arn, name, tags = toldTags, configuration, supplementary, unknown, region } = fields
    // Member by member, in the order of the schema: of a million records a spread of each is felt.
    const record = { record: 'resource', scope: this.scope, type, id: id === '' ? (arn ?? type) : id } as ResourceRecord
    if (arn) record.arn = arn
    record.account = this.account
    record.region = region ?? this.region
    if (name !== undefined) record.name = name
    if (tags) record.tags = tags
    record.encoding = 'api'
    record.configuration = stated(configuration) as Record<string, unknown>
    if (supplementary) record.supplementary = supplementary
    if (unknown && unknown.length > 0) record.unknown = unknown
    return record
  }

  private async send<Input, Answer>(operation: Operation<Input, Answer>, input: Input): Promise<Answer> {
    const { clients, counters, stop } = this.run
    const { calls, repeated } = counters
    const answer = (await this.gate(operation.client).run(
      () =>
        stop.unless(() => {
          calls.set(operation.api, (calls.get(operation.api) ?? 0) + 1)
          const command = new operation.command(input as never)
          return clients.client(operation.client, this.endpoint).send(command as never)
        }),
      attemptsOf,
    )) as Answer
    if (attemptsOf(answer) > 1) repeated.set(operation.api, (repeated.get(operation.api) ?? 0) + 1)
    return answer
  }

  private gate(client: ClientClass): Gate {
    let gates = this.gates.get(this.endpoint)
    if (!gates) this.gates.set(this.endpoint, (gates = new Map()))
    let gate = gates.get(client)
    if (!gate) gates.set(client, (gate = new Gate(firstWidth, mostWidth)))
    return gate
  }
}
