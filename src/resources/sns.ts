/**
 * Amazon SNS topics. `configuration` is `Attributes` of `sns:GetTopicAttributes`; `supplementary.Subscriptions` =
 * `Subscriptions` of `sns:ListSubscriptionsByTopic`, each confirmed one with `Attributes` = `Attributes` of
 * `sns:GetSubscriptionAttributes` (which alone tells the filter policy). A subscription whose ARN is `PendingConfirmation` gets
 * no messages. Neither AWS Config nor a template can tell that a subscription is confirmed, so there the list is not known.
 * https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
 */
import type { Topic } from '../model/guards.ts'
import type { ResourceRecord } from '../model/record.ts'
import type { ResourceDefinition } from './definition.ts'
import { at, configurationOf, known, listIn, names, supplementaryOf, textOr } from './evidence.ts'
import { member, toDocument, toText } from './property.ts'

type Subscription = NonNullable<Topic['subscriptions']>[number]

/** `null` = no filter, which only the subscription's attributes can tell. */
function filterPolicyOf(entry: unknown): object | null | undefined {
  const attributes = member(entry, 'Attributes')
  const holder = typeof attributes === 'object' && attributes !== null ? attributes : entry
  const filter = member(holder, 'FilterPolicy')
  if (filter === null || (filter === undefined && holder === attributes)) return null
  return toDocument(filter)
}

function readSubscription(entry: unknown): Subscription | undefined {
  const protocol = toText(member(entry, 'Protocol')) ?? toText(member(member(entry, 'Attributes'), 'Protocol'))
  const arn = toText(member(entry, 'SubscriptionArn'))
  if (protocol === undefined || arn === undefined) return undefined
  return known({ protocol, confirmed: arn.startsWith('arn:'), filterPolicy: filterPolicyOf(entry) })
}

function subscriptionsOf(item: ResourceRecord): Subscription[] | undefined {
  const answer = supplementaryOf(item, 'Subscriptions')
  if (answer === null) return []
  const entries = listIn(answer, 'Subscriptions')?.map(readSubscription)
  return entries?.every(entry => entry !== undefined) ? entries : undefined
}

function readTopic(item: ResourceRecord): Topic | undefined {
  const arn = textOr(at(configurationOf(item), 'TopicArn', 'arn'), undefined) ?? item.arn ?? toText(item.id)
  return arn === undefined ? undefined : known({ arn, subscriptions: subscriptionsOf(item) })
}

/** Topics. */
export const definitions: ResourceDefinition[] = [
  {
    role: 'topic',
    type: 'AWS::SNS::Topic',
    names: names('AWS::SNS::Topic', ['aws_sns_topic', 'awscc_sns_topic']),
    identity: { arn: 'sns:{region}:{account}:{id}', cloudformation: 'TopicName', terraform: 'name', refersByArn: true },
    read: readTopic,
  },
]
