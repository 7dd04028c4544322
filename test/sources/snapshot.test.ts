// Protects: a snapshot's records arrive as they were written, with the line they stand on; two captures of one account and
// Region are never mixed; a record that is not what the schema says is told, not judged.
import { describe, expect, it } from 'vitest'
import { ndjson, otherAccount, readFiles, readText, resource, scope } from './estate.ts'

const gap = {
  record: 'gap',
  scope: scope.id,
  factGroups: ['tags'],
  types: [],
  reason: 'denied',
  api: 'tag:GetResources',
  remedy: 'Allow tag:GetResources.',
}

describe('snapshots', () => {
  it('are passed on as they are, but for the line', async () => {
    const { records, problems } = await readFiles({ 'shop/today.ndjson': ndjson(scope, resource(), gap) })
    expect(problems).toEqual([])
    expect(records).toEqual([scope, { ...resource(), location: { file: 'shop/today.ndjson', line: 2 } }, gap])
  })

  it('count lines with CRLF, blank lines, a mark and no newline at the end', async () => {
    const text = `\ufeff${JSON.stringify(scope)}\r\n\r\n   \n${JSON.stringify(resource())}\r\n\n${JSON.stringify(resource({ id: 'b' }))}`
    const { resources, problems } = await readText(text)
    expect(problems).toEqual([])
    expect(resources.map(record => record.location?.line)).toEqual([4, 6])
  })

  it('keep a location of their own', async () => {
    const location = { file: 'template.yaml', line: 7 }
    expect((await readText(ndjson(scope, resource({ location })))).resources[0]!.location).toEqual(location)
  })

  it('may be concatenated, and split without their scope records coming first', async () => {
    const second = { ...scope, id: 'beefbeefbeefbeef', account: otherAccount }
    const theirs = resource({ scope: second.id, account: otherAccount })
    const joined = await readText(ndjson(scope, resource(), second, theirs))
    expect(joined.problems).toEqual([])
    expect(joined.records).toHaveLength(4)
    const split = await readFiles({ 'a.ndjson': ndjson(resource()), 'b.ndjson': ndjson(scope) })
    expect(split.problems).toEqual([])
    expect(split.records).toHaveLength(2)
  })

  it('that are named twice are read once', async () => {
    const { records } = await readFiles({ 'a.ndjson': ndjson(scope, resource()) }, ['a.ndjson', '.', './a.ndjson'])
    expect(records).toHaveLength(2)
  })

  it('with records of a scope that nothing describes are told', async () => {
    const { problems } = await readText(ndjson(scope, resource({ scope: 'nobody' })))
    expect(problems).toMatchObject([{ file: '-', line: 2 }])
  })
})

describe('two captures', () => {
  const later = { ...scope, id: 'beefbeefbeefbeef', takenAt: '2026-01-06T10:00:00.000Z' }
  it('of one account, Region and fact group are an error, and only the first is read', async () => {
    const { resources, problems } = await readFiles({
      'a.ndjson': ndjson(scope, resource()),
      'b.ndjson': ndjson(later, resource({ scope: later.id })),
    })
    expect(problems).toMatchObject([{ file: 'b.ndjson', line: 1 }])
    expect(problems[0]!.message).toContain('a.ndjson:1')
    expect(resources.map(record => record.scope)).toEqual([scope.id])
  })

  it.each([
    ['another account', { account: otherAccount }],
    ['another Region', { region: 'eu-central-1' }],
    ['other fact groups', { factGroups: ['restores'] }],
    ['no fact groups', { factGroups: [] }],
  ])('of %s are none', async (_, more) => {
    expect((await readText(ndjson(scope, { ...later, ...more }))).problems).toEqual([])
  })

  it('one scope may be described twice, but not in two ways', async () => {
    expect((await readText(ndjson(scope, resource(), scope))).problems).toEqual([])
    expect((await readText(ndjson(scope, { ...scope, region: 'eu-central-1' }))).problems).toHaveLength(1)
  })
})

describe('wrong records', () => {
  it.each<[string, unknown]>([
    ['an unknown kind', { record: 'metric' }],
    ['no kind', { scope: scope.id }],
    ['a list', []],
    ['a resource without a type', { ...resource(), type: undefined }],
    ['a resource with a list as configuration', { ...resource(), configuration: [] }],
    ['a resource with an unknown member', { ...resource(), tag: {} }],
    ['a resource with a number as tag', { ...resource(), tags: { a: 1 } }],
    ['a resource of an unknown encoding', { ...resource(), encoding: 'yaml' }],
    ['a resource with an absolute path', { ...resource(), location: { file: '/etc/passwd', line: 1 } }],
    ['a resource seen at no instant', { ...resource(), seenAt: 'yesterday' }],
    ['a scope of an unknown source', { ...scope, id: 'x', source: 'gcp' }],
    ['a scope of an unknown source, inherited', { ...scope, id: 'x', source: 'constructor' }],
    ['a scope taken at local time', { ...scope, id: 'x', takenAt: '2026-01-05T10:00:00' }],
    ['a gap without a remedy', { ...gap, remedy: undefined }],
    ['a gap for an unknown reason', { ...gap, reason: 'toString' }],
  ])('%s is a problem, and its scope incomplete', async (_, wrong) => {
    const { records, gaps, problems } = await readText(ndjson(scope, wrong, resource()))
    expect(problems).toMatchObject([{ file: '-', line: 2 }])
    expect(gaps).toMatchObject([{ scope: scope.id, reason: 'truncated', factGroups: ['*'], line: 2 }])
    expect(records).toHaveLength(3)
  })

  it('of one sort are told once, and counted', async () => {
    const wrong = Array.from({ length: 5000 }, (_, i) => ({ record: 'resource', scope: scope.id, id: `${i}` }))
    const { problems } = await readText(ndjson(scope, ...wrong))
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatchObject({ line: 2 })
    expect(problems[0]!.message).toContain('4999')
  })

  it('of many sorts are told up to a point', async () => {
    const wrong = Array.from({ length: 500 }, (_, i) => ({ record: `kind${i}` }))
    const { problems } = await readText(ndjson(scope, ...wrong))
    expect(problems.length).toBeLessThan(30)
    expect(JSON.stringify(problems)).toContain('480')
  })
})

it('names in messages cannot control a terminal', async () => {
  const { problems } = await readText(ndjson(scope, { record: '\u001b[31mred\u202e' }))
  expect(problems[0]!.message).toMatch(/^[\x20-\x7e]*$/)
})
