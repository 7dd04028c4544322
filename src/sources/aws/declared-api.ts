/**
 * Clients of APIs that the AWS SDK's packages do not serve: none was published, or none since the SDK's parts changed. Such a
 * client is one of the SDK's own, told another API: signing, retries, time limits, endpoints of the configuration, partitions
 * and proxies are the SDK's. Of an answer only the members that are declared are read.
 * https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html
 */
import { DSQLClient, type DSQLClientConfig } from '@aws-sdk/client-dsql'
import { EndpointError, partition } from '@aws-sdk/core/client'
import { AwsJson1_0Protocol, AwsRestJsonProtocol } from '@aws-sdk/core/protocols'
import { Command } from '@smithy/core/client'
import { getEndpointPlugin } from '@smithy/core/endpoints'
import type { CommandClass } from './operation.ts'

/** What tells an API from others. Names are those of its model. */
export interface DeclaredApi {
  /** `Ssm Sap`: names the variable of its endpoint (`AWS_ENDPOINT_URL_SSM_SAP`) and what AWS's logs call it. */
  serviceId: string
  /** First part of its host's name, and the name that it is signed for. */
  host: string
  /** Of an API of JSON 1.0, what stands before its operations; absent: REST with JSON. */
  target?: string
}

/** Where the endpoint is looked up: the parts of the client's configuration that decide it. */
const endpointParameters = {
  Region: { type: 'builtInParams', name: 'region' },
  UseFIPS: { type: 'builtInParams', name: 'useFipsEndpoint' },
  UseDualStack: { type: 'builtInParams', name: 'useDualstackEndpoint' },
  Endpoint: { type: 'builtInParams', name: 'endpoint' },
} as const

interface EndpointParameters {
  Region?: string
  UseFIPS?: boolean
  UseDualStack?: boolean
  Endpoint?: string
}

/** The rules that most APIs share: a host a Region, by the partition's suffix. */
function urlOf(host: string, { Region, UseFIPS = false, UseDualStack = false, Endpoint }: EndpointParameters): URL {
  if (Endpoint !== undefined) return new URL(Endpoint)
  if (Region === undefined) throw new EndpointError('no Region')
  const { dnsSuffix, dualStackDnsSuffix, supportsFIPS, supportsDualStack } = partition(Region)
  if ((UseFIPS && !supportsFIPS) || (UseDualStack && !supportsDualStack))
    throw new EndpointError('the partition has no such endpoints')
  const suffix = UseDualStack ? dualStackDnsSuffix : dnsSuffix
  return new URL(`https://${host}${UseFIPS ? '-fips' : ''}.${Region}.${suffix}`)
}

/** What an API's client is made of. */
function configurationOf({ serviceId, host, target }: DeclaredApi) {
  const defaultNamespace = `com.amazonaws.${host}`
  return {
    serviceId,
    protocol: target === undefined ? AwsRestJsonProtocol : AwsJson1_0Protocol,
    protocolSettings: { defaultNamespace, ...(target === undefined ? {} : { serviceTarget: target }) },
    endpointProvider: (parameters: EndpointParameters) => ({
      url: urlOf(host, parameters),
      properties: { authSchemes: [{ name: 'sigv4', signingName: host, signingRegion: parameters.Region }] },
    }),
  }
}

/**
 * The client of a declared API. Of the SDK's clients it is the one of Aurora DSQL because that has no ways of its own: it differs
 * from others in what is replaced here, and in nothing else.
 */
export abstract class DeclaredClient extends DSQLClient {
  protected constructor(api: DeclaredApi, configuration: DSQLClientConfig) {
    super({ ...configuration, ...(configurationOf(api) as object) })
  }
}

/** A shape of an API's model, as the SDK writes it: simple, of parts, or with what it is beside. */
export type Shape = number | (() => readonly unknown[]) | readonly [shape: number, traits: object]

/** Simple shapes. */
export const text = 0
export const wholeNumber = 1
export const time = 4
/** A map of texts. */
export const texts = 128
/** A list of texts. */
export const textList = 64

/** A shape with members. */
export function structure(members: { readonly [name: string]: Shape }): () => readonly unknown[] {
  const schema = [3, 'declared', 'Structure', 0, Object.keys(members), Object.values(members)] as const
  return () => schema
}

/** A list of shapes. */
export function listOf(element: Shape): () => readonly unknown[] {
  const schema = [1, 'declared', 'List', 0, element] as const
  return () => schema
}

/** A simple shape that stands in the request's query, under a name. */
export const inQuery = (shape: number, name: string): Shape => [shape, { httpQuery: name }]

/** What is declared of an operation. */
export interface DeclaredOperation {
  name: string
  /** Method and path of a REST API. */
  http?: readonly [method: string, path: string]
  input: { readonly [member: string]: Shape }
  output: { readonly [member: string]: Shape }
}

/** The command of an operation: to be extended by a class that bears its name. */
export function declaredCommand<Input extends object, Answer extends object>(
  { serviceId, host }: DeclaredApi,
  { name, http, input, output }: DeclaredOperation,
): CommandClass<Input, Answer> {
  const traits = http ? { http: [...http, 200] } : 0
  const command = Command.classBuilder<object, never, never>()
    .ep(endpointParameters)
    .m((Own, _stack, configuration) => [getEndpointPlugin(configuration, Own.getEndpointParameterInstructions())])
    .s(serviceId, name, {})
    .n(`${serviceId}Client`, `${name}Command`)
    .sc([9, `com.amazonaws.${host}`, name, traits, structure(input), structure(output)] as never)
    .build()
  return command as unknown as CommandClass<Input, Answer>
}
