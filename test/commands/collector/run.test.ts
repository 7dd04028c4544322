// Protects the snapshots that scheduled rules read: one an event, however often it is tried, below the place of its account and Region; and
// whoever waits for one: what is wrong is thrown, so that somebody hears of it.
import { describe, expect, it } from 'vitest'
import { type CollectorInvocation, runCollector } from '../../../src/commands/collector/run.ts'
import type { GapRecord } from '../../../src/model/record.ts'

const now = '2026-01-15T06:07:08.900Z'
const gap: GapRecord = {
  record: 'gap',
  scope: 's',
  account: '111122223333',
  region: 'eu-west-1',
  factGroups: ['plans'],
  types: [],
  api: 'backup:ListBackupPlans',
  reason: 'denied',
  remedy: 'Allow backup:ListBackupPlans.',
}

interface Setting extends Partial<CollectorInvocation> {
  gaps?: number
}

/** Runs it over a bucket that keeps what it is given. */
function bucket({ gaps = 0, ...more }: Setting = {}) {
  const objects = new Map<string, string>()
  const lines: { [name: string]: unknown }[] = []
  const taken: (readonly string[])[] = []
  let ended = 0
  const invocation: CollectorInvocation = {
    snapshotUri: 's3://shop-snapshots/snapshots/111122223333/eu-west-1/',
    region: 'eu-west-1',
    now,
    log: entry => void lines.push(entry as { [name: string]: unknown }),
    async take(regions) {
      taken.push(regions)
      return {
        account: '111122223333',
        calls: 7,
        *zipped(written) {
          for (let i = 0; i < gaps; i++) written.gap(gap)
          written.resource()
          yield Buffer.from('zip')
          written.resource()
        },
        end: async () => void ended++,
      }
    },
    async put(place, key, chunks) {
      const whole = `${place.bucket}/${place.prefix}${key}`
      const text = [...chunks].join('')
      if (objects.has(whole)) return false
      objects.set(whole, text)
      return true
    },
    ...more,
  }
  return { objects, lines, taken, ended: () => ended, run: (event: unknown = {}) => runCollector(event, invocation) }
}

describe('a scheduled event', () => {
  const event = { source: 'aws.events', time: '2026-01-15T06:00:00Z', region: 'eu-west-1', account: '111122223333' }
  const key = 'snapshots/111122223333/eu-west-1/20260115T060000Z.ndjson.gz'

  it('leaves one snapshot of the function’s Region, called by the event’s time', async () => {
    const { objects, lines, taken, ended, run } = bucket()
    expect(await run(event)).toEqual({ key, isNew: true, resources: 2, gaps: 0 })
    expect([...objects]).toEqual([[`shop-snapshots/${key}`, 'zip']])
    expect([taken, ended()]).toEqual([[['eu-west-1']], 1])
    expect(lines).toEqual([
      expect.objectContaining({ message: 'collected', key, isNew: true, resources: 2, calls: 7, gaps: 0 }),
    ])
  })

  it('leaves one however often it is tried', async () => {
    const { objects, run } = bucket()
    await run(event)
    expect(await run(event)).toMatchObject({ key, isNew: false })
    expect(objects.size).toBe(1)
  })

  it('tells every gap, as far as anybody reads', async () => {
    const { lines, run } = bucket({ gaps: 150 })
    expect(await run(event)).toMatchObject({ gaps: 150 })
    const told = lines.filter(({ message }) => message === 'gap')
    expect(told).toHaveLength(100)
    expect(told[0]).toMatchObject({
      level: 'warn',
      region: 'eu-west-1',
      api: gap.api,
      reason: 'denied',
      remedy: gap.remedy,
    })
  })
})

describe('other events', () => {
  it.each<[string, unknown, string[], string]>([
    ['none', undefined, ['eu-west-1'], '20260115T060708Z'],
    ['an empty one', {}, ['eu-west-1'], '20260115T060708Z'],
    ['one that names Regions', { regions: ['eu-west-1', 'us-east-1'] }, ['eu-west-1', 'us-east-1'], '20260115T060708Z'],
    ['a time that is none', { time: '2026-13-45T06:00:00Z' }, ['eu-west-1'], '20260115T060708Z'],
    ['a time that is a path', { time: '../../x' }, ['eu-west-1'], '20260115T060708Z'],
    ['a time with a part of a second', { time: '2026-01-15T06:00:00.123Z' }, ['eu-west-1'], '20260115T060000Z'],
  ])('%s', async (_, event, regions, name) => {
    const { objects, taken, run } = bucket()
    await run(event)
    expect(taken).toEqual([regions])
    expect([...objects.keys()]).toEqual([`shop-snapshots/snapshots/111122223333/eu-west-1/${name}.ndjson.gz`])
  })
})

describe('what is thrown, and told in one line', () => {
  const refusing = () => Promise.reject(new Error('a\nb'))
  it.each<[string, unknown, Setting]>([
    ['no place', {}, { snapshotUri: undefined }],
    ['a place that is no prefix', {}, { snapshotUri: 's3://shop-snapshots/a' }],
    ['a place that leads elsewhere', {}, { snapshotUri: 's3://shop-snapshots/../' }],
    ['no Region', {}, { region: undefined }],
    ['Regions that are none', { regions: ['mars'] }, {}],
    ['Regions that are no list', { regions: 'eu-west-1' }, {}],
    ['no Regions', { regions: [] }, {}],
    ['an account that cannot be read', {}, { take: refusing }],
    ['a bucket that refuses', {}, { put: refusing }],
  ])('%s', async (_, event, setting) => {
    const { objects, lines, taken, ended, run } = bucket(setting)
    await expect(run(event)).rejects.toThrow()
    expect(objects.size).toBe(0)
    expect(lines).toEqual([expect.objectContaining({ level: 'error', message: 'not collected' })])
    expect(ended()).toBe(taken.length)
  })
})
