import { it } from 'vitest'
import { readEstates, joinRecords } from './estate.ts'
import { calls, deny } from './denials.ts'
it('x', async () => {
  for (const e of await readEstates()) { if (e.name!=='clinic') continue
    for (const recs of [e.records, deny(e.records, [{call: calls.find(c=>c.api==='tag:GetResources')!, account:'111122223333', region:'us-east-1', told:'gap'}])]) {
      const inv = joinRecords(recs, e.standards)
      for (let i=0;i<inv.size;i++){ const s = inv.subject(i); if (s.arn?.endsWith('us-east-1:111122223333:table/video-visits')) console.log(JSON.stringify((s.facts as any).protection,null,1), JSON.stringify((s.facts as any).tags)) }
    }
  }
})
