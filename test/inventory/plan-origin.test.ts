// Protects which rule and copy action of a plan a finding points at: its targets and copies are told in one list each.
import { expect, it } from 'vitest'
import type { PlanState } from '../../src/inventory/join.ts'
import { planOrigin } from '../../src/inventory/plan-origin.ts'

const rules = [
  { copyActions: [{}, {}] },
  { targetAirGappedVaultArn: 'arn:aws:backup:eu-west-1:111122223333:backup-vault:gap' },
  { copyActions: [{}] },
].map(rule => ({ rule }))

it.each([
  ['targets[0].exists', 'rules[0].targetVaultName'],
  ['targets[1].exists', 'rules[0].copyActions[0]'],
  ['targets[2]', 'rules[0].copyActions[1]'],
  ['targets[3].fitsLock', 'rules[1].targetVaultName'],
  ['targets[4].fitsLock', 'rules[1]'],
  ['targets[5].exists', 'rules[2].targetVaultName'],
  ['targets[6].exists', 'rules[2].copyActions[0]'],
  ['targets[7].exists', 'targets[7].exists'],
  ['copies[0].retentionDays', 'rules[0].copyActions[0].retentionDays'],
  ['copies[2]', 'rules[2].copyActions[0]'],
  ['copies[3].region', 'copies[3].region'],
  ['copies[12]', 'copies[12]'],
  ['rules[1].schedule', 'rules[1].schedule'],
  ['my.targets[0]', 'my.targets[0]'],
  ['targets', 'targets'],
])('%s of a plan stands where %s does', (fact, origin) => {
  expect(planOrigin({ rules } as unknown as PlanState, fact)).toBe(origin)
})
