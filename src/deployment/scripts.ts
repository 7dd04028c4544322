/** Scripts that deploy what was written beside them, by the AWS CLI. Whatever they are given is an argument, never a part of a command. */
import type { CodeFiles } from './functions.ts'

/** What a script deploys. */
export interface ScriptOptions {
  template: string
  code: CodeFiles
  /** Names of the scheduled rules in AWS Config. */
  scheduled: readonly string[]
}

/** With a conformance pack. */
export interface PackScriptOptions extends Omit<ScriptOptions, 'scheduled'> {
  pack: string
  /** Names that each of the two takes: what is given goes to those that know it. */
  templateParameters: readonly string[]
  packParameters: readonly string[]
}

/** In an organisation. */
export interface OrganizationScriptOptions extends PackScriptOptions {
  codeBucket: string
  organization: string
}

/** A run over an organisation under AWS Step Functions. */
export interface OrganizationScanScriptOptions {
  template: string
  code: string
  stateMachine: string
  /** What the state machine is called in the bucket, by its content. */
  stateMachineKey: string
}

const head = (usage: string, about: readonly string[], stack = 'rel09') => `#!/usr/bin/env bash
# Written by rel09 deploy. Do not edit, write it anew.
${about.map(line => `# ${line}\n`).join('')}# Environment: REL09_STACK (${stack}), REL09_CODE_PREFIX (rel09/), and what the AWS CLI reads (AWS_PROFILE, AWS_REGION).
set -euo pipefail
cd "$(dirname "\${BASH_SOURCE[0]}")"
usage() { echo "usage: $0 ${usage}" >&2; exit 2; }
stack=\${REL09_STACK:-${stack}}
prefix=\${REL09_CODE_PREFIX-rel09/}
for given in "$@"; do case $given in --help | -h) usage ;; esac; done
`

const copy = (file: string, bucket: string, name = file) =>
  `aws s3 cp --only-show-errors ${file} "s3://${bucket}/\${prefix}${name}"\n`

const copies = ({ code }: Pick<ScriptOptions, 'code'>, bucket: string, more: readonly string[] = []) =>
  [...Object.values(code), ...more].map(file => copy(file, bucket)).join('')

const deploy = (stack: string, template: string, bucket: string, overrides: string) =>
  `aws cloudformation deploy --stack-name "${stack}" --template-file ${template} \\
  --s3-bucket "${bucket}" --s3-prefix "\${prefix}templates" --capabilities CAPABILITY_IAM \\
  --no-fail-on-empty-changeset --parameter-overrides ${overrides}
`

/** Whether there is a stack to begin with. */
const lookForStack = `is_new=
aws cloudformation describe-stacks --stack-name "$stack" >/dev/null 2>&1 || is_new=1
`

/** Waits for it: without a snapshot the scheduled rules tell nothing. */
const snapshotAtFirst = `if [ -n "$is_new" ]; then
  echo 'taking the first snapshot, which may take some minutes'
  aws lambda invoke --function-name rel09-collector --cli-read-timeout 900 /dev/stdout
  echo
