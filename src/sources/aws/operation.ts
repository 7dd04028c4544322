/** A call of an AWS API, as collectors declare it: which fact groups it feeds, and the IAM action that allows it. */

/** How an operation pages. Absent: its answer is whole. */
export interface Paging {
  /** Input member that takes the token. */
  in: string
  /** Output member that holds it, dotted; an empty text or none ends the list. */
  out: string
  /** Members of every request: the largest page that the API allows. */
  input?: { readonly [member: string]: unknown }
}

/** A client class of the AWS SDK. */
export type ClientClass = new (
  configuration: never,
) => { send(command: never, options?: never): Promise<unknown>; destroy(): void }

/** The part of an SDK's command that tells the types of its input and answer. */
interface CommandOf<Input, Answer> {
  readonly input: Input
  resolveMiddleware(
    stack: never,
    configuration: never,
    options: never,
  ): (argument: never) => Promise<{ output: Answer }>
}

/** A command class of the AWS SDK. */
export type CommandClass<Input, Answer> = new (input: never) => CommandOf<Input, Answer>

/** One operation of an API. */
export interface Operation<Input = unknown, Answer = unknown> {
  /** `service:Operation`, as gaps name it. */
  readonly api: string
  /** The IAM action that allows it. */
  readonly action: string
  readonly client: ClientClass
  readonly command: CommandClass<Input, Answer>
  /** Fact groups that are partial where it fails. */
  readonly cuts: readonly string[]
  /** Types whose records are missing, or incomplete, where it fails; empty: every type that feeds those groups. */
  readonly types: readonly string[]
  readonly paging?: Paging
  /** Called once for each of these, where AWS has no list form of it. Absent: once a page, or once. */
  readonly each?: string
  /** IAM actions of calls that the SDK makes by itself to make this one. */
  readonly beside?: readonly string[]
}

/** What is declared of an operation beside its classes. */
export interface OperationDeclaration {
  /** The IAM action, where it is not called as the API is. */
  action?: string
  cuts: readonly string[]
  types?: readonly string[]
  paging?: Paging
  each?: string
  beside?: readonly string[]
}

/** Declares an operation: `api` is `service:Operation`, and the IAM action too unless another is given. */
export function operation<Input, Answer>(
  api: string,
  client: ClientClass,
  command: CommandClass<Input, Answer>,
  { action = api, types = [], ...declared }: OperationDeclaration,
): Operation<Input, Answer> {
  return { api, action, client, command, types, ...declared }
}
