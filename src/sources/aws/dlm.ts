/** Policies of Amazon Data Lifecycle Manager. The list tells no schedules. */
import { DLMClient, GetLifecyclePoliciesCommand, GetLifecyclePolicyCommand } from '@aws-sdk/client-dlm'
import { type Collector, type Records, textOf } from './collector.ts'
import { listed } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { sortedTags } from './tags.ts'

const cuts = ['snapshot-policies']
const types = ['AWS::DLM::LifecyclePolicy']

const list = operation('dlm:GetLifecyclePolicies', DLMClient, GetLifecyclePoliciesCommand, { cuts, types })
const get = operation('dlm:GetLifecyclePolicy', DLMClient, GetLifecyclePolicyCommand, {
  cuts,
  types,
  each: 'lifecycle policy',
})

async function* collect(place: Place): AsyncGenerator<Records> {
  yield* listed(place, list, {}, async ({ Policies = [] }) => {
    const policies = Policies.map(async summary => {
      const { PolicyId, Tags } = summary
      const answer = await place.askOrNone(get, { PolicyId }, ['ResourceNotFoundException'])
      if (answer === null) return []
      const arn = answer?.Policy?.PolicyArn ?? place.arn('dlm', `policy/${PolicyId}`)
      const configuration = answer?.Policy ?? summary
      const unknown = answer ? undefined : ['PolicyDetails', 'DefaultPolicy']
      const tags = sortedTags(Tags)
      return [{ type: types[0]!, id: textOf(PolicyId), arn, name: tags.Name, tags, configuration, unknown }]
    })
    return (await Promise.all(policies)).flat()
  })
}

/** Lifecycle policies. */
export const collector: Collector = {
  service: 'dlm',
  scope: 'region',
  fills: { 'snapshot-policies': types, tags: types },
  operations: [list, get],
  collect,
}
