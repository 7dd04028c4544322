// A stub of AWS for the bench of `rel09 collect`: answers `volumes` EBS volumes and `instances` DB instances page by page, and one
// vault with `points` recovery points; every other list is empty. Prints its address, ends with its parent.
//
//   node bench/collect/server.mjs VOLUMES INSTANCES POINTS
import { createServer } from 'node:http'

const [volumes, instances, points] = process.argv.slice(2).map(Number)
const account = '111122223333'
const region = 'eu-west-1'

const range = (from, to, make) => Array.from({ length: Math.max(0, to - from) }, (_, i) => make(from + i))
const hex = index => index.toString(16).padStart(17, '0')

const volume = index =>
  `<item><volumeId>vol-${hex(index)}</volumeId><size>100</size><snapshotId/><availabilityZone>${region}a</availabilityZone>` +
  `<status>in-use</status><createTime>2025-03-01T10:00:00.000Z</createTime><attachmentSet><item><volumeId>vol-${hex(index)}` +
  `</volumeId><instanceId>i-${hex(index)}</instanceId><device>/dev/xvda</device><status>attached</status><attachTime>` +
  `2025-03-01T10:00:00.000Z</attachTime><deleteOnTermination>false</deleteOnTermination></item></attachmentSet><tagSet><item>` +
  `<key>Name</key><value>till-${index}</value></item><item><key>backup</key><value>daily</value></item></tagSet>` +
  `<volumeType>gp3</volumeType><iops>3000</iops><encrypted>true</encrypted><kmsKeyId>arn:aws:kms:${region}:${account}:key/` +
  `11111111-2222-3333-4444-555555555555</kmsKeyId><multiAttachEnabled>false</multiAttachEnabled><throughput>125</throughput></item>`

const instance = index =>
  `<DBInstance><DBInstanceIdentifier>shop-${index}</DBInstanceIdentifier><DBInstanceClass>db.t4g.micro</DBInstanceClass>` +
  `<Engine>postgres</Engine><DBInstanceStatus>available</DBInstanceStatus><AllocatedStorage>20</AllocatedStorage>` +
  `<InstanceCreateTime>2025-03-01T10:00:00Z</InstanceCreateTime><PreferredBackupWindow>03:00-03:30</PreferredBackupWindow>` +
  `<BackupRetentionPeriod>7</BackupRetentionPeriod><LatestRestorableTime>2026-01-15T05:55:00Z</LatestRestorableTime>` +
  `<MultiAZ>false</MultiAZ><EngineVersion>16.4</EngineVersion><StorageEncrypted>true</StorageEncrypted><DbiResourceId>db-${hex(index)}` +
  `</DbiResourceId><CopyTagsToSnapshot>true</CopyTagsToSnapshot><DeletionProtection>true</DeletionProtection><DBInstanceArn>` +
  `arn:aws:rds:${region}:${account}:db:shop-${index}</DBInstanceArn><TagList><Tag><Key>backup</Key><Value>daily</Value></Tag>` +
  `</TagList></DBInstance>`

const vaultArn = `arn:aws:backup:${region}:${account}:backup-vault:shop`
const vault = {
  BackupVaultName: 'shop',
  BackupVaultArn: vaultArn,
  VaultType: 'BACKUP_VAULT',
  CreationDate: 1_700_000_000,
  EncryptionKeyArn: `arn:aws:kms:${region}:${account}:key/11111111-2222-3333-4444-555555555555`,
  NumberOfRecoveryPoints: points,
  Locked: false,
}

const point = index => ({
  RecoveryPointArn: `arn:aws:ec2:${region}::snapshot/snap-${hex(index)}`,
  BackupVaultName: 'shop',
  BackupVaultArn: vaultArn,
  ResourceArn: `arn:aws:ec2:${region}:${account}:volume/vol-${hex(index % volumes)}`,
  ResourceType: 'EBS',
  CreatedBy: { BackupPlanId: 'nightly', BackupPlanArn: `arn:aws:backup:${region}:${account}:backup-plan:nightly` },
  IamRoleArn: `arn:aws:iam::${account}:role/backup`,
  Status: 'COMPLETED',
  CreationDate: 1_768_000_000 - index,
  CompletionDate: 1_768_000_600 - index,
  BackupSizeInBytes: 1_000_000,
  Lifecycle: { DeleteAfterDays: 35 },
  CalculatedLifecycle: { DeleteAt: 1_771_000_000 },
  EncryptionKeyArn: vault.EncryptionKeyArn,
  IsEncrypted: true,
  StorageClass: 'WARM',
})

/** A page is made once: what is measured is who reads it. */
const made = new Map()
function page(key, make) {
  let body = made.get(key)
  if (body === undefined) made.set(key, (body = Buffer.from(make())))
  return body
}

function ec2(action, form) {
  if (action !== 'DescribeVolumes') return `<${action}Response/>`
  const at = Number(form.get('NextToken') ?? 0)
  return page(`v${at}`, () => {
    const next = at + 1000 < volumes ? `<nextToken>${at + 1000}</nextToken>` : ''
    const items = range(at, Math.min(at + 1000, volumes), volume).join('')
    return `<DescribeVolumesResponse><volumeSet>${items}</volumeSet>${next}</DescribeVolumesResponse>`
  })
}

function query(action, form) {
  const within = text => `<${action}Response><${action}Result>${text}</${action}Result></${action}Response>`
  if (action === 'GetCallerIdentity')
    return within(`<Arn>arn:aws:iam::${account}:user/bench</Arn><Account>${account}</Account>`)
  if (action !== 'DescribeDBInstances') return within('')
  const at = Number(form.get('Marker') ?? 0)
  return page(`i${at}`, () => {
    const marker = at + 100 < instances ? `<Marker>${at + 100}</Marker>` : ''
    return within(`${marker}<DBInstances>${range(at, Math.min(at + 100, instances), instance).join('')}</DBInstances>`)
  })
}

function json(path, parameters) {
  if (path === '/backup-vaults') return JSON.stringify({ BackupVaultList: [vault] })
  if (!path.endsWith('/recovery-points') && !path.endsWith('/recovery-points/')) return '{}'
  const at = Number(parameters.get('nextToken') ?? 0)
  return page(`p${at}`, () =>
    JSON.stringify({
      RecoveryPoints: range(at, Math.min(at + 1000, points), point),
      ...(at + 1000 < points ? { NextToken: String(at + 1000) } : {}),
    }),
  )
}

const server = createServer((request, response) => {
  const parts = []
  request.on('data', part => parts.push(part))
  request.on('end', () => {
    const body = Buffer.concat(parts).toString()
    const { pathname, searchParams } = new URL(request.url, 'http://stub')
    const form = new URLSearchParams(body)
    const action = form.get('Action')
    const isEc2 = form.get('Version') === '2016-11-15'
    const answer = action ? (isEc2 ? ec2 : query)(action, form) : json(pathname.replace(/\/$/, ''), searchParams)
    response.setHeader('content-type', action ? 'text/xml' : 'application/json')
    response.end(answer)
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
process.stdin.on('end', () => process.exit()).resume()
