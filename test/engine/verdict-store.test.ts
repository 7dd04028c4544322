import fc from 'fast-check'
import { expect, it } from 'vitest'
import { type Judgement, makeVerdictStore } from '../../src/engine/verdict-store.ts'

const judgement = fc.record({
  // How many subjects the rule passes over: mostly none or few, sometimes more than two bytes can tell.
  subject: fc.oneof(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 200_000 })),
  verdict: fc.constantFrom<Judgement['verdict']>('compliant', 'non-compliant', 'undetermined'),
  state: fc.constantFrom<Judgement['state']>('open', 'exempted', 'baselined', 'belowThreshold'),
  severity: fc.constantFrom<Judgement['severity']>('critical', 'high', 'medium', 'low'),
})

it('gives back what was put in, in its order, however far apart and however many', () => {
  fc.assert(
    fc.property(
      fc.array(judgement, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 300 }),
      (some, times) => {
        const store = makeVerdictStore()
        const put: Judgement[] = []
        let subject = 0
        for (let i = 0; i < times; i++)
          for (const next of some) {
            subject += i % 7 === 0 ? next.subject : 1
            put.push({ ...next, subject })
          }
        for (const each of put) store.add(each.subject, each.verdict, each.state, each.severity)
        expect(store.size).toBe(put.length)
        expect(put.map((_, i) => store.at(i))).toEqual(put)
      },
    ),
    { numRuns: 40 },
  )
})
