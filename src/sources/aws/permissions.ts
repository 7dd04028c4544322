/** The IAM policy that a set of collectors needs, and nothing more. */
import { aggregatorOperations, regionOperations } from './advanced-queries.ts'
import type { Collector } from './collector.ts'
import type { Operation } from './operation.ts'
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
  const actions = collectors.flatMap(({ operations }) => actionsOf(operations))
  return {
    Version: '2012-10-17',
    Statement: [allowing([...actions, findRegions]), ...(access ? accessStatements(access) : [])],
  }
}

/** The read-only policy of an aggregator: nothing but its own account is asked. */
export function aggregatorPolicy(): PolicyDocument {
  return { Version: '2012-10-17', Statement: [allowing(actionsOf(aggregatorOperations))] }
}

/** The read-only policy of what AWS Config recorded in Regions of the own account; in every enabled one, where those are to be found. */
export function ownConfigPolicy(isEveryRegion: boolean): PolicyDocument {
  const actions = [...actionsOf(regionOperations), ...(isEveryRegion ? [findRegions] : [])]
  return { Version: '2012-10-17', Statement: [allowing(actions)] }
}

const actionsOf = (operations: readonly Pick<Operation, 'action' | 'beside'>[]) =>
  operations.flatMap(({ action, beside = [] }) => [action, ...beside])

const allowing = (actions: readonly string[]): PolicyDocument['Statement'][number] => ({
  Sid: 'Rel09Collect',
  Effect: 'Allow',
  Action: [...new Set(actions)].sort(),
  Resource: '*',
})

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
