// Stands between the collectors and the emulator: notes which service every call is for, and answers in AWS's place where a
// test wants it to fail.
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A call, as far as its envelope tells: the service that its signature names, and the operation where the protocol says. */
export interface Call {
  service: string
  region: string
  /** The access key that signed it. */
  accessKey: string
  /** Operation of JSON and query protocols; method and path of REST. */
  operation: string
  path: string
  body: string
}

/**
 * What the proxy does in AWS's place. `reset`: it hangs up. `stalled`: it never answers. `cut`: half an answer, then it hangs up;
 * `stuck`: half an answer, and never the rest; `halved`: half an answer, as if it were all. `repeated`: what it answered to that
 * operation in that Region the first time.
 */
export type FaultKind =
  | 'denied'
  | 'throttled'
  | 'expired'
  | 'reset'
  | 'stalled'
  | 'cut'
  | 'stuck'
  | 'halved'
  | 'repeated'

/** What is done with a call; `undefined`: the emulator answers. */
export type Fault = (call: Call) => FaultKind | undefined

export interface FaultProxy {
  url: string
  calls: Call[]
  fault: Fault
  /** What AWS would answer where the emulator has nothing to say, as JSON. */
  instead: (call: Call) => object | undefined
  /** How far AWS's clock is ahead, in milliseconds: requests that were signed more than five minutes from it are refused. */
  clockAhead: number
  close(): Promise<void>
}

const codes = {
  denied: [403, 'AccessDeniedException'],
  throttled: [400, 'ThrottlingException'],
  expired: [400, 'ExpiredTokenException'],
  skewed: [403, 'RequestTimeTooSkewed'],
} as const

/** When a request was signed, in milliseconds. */
function signedAt({ headers }: IncomingMessage): number {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(headers['x-amz-date'])) ?? []
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}

const mostSkew = 5 * 60_000

function callOf(incoming: IncomingMessage, body: string): Call {
  const signed = /Credential=([^/]+)\/[^/]+\/([^/]+)\/([^/]+)\//.exec(incoming.headers.authorization ?? '') ?? []
  const [, accessKey = '', region = '', service = ''] = signed
  const target = incoming.headers['x-amz-target']
  const action = /(?:^|&)Action=(\w+)/.exec(body)?.[1]
  const operation = typeof target === 'string' ? target.replace(/^.*\./, '') : action
  const path = incoming.url ?? '/'
  return { service, region, accessKey, operation: operation ?? `${incoming.method} ${path}`, path, body }
}

/** An error in every form at once that the SDK's protocols read: header and JSON, or XML where the request is a query or S3's. */
function refuse(response: ServerResponse, kind: keyof typeof codes, isXml: boolean): void {
  const [status, code] = codes[kind]
  const text = isXml
    ? `<ErrorResponse><Error><Code>${code}</Code><Message>no</Message></Error><Code>${code}</Code><Errors><Error><Code>${code}</Code></Error></Errors></ErrorResponse>`
    : JSON.stringify({ __type: code, message: 'no' })
  response.writeHead(status, { 'content-type': isXml ? 'text/xml' : 'application/json', 'x-amzn-errortype': code })
  response.end(text)
}

/** An emulator that knows an account by the access key that it is called with, for the services that it answers. */
export interface BesideEmulator {
  url: string
  services: readonly string[]
  /** The account of whoever assumed no role. */
  account: string
}

/** Starts a proxy before an emulator, and another beside it. */
export async function startProxy(emulator: string, beside?: BesideEmulator): Promise<FaultProxy> {
  const accounts = new Map<string, string>()

  const noteAccount = (answer: IncomingMessage) => {
    let text = ''
    answer.on('data', chunk => {
      text += String(chunk)
      const [, key] = /<AccessKeyId>(\w+)</.exec(text) ?? []
      const [, account] = /<Arn>arn:aws:sts::(\d{12}):/.exec(text) ?? []
      if (key && account) accounts.set(key, account)
    })
  }
  const proxy: FaultProxy = {
    url: '',
    calls: [],
    fault: () => undefined,
    instead: () => undefined,
    clockAhead: 0,
    close: async () => {},
  }
  const firstAnswers = new Map<string, { status: number; headers: IncomingMessage['headers']; body: Buffer }>()
  const now = () => Date.now() + proxy.clockAhead

  /** Passes an answer on, or what a fault leaves of it. */
  const passOn = (answer: IncomingMessage, response: ServerResponse, call: Call, fault: FaultKind | undefined) => {
    const chunks: Buffer[] = []
    answer.on('data', chunk => chunks.push(chunk as Buffer))
    answer.on('end', () => {
      const key = `${call.service} ${call.region} ${call.operation}`
      const own = { status: answer.statusCode ?? 500, headers: answer.headers, body: Buffer.concat(chunks) }
      if (!firstAnswers.has(key)) firstAnswers.set(key, own)
      const { status, headers, body } = (fault === 'repeated' && firstAnswers.get(key)) || own
      const { 'transfer-encoding': _, connection: __, ...kept } = headers
      const half = body.subarray(0, body.length >> 1)
      const length = fault === 'halved' ? half.length : body.length
      const date = new Date(now()).toUTCString()
      response.writeHead(status, { ...kept, date, 'content-length': String(length) })
      if (fault === 'halved') response.end(half)
      else if (fault === 'cut') response.write(half, () => response.socket?.destroy())
      else if (fault === 'stuck') response.write(half)
      else response.end(body)
    })
  }
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = []
    incoming.on('data', chunk => chunks.push(chunk as Buffer))
    incoming.on('end', () => {
      const body = Buffer.concat(chunks)
      const call = callOf(incoming, body.toString('latin1'))
      proxy.calls.push(call)
      const fault = proxy.fault(call)
      if (fault === 'stalled') return
      if (fault === 'reset') {
        incoming.socket.destroy()
        return
      }
      const isSkewed = proxy.clockAhead !== 0 && Math.abs(signedAt(incoming) - now()) > mostSkew
      const isXml = call.service === 's3' || /(?:^|&)Action=/.test(body.toString('latin1'))
      if (isSkewed || fault === 'denied' || fault === 'throttled' || fault === 'expired') {
        response.setHeader('date', new Date(now()).toUTCString())
        refuse(response, isSkewed ? 'skewed' : (fault as keyof typeof codes), isXml)
        return
      }
      const answer = proxy.instead(call)
      if (answer) {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.end(JSON.stringify(answer))
        return
      }
      const { headers } = incoming
      const isBeside = beside?.services.includes(call.service) ?? false
      if (isBeside && headers.authorization) {
        const account = accounts.get(call.accessKey) ?? beside!.account
        headers.authorization = headers.authorization.replace(`Credential=${call.accessKey}/`, `Credential=${account}/`)
      }
      const onward = request(
        new URL(incoming.url ?? '/', isBeside ? beside!.url : emulator),
        { method: incoming.method, headers },
        answer => {
          if (call.operation === 'AssumeRole') noteAccount(answer)
          passOn(answer, response, call, fault)
        },
      )
      onward.on('error', () => incoming.socket.destroy())
      onward.end(body)
    })
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  proxy.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  proxy.close = () =>
    new Promise(resolve => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return proxy
}
