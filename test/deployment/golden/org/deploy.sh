#!/usr/bin/env bash
# Written by rel09 deploy. Do not edit, write it anew.
# ./deploy.sh CODE_BUCKET_PREFIX ORGANIZATION_ID ROOT_OR_UNIT REGION,REGION [Parameter=Value ...]
# To be run as the delegated administrator of both CloudFormation StackSets and AWS Config (REL09_CALL_AS=SELF: as the
# management account). Buckets called CODE_BUCKET_PREFIX-REGION are made.
# Environment: REL09_STACK (rel09), REL09_CODE_PREFIX (rel09/), and what the AWS CLI reads (AWS_PROFILE, AWS_REGION).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
usage() { echo "usage: $0 CODE_BUCKET_PREFIX ORGANIZATION_ID ROOT_OR_UNIT REGION,REGION [Parameter=Value ...]" >&2; exit 2; }
stack=${REL09_STACK:-rel09}
prefix=${REL09_CODE_PREFIX-rel09/}
for given in "$@"; do case $given in --help | -h) usage ;; esac; done
[ $# -ge 4 ] || usage
bucket_prefix=$1 organization=$2 target=$3
IFS=, read -r -a regions <<<"$4"
shift 4
call_as=${REL09_CALL_AS:-DELEGATED_ADMIN}
template_parameters=()
pack_parameters=()
for given in "$@"; do
  known=
  case ${given%%=*} in CodeBucketPrefix | CodePrefix | LogRetentionDays | SnapshotBucket | SnapshotPrefix | SnapshotRetentionDays | CollectorSchedule | CollectorMemoryMB | RulesMemoryMB | AlarmTopicArn | KeyArn | PolicyBucket | PolicyKey | PolicyParameter | SecurityHub | EventBusArn) template_parameters+=("$given") known=1 ;; esac
  case ${given%%=*} in CodeBucketPrefix | CodePrefix | ExcludedAccounts | RuleFrequency | MaxSnapshotAgeHours | UndeterminedAs | PolicyBucket | PolicyKey | PolicyParameter | SecurityHub | EventBusArn | SnapshotBucket | SnapshotPrefix) pack_parameters+=("$given") known=1 ;; esac
  [ -n "$known" ] || { echo "$0: there is no parameter ${given%%=*}" >&2; exit 2; }
done

for region in "${regions[@]}"; do
  export AWS_REGION=$region AWS_DEFAULT_REGION=$region
  bucket=$bucket_prefix-$region
  aws cloudformation deploy --stack-name "$stack-code" --template-file code-bucket.yaml --no-fail-on-empty-changeset \
    --parameter-overrides CodeBucketPrefix="$bucket_prefix" OrganizationId="$organization"
  aws s3 cp --only-show-errors config-rules-0123456789abcdef.zip "s3://$bucket/${prefix}config-rules-0123456789abcdef.zip"
  aws s3 cp --only-show-errors collector-fedcba9876543210.zip "s3://$bucket/${prefix}collector-fedcba9876543210.zip"
  aws s3 cp --only-show-errors conformance-pack-5f31a708e8ed7213.yaml "s3://$bucket/${prefix}conformance-pack-5f31a708e8ed7213.yaml"
done

export AWS_REGION=${regions[0]} AWS_DEFAULT_REGION=${regions[0]}
parameters=("ParameterKey=CodeBucketPrefix,ParameterValue=$bucket_prefix" "ParameterKey=CodePrefix,ParameterValue=$prefix")
for given in ${template_parameters[@]+"${template_parameters[@]}"}; do
  value=${given#*=}
  parameters+=("ParameterKey=${given%%=*},ParameterValue=\"${value//\"/\\\"}\"")
done

# Waits for an operation of the StackSet to end.
finish() {
  local status
  while :; do
    status=$(aws cloudformation describe-stack-set-operation --stack-set-name "$stack" --operation-id "$1" \
      --call-as "$call_as" --query StackSetOperation.Status --output text)
    case $status in
      RUNNING | QUEUED | STOPPING) sleep "${REL09_WAIT_SECONDS:-15}" ;;
      SUCCEEDED) return 0 ;;
      *) echo "$0: operation $1 of the StackSet ended as $status" >&2; exit 1 ;;
    esac
  done
}

if aws cloudformation describe-stack-set --stack-set-name "$stack" --call-as "$call_as" >/dev/null 2>&1; then
  finish "$(aws cloudformation update-stack-set --stack-set-name "$stack" --template-body file://functions.yaml \
    --capabilities CAPABILITY_IAM --call-as "$call_as" --parameters "${parameters[@]}" \
    --operation-preferences FailureTolerancePercentage=10,MaxConcurrentPercentage=25 --query OperationId --output text)"
else
  aws cloudformation create-stack-set --stack-set-name "$stack" --template-body file://functions.yaml \
    --capabilities CAPABILITY_IAM --call-as "$call_as" --parameters "${parameters[@]}" --permission-model SERVICE_MANAGED \
    --auto-deployment Enabled=true,RetainStacksOnAccountRemoval=false >/dev/null
fi
finish "$(aws cloudformation create-stack-instances --stack-set-name "$stack" --regions "${regions[@]}" \
  --deployment-targets "OrganizationalUnitIds=$target" --call-as "$call_as" \
  --operation-preferences FailureTolerancePercentage=10,MaxConcurrentPercentage=25 --query OperationId --output text)"

for region in "${regions[@]}"; do
  export AWS_REGION=$region AWS_DEFAULT_REGION=$region
  aws cloudformation deploy --stack-name "$stack-organization" --template-file organization.yaml --no-fail-on-empty-changeset \
    --parameter-overrides CodeBucketPrefix="$bucket_prefix" CodePrefix="$prefix" \
    ${pack_parameters[@]+"${pack_parameters[@]}"}
done
echo 'each collector takes its first snapshot within 12 hours (CollectorSchedule): for the first day scheduled rules are undetermined'
