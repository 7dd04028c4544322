/** Fact groups that are read on demand; `sources/aws/backup-facts.ts` says which collector reads each. */
export const readableGroups: ReadonlySet<string> = new Set([
  'plans',
  'selections',
  'vaults',
  'vault-locks',
  'vault-policies',
  'recovery-points',
  'backup-jobs',
  'copy-jobs',
  'restore-jobs',
  'region-settings',
  'restore-testing',
])
