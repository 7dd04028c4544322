/**
 * What reaches beyond one account, where the accounts of an organisation are judged one by one (`src/commands/org/README.md`): what
 * an account's stores and plans mean to vaults and keys elsewhere adds up, so that each account can be joined for itself.
 */
import type { KeyUse, VaultUse, Word } from '../model/beyond.ts'
import type { ResourceRecord } from '../model/record.ts'
import { byText } from '../model/text-order.ts'
import { parseArn } from './arn.ts'
import type { Join, StoreItem, VaultState } from './join.ts'
import { useKey } from './key-index.ts'
import { isContentOpen } from './tiers.ts'
import { vaultByArn } from './vaults.ts'

/** Adds what another account tells to the vaults and keys of a join. */
export function hear(join: Join, { vaults, keys }: Pick<Word, 'vaults' | 'keys'>): void {
  for (const { vault: arn, tiers, isOpen } of vaults) {
    const vault = vaultByArn(join, arn)
    if (!vault) continue
    for (const tier of tiers) vault.tiers.add(tier)
    if (isOpen) vault.tierUnknown = true
  }
  for (const { key, users } of keys) for (const user of users) useKey(join, key, user, undefined, undefined)
}

const isJudged = ({ scope }: Pick<StoreItem, 'scope'>) => scope.evidenceOnly !== true

/** What the records of a join that are judged tell the other accounts. */
export function wordsOf(join: Join, wanted: Iterable<{ arn: string; account: string }>): Map<string, Word> {
  const words = new Map<string, Word>()
  const to = (account: string): Word => {
    let word = words.get(account)
    if (!word) words.set(account, (word = { vaults: [], keys: [], stores: [] }))
    return word
  }
  for (const place of join.places.values())
    for (const vault of place.vaults.values()) {
      if (vault.account === undefined || isJudged(vault.item)) continue
      const use = vaultUse(join, vault)
      if (use.tiers.length > 0 || use.isOpen) to(vault.account).vaults.push(use)
    }
  const own = new Set(
    [...join.places.values()].flatMap(({ scope, account }) => (scope && isJudged({ scope }) ? [account] : [])),
  )
  for (const [key, users] of join.keyUsers) {
    const account = parseArn(key)?.account
    if (account !== undefined && !own.has(account)) to(account).keys.push({ key, users: [...users] } satisfies KeyUse)
  }
  for (const [account, stores] of storesHeldElsewhere(join, wanted))
    to(account).stores = [...stores].map(told).sort((a, b) => byText(a.arn ?? a.id, b.arn ?? b.id))
  for (const { vaults, keys } of words.values()) {
    vaults.sort((a, b) => byText(a.vault, b.vault))
    keys.sort((a, b) => byText(a.key, b.key))
  }
  return words
}

function vaultUse(join: Join, vault: VaultState): VaultUse {
  const plans = [...vault.usedByPlans].filter(({ item }) => isJudged(item))
  return {
    vault: vault.arn,
    tiers: [...vault.tiers].sort((a, b) => byText(a ?? '', b ?? '')),
    isOpen: vault.tierUnknown || plans.some(plan => isContentOpen(join, plan)),
  }
}

/** The stores that are judged of which something lies in other accounts, by account. */
function storesHeldElsewhere(
  join: Join,
  wanted: Iterable<{ arn: string; account: string }>,
): Map<string, Set<StoreItem>> {
  const held = new Map<string, Set<StoreItem>>()
  const add = (account: string, store: StoreItem) => {
    const known = held.get(account)
    if (known) known.add(store)
    else held.set(account, new Set([store]))
  }
  for (const store of join.stores) {
    if (!isJudged(store)) continue
    for (let group = store.entry?.groups; group; group = group.next)
      if (group.vault.account !== undefined && group.vault.account !== store.account) add(group.vault.account, store)
  }
  for (const { arn, account } of wanted) {
    const store = join.entries.get(arn)?.store
    if (store && isJudged(store) && store.account !== account) add(account, store)
  }
  return held
}

/** A store by what it is called and classified by. */
function told({ type, id, arn, account, region, name, tags, scope }: StoreItem): ResourceRecord {
  return {
    record: 'resource',
    scope: scope.scope.id,
    type,
    id,
    ...(arn === undefined ? {} : { arn }),
    ...(account === undefined ? {} : { account }),
    ...(region === undefined ? {} : { region }),
    ...(name === undefined ? {} : { name }),
    ...(tags === undefined ? {} : { tags: tags === null ? null : { ...tags } }),
    encoding: 'api',
    configuration: {},
  }
}
