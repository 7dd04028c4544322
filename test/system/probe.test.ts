import { it } from 'vitest'
import { writeFileSync } from 'node:fs'
import { readEstates, joinRecords, verdictsOf, rulesOf, subjectKey } from './estate.ts'
import { calls, deny } from './denials.ts'
it('x', async () => {
  const out = new Map<string, [number, string]>()
  for (const e of await readEstates()) {
    const base = verdictsOf(joinRecords(e.records,e.standards), e.standards)
    const places = e.records.flatMap(r => r.record==='scope' && r.region!=='global' ? [[r.account!, r.region!]] : [])
    for (const call of calls) {
      const inv = joinRecords(deny(e.records, places.map(([account, region]) => ({call, account: account!, region: region!, told: 'gap' as const}))), e.standards)
      const v = verdictsOf(inv, e.standards)
      for (let i=0;i<inv.size;i++) { const s = inv.subject(i); const k = subjectKey(s)
        for (const r of rulesOf(e.standards)) { const key = `${r.rule.id} ${k}`; if (v.get(key)!=='undetermined' || base.get(key)==='undetermined') continue
          const ms = r.missing(s.facts, r.parameters(s.facts)).map(p => inv.whyMissing(s, p, r.factOf(p)?.group ?? ''))
          if (!ms.some(m => m.remedy.includes(call.api))) { const kk = `${call.api} | ${r.rule.id} | ${ms.map(m=>`${m.path} [${m.factGroup}] ${m.reason} ${m.remedy}`)[0]}`.replace(/\d{12}/g,'ACC').replace(/(eu|us)-\w+-\d/g,'REG'); const o = out.get(kk) ?? [0, key]; o[0]++; out.set(kk, o as any) }
        } }
    }
  }
  writeFileSync('/tmp/sysprop/remedy.txt', [...out].map(([k,[n,x]]) => `${n} ${k} || ${x}`).join('\n'))
}, 3000_000)
