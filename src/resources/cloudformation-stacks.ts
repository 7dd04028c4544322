/**
 * AWS CloudFormation stacks. AWS Backup can back a stack up as a composite: its template with the supported resources in it.
 * A stack holds no data beside them, so it is no data store of its own; a selection that names a stack covers its members
 * through {@link stackArnOf}.
 *
 * AWS Config: `AWS::CloudFormation::Stack`, resourceId = stack ARN. Live: element of `cloudformation:DescribeStacks`
 * (`Stacks[]`); id = `StackId`. https://docs.aws.amazon.com/aws-backup/latest/devguide/applicationstackbackups.html
 */
import type { ResourceRecord } from '../model/record.ts'
import type { ResourceDefinition } from './definition.ts'
import { tagOf } from './native-backup.ts'

/**
 * ARN of the stack that made a resource, as CloudFormation's own tag `aws:cloudformation:stack-id` says; nobody else can set
 * that tag. Empty where the resource has no such tag, or its tags are not known.
 */
export function stackArnOf(item: ResourceRecord): string[] {
  const arn = tagOf(item, 'aws:cloudformation:stack-id')
  return arn && /^arn:[^:]+:cloudformation:[^:]*:\d{12}:stack\/./.test(arn) ? [arn] : []
}

export const definitions: ResourceDefinition[] = [
  {
    role: 'data-store',
    type: 'AWS::CloudFormation::Stack',
    names: {
      config: ['AWS::CloudFormation::Stack'],
      cloudformation: ['AWS::CloudFormation::Stack'],
      terraform: ['aws_cloudformation_stack', 'awscc_cloudformation_stack'],
    },
    identity: { arn: 'cloudformation:{region}:{account}:stack/{id}/{made}', terraform: 'name', refersByArn: true },
    service: 'CloudFormation',
    // AWS's pages contradict each other on copies to another account, encryption and cold storage of composites.
    support: { awsBackup: true, crossRegionCopy: true, continuous: false, restoreTesting: false },
    facts: {},
    notAStore: () => 'judged by its resources',
  },
]
