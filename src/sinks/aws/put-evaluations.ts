/** PutEvaluations of AWS Config, in the account and Region that the token belongs to. */
import { type ConfigServiceClient, PutEvaluationsCommand } from '@aws-sdk/client-config-service'
import type { Evaluation } from '../../model/evaluation.ts'
import type { PutEvaluations } from '../evaluations.ts'

/** Sends batches with a token. `isTest`: AWS Config checks them and stores nothing. */
export function putEvaluations(client: ConfigServiceClient, token: string, isTest: boolean): PutEvaluations {
  return async batch => {
    const { FailedEvaluations = [] } = await client.send(
      new PutEvaluationsCommand({
        Evaluations: batch.map(({ fingerprint: _, ...one }) => ({
          ...one,
          OrderingTimestamp: new Date(one.OrderingTimestamp),
        })),
        ResultToken: token,
        TestMode: isTest,
      }),
    )
    return FailedEvaluations as unknown as readonly Evaluation[]
  }
}
