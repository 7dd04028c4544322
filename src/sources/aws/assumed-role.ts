/** Credentials of a role in another account, asked anew before they expire. */
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import type { Clients } from './clients.ts'
import type { ClientClass } from './operation.ts'

/** Credentials as the SDK takes them. */
export interface Credentials {
  accessKeyId: string
  secretAccessKey: string
  sessionToken: string
  expiration: Date
}

/** A role, and what its trust policy may ask for. */
export interface RoleToAssume {
  arn: string
  externalId?: string | undefined
  /** The Region whose STS is asked. */
  region: string
}

/** How long before they expire credentials count as expired; the SDK asks for new ones five minutes before. */
const earlyMilliseconds = 6 * 60_000

/** What CloudTrail calls the sessions of rel09. */
const sessionName = 'rel09'

/** Gives a role's credentials, the same for all who ask. Rejects with what STS answered. */
export function assumedRole(clients: Clients, role: RoleToAssume): () => Promise<Credentials> {
  let held: Promise<Credentials> | undefined
  let until = 0
  return async () => {
    if (held && Date.now() < until) return held
    const asked = assume(clients, role)
    held = asked
    until = Number.POSITIVE_INFINITY
    try {
      const credentials = await asked
      until = credentials.expiration.getTime() - earlyMilliseconds
      return credentials
    } catch (error) {
      until = 0
      throw error
    }
  }
}

async function assume(clients: Clients, { arn, externalId, region }: RoleToAssume): Promise<Credentials> {
  const client = clients.client(STSClient as ClientClass, region) as unknown as STSClient
  const { Credentials: given } = await client.send(
    new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: sessionName, ExternalId: externalId }),
  )
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = given ?? {}
  if (!AccessKeyId || !SecretAccessKey || !SessionToken || !Expiration) throw new Error('no credentials')
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    sessionToken: SessionToken,
    expiration: Expiration,
  }
}
