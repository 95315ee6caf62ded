#!/usr/bin/env bash
# setup.sh [NAME ...]   makes the environments of these tests (py312 curl312 async312 otel312 py38 py27 without arguments) in
#                       ${ABREAST_TEST_ENVS:-~/.cache/abreast-test-envs}; what is there with the same pins is left alone.
# Several runs of it wait for each other. Python X.Y is looked for under ${PYENV_ROOT:-~/.pyenv}/versions.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=${ABREAST_TEST_ENVS:-$HOME/.cache/abreast-test-envs}
mkdir -p "$root"
exec 9>"$root/.lock"
flock 9 # another run of these tests may be making one of them

python_of() { ls -d "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$1".*/bin/python 2>/dev/null | sort -V | tail -n 1; }

make() {
  local name=$1 version=$2 pins=$here/requirements/$1.txt python
  cmp -s "$pins" "$root/$name/.pins" && return
  python=$(python_of "$version")
  [ -n "$python" ] || { echo "setup.sh: no Python $version: pyenv install $version" >&2; return 1; }
  rm -rf "${root:?}/$name"
  if [ "$version" = 2.7 ]; then # its standard library has no venv
    "$python" -m pip install -q --target "$root/.virtualenv" virtualenv==20.15.1 2>/dev/null
    PYTHONPATH=$root/.virtualenv "$python" -m virtualenv -q --no-download "$root/$name"
  else
    "$python" -m venv "$root/$name"
  fi
  "$root/$name/bin/python" -m pip install -q --disable-pip-version-check -r "$pins" 2>&1 | grep -v DEPRECATION >&2 || true
  "$root/$name/bin/python" -c "$(cat "$here/requirements/$name.check")"
  cp "$pins" "$root/$name/.pins"
}

for name in "${@:-py312 curl312 async312 otel312 py38 py27}"; do
  for one in $name; do
    case $one in
      py312) make py312 3.12 ;;
      curl312) make curl312 3.12 ;;
      async312) make async312 3.12 ;;
      otel312) make otel312 3.12 ;;
      py38) make py38 3.8 ;;
      py27) make py27 2.7 ;;
      scale312) make scale312 3.12 ;; # for test/scale
      *) echo "setup.sh: no environment '$one'" >&2; exit 2 ;;
    esac
  done
done
