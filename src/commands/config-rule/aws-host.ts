/** The host of an evaluation in AWS. Its parts, and the SDK's clients with them, are loaded when they are first needed. */
import type { ClientOf } from '../../sinks/aws/client-of.ts'
import type { PutEvaluations } from '../../sinks/evaluations.ts'
import type { BackupFacts } from '../../sources/aws/backup-facts.ts'
import { ClientSet, type Clients } from '../../sources/aws/clients.ts'
import { codeOf } from '../../sources/aws/failure.ts'
import { BadEvent } from './bad-event.ts'
import type { Assignment } from './evaluate.ts'
import type { S3Place } from './parameters.ts'
import type { Publishers } from './publish.ts'
import { readableGroups } from './readable-groups.ts'
import { type RuleHost, type StoredInput, Unobtainable } from './rule-host.ts'

/** A host, what sends its evaluations, and what ends it. */
export interface AwsHost {
  host: RuleHost
  put: PutEvaluations
  publishers: Publishers
  close(): void
}

/** What the function's process gives. */
export interface Surroundings {
  version: string
  /** ISO 8601 UTC. */
  now: string
  wait(milliseconds: number): Promise<void>
}

const maxAttempts = 5

/** A policy of ten thousand exemptions has some 4 MB. */
const longestPolicyBytes = 8_000_000

/** Waits for an item that AWS Config tells of before its history has it. */
const historyWaits = [1000, 2000, 4000]

const absent =
  /^(?:NoSuchKey|NoSuchBucket|NotFound|ParameterNotFound|ParameterVersionNotFound|ResourceNotDiscoveredException|TooLarge|404)$/
const denied = /^(?:AccessDenied|AccessDeniedException|AllAccessDisabled|InvalidObjectState|InvalidKeyId|403)$/

/** Tells what is not there, or forbidden, from what is worth another try. */
async function obtained<T>(what: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    const code = codeOf(error)
    if (absent.test(code)) throw new Unobtainable(`${what} is not there, or is too large (${code})`)
    if (denied.test(code)) throw new Unobtainable(`${what} may not be read by the role of the function (${code})`)
    throw error
  }
}

/** What AWS Config answers where no other try would help, and the field of the event that it refuses. */
const refusals: { readonly [code: string]: string } = {
  InvalidResultTokenException: 'resultToken',
  NoSuchConfigRuleException: 'configRuleName',
}

async function accepted<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    const code = codeOf(error)
    if (!Object.hasOwn(refusals, code)) throw error
    throw new BadEvent(refusals[code]!, `AWS Config refuses it (${code})`)
  }
}

/** Clients of the rule's account: the function's own, or those of the role that was named. */
async function clientsOf({ own, event }: Assignment, functionClients: Clients): Promise<Clients> {
  const { roleArn: arn } = own
  if (arn === undefined) return functionClients
  const { assumedRole } = await import('../../sources/aws/assumed-role.ts')
  return new ClientSet({ maxAttempts, credentials: assumedRole(functionClients, { arn, region: event.region }) })
}

/** The host of one invocation. Policy and snapshots are read as the function itself, all else in the rule's account and Region. */
export async function awsHost(assignment: Assignment, { version, now, wait }: Surroundings): Promise<AwsHost> {
  const { event } = assignment
  const functionClients = new ClientSet({ maxAttempts })
  const clients = await clientsOf(assignment, functionClients)
  const { configService, itemAt, shownBy } = await import('../../sources/aws/config-service.ts')
  const { putEvaluations } = await import('../../sinks/aws/put-evaluations.ts')
  const config = configService(clients, event.region)
  const objects = () => import('../../sources/aws/stored-objects.ts')
  const read = new Map<string, BackupFacts>()

  const stored = (place: S3Place): StoredInput => ({
    name: place.key,
    open: () => obtained(nameOf(place), async () => (await objects()).openObject(functionClients, place)),
  })

  const host: RuleHost = {
    version,
    readableGroups,
    policyText: place =>
      obtained('the policy', async () => {
        if (place.kind === 's3') return (await objects()).objectText(functionClients, place, longestPolicyBytes)
        const { parameterText } = await import('../../sources/aws/parameter-store.ts')
        return parameterText(functionClients, place.name)
      }),
    ruleFiles: place => obtained(nameOf(place), async () => (await objects()).ruleFilesBelow(functionClients, place)),
    async itemOf(resource, capturedAt) {
      for (const milliseconds of [...historyWaits, undefined]) {
        const item = await obtained('it', () => itemAt(config, resource, capturedAt))
        if (item || milliseconds === undefined) return item
        await wait(milliseconds)
      }
      return undefined
    },
    async newestSnapshot(place) {
      const key = await obtained(nameOf(place), async () => (await objects()).newestSnapshotKey(functionClients, place))
      return key === undefined ? undefined : stored({ ...place, key })
    },
    storedObject: stored,
    async backupFacts({ account, region }, groups) {
      const { BackupFacts } = await import('../../sources/aws/backup-facts.ts')
      const key = `${account} ${region}`
      let facts = read.get(key)
      if (!facts) {
        const { partition } = event
        facts = new BackupFacts({ account, region, partition, clients, takenAt: now, version })
        read.set(key, facts)
      }
      return facts.records(groups)
    },
    // Of a test harness there may be no rule.
    evaluatedBefore: name => (event.isTest ? Promise.resolve([]) : accepted(() => shownBy(config, name))),
  }
  const close = () => {
    if (clients !== functionClients) clients.close()
    functionClients.close()
  }
  const put = putEvaluations(config, event.resultToken, event.isTest)
  return { host, put: batch => accepted(() => put(batch)), publishers: publishersOf(assignment, clients), close }
}

/** What Security Hub and EventBridge answer where no other try would help: nobody may send there, or there is nothing to send to. */
const unreachable =
  /^(?:AccessDenied|AccessDeniedException|InvalidAccess|InvalidAccessException|InvalidInputException|ResourceNotFoundException|ValidationException|UnauthorizedOperation|403)$/

async function published<T>(service: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    const code = codeOf(error)
    if (unreachable.test(code)) throw new Unobtainable(`${service} refuses it (${code})`)
    throw error
  }
}

/** Security Hub takes findings from their own account alone; a bus may be anywhere. */
function publishersOf({ event, own }: Assignment, clients: Clients): Publishers {
  const clientIn =
    (region: string): ClientOf =>
    Client =>
      clients.client(Client as never, region) as never
  return {
    async securityHub() {
      const { securityHub } = await import('../../sinks/aws/security-hub.ts')
      const hub = securityHub(clientIn(event.region))
      return {
        active: filter => published('Security Hub', () => hub.active(filter)),
        import: batch => published('Security Hub', () => hub.import(batch)),
      }
    },
    async eventBus() {
      const { putEvents } = await import('../../sinks/aws/event-bus.ts')
      const { name, region = event.region } = own.eventBus!
      const put = putEvents(clientIn(region), name)
      return batch => published('EventBridge', () => put(batch))
    },
  }
}

const nameOf = ({ bucket, key }: S3Place) => `s3://${bucket}/${key}`
