/** Where objects are kept: a folder, or a bucket of Amazon S3. */
import { resolve } from 'node:path'
import { isObjectKey, type ObjectStore } from '../model/object-store.ts'
import { folderWriter } from '../sinks/object-folder.ts'
import { folderReader } from '../sources/object-folder.ts'
import { displayPath } from './display-path.ts'
import { UsageError } from './usage-error.ts'

/** Opens a store: a folder, or `s3://bucket/prefix`. Throws {@link UsageError} where the text is neither. */
export async function openStore(text: string, cwd: string): Promise<ObjectStore> {
  if (!/^s3:/i.test(text)) {
    const folder = resolve(cwd, text)
    return { name: displayPath(text, cwd), ...folderReader(folder), ...folderWriter(folder) }
  }
  const [, bucket, path = ''] = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/.exec(text) ?? []
  const prefix = path.replace(/\/$/, '')
  if (bucket === undefined || (prefix !== '' && !isObjectKey(prefix)))
    throw new UsageError([`${text}: write a folder, or a bucket as s3://my-bucket/rel09`])
  const { bucketStore } = await import('./bucket-store.ts')
  return bucketStore({ bucket, prefix: prefix === '' ? '' : `${prefix}/` })
}
