/** Clients of the AWS SDK: one a service and Region, all with the same credentials. */
import { defaultProvider } from '@aws-sdk/credential-provider-node'
import { NodeHttpHandler } from '@smithy/node-http-handler'
import type { Credentials } from './assumed-role.ts'
import type { ClientClass } from './operation.ts'

/** How AWS is to be reached. */
export interface ClientOptions {
  /** Profile of the shared configuration files; absent: the usual chain. */
  profile?: string | undefined
  /** Attempts of a call until it has failed. */
  maxAttempts: number
  /** Credentials; absent: the profile's, or those of the usual chain. */
  credentials?: (() => Promise<Credentials>) | undefined
  /** How long AWS may say nothing: to a call, and within its answer. */
  requestMilliseconds?: number | undefined
}

/** Attempts that outlast a burst of throttling: the SDK waits up to 20 seconds between two. */
export const usualAttempts = 8

const connectionMilliseconds = 5_000
const usualRequestMilliseconds = 60_000

type Client = InstanceType<ClientClass>

/** Where clients come from. */
export interface Clients {
  /** The client of a service in a Region; without one, in the Region that the configuration names. */
  client(Client: ClientClass, region: string | undefined): Client
  /** Closes every connection. */
  close(): void
}

/** Makes clients when they are first asked for. */
export class ClientSet implements Clients {
  private readonly clients = new Map<string, Map<ClientClass, Client>>()
  /** One for all: the SDK's own would differ by service (Kinesis speaks HTTP/2, which many proxies do not). */
  private readonly requestHandler: NodeHttpHandler
  private readonly credentials: (() => Promise<Credentials>) | ReturnType<typeof defaultProvider>

  constructor(private readonly options: ClientOptions) {
    const { profile, credentials, requestMilliseconds = usualRequestMilliseconds } = options
    this.requestHandler = new NodeHttpHandler({
      connectionTimeout: connectionMilliseconds,
      requestTimeout: requestMilliseconds,
      // It would only warn, and wait for ever.
      throwOnRequestTimeout: true,
      // An answer that stops halfway: the request was answered in time.
      socketTimeout: requestMilliseconds,
    })
    this.credentials = credentials ?? defaultProvider(profile === undefined ? {} : { profile })
  }

  client(Client: ClientClass, region: string | undefined): Client {
    const place = region ?? ''
    let known = this.clients.get(place)
    if (!known) this.clients.set(place, (known = new Map()))
    let client = known.get(Client)
    if (!client) known.set(Client, (client = this.make(Client, region)))
    return client
  }

  close(): void {
    for (const known of this.clients.values()) for (const client of known.values()) client.destroy()
    this.clients.clear()
  }

  private make(Client: ClientClass, region: string | undefined): Client {
    const { profile, maxAttempts } = this.options
    const configuration = {
      ...(region === undefined ? {} : { region }),
      ...(profile === undefined ? {} : { profile }),
      credentials: this.credentials,
      maxAttempts,
      retryMode: 'adaptive',
      requestHandler: this.requestHandler,
    }
    return new Client(configuration as never)
  }
}
