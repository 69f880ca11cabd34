# shellcheck shell=bash
# Engines beside the one that all tests share, from unpacked Debian packages.
# shellcheck source=scripts/lib/common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"
# shellcheck source=scripts/lib/docker.sh
. "$root/scripts/lib/docker.sh"

engines="$real/engines"
containerd_engine="unix://$engines/docker.sock"
podman_engine="unix://$engines/podman.sock"
# Registry mirror of the Docker with the containerd store; a test listens on this port.
mirror_port=5002
export containerd_engine podman_engine mirror_port
# Networks from the range for benchmarks, which no machine should use.
docker_bridge=jot-docker docker_network=198.18.26.1/24
podman_bridge=jot-podman podman_network=198.18.43.0/24

# Both use bookworm's runc: newer ones need features that older kernels and control groups lack.
ensure_unpacked() {
  unpacked trixie 'usr/sbin/dockerd' docker.io containerd
  unpacked bookworm 'usr/bin/podman' podman conmon libgpgme11 libassuan0 libsubid4 runc \
    containernetworking-plugins golang-github-containers-image golang-github-containers-common
}

# unpacked RELEASE PROGRAM PACKAGE...: unpacks the packages unless they exist.
unpacked() {
  local release=$1 program=$2 stamp
  shift 2
  stamp="$* $(dpkg --print-architecture 2>/dev/null)"
  if [ -x "$engines/$release/$program" ] &&
    [ "$(cat "$engines/$release.stamp" 2>/dev/null)" = "$stamp" ]; then return; fi
  say engines "unpacking Debian $release's ${program##*/} into .real/engines"
  unpack_release "$engines/$release" "$release" "$@"
  echo "$stamp" >"$engines/$release.stamp"
}

# spawn NAME COMMAND...: starts a command as root, with its pid in .real/NAME.pid.
spawn() {
  local name=$1
  shift
  need_root "start $name"
  # shellcheck disable=SC2016
  as_root sh -c 'pid=$1; shift
    setsid sh -c "echo \$\$ >\"\$0\"; exec \"\$@\"" "$pid" "$@" </dev/null >"$0" 2>&1 9>&- &' \
    "$real/log/$name.log" "$real/$name.pid" "$@"
}

version_at() { docker --host "$1" version --format '{{.Server.Version}}' 2>/dev/null | grep .; }

