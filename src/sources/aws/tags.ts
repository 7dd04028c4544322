/**
 * Tags by the Resource Groups Tagging API, a hundred resources a call, for what no list call tells the tags of. It is asked for
 * resources that are known to be there and names those that have, or had, tags; the others have none.
 * https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/API_GetResources.html
 */
import { GetResourcesCommand, ResourceGroupsTaggingAPIClient } from '@aws-sdk/client-resource-groups-tagging-api'
import { operation } from './operation.ts'
import type { Place } from './place.ts'

/** Tags of up to a hundred ARNs. Whoever uses {@link tagsOf} declares it. */
export const getResources = operation('tag:GetResources', ResourceGroupsTaggingAPIClient, GetResourcesCommand, {
  cuts: ['tags'],
})

/** Tags as an API lists them. */
export type TagList = readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined

/** Tags as a record holds them; a list that an answer leaves out is an empty one. */
export function tagMap(list: TagList): Record<string, string> {
  const entries: [string, string][] = []
  for (const { Key, Value } of list ?? []) if (Key) entries.push([Key, Value ?? ''])
  if (entries.length > 1) entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries)
}

/** Tags as an API maps them, in the order of their keys. */
export function sortedTags(tags: { [key: string]: string | undefined } | undefined): Record<string, string> {
  return tagMap(Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value })))
}

/** The most ARNs that a call takes. */
const most = 100

/** Tags by ARN, an empty map where a resource has none; no entry where they could not be read. */
export async function tagsOf(
  place: Place,
  arns: readonly (string | undefined)[],
): Promise<Map<string, Record<string, string>>> {
  const wanted = arns.filter((arn): arn is string => arn !== undefined)
  const found = new Map<string, Record<string, string>>()
  const batches = Array.from({ length: Math.ceil(wanted.length / most) }, (_, i) =>
    wanted.slice(i * most, (i + 1) * most),
  )
  await Promise.all(
    batches.map(async ResourceARNList => {
      const answer = await place.ask(getResources, { ResourceARNList })
      // A token would mean that there is more: nobody tells how to ask for it beside a list of ARNs.
      if (!answer || answer.PaginationToken) return
      for (const arn of ResourceARNList) found.set(arn, {})
      for (const { ResourceARN, Tags } of answer.ResourceTagMappingList ?? [])
        if (ResourceARN) found.set(ResourceARN, tagMap(Tags))
    }),
  )
  return found
}
