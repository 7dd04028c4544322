/** AWS Backup's feature matrix for a store, with the Region's settings that change it (aws-controls §6). */
import type { BackupSupport } from '../resources/definition.ts'
import type { Place, StoreItem } from './join.ts'

/** What AWS Backup can do for this store. */
export function supportOf(store: StoreItem, place: Place | undefined): BackupSupport {
  const { support } = store.definition
  return typeof support === 'function'
    ? support(store.own, { dynamodbAdvanced: place?.settings?.management?.DynamoDB })
    : support
}
