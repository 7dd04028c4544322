/**
 * CloudTrail trails of the account, Region by Region: one that covers all Regions is told by each of them, and read in its home
 * Region. Whether a trail logs, and what, has no list form.
 */
import {
  CloudTrailClient,
  DescribeTrailsCommand,
  GetEventSelectorsCommand,
  GetTrailStatusCommand,
  type Trail,
} from '@aws-sdk/client-cloudtrail'
import type { ResourceRecord } from '../../model/record.ts'
import { type Collector, type Records, textOf } from './collector.ts'
import { operation } from './operation.ts'
import type { Place } from './place.ts'

const cuts = ['trails']

const describeTrails = operation('cloudtrail:DescribeTrails', CloudTrailClient, DescribeTrailsCommand, {
  cuts,
  each: 'Region',
})
const getStatus = operation('cloudtrail:GetTrailStatus', CloudTrailClient, GetTrailStatusCommand, {
  cuts,
  each: 'trail',
})
const getSelectors = operation('cloudtrail:GetEventSelectors', CloudTrailClient, GetEventSelectorsCommand, {
  cuts,
  each: 'trail',
})

async function trailRecord(place: Place, trail: Trail): Promise<ResourceRecord> {
  const home = place.calling(trail.HomeRegion ?? place.endpoint)
  const Name = textOf(trail.TrailARN ?? trail.Name)
  const [status, selectors] = await Promise.all([
    home.ask(getStatus, { Name }),
    home.ask(getSelectors, { TrailName: Name }),
  ])
  return place.resource('AWS::CloudTrail::Trail', {
    id: textOf(trail.Name),
    arn: trail.TrailARN,
    name: trail.Name,
    region: home.endpoint,
    configuration: trail,
    supplementary: {
      Status: status && { IsLogging: status.IsLogging },
      EventSelectors: selectors && {
        TrailARN: selectors.TrailARN,
        EventSelectors: selectors.EventSelectors,
        AdvancedEventSelectors: selectors.AdvancedEventSelectors,
      },
    },
  })
}

async function* collect(place: Place): AsyncGenerator<Records> {
  const seen = new Set<string>()
  for (const region of place.regions) {
    const answer = await place.calling(region).ask(describeTrails, { includeShadowTrails: true })
    const fresh = (answer?.trailList ?? []).filter(({ TrailARN }) => TrailARN && !seen.has(TrailARN))
    for (const { TrailARN } of fresh) seen.add(textOf(TrailARN))
    yield* await Promise.all(fresh.map(trail => trailRecord(place, trail)))
  }
}

/** Trails. */
export const collector: Collector = {
  service: 'cloudtrail',
  scope: 'account',
  fills: { trails: ['AWS::CloudTrail::Trail'] },
  operations: [describeTrails, getStatus, getSelectors],
  collect,
}
