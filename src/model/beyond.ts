/**
 * What reaches beyond one account, where the accounts of an organisation are judged one by one: each tells the others what its
 * stores and plans mean to their vaults and keys, and is told the same of its own.
 */
import type { ResourceRecord } from './record.ts'

/** What one account tells of a vault in another. */
export interface VaultUse {
  vault: string
  /** Tiers of stores whose points it holds, or that a plan sends there; `null` = of no tier. */
  tiers: (string | null)[]
  /** There may be stores of other tiers. */
  isOpen: boolean
}

/** What one account tells of a KMS key in another: the smallest ARNs of what uses it. */
export interface KeyUse {
  key: string
  users: string[]
}

/** What one account tells another. */
export interface Word {
  vaults: VaultUse[]
  keys: KeyUse[]
  /**
   * Stores whose points, snapshots or replicas lie in the other account, with what they are classified by and no more: no
   * fact of their own is stated.
   */
  stores: ResourceRecord[]
}

/** Which tiers the stores of an account are of. */
export interface TierUse {
  tiers: (string | null)[]
  /** There are no stores of other tiers. */
  isComplete: boolean
}
