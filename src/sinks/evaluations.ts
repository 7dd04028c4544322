/** Sends evaluations to AWS Config: a hundred a call, and those that it failed to take again. */
import { type Evaluation, resourceKey, resourceOfEvaluation } from '../model/evaluation.ts'

/** What one call may hold. https://docs.aws.amazon.com/config/latest/APIReference/API_PutEvaluations.html */
export const evaluationsAtOnce = 100

/** How often an evaluation is sent until it has failed. */
const mostAttempts = 5

const firstWaitMilliseconds = 500

/** Sends one batch; resolves to those that AWS Config failed to take. */
export type PutEvaluations = (batch: readonly Evaluation[]) => Promise<readonly Evaluation[]>

/** AWS Config did not take all evaluations: the same event, evaluated again, sends the same. */
export class EvaluationsRefused extends Error {
  override readonly name = 'EvaluationsRefused'

  constructor(readonly count: number) {
    super(`AWS Config failed to take ${count} evaluations, asked ${mostAttempts} times`)
  }
}

/** What sending took. */
export interface Sent {
  calls: number
  /** Evaluations that were sent more than once. */
  repeated: number
}

/** Sends all evaluations. Rejects with {@link EvaluationsRefused}, or with what a call rejects with. */
export async function sendEvaluations(
  evaluations: readonly Evaluation[],
  put: PutEvaluations,
  wait: (milliseconds: number) => Promise<void>,
): Promise<Sent> {
  const sent: Sent = { calls: 0, repeated: 0 }
  let left = evaluations
  for (let attempt = 1; left.length > 0; attempt++) {
    if (attempt > mostAttempts) throw new EvaluationsRefused(left.length)
    if (attempt > 1) {
      sent.repeated += left.length
      await wait(firstWaitMilliseconds * 2 ** (attempt - 2))
    }
    left = await sendOnce(left, put, sent)
  }
  return sent
}

/** Those that failed, as they were sent: what AWS answers names them. */
async function sendOnce(evaluations: readonly Evaluation[], put: PutEvaluations, sent: Sent): Promise<Evaluation[]> {
  const failed: Evaluation[] = []
  for (let at = 0; at < evaluations.length; at += evaluationsAtOnce) {
    const batch = evaluations.slice(at, at + evaluationsAtOnce)
    sent.calls++
    const refused = new Set((await put(batch)).map(one => resourceKey(resourceOfEvaluation(one))))
    if (refused.size > 0) failed.push(...batch.filter(one => refused.has(resourceKey(resourceOfEvaluation(one)))))
  }
  return failed
}
