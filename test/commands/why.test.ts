// Protects the proof that an auditor reads: it must be of the resource that was meant, say what is not known as such, and
// agree with what a scan says of the same resource.
import { afterAll, describe, expect, it } from 'vitest'
import { cartsArn, factGroups, ordersArn, Shop, snapshot } from './bookshop.ts'

const hostile = JSON.stringify({
  record: 'resource',
  scope: 'shop',
  type: 'AWS::S3::Bucket',
  id: 'shelf',
  arn: 'arn:aws:s3:::shelf',
  account: '111122223333',
  region: 'eu-west-1',
  name: 'shelf\u001b[2J\u202e',
  tags: { 'a\nb': '\u001b]0;x\u0007' },
  encoding: 'api',
  configuration: {},
})

const shop = new Shop({
  'shop.ndjson': snapshot(),
  'partial.ndjson': snapshot(factGroups.filter(group => group !== 'selections' && group !== 'restore-jobs')),
  'hostile.ndjson': `${snapshot()}${hostile}\n`,
  'broken.json': '{"configurationItems": [{"resourceType": "AWS::S3::Bucket"',
  'exempt.yaml': `version: 1\nexemptions:\n  - { rule: resource-in-backup-plan, resource: "${cartsArn}", reason: worth nothing, owner: shop team, expires: 2026-06-30 }\n`,
})
afterAll(() => shop.remove())

interface Proof {
  kind: string
  arn: string
  facts: { protection?: { covered?: boolean } }
  findings: { rule: string; verdict: string; state: string; fingerprint: string }[]
}
const proofOf = async (...args: string[]) =>
  JSON.parse((await shop.run(['why', ...args, '--format', 'json'])).out) as Proof

describe('the resource', () => {
  it.each<[string, string]>([
    ['its ARN', ordersArn],
    ['its name', 'orders'],
    ['its id', 'db-ORDERS'],
    ['its name in other letters', 'Orders'],
    ['the end of its ARN', 'db:orders'],
  ])('is found by %s', async (_, text) => {
    expect(await proofOf(text, 'shop.ndjson')).toMatchObject({ kind: 'data-store', arn: ordersArn })
  })

  it('of any kind is found', async () => {
    expect((await proofOf('main', 'shop.ndjson')).kind).toBe('backup-vault')
    expect((await proofOf('111122223333', 'shop.ndjson')).kind).toBe('account')
    expect((await proofOf('orders', 'shop.ndjson', '--subject', 'recovery-point')).kind).toBe('recovery-point')
  })

  it('that shares its name is listed with the others', async () => {
    const twin = hostile.replaceAll('shelf', 'orders').replace('\\u001b[2J\u202e', '')
    shop.write('twins.ndjson', `${snapshot()}${twin}\n`)
    const { code, err, out } = await shop.run(['why', 'orders', 'twins.ndjson'])
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(ordersArn)
    expect(err).toContain('arn:aws:s3:::orders')
    expect((await proofOf(ordersArn, 'twins.ndjson')).arn).toBe(ordersArn)
  })

  it('that is none is told, with those that come near', async () => {
    const nothing = await shop.run(['why', 'invoices', 'shop.ndjson'])
    expect([nothing.code, nothing.out]).toEqual([2, ''])
    expect((await shop.run(['why', 'cart', 'shop.ndjson'])).err).toContain(cartsArn)
    expect((await shop.run(['why', 'catrs', 'shop.ndjson'])).err).toContain('did you mean carts?')
  })

  it('needs an input', async () => {
    expect((await shop.run(['why', 'orders'])).code).toBe(2)
    expect((await shop.run(['why'])).code).toBe(2)
  })
})

describe('the verdicts', () => {
  it.each([ordersArn, cartsArn])('on %s are those of a scan', async arn => {
    const scan = await shop.run(['scan', 'shop.ndjson', '--format', 'json', '--verdicts', 'all', '--fail-on', 'never'])
    const { findings } = JSON.parse(scan.out) as {
      findings: { resource: { arn?: string }; rule: string; verdict: string; fingerprint: string }[]
    }
    const line = ({ rule, verdict, fingerprint }: { rule: string; verdict: string; fingerprint: string }) =>
      `${rule} ${verdict} ${fingerprint}`
    const expected = findings.filter(finding => finding.resource.arn === arn).map(line)
    expect(expected.length).toBeGreaterThan(10)
    expect((await proofOf(arn, 'shop.ndjson')).findings.map(line).sort()).toEqual(expected.sort())
  })

  it('show an exemption as what it is', async () => {
    const { out, code } = await shop.run(['why', 'carts', 'shop.ndjson', '--policy', 'exempt.yaml'])
    expect(code).toBe(0)
    expect(out).toContain('exempted until 2026-06-30 by shop team: worth nothing')
  })
})

