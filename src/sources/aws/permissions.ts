/** The IAM policy that a set of collectors needs, and nothing more. */
import type { Collector } from './collector.ts'
import { organizationActions } from './organization.ts'

/** A policy document of AWS IAM. */
export interface PolicyDocument {
  Version: '2012-10-17'
  Statement: { Sid: string; Effect: 'Allow'; Action: string[]; Resource: string }[]
}

/** How accounts are found and entered. */
export interface AccountAccess {
  /** Name of the role in each account, with its path. */
  role: string
  partition: string
  /** The accounts are those of an organisation: of all of it, or of some units. */
  organization?: keyof typeof organizationActions | undefined
}

/** Finding the enabled Regions, which `--regions all` and the trails of an account need. */
const findRegions = 'ec2:DescribeRegions'

/**
 * The read-only policy of the collectors: an action for every operation that they may call. `sts:GetCallerIdentity`, which tells
 * whose credentials they are, AWS allows to everybody. What enters other accounts is a statement of its own: the caller needs it,
 * and the role in each account does not.
 */
export function policyOf(collectors: readonly Collector[], access?: AccountAccess): PolicyDocument {
  const actions = new Set(
    collectors.flatMap(({ operations }) => operations.flatMap(({ action, beside = [] }) => [action, ...beside])),
  )
  return {
    Version: '2012-10-17',
    Statement: [
      { Sid: 'Rel09Collect', Effect: 'Allow', Action: [...actions.add(findRegions)].sort(), Resource: '*' },
      ...(access ? accessStatements(access) : []),
    ],
  }
}

function accessStatements({ role, partition, organization }: AccountAccess): PolicyDocument['Statement'] {
  const assume = `arn:${partition}:iam::*:role/${role}`
  const statements: PolicyDocument['Statement'] = [
    { Sid: 'Rel09Accounts', Effect: 'Allow', Action: ['sts:AssumeRole'], Resource: assume },
  ]
  if (organization)
    statements.push({
      Sid: 'Rel09Organization',
      Effect: 'Allow',
      Action: [...organizationActions[organization]],
      Resource: '*',
    })
  return statements
}
