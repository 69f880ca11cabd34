# shellcheck shell=bash
# The other tools that `scripts/bench peers` measures: the AWS CLI and SAM from PyPI, pinned;
# Terraform if the machine has it.
# shellcheck source=scripts/lib/common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"

# peer NAME: installs a tool in its own venv, because the two pin different versions of botocore. A
# tool that cannot be installed is left out.
peer() {
  local folder="$real/peers/$1" requirements="$root/benches/peers/$1/requirements.txt" stamp
  stamp=$({ cat "$requirements" && echo "$folder"; } | sha256)
  if [ "$(cat "$folder/stamp" 2>/dev/null)" != "$stamp" ]; then
    say "$1" "installing $(grep -c '^[^#]' "$requirements") pinned packages into .real/peers/$1"
    rm -rf "$folder"
    if (logged "peer-$1" "$venv/bin/python" -m venv "$folder" &&
      logged "peer-$1" "$folder/bin/pip" install --disable-pip-version-check --no-deps \
        -r "$requirements"); then
      echo "$stamp" >"$folder/stamp"
    else
      return 0
    fi
  fi
  PATH="$folder/bin:$PATH"
}

# `sam deploy` has CloudFormation expand its template; ministack needs SAM's translator for that.
emulator_with_transform() {
  local folder="$real/peers/transform" package
  package=$(grep '^aws-sam-translator==' "$root/benches/peers/sam/requirements.txt")
  if [ "$(cat "$folder/stamp" 2>/dev/null)" != "$package" ]; then
    say ministack "adding $package in .real/peers/transform"
    rm -rf "$folder"
    (logged transform "$venv/bin/pip" install --disable-pip-version-check --no-deps \
      --target "$folder" "$package") || return 0
    echo "$package" >"$folder/stamp"
  fi
  mkdir -p "$real/peers/bin"
  printf '#!/bin/sh\nPYTHONPATH=%s exec %s "$@"\n' "'$folder'" "'$JOT_TEST_MINISTACK'" \
    >"$real/peers/bin/ministack"
  chmod 755 "$real/peers/bin/ministack"
  export JOT_TEST_MINISTACK="$real/peers/bin/ministack"
}

ensure_peers() {
  mkdir -p "$real/peers"
  peer aws-cli
  peer sam
  emulator_with_transform
  # A machine that cannot reach Terraform's registry may have the provider in a mirror.
  if [ -z "${JOT_BENCH_TERRAFORM_PLUGINS:-}" ] && [ -d /opt/tf-plugins ]; then
    JOT_BENCH_TERRAFORM_PLUGINS=/opt/tf-plugins
  fi
  export PATH JOT_BENCH_TERRAFORM_PLUGINS
}
