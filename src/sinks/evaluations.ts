/** Sends evaluations to AWS Config: a hundred a call, and those that it failed to take again. */
import { type Evaluation, resourceKey, resourceOfEvaluation } from '../model/evaluation.ts'
import { mostAttempts, type Sent, sendInRounds } from './rounds.ts'

/** What one call may hold. https://docs.aws.amazon.com/config/latest/APIReference/API_PutEvaluations.html */
const evaluationsAtOnce = 100

/** Sends one batch; resolves to those that AWS Config failed to take. */
export type PutEvaluations = (batch: readonly Evaluation[]) => Promise<readonly Evaluation[]>

/** AWS Config did not take all evaluations: the same event, evaluated again, sends the same. */
export class EvaluationsRefused extends Error {
  override readonly name = 'EvaluationsRefused'

  constructor(readonly count: number) {
    super(`AWS Config failed to take ${count} evaluations, asked ${mostAttempts} times`)
  }
}

/** Sends all evaluations. Rejects with {@link EvaluationsRefused}, or with what a call rejects with. */
export async function sendEvaluations(
  evaluations: readonly Evaluation[],
  put: PutEvaluations,
  wait: (milliseconds: number) => Promise<void>,
): Promise<Sent> {
  const { calls, repeated, left } = await sendInRounds(evaluations, {
    most: evaluationsAtOnce,
    send: async batch => ({ again: failedOf(batch, await put(batch)), refused: [] }),
    wait,
  })
  if (left > 0) throw new EvaluationsRefused(left)
  return { calls, repeated }
}

/** Those that failed, as they were sent: what AWS answers names them. */
function failedOf(batch: readonly Evaluation[], answered: readonly Evaluation[]): Evaluation[] {
  const refused = new Set(answered.map(one => resourceKey(resourceOfEvaluation(one))))
  return refused.size === 0 ? [] : batch.filter(one => refused.has(resourceKey(resourceOfEvaluation(one))))
}
