/** EventBridge rules of the default bus, where AWS's own events arrive. What they tell has no list form. */
import { EventBridgeClient, ListRulesCommand, ListTargetsByRuleCommand, type Target } from '@aws-sdk/client-eventbridge'
import { type Collector, type Records, textOf } from './collector.ts'
import { listed } from './listed.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'
import { getResources } from './tags.ts'

const cuts = ['alerts']
const types = ['AWS::Events::Rule']

const listRules = operation('events:ListRules', EventBridgeClient, ListRulesCommand, {
  cuts,
  types,
  paging: { in: 'NextToken', out: 'NextToken', input: { Limit: 100 } },
})
const listTargets = operation('events:ListTargetsByRule', EventBridgeClient, ListTargetsByRuleCommand, {
  cuts,
  types,
  paging: { in: 'NextToken', out: 'NextToken', input: { Limit: 100 } },
  each: 'rule',
})

/** Targets of a rule: where they lie, and not what is sent there, which may be anything. */
function targetsOf(place: Place, Rule: string): Promise<Pick<Target, 'Id' | 'Arn'>[] | undefined> {
  return place.all(listTargets, { Rule }, ({ Targets = [] }) => Targets.map(({ Id, Arn }) => ({ Id, Arn })))
}

async function* collect(place: Place): AsyncGenerator<Records> {
  yield* listed(place, listRules, {}, ({ Rules = [] }) =>
    Promise.all(
      Rules.map(async element => ({
        type: types[0]!,
        id: textOf(element.Name),
        arn: element.Arn,
        name: element.Name,
        configuration: element,
        supplementary: { Targets: await targetsOf(place, textOf(element.Name)) },
      })),
    ),
  )
}

/** Rules. */
export const collector: Collector = {
  service: 'events',
  scope: 'region',
  fills: { alerts: types, tags: types },
  operations: [listRules, listTargets, getResources],
  collect,
}
