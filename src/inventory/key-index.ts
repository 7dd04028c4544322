/** KMS keys by every name that a store, a vault or a point may give them, and who uses them. */
import { byText } from '../model/text-order.ts'
import { parseArn } from './arn.ts'
import type { EvidenceItem, Join } from './join.ts'
import { resolveKey } from './join.ts'

/** Indexes the keys and aliases that were read. */
export function indexKeys(join: Join): void {
  const { evidence } = join
  for (const item of evidence['kms-key']) {
    if (item.arn) join.keysByName.set(item.arn, item)
    join.keysByName.set(`${item.account}|${item.region}|${item.value.keyId}`, item)
    for (const alias of item.value.aliases ?? []) nameKey(join, item, alias)
  }
  for (const alias of evidence['kms-alias']) {
    const key =
      alias.value.keyId === undefined
        ? undefined
        : (join.keysByName.get(alias.value.keyId) ??
          join.keysByName.get(`${alias.account}|${alias.region}|${alias.value.keyId}`))
    if (!key) continue
    nameKey(join, key, alias.value.alias)
    if (alias.value.arn) join.keysByName.set(alias.value.arn, key)
  }
}

function nameKey(join: Join, item: EvidenceItem<'kms-key'>, alias: string): void {
  join.keysByName.set(`${item.account}|${item.region}|${alias}`, item)
  const partition = parseArn(item.arn ?? '')?.partition
  if (partition && item.account && item.region)
    join.keysByName.set(`arn:${partition}:kms:${item.region}:${item.account}:${alias}`, item)
}

/** Users of a key that are kept. */
export const mostUsers = 10

/** Notes who uses a key: the smallest ten ARNs. */
export function useKey(
  join: Join,
  name: string,
  user: string,
  account: string | undefined,
  region: string | undefined,
): void {
  const arn = resolveKey(join, name, account, region, false).item?.arn ?? name
  const users = join.keyUsers.get(arn)
  if (!users) join.keyUsers.set(arn, [user])
  else if (!(users.length >= mostUsers && user > users[mostUsers - 1]!) && !users.includes(user)) {
    users.push(user)
    users.sort(byText)
    users.length = Math.min(users.length, mostUsers)
  }
}
