/** What the services' files say of the types that templates declare. */
import { resourceDefinitions } from '../../generated/resources.ts'
import type { TemplateIdentity } from '../../resources/definition.ts'

const known = new Map<string, TemplateIdentity | undefined>()
for (const { names, identity } of resourceDefinitions)
  for (const type of names.cloudformation) if (!known.get(type)) known.set(type, identity)

/** True for a type that some service's file reads. */
export const isKnownType = (type: string): boolean => known.has(type)

/** How a type's resources are named before deployment; `undefined` where nothing is known of it. */
export const identityOf = (type: string): TemplateIdentity | undefined => known.get(type)

/**
 * Attributes of `Fn::GetAtt` that give a resource's own ARN. Others end in `Arn` too: a table's `StreamArn`, a cluster's
 * `MasterUserSecret.SecretArn`.
 */
const ownArns = new Set(
  (
    'Arn ResourceArn BackupPlanArn BackupVaultArn FrameworkArn ReportPlanArn RestoreTestingPlanArn LocationArn TaskArn ClusterArn ' +
    'PolicyArn DatabaseArn DiskArn InstanceArn DBClusterArn DBInstanceArn AppArn TopicArn VolumeArn Namespace.NamespaceArn StackId'
  )
    .toLowerCase()
    .split(' '),
)

/** Attributes that give the id which `Ref` gives too. */
const ownIds = new Set(['BackupPlanId', 'FileSystemId', 'InstanceId', 'VolumeId', 'KeyId', 'Identifier', 'RuleName'])

/** What an attribute gives: the ARN, the id, or something else. */
export function attributeKind(type: string, attribute: string): 'arn' | 'id' | 'other' {
  const identity = known.get(type)
  if (!identity) return 'other'
  if (identity.arn !== undefined && ownArns.has(attribute.toLowerCase())) return 'arn'
  if (attribute === identity.cloudformation || ownIds.has(attribute)) return 'id'
  return type === 'AWS::DLM::LifecyclePolicy' && attribute === 'PolicyId' ? 'id' : 'other'
}
