import { it } from 'vitest'
import { writeFileSync } from 'node:fs'
import { readEstates, joinRecords, verdictsOf } from './estate.ts'
import { calls, deny, describe as d } from './denials.ts'
it('x', async () => {
  const out: string[] = []
  const only = process.env.ONLY
  const file = process.env.OUT ?? '/tmp/w/hon.txt'
  const diff: string[] = []
  for (const e of await readEstates()) {
    if (process.env.EST && !process.env.EST.split(',').includes(e.name)) continue
    const base = verdictsOf(joinRecords(e.records,e.standards), e.standards)
    writeFileSync(`/tmp/w/base-${e.name}-${process.env.TAG ?? 'x'}.txt`, [...base].map(([k,v])=>`${k} ${v}`).sort().join('\n'))
    const places = e.records.flatMap(r => r.record==='scope' && r.region!=='global' ? [[r.account!, r.region!]] : [])
    const seen = new Set<string>()
    let n = 0
    for (const call of calls) for (const [account, region] of places) for (const told of ['gap','unclaimed'] as const) for (const onlySome of [false, true]) {
      if (only && !call.api.includes(only)) continue
      const denial = {call, account: account!, region: region!, told, onlySome}
      const k=d(denial); if (seen.has(k)) continue; seen.add(k)
      const touches = (call.lists ?? Object.keys(call.fills ?? {})).some(t => e.records.some(r => r.record==='resource' && r.type===t && r.account===account && (call.speaksFor==='account' || r.region===region))) || call.tags
      if (onlySome && !touches) continue
      if (told === 'unclaimed' && !touches) continue
      n++
      const m = verdictsOf(joinRecords(deny(e.records,[denial]),e.standards), e.standards)
      for (const [key, v] of m) { const b = base.get(key); if (v!==b && v!=='undetermined') out.push(`${e.name} | ${k} | ${key} | ${b} -> ${v}`) }
      if (!call.lists) for (const key of base.keys()) if (!m.has(key)) out.push(`${e.name} | ${k} | ${key} | vanished`)
    }
    console.log(e.name, n)
    writeFileSync(file, out.join('\n'))
  }
}, 3000_000)
