/** SNS topics and who gets their messages. Neither attributes nor filters have a list form. */
import {
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTopicsCommand,
  SNSClient,
  type Subscription,
} from '@aws-sdk/client-sns'
import { type Collector, lastPart, type Records, textOf } from './collector.ts'
import { type Found, listed } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { getResources } from './tags.ts'

const cuts = ['alerts']
const types = ['AWS::SNS::Topic']
const paging = { in: 'NextToken', out: 'NextToken' }

const listTopics = operation('sns:ListTopics', SNSClient, ListTopicsCommand, { cuts, types, paging })
const getTopic = operation('sns:GetTopicAttributes', SNSClient, GetTopicAttributesCommand, {
  cuts,
  types,
  each: 'topic',
})
const listSubscriptions = operation('sns:ListSubscriptionsByTopic', SNSClient, ListSubscriptionsByTopicCommand, {
  cuts,
  types,
  paging,
  each: 'topic',
})
const getSubscription = operation('sns:GetSubscriptionAttributes', SNSClient, GetSubscriptionAttributesCommand, {
  cuts,
  types,
  each: 'confirmed subscription',
})

/** A subscription with the attributes that decide what reaches it. */
async function withAttributes(place: Place, subscription: Subscription) {
  const { SubscriptionArn } = subscription
  if (!SubscriptionArn?.startsWith('arn:')) return subscription
  const answer = await place.ask(getSubscription, { SubscriptionArn })
  if (!answer) return subscription
  const { PendingConfirmation, FilterPolicy, FilterPolicyScope } = answer.Attributes ?? {}
  return { ...subscription, Attributes: { PendingConfirmation, FilterPolicy, FilterPolicyScope } }
}

async function found(place: Place, arn: string): Promise<Found | undefined> {
  const attributes = await place.askOrNone(getTopic, { TopicArn: arn }, ['NotFound', 'NotFoundException'])
  if (attributes === null) return undefined
  const subscriptions = await place.all(listSubscriptions, { TopicArn: arn }, page => page.Subscriptions)
  return {
    type: types[0]!,
    id: arn,
    arn,
    name: lastPart(arn),
    configuration: attributes?.Attributes ?? { TopicArn: arn },
    supplementary: {
      Subscriptions:
        subscriptions && (await Promise.all(subscriptions.map(subscription => withAttributes(place, subscription)))),
    },
  }
}

async function* collect(place: Place): AsyncGenerator<Records> {
  yield* listed(place, listTopics, {}, async ({ Topics = [] }) => {
    const topics = Topics.map(({ TopicArn }) => found(place, textOf(TopicArn)))
    return (await Promise.all(topics)).filter(topic => topic !== undefined)
  })
}

/** Topics. */
export const collector: Collector = {
  service: 'sns',
  scope: 'region',
  fills: { alerts: types, tags: types },
  operations: [listTopics, getTopic, listSubscriptions, getSubscription, getResources],
  collect,
}
