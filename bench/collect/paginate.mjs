// The floor of the bench of `rel09 collect`: the SDK's own paginators over the same lists, their answers counted and dropped.
import { BackupClient, paginateListBackupVaults, paginateListRecoveryPointsByBackupVault } from '@aws-sdk/client-backup'
import { EC2Client, paginateDescribeVolumes } from '@aws-sdk/client-ec2'
import { paginateDescribeDBInstances, RDSClient } from '@aws-sdk/client-rds'

async function count(pages, elementsOf) {
  let found = 0
  for await (const page of pages) found += elementsOf(page)?.length ?? 0
  return found
}

const backup = new BackupClient({})
async function points() {
  let found = 0
  for await (const { BackupVaultList } of paginateListBackupVaults({ client: backup, pageSize: 1000 }, {}))
    for (const { BackupVaultName } of BackupVaultList)
      found += await count(
        paginateListRecoveryPointsByBackupVault({ client: backup, pageSize: 1000 }, { BackupVaultName }),
        page => page.RecoveryPoints,
      )
  return found
}

const found = await Promise.all([
  count(paginateDescribeVolumes({ client: new EC2Client({}), pageSize: 1000 }, {}), page => page.Volumes),
  count(paginateDescribeDBInstances({ client: new RDSClient({}), pageSize: 100 }, {}), page => page.DBInstances),
  points(),
])
console.log(found.join(' '))
