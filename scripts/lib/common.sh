# shellcheck shell=bash
# Shared by all scripts: paths, messages, root access, and starting and stopping of programs.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
real="$root/.real"
venv="$real/venv"
ministack="$real/bin/ministack"
ministack_port=4566
moto_port=5001
export ministack_port moto_port venv

# Rust's installer puts cargo here; a shell that was opened earlier does not have it in PATH.
if [ -d "${HOME:-/nonexistent}/.cargo/bin" ]; then PATH="$PATH:$HOME/.cargo/bin"; fi
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
export PATH

# Prints one line: a subject, and its state or the present action.
say() { printf '  %-11s %s\n' "$1" "$2"; }

die() {
  printf '%s: %s\n' "$(basename "$0")" "$1" >&2
  exit 1
}

# need_root WHY: fails if this user is not root and cannot use sudo.
need_root() {
  [ "$(id -u)" != 0 ] || return 0
  command -v sudo >/dev/null ||
    die "root is needed to $1, but sudo is not installed: run this as root"
  sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; } ||
    die "root is needed to $1, but $(id -un) may not use sudo: run this as root"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo --preserve-env=http_proxy,https_proxy,no_proxy,DEBIAN_FRONTEND "$@"
  fi
}

# logged NAME COMMAND...: writes the output to a log, and shows its end after a failure.
logged() {
  local log="$real/log/$1.log"
  shift
  if "$@" >"$log" 2>&1 </dev/null; then return; fi
  tail -n 20 "$log" >&2
  die "\`$1\` failed; see its output in ${log#"$root"/}"
}

# Whether the program of a pid file still runs and was started here: all of them have .real in their
# arguments.
alive() {
  local pid
  pid=$(cat "$real/$1.pid" 2>/dev/null) || return 1
  tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF -- "$real/"
} 2>/dev/null

gone() { ! alive "$1"; }

# Stops a program that was started here, and removes its pid file.
end() {
  local run=()
  # dockerd and the other engines run as root.
  if alive "$1" && [ ! -O "/proc/$(cat "$real/$1.pid")" ]; then
    need_root "end $1"
    run=(as_root)
  fi
  if alive "$1"; then
    # The shell's built-in kill: a minimal machine has no other.
    "${run[@]}" sh -c "kill $(cat "$real/$1.pid")"
    wait_for 30 gone "$1" || die "$1 does not stop; its pid is in .real/$1.pid"
    say "$1" "stopped"
  else
    say "$1" "not running, or not started by this checkout"
  fi
  "${run[@]}" rm -f "$real/$1.pid"
}

# The status code of GET on a server on 127.0.0.1; empty without an answer.
http_status() {
  local status
  {
    exec 3<>"/dev/tcp/127.0.0.1/$1" || return 1
    printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1:%s\r\n\r\n' "$2" "$1" >&3
    read -r -t 5 _ status _ <&3
    exec 3<&- 3>&-
  } 2>/dev/null
  printf '%s' "${status:-}"
}

# wait_for SECONDS COMMAND...: waits until the command succeeds.
wait_for() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.2
  done
}

# The SHA-256 of stdin, in hex.
sha256() { sha256sum | cut -d" " -f1; }
