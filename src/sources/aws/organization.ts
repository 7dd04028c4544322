/** The accounts of an organisation, or of some of its organisational units and those below them. */
import {
  type Account,
  ListAccountsCommand,
  ListAccountsForParentCommand,
  ListOrganizationalUnitsForParentCommand,
  OrganizationsClient,
} from '@aws-sdk/client-organizations'
import { isAccountId } from '../../resources/identity.ts'
import type { Clients } from './clients.ts'
import { codeOf } from './failure.ts'
import type { ClientClass } from './operation.ts'
import { CannotCollect } from './reach.ts'

/** An account that is to be read. */
export interface WantedAccount {
  account: string
  /** What AWS Organizations calls it where it is not active: it is told, and not read. */
  state?: string
}

/** IAM actions that find the accounts of an organisation. */
export const organizationActions = {
  all: ['organizations:ListAccounts'],
  units: ['organizations:ListAccountsForParent', 'organizations:ListOrganizationalUnitsForParent'],
} as const

interface Page {
  Accounts?: Account[]
  OrganizationalUnits?: { Id?: string }[]
  NextToken?: string
}

/** Lists the accounts. Throws {@link CannotCollect}: half a list would pass for the whole. */
export async function accountsOfOrganization(
  clients: Clients,
  region: string,
  units: readonly string[],
): Promise<WantedAccount[]> {
  const client = clients.client(OrganizationsClient as ClientClass, region)

  async function* pages(action: string, command: (NextToken: string | undefined) => unknown): AsyncGenerator<Page> {
    const seen = new Set<string | undefined>()
    for (let token: string | undefined; !seen.has(token); ) {
      seen.add(token)
      let page: Page
      try {
        page = (await client.send(command(token) as never)) as Page
      } catch (error) {
        throw new CannotCollect(refusalOf(action, codeOf(error)))
      }
      yield page
      if (!page.NextToken) return
      token = page.NextToken
    }
    throw new CannotCollect(`the list of accounts has no end (${action}): name the accounts with --accounts`)
  }

  const found = new Map<string, WantedAccount>()
  const take = ({ Accounts = [] }: Page) => {
    for (const { Id, State, Status } of Accounts) {
      if (!Id || !isAccountId(Id)) continue
      const state = State ?? Status ?? 'ACTIVE'
      found.set(Id, state === 'ACTIVE' ? { account: Id } : { account: Id, state })
    }
  }
  if (units.length === 0) {
    for await (const page of pages(organizationActions.all[0], NextToken => new ListAccountsCommand({ NextToken })))
      take(page)
  } else {
    const [accountsIn, unitsIn] = organizationActions.units
    const left = [...units]
    const seen = new Set(left)
    for (let ParentId = left.pop(); ParentId !== undefined; ParentId = left.pop()) {
      const parent = { ParentId }
      const accounts = pages(accountsIn, NextToken => new ListAccountsForParentCommand({ ...parent, NextToken }))
      const below = pages(unitsIn, NextToken => new ListOrganizationalUnitsForParentCommand({ ...parent, NextToken }))
      for await (const page of accounts) take(page)
      for await (const { OrganizationalUnits = [] } of below)
        for (const { Id } of OrganizationalUnits) {
          if (!Id || seen.has(Id)) continue
          seen.add(Id)
          left.push(Id)
        }
    }
  }
  return [...found.values()].sort((a, b) => (a.account < b.account ? -1 : 1))
}

function refusalOf(action: string, code: string): string {
  const told = /^\w{1,60}$/.test(code) ? code : 'no answer'
  if (code === 'AWSOrganizationsNotInUseException')
    return 'the account is in no organisation: name the accounts with --accounts 111122223333,444455556666'
  if (code === 'ParentNotFoundException' || code === 'InvalidInputException')
    return `AWS knows no such organisational unit (${told}): check --ou`
  return `the accounts of the organisation cannot be listed (${told}): allow ${action} in its management account or a delegated administrator's, or name the accounts with --accounts`
}
