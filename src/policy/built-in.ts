/** The default policy, without the YAML reader that a policy file needs. */
import { createHash } from 'node:crypto'
import type { Policy } from '../model/policy.ts'
import { canonicalJson } from '../rules/canonical-json.ts'
import { defaultPolicy } from './defaults.ts'

/** SHA-256 of the canonical policy with its defaults, without where it was read from. */
export function policyDigest(policy: Omit<Policy, 'digest'>): string {
  const { file: _file, ...content } = policy
  return createHash('sha256').update(canonicalJson(content)).digest('hex')
}

/** The default policy. Its digest is made for whoever shows it: the text report does not. */
export function builtInPolicy(): Policy {
  return {
    ...defaultPolicy,
    get digest() {
      return policyDigest(defaultPolicy)
    },
  }
}
