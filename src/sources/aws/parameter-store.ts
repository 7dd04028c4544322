/** Parameters of AWS Systems Manager. */
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import type { Clients } from './clients.ts'
import type { ClientClass } from './operation.ts'

/** The value of a parameter, by name or ARN. */
export async function parameterText(clients: Clients, name: string): Promise<string> {
  const client = clients.client(SSMClient as ClientClass, undefined) as unknown as SSMClient
  const { Parameter } = await client.send(new GetParameterCommand({ Name: name, WithDecryption: true }))
  return Parameter?.Value ?? ''
}