# answers ENGINE NAME: waits for the engine, and opens its socket to this user.
answers() {
  local socket=${1#unix://}
  wait_for 60 test -S "$socket" || true
  if [ "$(id -u)" != 0 ]; then as_root chown "$(id -u)" "$socket"; fi
  wait_for 60 version_at "$1" || {
    tail -n 5 "$real/log/$2.log" >&2
    die "$2 does not answer at $1; see .real/log/$2.log"
  }
}

# Copies the julia: base image from the shared engine. Both engines name its layers alike.
load_julia() {
  local layers='{{.RootFS.Layers}}'
  if [ "$(docker --host "$1" image inspect --format "$layers" "$julia_image" 2>/dev/null)" = \
    "$(docker image inspect --format "$layers" "$julia_image")" ]; then return; fi
  say "$julia_image" "loading it into $2"
  # shellcheck disable=SC2016
  logged "load-$2" bash -c 'set -o pipefail; docker save "$0" | docker --host "$1" load' \
    "$julia_image" "$1"
}

ensure_containerd_store() {
  local version
  if ! alive engine-docker || ! version_at "$containerd_engine" >/dev/null; then
    ensure_unpacked
    start_containerd_store
  fi
  version=$(version_at "$containerd_engine")
  load_julia "$containerd_engine" engine-docker
  say engines "Docker $version with the containerd image store, $containerd_engine"
}

# Starts a separate containerd, because dockerd would use the machine's if that runs as a service.
start_containerd_store() {
  local state="$engines/docker" programs="$engines/trixie/usr"
  local tools="$programs/bin:$programs/sbin:$engines/bookworm/usr/sbin:$PATH"
  mkdir -p "$state"
  say engines "starting Docker with the containerd image store, log in .real/log/engine-docker.log"
  cat >"$state/containerd.toml" <<EOF
version = 2
root = "$state/containerd"
state = "$state/run/containerd"
disabled_plugins = ["io.containerd.grpc.v1.cri"]
[grpc]
address = "$state/containerd.sock"
EOF
  cat >"$state/daemon.json" <<EOF
{
  "features": {"containerd-snapshotter": true},
  "registry-mirrors": ["http://127.0.0.1:$mirror_port"],
  "insecure-registries": ["127.0.0.0/8"]
}
EOF
  bridge "$docker_bridge" "$docker_network"
  alive engine-containerd ||
    spawn engine-containerd env PATH="$tools" containerd --config "$state/containerd.toml"
  wait_for 30 test -S "$state/containerd.sock" ||
    die "containerd does not start; see .real/log/engine-containerd.log"
  spawn engine-docker env PATH="$tools" dockerd --config-file "$state/daemon.json" \
    --host "$containerd_engine" --containerd "$state/containerd.sock" \
    --data-root "$state/data" --exec-root "$state/run" --pidfile "$state/pid" \
    --group "$(id -gn)" --bridge "$docker_bridge" \
    --iptables=false --ip6tables=false --ip-forward=false --ip-masq=false \
    --exec-opt native.cgroupdriver=cgroupfs --cgroup-parent /jot
  answers "$containerd_engine" engine-docker
}

# bridge NAME NETWORK: an isolated bridge, for published ports.
bridge() {
  if ip link show "$1" >/dev/null 2>&1; then return; fi
  need_root "make the bridge $1"
  as_root ip link add "$1" type bridge
  as_root ip address add "$2" dev "$1"
  as_root ip link set "$1" up
}

ensure_podman() {
  local version
  if ! alive engine-podman || ! version_at "$podman_engine" >/dev/null; then
    ensure_unpacked
    start_podman
  fi
  version=$(version_at "$podman_engine")
  load_julia "$podman_engine" engine-podman
  say engines "Podman $version, $podman_engine"
}

start_podman() {
  local state="$engines/podman" tree="$engines/bookworm" libraries
  libraries=$(echo "$tree"/usr/lib/*-linux-gnu*)
  mkdir -p "$state/home/.config/containers" "$state/networks" "$state/tmp"
  say engines "starting Podman, log in .real/log/engine-podman.log"
  podman_configuration
  spawn engine-podman env -i PATH="$PATH" HOME="$state/home" LD_LIBRARY_PATH="$libraries" \
    TMPDIR="$state/tmp" CONTAINERS_CONF="$state/containers.conf" \
    CONTAINERS_STORAGE_CONF="$state/storage.conf" \
    CONTAINERS_REGISTRIES_CONF="$state/registries.conf" \
    "$tree/usr/bin/podman" system service --time 0 "$podman_engine"
  answers "$podman_engine" engine-podman
}

# Podman reads these files in place of /etc/containers. conmon starts another Podman to clean up
# after a container.
podman_configuration() {
  cp "$tree/etc/containers/policy.json" "$state/home/.config/containers/"
  # The registries of the emulators use HTTP, on any port.
  printf '%s\n' 'unqualified-search-registries = ["docker.io"]' '[[registry]]' \
    'location = "127.0.0.1"' 'insecure = true' >"$state/registries.conf"
  printf '[storage]\ndriver = "overlay"\ngraphroot = "%s"\nrunroot = "%s"\n' \
    "$state/data" "$state/run" >"$state/storage.conf"
  cat >"$state/containers.conf" <<EOF
[containers]
default_capabilities = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE",
  "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT"]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
seccomp_profile = "$tree/usr/share/containers/seccomp.json"
[network]
network_backend = "cni"
cni_plugin_dirs = ["$tree/usr/lib/cni"]
network_config_dir = "$state/networks"
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "$state/runc"
conmon_path = ["$tree/usr/bin/conmon"]
conmon_env_vars = ["PATH=$PATH", "LD_LIBRARY_PATH=$libraries",
  "CONTAINERS_STORAGE_CONF=$state/storage.conf"]
helper_binaries_dir = ["$tree/usr/lib/podman"]
tmp_dir = "$state/tmp"
EOF
  # If one limit is set, Podman raises the others to their maximum, which root in a container may
  # not do.
  cat >"$state/runc" <<EOF
#!/bin/sh
before=
for word; do
  if [ "\$before" = --bundle ]; then
    sed -i -E 's/("RLIMIT_NPROC","hard":)[0-9]+(,"soft":)[0-9]+/\14096\24096/' "\$word/config.json"
  fi
  before=\$word
done
exec '$tree/usr/sbin/runc' "\$@"
EOF
  chmod 755 "$state/runc"
  cat >"$state/networks/87-podman.conflist" <<EOF
{"cniVersion": "0.4.0", "name": "podman", "plugins": [
  {"type": "bridge", "bridge": "$podman_bridge", "isGateway": true, "hairpinMode": true, "ipam": {
    "type": "host-local", "dataDir": "$state/addresses",
    "routes": [{"dst": "0.0.0.0/0"}], "ranges": [[{"subnet": "$podman_network"}]]}},
  {"type": "portmap", "capabilities": {"portMappings": true}}
]}
EOF
}

# Prints nothing about engines that scripts/engines never started.
end_engines() {
  local name bridge
  [ -d "$engines" ] || return 0
  for name in engine-podman engine-docker engine-containerd; do end "$name"; done
  for bridge in "$docker_bridge" "$podman_bridge"; do
    if command -v ip >/dev/null && ip link show "$bridge" >/dev/null 2>&1; then
      as_root ip link delete "$bridge"
    fi
  done
  # Podman keeps its store mounted.
  while read -r mount; do as_root umount "$mount"; done < <(
    awk -v below="$engines/" 'index($2, below) == 1 { print $2 }' /proc/mounts | sort -r
  )
}
