/**
 * The template of the role that `rel09 collect` reads an account with: its policy is the collectors' own. How it is rolled out:
 * docs/reader-role.md.
 */
import { limits } from './cloudformation.ts'

/** A policy that allows actions and nothing else. */
export interface ReaderPolicy {
  readonly Version: string
  readonly Statement: readonly {
    readonly Sid: string
    readonly Effect: string
    readonly Action: readonly string[]
    readonly Resource: string
  }[]
}

/** The template. Throws where AWS would refuse the policy. */
export function readerRole(policy: ReaderPolicy): string {
  const size = JSON.stringify(policy).length
  if (size > limits.rolePolicies)
    throw new Error(
      `the policy has ${size} characters, and a role takes ${limits.rolePolicies}: move a part into managed policies`,
    )
  const [statement] = policy.Statement
  if (!statement) throw new Error('the policy allows nothing')
  const actions = statement.Action.map(action => `                  - ${action}`)
  return `# Written by rel09 deploy reader-role. Do not edit. How to roll it out: docs/reader-role.md.
AWSTemplateFormatVersion: "2010-09-09"
Description: The role that rel09 collect reads an account with. It reads settings and records of data stores and their backups, and changes nothing.

Parameters:
  TrustedPrincipal:
    Type: String
    Description: Who may assume the role - ARN of the role that collects, or of the root of its account.
    AllowedPattern: ^arn:aws[a-z-]*:iam::[0-9]{12}:(root|(role|user)/[A-Za-z0-9+=,.@_/-]+)$
    ConstraintDescription: an ARN like arn:aws:iam::111122223333:role/auditor
  ExternalId:
    Type: String
    NoEcho: true
    Description: What whoever assumes the role has to name, so that nobody can be led to use it for others.
    MinLength: 8
    MaxLength: 1224
    AllowedPattern: ^[A-Za-z0-9+=,.@:/_-]*$
  OrganizationId:
    Type: String
    Default: ""
    Description: Id of the organization that the trusted principal must be of (o-a1b2c3d4e5). Empty - whichever.
    AllowedPattern: ^(o-[a-z0-9]{10,32})?$
  RoleName:
    Type: String
    Default: rel09-reader
    Description: Name of the role, the same in every account.
    AllowedPattern: ^[A-Za-z0-9+=,.@_-]{1,64}$
  MaxSessionSeconds:
    Type: Number
    Default: 3600
    MinValue: 3600
    MaxValue: 43200
    Description: Longest session. A role that assumes this one has an hour at most, whatever is set here.

Conditions:
  HasOrganization: !Not [!Equals [!Ref OrganizationId, ""]]

Resources:
  ReaderRole:
    Type: AWS::IAM::Role
    Properties:
      RoleName: !Ref RoleName
      Description: Read by rel09 collect - settings and records of data stores and their backups.
      MaxSessionDuration: !Ref MaxSessionSeconds
      AssumeRolePolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Principal:
              AWS: !Ref TrustedPrincipal
            Action: sts:AssumeRole
            Condition:
              StringEquals:
                sts:ExternalId: !Ref ExternalId
                aws:PrincipalOrgID: !If [HasOrganization, !Ref OrganizationId, !Ref AWS::NoValue]
      Policies:
        - PolicyName: rel09-collect
          PolicyDocument:
            Version: "${policy.Version}"
            Statement:
              - Sid: ${statement.Sid}
                Effect: ${statement.Effect}
                Resource: "${statement.Resource}"
                Action:
${actions.join('\n')}

Outputs:
  RoleArn:
    Description: What to assume.
    Value: !GetAtt ReaderRole.Arn
`
}
