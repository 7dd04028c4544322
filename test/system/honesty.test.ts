// Protects the promise that the project stands on: wherever evidence is missing, the answer is «undetermined» with the reason;
// never a pass, and never a failure either. Whatever API calls are denied, no verdict changes to anything else.
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Inventory } from '../../src/model/inventory.ts'
import type { Subject, SubjectKind } from '../../src/model/subject.ts'
import { type Call, calls, type Denial, deny, describe as told, withoutProperty } from './denials.ts'
import {
  type Estate,
  estateNames,
  findingsOf,
  joinRecords,
  keyOf,
  readEstate,
  report,
  rulesOf,
  subjectKey,
  type Verdicts,
  verdictsOf,
} from './estate.ts'

/** What lists the subjects of a kind. */
const listedBy: Partial<Record<SubjectKind, string[]>> = {
  'data-store': ['inventory'],
  'backup-plan': ['plans'],
  'backup-selection': ['selections'],
  'backup-vault': ['vaults'],
  'recovery-point': ['recovery-points'],
  'native-snapshot': ['snapshots'],
  'snapshot-policy': ['snapshot-policies'],
  'restore-testing-plan': ['restore-testing'],
  'kms-key': ['keys'],
  'iam-role': ['iam'],
}

interface Known {
  verdicts: Verdicts
  subjects: Map<string, Subject>
}

function subjectsOf(inventory: Inventory): Map<string, Subject> {
  const subjects = Array.from({ length: inventory.size }, (_, place) => inventory.subject(place))
  return new Map(subjects.map(subject => [subjectKey(subject), subject]))
}

/** Whether a gap, or a scope that does not claim it, tells that the list which held a subject is not whole. */
function isListCut({ gaps, scopes }: Inventory, { kind, account, region }: Subject): boolean {
  return (listedBy[kind] ?? []).some(
    group =>
      gaps.some(
        gap =>
          gap.factGroups.includes(group) &&
          gap.account === account &&
          (gap.region === undefined || gap.region === region || kind === 'iam-role'),
      ) ||
      scopes.some(
        scope =>
          scope.account === account &&
          (scope.region === region || kind === 'iam-role') &&
          !scope.factGroups?.includes(group),
      ),
  )
}

/** What is wrong with the answers after denials, compared with those before; `[]` = nothing. */
function faults(estate: Estate, before: Known, denials: readonly Denial[]): string[] {
  const inventory = joinRecords(deny(estate.records, denials), estate.standards)
  const subjects = subjectsOf(inventory)
  const wrong: string[] = []
  for (const [key, verdict] of verdictsOf(inventory, estate.standards)) {
    const was = before.verdicts.get(key)
    if (verdict !== was && verdict !== 'undetermined') wrong.push(`${key}: ${was} became ${verdict}`)
    if (verdict !== was && verdict === 'undetermined')
      wrong.push(...unexplained(estate, denials, inventory, subjects, key).map(fault => `${key}: ${fault}`))
  }
  for (const [key, subject] of before.subjects)
    if (!subjects.has(key) && !isListCut(inventory, subject)) wrong.push(`${key}: gone without a word`)
  return wrong
}

/** What is wrong with the explanation of a verdict that denials made undetermined. */
function unexplained(
  estate: Estate,
  denials: readonly Denial[],
  inventory: Inventory,
  subjects: Map<string, Subject>,
  key: string,
): string[] {
  const id = key.slice(0, key.indexOf(' '))
  const rule = rulesOf(estate.standards).find(active => active.rule.id === id)!
  const subject = subjects.get(key.slice(id.length + 1))!
  const missing = rule
    .missing(subject.facts, rule.parameters(subject.facts))
    .map(path => inventory.whyMissing(subject, path, rule.factOf(path)?.group ?? ''))
  if (missing.length === 0) return ['nothing is told to be missing']
  // What the fixture itself lacks may be behind it as well.
  const mends = [
    ...denials.flatMap(({ call, told }) => (told === 'gap' ? [`Allow ${call.api}.`] : [])),
    ...estate.records.flatMap(record => (record.record === 'gap' ? [record.remedy] : [])),
  ]
  const isUnclaimed = denials.some(denial => denial.told === 'unclaimed')
  return missing.some(
    ({ reason, remedy }) => mends.includes(remedy) || (isUnclaimed && reason === 'notCollected' && remedy !== ''),
  )
    ? []
    : [`told is only ${JSON.stringify(missing)}`]
}

function placesOf({ records }: Estate): { account: string; region: string }[] {
  return records.flatMap(record =>
    record.record === 'scope' && record.account && record.region && record.region !== 'global'
      ? [{ account: record.account, region: record.region }]
      : [],
  )
}

