import type { Records } from './collector.ts'
import type { Operation } from './operation.ts'
import type { Place, ResourceFields } from './place.ts'
import { tagsOf } from './tags.ts'

/** A resource that was found, with its type. */
export interface Found extends ResourceFields {
  type: string
}

/** Records of what was found, the tags of those that are without asked for. */
export async function* tagged(place: Place, found: readonly Found[]): AsyncGenerator<Records> {
  const untold = found.filter(({ tags }) => tags === undefined).map(({ arn }) => arn)
  const tags = untold.length > 0 ? await tagsOf(place, untold) : undefined
  yield found.map(fields => place.resource(fields.type, fields, fields.arn ? tags?.get(fields.arn) : undefined))
}

/** Records of every element of a list. `read` tells what a page holds; with further answers it may take its time. */
export async function* listed<Input, Answer>(
  place: Place,
  operation: Operation<Input, Answer>,
  input: Input,
  read: (page: Answer) => readonly Found[] | Promise<readonly Found[]>,
): AsyncGenerator<Records> {
  for await (const page of place.pages(operation, input)) yield* tagged(place, await read(page))
}
