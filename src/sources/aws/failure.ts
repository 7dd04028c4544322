/**
 * What a failed call means for who reads the snapshot. SDK errors carry AWS's error code as `name`; services spell the same
 * fault differently (https://docs.aws.amazon.com/awssupport/latest/user/service-code-api.html and each API's common errors).
 */
import type { GapReason } from '../../model/record.ts'
import type { Operation } from './operation.ts'

/** Why a call failed, and what would mend it. */
export interface Failure {
  reason: GapReason
  remedy: string
}

// In a Region that is not enabled EC2 answers AuthFailure, others that the token is not known: the identity was proven before.
const notEnabled =
  /^(?:OptInRequired|AuthFailure|SubscriptionRequiredException|UnrecognizedClientException|InvalidClientTokenId|ENOTFOUND|EAI_AGAIN|EndpointError|UnknownEndpoint|RegionDisabledException|NotSubscribedException)$/
const expired =
  /^(?:ExpiredToken|ExpiredTokenException|RequestExpired|TokenRefreshRequired|CredentialsProviderError|TokenProviderError|InvalidSignatureException|SignatureDoesNotMatch)$/
/** The time at which a call was signed is not AWS's. */
export const skewed = /^RequestTimeTooSkewed$/
const denied =
  /^(?:AccessDenied|AccessDeniedException|AccessDeniedFault|UnauthorizedOperation|UnauthorizedAccess|AuthorizationError|AuthorizationErrorException|NotAuthorized|NotAuthorizedException|Forbidden|AllAccessDisabled|InsufficientPrivilegesException|403)$/
const throttled =
  /^(?:Throttling|ThrottlingException|ThrottledException|Throttled|ThrottlingFault|TooManyRequestsException|TooManyRequests|RequestLimitExceeded|RequestThrottled|RequestThrottledException|LimitExceededException|BandwidthLimitExceeded|PriorRequestNotComplete|ProvisionedThroughputExceededException|SlowDown|EC2ThrottledException|TransactionInProgressException|429)$/

/** What the SDK wraps: its discovery of endpoints tells why it failed in `reason`, connections in `cause`. */
function innermost(error: unknown): unknown {
  const { name, reason, cause } = (error ?? {}) as { name?: unknown; reason?: unknown; cause?: unknown }
  const within = reason ?? cause
  return name === 'Error' && typeof within === 'object' && within !== null ? innermost(within) : error
}

/** The code of whatever was thrown: AWS's error code, Node's (`ENOTFOUND`), or the kind of error. */
export function codeOf(error: unknown): string {
  const { name, code, Code } = (innermost(error) ?? {}) as { name?: unknown; code?: unknown; Code?: unknown }
  for (const candidate of [code, Code, name]) if (typeof candidate === 'string' && candidate !== '') return candidate
  return 'unknown'
}

const statusOf = (error: unknown): number | undefined => {
  const metadata = (innermost(error) as { $metadata?: { httpStatusCode?: number } } | null)?.$metadata
  return metadata?.httpStatusCode
}

/** Codes may be anything: only what looks like one is told. */
const shown = (code: string) => (/^[A-Za-z][A-Za-z0-9_.]{0,60}$/.test(code) ? code : 'an answer that cannot be read')

/** The run was ended before it was asked, or answered. */
export const interrupted: Failure = {
  reason: 'interrupted',
  remedy: 'Run the same command again: it reads what is not read yet.',
}

/** Sorts a failure of an operation in a Region. What is not recognised is `truncated`: something is missing, nobody knows why. */
export function failureOf(error: unknown, operation: Operation, region: string): Failure {
  const { api, action, beside = [] } = operation
  const code = codeOf(error)
  const status = statusOf(error)
  if (code === 'Interrupted') return interrupted
  if (skewed.test(code))
    return { reason: 'expired', remedy: `Set the clock right and collect again: ${api} answered ${shown(code)}.` }
  if (expired.test(code))
    return { reason: 'expired', remedy: `Renew the credentials and collect again: ${api} answered ${shown(code)}.` }
  if (notEnabled.test(code))
    return {
      reason: 'notEnabled',
      remedy: `${api} is not to be had in ${region} (${shown(code)}): enable the Region or the service, or leave it out with --regions or --services.`,
    }
  if (throttled.test(code) || status === 429)
    return { reason: 'throttled', remedy: `Collect again when fewer others call ${api}: AWS throttled it to the end.` }
  if (denied.test(code) || status === 401 || status === 403)
    return {
      reason: 'denied',
      remedy: `Allow ${[action, ...beside].join(' and ')}: rel09 collect --print-iam-policy prints the whole policy.`,
    }
  return {
    reason: 'truncated',
    remedy: `Collect again: ${api} answered ${shown(code)}. It needs the IAM action ${action}.`,
  }
}
