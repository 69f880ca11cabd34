# shellcheck shell=bash
# AWS's Runtime Interface Emulator, ministack and moto: from PyPI, pinned.
# shellcheck source=scripts/lib/common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"

rie_wheel=aws-sam-cli==1.170.0
rie_sums="6b1e686e62ab2baf5759c412c4864276ef2a88b094fca53ec070637ccba9b9a5  aws-lambda-rie-x86_64
ec2e5d09633d853834c008b1ef264bf834b258a94d551d2b2074966494b39a21  aws-lambda-rie-arm64"

# Prefer Debian's own interpreter, because install_packages can add its missing packages.
python() { if [ -x /usr/bin/python3 ]; then /usr/bin/python3 "$@"; else python3 "$@"; fi; }

ensure_venv() {
  local stamp
  python -c 'import ensurepip, venv' 2>/dev/null || install_packages python3 python3-venv
  python -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    die "the emulators need Python 3.11 or newer"
  stamp=$({ cat "$root/scripts/requirements.txt" && python --version && echo "$venv"; } | sha256)
  if [ "$(cat "$venv/stamp" 2>/dev/null)" != "$stamp" ]; then
    say Python \
      "installing $(grep -c == "$root/scripts/requirements.txt") pinned packages into .real/venv"
    if alive ministack; then end ministack; fi
    if alive moto; then end moto; fi
    rm -rf "$venv"
    logged venv python -m venv "$venv"
    logged pip "$venv/bin/pip" install --disable-pip-version-check --no-deps \
      -r "$root/scripts/requirements.txt"
    echo "$stamp" >"$venv/stamp"
  fi
  say Python "$("$venv/bin/python" --version | cut -d' ' -f2), pinned packages in .real/venv"
}

rie_present() { (cd "$real/rie" && sha256sum --check --status <<<"$rie_sums") 2>/dev/null; }

ensure_rie() {
  if ! rie_present; then
    say RIE "extracting it from $rie_wheel"
    rm -rf "$real/rie" "$real/wheel"
    logged rie "$venv/bin/pip" download --disable-pip-version-check --no-deps \
      --only-binary :all: --dest "$real/wheel" "$rie_wheel"
    "$venv/bin/python" -m zipfile -e "$real"/wheel/aws_sam_cli-*.whl "$real/wheel/unpacked"
    mkdir "$real/rie"
    mv "$real"/wheel/unpacked/samcli/local/rapid/aws-lambda-rie-* "$real/rie/"
    rm -rf "$real/wheel"
    chmod 755 "$real"/rie/*
    rie_present || die "AWS's Runtime Interface Emulator from $rie_wheel has an unexpected SHA-256"
  fi
  say RIE "AWS's Runtime Interface Emulator, SHA-256 verified"
}

# ensure_server NAME PORT PATH COMMAND...: an HTTP server on 127.0.0.1 that answers PATH with 200.
ensure_server() {
  local name=$1 port=$2 path=$3
  shift 3
  if [ "$(http_status "$port" "$path")" = 200 ]; then
    say "$name" \
      "127.0.0.1:$port$(alive "$name" || echo ', not started by this checkout; used unchanged')"
    return
  fi
  say "$name" "starting on 127.0.0.1:$port, log in .real/log/$name.log"
  setsid "$@" </dev/null >"$real/log/$name.log" 2>&1 9>&- &
  echo $! >"$real/$name.pid"
  wait_for 60 answers_or_ended "$name" "$port" "$path" || true
  [ "$(http_status "$port" "$path")" = 200 ] && alive "$name" && return
  tail -n 5 "$real/log/$name.log" >&2
  die "$name does not answer on 127.0.0.1:$port; check whether another program uses that port"
}

# Checks the process rather than `gone`: until exec, a new process still has this script's
# arguments.
answers_or_ended() {
  [ "$(http_status "$2" "$3")" = 200 ] || [ ! -d "/proc/$(cat "$real/$1.pid")" ]
}

# Writes a program named ministack that runs images as AWS does.
write_ministack() {
  mkdir -p "$real/bin"
  printf '#!/bin/sh\nJOT_RIE=%s exec %s %s "$@"\n' "'$(rie_path)'" "'$venv/bin/python'" \
    "'$root/scripts/lib/emulated_lambda.py'" >"$ministack.new"
  chmod 755 "$ministack.new"
  mv "$ministack.new" "$ministack"
}

ensure_emulators() {
  mkdir -p "$real/tmp"
  write_ministack
  # Its unused MQTT broker would listen on every address of the machine.
  ensure_server ministack "$ministack_port" /_ministack/health \
    env GATEWAY_PORT="$ministack_port" BIND_HOST=127.0.0.1 IOT_MTLS_ENABLED=0 \
    TMPDIR="$real/tmp" "$ministack"
  ensure_server moto "$moto_port" /moto-api/ \
    env MOTO_LAMBDA_STUB_ECR=false MOTO_IAM_LOAD_MANAGED_POLICIES=true \
    "$venv/bin/moto_server" -H 127.0.0.1 -p "$moto_port"
}
