/** The IAM policy that a set of collectors needs, and nothing more. */
import type { Collector } from './collector.ts'

/** A policy document of AWS IAM. */
export interface PolicyDocument {
  Version: '2012-10-17'
  Statement: { Sid: string; Effect: 'Allow'; Action: string[]; Resource: '*' }[]
}

/** Finding the enabled Regions, which `--regions all` and the trails of an account need. */
const findRegions = 'ec2:DescribeRegions'

/**
 * The read-only policy of the collectors: an action for every operation that they may call. `sts:GetCallerIdentity`, which tells
 * whose credentials they are, AWS allows to everybody.
 */
export function policyOf(collectors: readonly Collector[]): PolicyDocument {
  const actions = new Set(
    collectors.flatMap(({ operations }) => operations.flatMap(({ action, beside = [] }) => [action, ...beside])),
  )
  return {
    Version: '2012-10-17',
    Statement: [{ Sid: 'Rel09Collect', Effect: 'Allow', Action: [...actions.add(findRegions)].sort(), Resource: '*' }],
  }
}
