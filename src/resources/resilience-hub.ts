/**
 * Applications of AWS Resilience Hub, whose assessments estimate whether RTO and RPO can be met.
 *
 * AWS Config: `AWS::ResilienceHub::App`, resourceId = app ARN, without assessments. Live: `configuration` = `app` of
 * `resiliencehub:DescribeApp` (or an element of `appSummaries` of `resiliencehub:ListApps`, which tells the same); id =
 * `appArn`. No further answers are needed.
 * https://docs.aws.amazon.com/resilience-hub/latest/APIReference/API_App.html
 */
import type { ResourceDefinition } from './definition.ts'
import { at, configurationOf, known, textOr, timeOr } from './evidence.ts'

export const definitions: ResourceDefinition[] = [
  {
    role: 'resilience-app',
    type: 'AWS::ResilienceHub::App',
    names: {
      config: ['AWS::ResilienceHub::App'],
      cloudformation: ['AWS::ResilienceHub::App'],
      terraform: ['awscc_resiliencehub_app'],
    },
    identity: {
      arn: 'resiliencehub:{region}:{account}:app/{made}',
      cloudformation: 'Name',
      terraform: 'name',
      refersByArn: true,
    },
    read: item => {
      const configuration = configurationOf(item)
      const arn = item.arn ?? textOr(at(configuration, 'appArn'), undefined) ?? item.address ?? item.id
      if (!arn) return undefined
      const complianceStatus = textOr(at(configuration, 'complianceStatus'), undefined)
      return known({
        arn,
        // The answer leaves the time out until there is an assessment.
        lastAssessmentAt: timeOr(
          at(configuration, 'lastAppComplianceEvaluationTime'),
          complianceStatus === 'NotAssessed' ? null : undefined,
        ),
        complianceStatus,
      })
    },
  },
]
