#!/usr/bin/env bash
# Written by rel09 deploy. Do not edit, write it anew.
# ./deploy.sh CODE_BUCKET [Parameter=Value ...]
# CODE_BUCKET is a bucket of yours in the Region of the stack; the parameters are those of the template.
# Environment: REL09_STACK (rel09), REL09_CODE_PREFIX (rel09/), and what the AWS CLI reads (AWS_PROFILE, AWS_REGION).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
usage() { echo "usage: $0 CODE_BUCKET [Parameter=Value ...]" >&2; exit 2; }
stack=${REL09_STACK:-rel09}
prefix=${REL09_CODE_PREFIX-rel09/}
for given in "$@"; do case $given in --help | -h) usage ;; esac; done
[ $# -ge 1 ] || usage
bucket=$1
shift
is_new=
aws cloudformation describe-stacks --stack-name "$stack" >/dev/null 2>&1 || is_new=1
aws s3 cp --only-show-errors config-rules-0123456789abcdef.zip "s3://$bucket/${prefix}config-rules-0123456789abcdef.zip"
aws s3 cp --only-show-errors collector-fedcba9876543210.zip "s3://$bucket/${prefix}collector-fedcba9876543210.zip"
aws cloudformation deploy --stack-name "$stack" --template-file template.yaml \
  --s3-bucket "$bucket" --s3-prefix "${prefix}templates" --capabilities CAPABILITY_IAM \
  --no-fail-on-empty-changeset --parameter-overrides CodeBucket="$bucket" CodePrefix="$prefix" "$@"
if [ -n "$is_new" ]; then
  echo 'taking the first snapshot, which may take some minutes'
  aws lambda invoke --function-name rel09-collector --cli-read-timeout 900 /dev/stdout
  echo
fi
rules=(
  rel09-vault-lock
)
if [ -n "$is_new" ]; then
  for ((at = 0; at < ${#rules[@]}; at += 25)); do
    aws configservice start-config-rules-evaluation --config-rule-names "${rules[@]:at:25}" ||
      echo "$0: the rules run by themselves within a day" >&2
  done
fi
