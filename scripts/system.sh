#!/usr/bin/env bash
# What some tests need beyond npm: strace, nginx, go-httpbin, nft (nftables), ruby, chromium, redis-server, postgresql, versitygw
# (a server of S3), aws-lambda-rie (Lambda's emulator), cfn-lint. Installs what is missing and can be had; a test that still misses its part is skipped, and says so.
# Takes the names of parts, default all; ends with 1 when one is missing.
set -u

parts=("$@")
[ ${#parts[@]} -gt 0 ] || parts=(strace nginx go-httpbin nft ruby chromium redis-server postgresql versitygw aws-lambda-rie cfn-lint)
export PATH="$PATH:/usr/sbin:/usr/local/go/bin:$HOME/go/bin:$HOME/.local/bin"
missing=0

# The command of a part has its name, but for PostgreSQL's; Debian keeps that one apart.
command_of() {
  case $1 in
    postgresql) command -v initdb || compgen -G '/usr/lib/postgresql/*/bin/initdb' ;;
    *) command -v "$1" ;;
  esac
}

have() { command_of "$1" >/dev/null; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

from_debian() {
  have apt-get || { echo "no apt-get here"; return 1; }
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@" && return
  as_root apt-get update -q && as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "$@"
}

# Tests start servers of their own: the package's service is not started.
without_service() {
  local policy=/usr/sbin/policy-rc.d
  [ -e $policy ] && { from_debian "$@"; return; }
  printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null && as_root chmod +x $policy
  from_debian "$@"
  local code=$?
  as_root rm -f $policy
  return $code
}

from_go() {
  have go || { echo "no go here: https://go.dev/doc/install"; return 1; }
  GOBIN="$HOME/go/bin" go install "$1"
}

from_pip() {
  have python3 || { echo "no python3 here"; return 1; }
  python3 -m pip install -q "$1" || python3 -m pip install -q --user --break-system-packages "$1"
}

install() {
  case $1 in
    strace | nginx | chromium) from_debian "$1" ;;
    ruby) from_debian ruby ruby-concurrent ruby-faraday ruby-parallel ;;
    nft) from_debian nftables ;;
    redis-server | postgresql) without_service "$1" ;;
    go-httpbin) from_go github.com/mccutchen/go-httpbin/v2/cmd/go-httpbin@v2.18.2 ;;
    versitygw) from_go github.com/versity/versitygw/cmd/versitygw@v1.8.0 ;;
    aws-lambda-rie) from_go github.com/aws/aws-lambda-runtime-interface-emulator/cmd/aws-lambda-rie@v0.0.0-20261030222936-bef5c4ba774d ;;
    cfn-lint) from_pip cfn-lint==1.58.0 ;;
    *) echo "parts are strace, nginx, go-httpbin, nft, ruby, chromium, redis-server, postgresql, versitygw, aws-lambda-rie and cfn-lint"; return 2 ;;
  esac
}

for part in "${parts[@]}"; do
  if have "$part"; then
    echo "system: $part is there: $(command_of "$part")"
  elif said=$(install "$part" 2>&1 </dev/null) && have "$part"; then
    echo "system: $part installed: $(command_of "$part")"
  else
    printf '%s\n' "$said" | tail -n 5
    echo "system: $part could not be installed; the tests that need it will be skipped"
    missing=1
  fi
done
exit $missing
