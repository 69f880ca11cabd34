# shellcheck shell=bash
# Docker Engine and the julia: base image.
# shellcheck source=scripts/lib/common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"

julia_image=julia:1.5

engine_version() { docker version --format '{{.Server.Version}}' 2>/dev/null; }

ensure_docker() {
  local version
  if ! version=$(engine_version); then
    rm -f "$real/iptables.off"
    if [ -z "${DOCKER_HOST:-}" ] && ! { command -v docker && command -v dockerd; } >/dev/null; then
      install_docker
    fi
    engine_version >/dev/null || start_dockerd
    version=$(engine_version) || die "no Docker daemon answers; see .real/log/dockerd.log"
  fi
  say Docker "Engine $version$(alive dockerd && echo ', started by scripts/up')"
}

install_docker() {
  local packages=(docker.io iptables)
  # Newer releases have the client in a separate package; with AppArmor, containers need its parser.
  apt_has docker-cli && packages+=(docker-cli)
  [ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ] && packages+=(apparmor)
  install_packages "${packages[@]}"
  touch "$real/docker.installed"
  if [ -d /run/systemd/system ]; then wait_for 15 as_root docker version || true; fi
}

start_dockerd() {
  [ -z "${DOCKER_HOST:-}" ] || die "no Docker daemon answers at DOCKER_HOST, $DOCKER_HOST"
  if open_socket; then return; fi
  command -v dockerd >/dev/null ||
    die "no Docker daemon answers, and dockerd is not installed: install Docker Engine"
  need_root "start dockerd"
  say Docker "starting dockerd, log in .real/log/dockerd.log"
  mountpoint -q /sys/fs/cgroup || mount_cgroups
  local flags=(--pidfile "$real/dockerd.pid" --group "$(id -gn)") tools=$PATH
  firewall
  as_root rm -f "$real/dockerd.pid"
  # sudo ends with the inner shell, so that a closed terminal does not stop dockerd.
  # shellcheck disable=SC2016
  as_root sh -c 'setsid env "$@" </dev/null >"$0" 2>&1 9>&- &' \
    "$real/log/dockerd.log" PATH="$tools" dockerd "${flags[@]}"
  wait_for 60 engine_version || true
}

# Mounts control groups on a machine without an init system: the unified hierarchy, or the older one
# if the kernel assigned the controllers to it.
mount_cgroups() {
  local controller controllers
  as_root mount -t cgroup2 cgroup2 /sys/fs/cgroup
  if [ -s /sys/fs/cgroup/cgroup.controllers ]; then return; fi
  as_root umount /sys/fs/cgroup
  as_root mount -t tmpfs -o mode=0755 cgroup /sys/fs/cgroup
  mapfile -t controllers < <(awk '!/^#/ && $4 == 1 { print $1 }' /proc/cgroups)
  for controller in "${controllers[@]}"; do
    as_root mkdir "/sys/fs/cgroup/$controller"
    as_root mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/$controller" ||
      as_root rmdir "/sys/fs/cgroup/$controller"
  done
}

# Opens the socket of a daemon that refuses this user, if it was installed here.
open_socket() {
  local advice='add this user to the group docker and log in again, or run this as root'
  if [ "$(id -u)" = 0 ] || [ ! -S /var/run/docker.sock ]; then return 1; fi
  need_root "use Docker"
  as_root docker version >/dev/null 2>&1 || return 1
  [ -e "$real/docker.installed" ] ||
    die "the Docker daemon refuses $(id -un): $advice"
  say Docker "opening its socket to the group $(id -gn), until the daemon restarts"
  as_root chgrp "$(id -gn)" /var/run/docker.sock
}

# dockerd calls `iptables`; kernels without nftables have the legacy tables, and some have neither.
firewall() {
  if as_root iptables -t nat -L -n >/dev/null 2>&1; then return; fi
  if as_root iptables-legacy -t nat -L -n >/dev/null 2>&1; then
    mkdir -p "$real/bin"
    ln -sf "$(command -v iptables-legacy)" "$real/bin/iptables"
    ln -sf "$(command -v ip6tables-legacy)" "$real/bin/ip6tables"
    tools="$real/bin:$PATH"
    return
  fi
  say Docker \
    "no packet filter in this kernel: containers reach the network only with network = \"host\""
  flags+=(--iptables=false --ip6tables=false)
  touch "$real/iptables.off"
}

# Makes the image julia: unless it exists. An image without the label is from elsewhere, such as
# Docker Hub, and is kept.
ensure_julia() {
  local label found
  label=$(sha256 <"$root/scripts/lib/julia-image")
  label=${label:0:16}
  if found=$(docker image inspect --format '{{index .Config.Labels "dev.jot.recipe"}}' \
    "$julia_image" 2>/dev/null); then
    case $found in
      "$label") say "$julia_image" "made from Debian bullseye's packages" && return ;;
      '' | '<no value>') say "$julia_image" "found, made elsewhere; used unchanged" && return ;;
    esac
  fi
  command -v debootstrap >/dev/null || install_packages debootstrap
  need_root "run debootstrap"
  say "$julia_image" "making it from Debian bullseye's packages, a few minutes"
  logged julia-image as_root "$root/scripts/lib/julia-image" "$julia_image" "$real/julia-root" \
    "$label"
}
