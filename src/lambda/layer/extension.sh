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
case $AWS_REGION in cn-*) domain=amazonaws.com.cn ;; *) domain=amazonaws.com ;; esac
host=${AWS_ENDPOINT_URL_S3:+$AWS_ENDPOINT_URL_S3/$bucket}
host=${host:-https://$bucket.s3.$AWS_REGION.$domain}

say() { echo "abreast: $*" >&2; }

put() {
  url="$host/${prefix:+${prefix%/}/}$AWS_LAMBDA_FUNCTION_NAME/$process-$(basename "$1")"
  # What the runtime itself asks of Lambda, mostly the next event, is no request of the function.
  sed "\\#\"url\":\"http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime/#d" "$1" > "$traces/put"
  # The credentials come by standard input: arguments can be read by the function. S3 wants a hash; TLS protects the body.
  status=$({
    printf 'user = "%s:%s"\n' "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY"
    [ -z "$AWS_SESSION_TOKEN" ] || printf 'header = "x-amz-security-token: %s"\n' "$AWS_SESSION_TOKEN"
  } | curl -sS --max-time 10 -K - --aws-sigv4 "aws:amz:$AWS_REGION:s3" \
    -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' -T "$traces/put" "$url" -o /dev/null -w '%{http_code}')
  case $status in
    200) return ;;
    000) why='there was no answer' ;;
    403) why='S3 answered 403; the role of the function needs s3:PutObject there' ;;
    404) why="S3 answered 404; is there a bucket $bucket?" ;;
    *) why="S3 answered $status; is the bucket in $AWS_REGION?" ;;
  esac
  say "$1 could not be put at $url: $why"
}

shipped=0
ship() {
  [ -n "$place" ] || return 0
  shipped=$(date +%s)
  for trace in "$traces"/*.jsonl; do
    [ -s "$trace" ] && { [ "$1" = all ] || [ "$trace" -nt "$traces/shipped" ]; } && put "$trace"
  done
  touch "$traces/shipped"
}

mkdir -p "$traces"
place=$(echo "$ABREAST_TRACES" | sed -n '\#^s3://[a-z0-9][a-z0-9.-]*\(/[A-Za-z0-9_./-]*\)\{0,1\}$#p')
[ -n "$place" ] || say "ABREAST_TRACES is '$ABREAST_TRACES', so the traces stay in $traces; set it to s3://bucket/prefix" \
  'with letters, digits and - _ . / only'
id=$(curl -sS -D - -o /dev/null -H "Lambda-Extension-Name: $(basename "$0")" -H 'Content-Type: application/json' \
  -d '{"events":["INVOKE","SHUTDOWN"]}' "$api/register" |
  tr -d '\r' | sed -n 's/^lambda-extension-identifier: *//Ip')

while event=$(curl -sS --fail -H "Lambda-Extension-Identifier: $id" "$api/event/next"); do
  case $event in
    *'"SHUTDOWN"'*) ship all && exit 0 ;;
    *) [ $(($(date +%s) - shipped)) -lt 60 ] || ship changed ;;
  esac
done
