/**
 * What AWS decides of a resource by another of the same configuration: a snapshot is encrypted exactly where its source is.
 * https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption.html
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html
 */
import { own } from '../json.ts'
import { soleReference, type TerraformResource } from '../terraform/resource.ts'

/** The attribute that names a snapshot's source, and what each of the two calls its encryption. */
interface Inheritance {
  from: string
  stated: string
  as: string
}

const clusters: Inheritance = { from: 'db_cluster_identifier', stated: 'storage_encrypted', as: 'storage_encrypted' }

const inheritances: { [type: string]: Inheritance } = {
  aws_ebs_snapshot: { from: 'volume_id', stated: 'encrypted', as: 'encrypted' },
  aws_db_snapshot: { from: 'db_instance_identifier', stated: 'storage_encrypted', as: 'encrypted' },
  aws_db_cluster_snapshot: clusters,
  aws_docdb_cluster_snapshot: clusters,
  aws_neptune_cluster_snapshot: clusters,
}

/** Adds to resources what follows from the others. Only what a source states: its defaults are its service's to know. */
export function inherit(resources: readonly TerraformResource[]): void {
  let byAddress: Map<string, TerraformResource> | undefined
  for (const { type, values } of resources) {
    const rule = Object.hasOwn(inheritances, type) ? inheritances[type]! : undefined
    const address = rule && soleReference(own(values, rule.from))
    if (!rule || address === undefined || Object.hasOwn(values, rule.as)) continue
    byAddress ??= new Map(resources.map(resource => [resource.address, resource]))
    const source = byAddress.get(address)
    const stated = source && own(source.values, rule.stated)
    if (stated === true || stated === false) values[rule.as] = stated
  }
}