fi
`

/** AWS Config has run them when they were made, before there was a snapshot. It takes 25 at a time. */
const evaluateAtFirst = (names: readonly string[]) => `rules=(
${names.map(name => `  ${name}\n`).join('')})
if [ -n "$is_new" ]; then
  for ((at = 0; at < \${#rules[@]}; at += 25)); do
    aws configservice start-config-rules-evaluation --config-rule-names "\${rules[@]:at:25}" ||
      echo "$0: the rules run by themselves within a day" >&2
  done
fi
`

/** Function, rules and collector in one stack. */
export function configRulesScript(options: ScriptOptions): string {
  const usage = 'CODE_BUCKET [Parameter=Value ...]'
  return `${head(usage, [
    `./deploy.sh ${usage}`,
    'CODE_BUCKET is a bucket of yours in the Region of the stack; the parameters are those of the template.',
  ])}[ $# -ge 1 ] || usage
bucket=$1
shift
${lookForStack}${copies(options, '$bucket')}${deploy('$stack', options.template, '$bucket', 'CodeBucket="$bucket" CodePrefix="$prefix" "$@"')}${snapshotAtFirst}${evaluateAtFirst(options.scheduled)}`
}

/** Sorts what was given by who takes it. What nobody takes is refused. */
const sorting = ({ templateParameters, packParameters }: PackScriptOptions) => `template_parameters=()
pack_parameters=()
for given in "$@"; do
  known=
  case \${given%%=*} in ${templateParameters.join(' | ')}) template_parameters+=("$given") known=1 ;; esac
  case \${given%%=*} in ${packParameters.join(' | ')}) pack_parameters+=("$given") known=1 ;; esac
  [ -n "$known" ] || { echo "$0: there is no parameter \${given%%=*}" >&2; exit 2; }
done
`

/** The functions as a stack, the rules as a conformance pack. */
export function conformancePackScript(options: PackScriptOptions): string {
  const usage = 'CODE_BUCKET [Parameter=Value ...]'
  return `${head(usage, [
    `./deploy.sh ${usage}`,
    'CODE_BUCKET is a bucket of yours in the Region of the stack; the parameters are those of both templates.',
  ])}[ $# -ge 1 ] || usage
bucket=$1
shift
${sorting(options)}${lookForStack}${copies(options, '$bucket', [options.pack])}${deploy('$stack', options.template, '$bucket', 'CodeBucket="$bucket" CodePrefix="$prefix" ${template_parameters[@]+"${template_parameters[@]}"}')}${snapshotAtFirst}inputs=()
for given in \${pack_parameters[@]+"\${pack_parameters[@]}"}; do
  value=\${given#*=}
  inputs+=("ParameterName=\${given%%=*},ParameterValue=\\"\${value//\\"/\\\\\\"}\\"")
done
aws configservice put-conformance-pack --conformance-pack-name "$stack" --template-s3-uri "s3://$bucket/\${prefix}${options.pack}" \\
  \${inputs[@]+--conformance-pack-input-parameters "\${inputs[@]}"}
`
}

/** The functions by StackSet, the rules as a conformance pack of the organisation. */
export function organizationScript(options: OrganizationScriptOptions): string {
  const usage = 'CODE_BUCKET_PREFIX ORGANIZATION_ID ROOT_OR_UNIT REGION,REGION [Parameter=Value ...]'
  const { codeBucket, organization, template, pack } = options
  return `${head(usage, [
    `./deploy.sh ${usage}`,
    'To be run as the delegated administrator of both CloudFormation StackSets and AWS Config (REL09_CALL_AS=SELF: as the',
    'management account). Buckets called CODE_BUCKET_PREFIX-REGION are made.',
  ])}[ $# -ge 4 ] || usage
bucket_prefix=$1 organization=$2 target=$3
IFS=, read -r -a regions <<<"$4"
shift 4
call_as=\${REL09_CALL_AS:-DELEGATED_ADMIN}
${sorting(options)}
for region in "\${regions[@]}"; do
  export AWS_REGION=$region AWS_DEFAULT_REGION=$region
  bucket=$bucket_prefix-$region
  aws cloudformation deploy --stack-name "$stack-code" --template-file ${codeBucket} --no-fail-on-empty-changeset \\
    --parameter-overrides CodeBucketPrefix="$bucket_prefix" OrganizationId="$organization"
${indented(copies(options, '$bucket', [pack]))}done

export AWS_REGION=\${regions[0]} AWS_DEFAULT_REGION=\${regions[0]}
parameters=("ParameterKey=CodeBucketPrefix,ParameterValue=$bucket_prefix" "ParameterKey=CodePrefix,ParameterValue=$prefix")
for given in \${template_parameters[@]+"\${template_parameters[@]}"}; do
  value=\${given#*=}
  parameters+=("ParameterKey=\${given%%=*},ParameterValue=\\"\${value//\\"/\\\\\\"}\\"")
done

# Waits for an operation of the StackSet to end.
finish() {
  local status
  while :; do
    status=$(aws cloudformation describe-stack-set-operation --stack-set-name "$stack" --operation-id "$1" \\
      --call-as "$call_as" --query StackSetOperation.Status --output text)
    case $status in
      RUNNING | QUEUED | STOPPING) sleep "\${REL09_WAIT_SECONDS:-15}" ;;
      SUCCEEDED) return 0 ;;
      *) echo "$0: operation $1 of the StackSet ended as $status" >&2; exit 1 ;;
    esac
  done
}

if aws cloudformation describe-stack-set --stack-set-name "$stack" --call-as "$call_as" >/dev/null 2>&1; then
  finish "$(aws cloudformation update-stack-set --stack-set-name "$stack" --template-body file://${template} \\
    --capabilities CAPABILITY_IAM --call-as "$call_as" --parameters "\${parameters[@]}" \\
    --operation-preferences FailureTolerancePercentage=10,MaxConcurrentPercentage=25 --query OperationId --output text)"
else
  aws cloudformation create-stack-set --stack-set-name "$stack" --template-body file://${template} \\
    --capabilities CAPABILITY_IAM --call-as "$call_as" --parameters "\${parameters[@]}" --permission-model SERVICE_MANAGED \\
    --auto-deployment Enabled=true,RetainStacksOnAccountRemoval=false >/dev/null
fi
finish "$(aws cloudformation create-stack-instances --stack-set-name "$stack" --regions "\${regions[@]}" \\
  --deployment-targets "OrganizationalUnitIds=$target" --call-as "$call_as" \\
  --operation-preferences FailureTolerancePercentage=10,MaxConcurrentPercentage=25 --query OperationId --output text)"

for region in "\${regions[@]}"; do
  export AWS_REGION=$region AWS_DEFAULT_REGION=$region
  aws cloudformation deploy --stack-name "$stack-organization" --template-file ${organization} --no-fail-on-empty-changeset \\
    --parameter-overrides CodeBucketPrefix="$bucket_prefix" CodePrefix="$prefix" \\
    \${pack_parameters[@]+"\${pack_parameters[@]}"}
done
echo 'each collector takes its first snapshot within 12 hours (CollectorSchedule): for the first day scheduled rules are undetermined'
`
}

/** The state machine, its functions and its bucket in one stack. Ends with what the stack made, by name. */
export function organizationScanScript(options: OrganizationScanScriptOptions): string {
  const { template, code, stateMachine, stateMachineKey } = options
  const usage = 'CODE_BUCKET OrganizationId=ID [Parameter=Value ...]'
  const about = [
    `./deploy.sh ${usage}`,
    'CODE_BUCKET is a bucket of yours in the Region of the stack; the parameters are those of the template.',
  ]
  const overrides = `CodeBucket="$bucket" CodePrefix="$prefix" \\
  FunctionFile=${code} StateMachineFile=${stateMachineKey} "$@"`
  return `${head(usage, about, 'rel09-org-scan')}[ $# -ge 1 ] || usage
bucket=$1
shift
${copy(code, '$bucket')}${copy(stateMachine, '$bucket', stateMachineKey)}${deploy('$stack', template, '$bucket', overrides)}aws cloudformation describe-stacks --stack-name "$stack" --query 'Stacks[0].Outputs[].[OutputKey,OutputValue]' --output text
`
}

const indented = (text: string) => text.replace(/^(?=.)/gm, '  ')