describe('the text', () => {
  it('tells why a store is covered, and what that is worth against its objective', async () => {
    const { out, code } = await shop.run(['why', 'orders', 'shop.ndjson'])
    expect(code).toBe(0)
    expect(out).toMatch(/Tier +tier1/)
    expect(out).toMatch(/✓ AWS Backup daily, selection tagged-daily\n +because tag backup=daily/)
    expect(out).toMatch(/✗ at worst 25\.5 h by schedule; asked 4 h/)
    expect(out).toMatch(/✗ 4\.8 h measured/)
    expect(out).toContain('444455556666 eu-central-1, another Region, another account')
    expect(out).toMatch(/✗ rpo-met-by-schedule/)
  })

  it('tells what nearly covers a store that nothing covers', async () => {
    const { out } = await shop.run(['why', 'carts', 'shop.ndjson'])
    expect(out).toMatch(/Backed up +✗ no accepted mechanism covers it/)
    expect(out).toMatch(/selection tagged-daily of plan daily: .*backup=daily.*backup=Daily/s)
  })

  it('marks destroyable copies as wrong only where a rule asks for more', async () => {
    shop.write('tier0.yaml', 'version: 1\nclassification: { rules: [{ name: carts, tier: tier0 }] }\n')
    const lower = (await shop.run(['why', 'carts', 'shop.ndjson'])).out
    const strict = (await shop.run(['why', 'carts', 'shop.ndjson', '--policy', 'tier0.yaml'])).out
    expect(lower).toMatch(/Destroyable +– yes: an administrator of 111122223333/)
    expect(strict).toMatch(/Destroyable +✗ yes: an administrator of 111122223333/)
    expect(strict).toMatch(/✗ copies-survive-one-account/)
  })

  it('never takes what is not known for good or bad, and says how to know it', async () => {
    const { out } = await shop.run(['why', 'carts', 'partial.ndjson'])
    expect(out).toMatch(/Backed up +\? not known whether anything covers it/)
    expect(out).toMatch(/Restores +\? not known whether it was ever restored/)
    expect(out).toMatch(/Not known, and how to make it known\n/)
    expect(out).toMatch(/→ Collect the /)
  })

  it('lists what is met and every fact only where asked', async () => {
    const brief = (await shop.run(['why', 'orders', 'shop.ndjson'])).out
    const whole = (await shop.run(['why', 'orders', 'shop.ndjson', '--all', '--facts'])).out
    expect(brief).not.toMatch(/^ {2}✓ resource-in-backup-plan/m)
    expect(whole).toMatch(/^ {2}✓ resource-in-backup-plan/m)
    expect(whole).toMatch(/^ {2}– dynamodb-pitr/m)
    expect(whole).toContain('  engine: postgres')
  })

  it('of another resource is its facts and its verdicts', async () => {
    const { out } = await shop.run(['why', 'main', 'shop.ndjson'])
    expect(out).toContain('  vaultType: backup')
    expect(out).toMatch(/✗ vault-lock/)
  })

  it('keeps within the terminal, but for words that must be copied whole', async () => {
    const { out } = await shop.run(['why', 'orders', 'shop.ndjson'], { columns: 80 })
    for (const line of out.split('\n')) if (!line.includes('arn:')) expect(line.length).toBeLessThanOrEqual(80)
  })

  it('shows nothing that would steer a terminal', async () => {
    const { out, err } = await shop.run(['why', 'arn:aws:s3:::shelf', 'hostile.ndjson', '--facts', '--all'])
    expect(out).toContain('shelf')
    for (const character of out + err) expect(character === '\n' || !/[\p{Cc}\p{Cf}]/u.test(character)).toBe(true)
  })

  it('has colours for a terminal alone', async () => {
    expect((await shop.run(['why', 'orders', 'shop.ndjson'], { colour: true })).out).toContain('\u001b[')
    expect((await shop.run(['why', 'orders', 'shop.ndjson', '--no-colour'], { colour: true })).out).not.toContain(
      '\u001b',
    )
  })
})

describe('an unreadable input', () => {
  it('is told, and the proof is given all the same', async () => {
    const { code, out, err } = await shop.run(['why', 'orders', 'shop.ndjson', 'broken.json'])
    expect(code).toBe(2)
    expect(out).toContain('tier1')
    expect(err).toContain('broken.json')
  })

  it('is told also where the resource is not found', async () => {
    const { err } = await shop.run(['why', 'invoices', 'broken.json'])
    expect(err).toContain('broken.json')
    expect(err).toContain('invoices')
  })
})
