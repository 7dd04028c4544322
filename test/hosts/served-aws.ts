/** An AWS on this machine that answers what the Lambda asks, by the real SDK over HTTP, and keeps what it is sent. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request. */
export interface Asked {
  /** `PutEvaluations`, or method and path. */
  what: string
  body: string
  /** Access key and Region that it was signed with. */
  key: string
  region: string
}

export type Answer = { status?: number; body: string | Buffer; error?: string }
type Answers = (asked: Asked) => Answer | undefined

/** The AWS. `answer` is looked at first for each request. */
export interface ServedAws {
  url: string
  asked: Asked[]
  answer: Answers
  evaluations(): { [name: string]: unknown }[]
  close(): void
}

const json = (value: unknown): Answer => ({ body: JSON.stringify(value) })

const credentials = `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
<AccessKeyId>ASSUMED</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>
<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>`

function usual({ what, body }: Asked): Answer | undefined {
  switch (what) {
    case 'PutEvaluations':
      return json({ FailedEvaluations: [] })
    case 'GetComplianceDetailsByConfigRule':
      return json({ EvaluationResults: [] })
    case 'POST /findings':
      return json({ Findings: [] })
    case 'POST /findings/import':
      return json({ FailedCount: 0, SuccessCount: JSON.parse(body).Findings.length, FailedFindings: [] })
    case 'PutEvents':
      return json({ FailedEntryCount: 0, Entries: JSON.parse(body).Entries.map(() => ({ EventId: 'e' })) })
    case 'POST /':
      return body.includes('Action=AssumeRole') ? { body: credentials } : undefined
    case 'GET /backup/plans':
      return json({ BackupPlansList: [] })
    default:
      return undefined
  }
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** Starts it on a port of its own. */
export async function serveAws(): Promise<ServedAws> {
  const aws: ServedAws = {
    url: '',
    asked: [],
    answer: () => undefined,
    evaluations: () =>
      aws.asked.filter(({ what }) => what === 'PutEvaluations').flatMap(({ body }) => JSON.parse(body).Evaluations),
    close: () => server.close(),
  }
  const server = createServer(async (incoming, response) => {
    const body = await textOf(incoming)
    const target = String(incoming.headers['x-amz-target'] ?? '').split('.')[1]
    const path = (incoming.url ?? '').split('?')[0]!.replace(/(.)\/$/, '$1')
    const [, key = '', region = ''] =
      /Credential=([^/]+)\/\d+\/([^/]+)\//.exec(String(incoming.headers.authorization)) ?? []
    const asked: Asked = { what: target ?? `${incoming.method} ${path}`, body, key, region }
    aws.asked.push(asked)
    const {
      status = 200,
      body: told,
      error,
    } = aws.answer(asked) ??
      usual(asked) ?? { status: 403, error: 'AccessDeniedException', body: '{"__type":"AccessDeniedException"}' }
    response.writeHead(status, { ...(error ? { 'x-amzn-errortype': error } : {}), 'content-type': 'application/json' })
    response.end(told)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  aws.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return aws
}
