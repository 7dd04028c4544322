/**
 * Amazon EventBridge rules. `configuration` is an entry of `events:ListRules` (its `EventPattern` is JSON text);
 * `supplementary.Targets` = `Targets` of `events:ListTargetsByRule`. AWS Config and CloudFormation hold the targets in the rule;
 * Terraform declares them as resources of their own.
 * https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_Rule.html
 */
import type { EventRule } from '../model/guards.ts'
import type { ResourceRecord } from '../model/record.ts'
import type { ResourceDefinition } from './definition.ts'
import {
  absentMeans,
  allOr,
  at,
  configurationOf,
  documentOr,
  isAbsent,
  isDeclared,
  known,
  listIn,
  names,
  type Place,
  referenceOr,
  supplementaryOf,
  textOr,
  valueOr,
} from './evidence.ts'
import { member, toBoolean, toText } from './property.ts'

/** `ENABLED`, `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS` or `DISABLED`; Terraform also has `is_enabled`. */
function isEnabled(item: ResourceRecord, root: Place): boolean | undefined {
  const old = at(root, 'is_enabled')
  const fallback = !isAbsent(old) ? valueOr(old, toBoolean, undefined) : isDeclared(item) ? true : undefined
  return valueOr(
    at(root, 'State'),
    value => (typeof value === 'string' ? value.startsWith('ENABLED') : undefined),
    fallback,
  )
}

function targetsOf(item: ResourceRecord, root: Place): string[] | undefined {
  const answer = supplementaryOf(item, 'Targets')
  if (answer === null) return []
  if (answer !== undefined) {
    const arns = listIn(answer, 'Targets')?.map(target => toText(target) ?? toText(member(target, 'Arn')))
    return arns?.every(arn => arn !== undefined) ? arns : undefined
  }
  if (item.unknown?.includes('targets[]')) return undefined
  return allOr(
    at(root, 'Targets'),
    target => referenceOr(at(target, 'Arn'), undefined),
    absentMeans<string[]>(item, { cloudformation: [], terraform: [] }),
  )
}

function readRule(item: ResourceRecord): EventRule | undefined {
  const root = configurationOf(item)
  const name = textOr(at(root, 'Name'), undefined) ?? item.name ?? toText(item.id)
  if (name === undefined) return undefined
  const scheduled = !isAbsent(at(root, 'ScheduleExpression'))
  return known({
    name,
    arn: textOr(at(root, 'Arn'), undefined) ?? item.arn,
    enabled: isEnabled(item, root),
    // A rule has a pattern or a schedule; a rule that shows neither has a pattern that was not recorded.
    pattern: documentOr(at(root, 'EventPattern'), scheduled ? null : undefined),
    targets: targetsOf(item, root),
    eventBus: textOr(at(root, 'EventBusName'), isDeclared(item) ? 'default' : undefined),
  })
}

/** Rules. */
export const definitions: ResourceDefinition[] = [
  {
    role: 'event-rule',
    type: 'AWS::Events::Rule',
    names: names('AWS::Events::Rule', ['aws_cloudwatch_event_rule', 'awscc_events_rule']),
    identity: { cloudformation: 'Name', terraform: 'name' },
    companions: { aws_cloudwatch_event_target: { by: 'rule', as: 'targets', many: true } },
    read: readRule,
  },
]
