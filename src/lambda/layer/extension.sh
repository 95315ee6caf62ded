#!/bin/sh
# An extension of Lambda that puts the traces of a function into S3: at the end of its process, and once a minute.
# ABREAST_TRACES=s3://bucket/prefix says where. It needs curl, and the right to s3:PutObject there.
# https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html

api="http://$AWS_LAMBDA_RUNTIME_API/2020-01-01/extension"
traces=/tmp/abreast
process="$(date -u +%Y-%m-%dT%H-%M-%S)-$(cut -c 1-8 /proc/sys/kernel/random/uuid)"
rest=${ABREAST_TRACES#s3://}
bucket=${rest%%/*}
prefix=${rest#"$bucket"}
prefix=${prefix#/}
host=${AWS_ENDPOINT_URL_S3:+$AWS_ENDPOINT_URL_S3/$bucket}
host=${host:-https://$bucket.s3.$AWS_REGION.amazonaws.com}

say() { echo "abreast: $*" >&2; }

put() {
  url="$host/${prefix:+${prefix%/}/}$AWS_LAMBDA_FUNCTION_NAME/$process-$(basename "$1")"
  # The credentials come by standard input: arguments can be read by the function. S3 wants a hash; TLS protects the body.
  {
    printf 'user = "%s:%s"\n' "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY"
    [ -z "$AWS_SESSION_TOKEN" ] || printf 'header = "x-amz-security-token: %s"\n' "$AWS_SESSION_TOKEN"
  } | curl -sS --fail --max-time 10 -K - --aws-sigv4 "aws:amz:$AWS_REGION:s3" \
    -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' -T "$1" "$url" -o /dev/null ||
    say "$1 could not be put at $url"
}

shipped=0
ship() {
  [ -n "$ABREAST_TRACES" ] || return 0
  shipped=$(date +%s)
  for trace in "$traces"/*.jsonl; do
    [ -s "$trace" ] && { [ "$1" = all ] || [ "$trace" -nt "$traces/shipped" ]; } && put "$trace"
  done
  touch "$traces/shipped"
}

mkdir -p "$traces"
[ -n "$ABREAST_TRACES" ] || say "set ABREAST_TRACES=s3://bucket/prefix, or the traces stay in $traces"
id=$(curl -sS -D - -o /dev/null -H "Lambda-Extension-Name: $(basename "$0")" -H 'Content-Type: application/json' \
  -d '{"events":["INVOKE","SHUTDOWN"]}' "$api/register" |
  tr -d '\r' | sed -n 's/^lambda-extension-identifier: *//Ip')

while event=$(curl -sS --fail -H "Lambda-Extension-Identifier: $id" "$api/event/next"); do
  case $event in
    *'"SHUTDOWN"'*) ship all && exit 0 ;;
    *) [ $(($(date +%s) - shipped)) -lt 60 ] || ship changed ;;
  esac
done