/** A call denied in every account and Region of an estate. */
const everywhere = (estate: Estate, call: Call, how: Pick<Denial, 'told' | 'onlySome'>): Denial[] =>
  placesOf(estate).map(place => ({ call, ...place, ...how }))

/** Whether an estate holds anything that the call answers. */
const concerns = ({ records }: Estate, { lists = [], fills = {}, tags }: Call): boolean =>
  tags !== undefined ||
  records.some(
    record => record.record === 'resource' && (lists.includes(record.type) || Object.hasOwn(fills, record.type)),
  )

/**
 * Properties by which records find each other, or which tell what a record is: every answer of AWS's has them, and a record
 * without them is another record.
 */
const identifying =
  /(^|\.)(\w*(Arn|ARN|Id|Identifier|Name|ResourceType|Type|Engine|EngineMode|State|Status|Target|Targets|Content)|EffectivePolicy)$/

/** Every property of an estate's records that is no identity, by type. */
function propertiesOf({ records }: Estate): [string, string][] {
  const found = new Set<string>()
  const walk = (type: string, tree: object, above: string): void => {
    for (const [name, value] of Object.entries(tree)) {
      const path = above + name
      const isTree = typeof value === 'object' && value !== null && !Array.isArray(value)
      if (isTree && above.split('.').length < 4) walk(type, value as object, `${path}.`)
      // A tree with an identity in it is hidden member by member.
      if (!identifying.test(path) && !(isTree && Object.keys(value as object).some(key => identifying.test(key))))
        found.add(`${type} ${path}`)
    }
  }
  for (const record of records) {
    if (record.record !== 'resource') continue
    walk(record.type, record.configuration, '')
    for (const name of Object.keys(record.supplementary ?? {})) found.add(`${record.type} supplementary.${name}`)
  }
  return [...found].map(property => property.split(' ') as [string, string])
}

const oneDenial = (estate: Estate): fc.Arbitrary<Denial> =>
  fc
    .record({
      call: fc.constantFrom(...calls.filter(call => concerns(estate, call))),
      place: fc.constantFrom(...placesOf(estate)),
      told: fc.constantFrom<Denial['told']>('gap', 'unclaimed'),
      onlySome: fc.boolean(),
    })
    .map(({ place, ...denial }) => ({ ...denial, ...place }))

describe.each(estateNames)('%s', name => {
  let estate: Estate
  let before: Known
  beforeAll(async () => {
    estate = await readEstate(name)
    const inventory = joinRecords(estate.records, estate.standards)
    before = { verdicts: verdictsOf(inventory, estate.standards), subjects: subjectsOf(inventory) }
  })

  it.each(calls.map(call => [call.api, call] as const))('tells what it lacks without %s', (_, call) => {
    for (const told of ['gap', 'unclaimed'] as const)
      for (const onlySome of concerns(estate, call) ? [false, true] : [false])
        expect(faults(estate, before, everywhere(estate, call, { told, onlySome }))).toEqual([])
  })

  it('tells what it lacks whatever was denied', () => {
    fc.assert(
      fc.property(fc.array(oneDenial(estate), { minLength: 1, maxLength: 6 }), denials => {
        expect(faults(estate, before, denials), denials.map(told).join('\n')).toEqual([])
      }),
      { numRuns: 40 },
    )
  }, 240_000)

  it('tells what it lacks whichever property is not known', () => {
    const wrong: string[] = []
    for (const [type, path] of propertiesOf(estate)) {
      const records = estate.records.map(record =>
        record.record === 'resource' && record.type === type ? withoutProperty(record, path) : record,
      )
      const inventory = joinRecords(records, estate.standards)
      for (const [key, verdict] of verdictsOf(inventory, estate.standards)) {
        const was = before.verdicts.get(key)
        if (verdict !== was && verdict !== 'undetermined')
          wrong.push(`${type} ${path}: ${key}: ${was} became ${verdict}`)
      }
    }
    expect(wrong).toEqual([])
  }, 240_000)

  it('judges each subject as the engine does, which remembers the verdicts of subjects that are alike', () => {
    fc.assert(
      fc.property(fc.array(oneDenial(estate), { maxLength: 2 }), denials => {
        const left = deny(estate.records, denials)
        const found = findingsOf(report(left, estate.standards))
        for (const [key, verdict] of verdictsOf(joinRecords(left, estate.standards), estate.standards))
          expect(found.get(key)?.verdict, key).toBe(verdict)
        for (const finding of found.values())
          if (finding.verdict === 'undetermined') {
            expect(finding.missing, keyOf(finding)).not.toEqual([])
            for (const { reason, remedy } of finding.missing) expect(reason && remedy, keyOf(finding)).toBeTruthy()
          }
      }),
      { numRuns: 3 },
    )
  }, 120_000)
})
