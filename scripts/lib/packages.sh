# shellcheck shell=bash
# Debian packages: installed if a machine lacks them, or only unpacked into a folder.
# shellcheck source=scripts/lib/common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"

# Another installation on the machine may hold apt's lock for a while.
apt_waits=(-o DPkg::Lock::Timeout=300)

apt_has() { apt-cache show "$1" >/dev/null 2>&1; }

install_packages() {
  local advice='install Docker Engine, Python 3.11 with venv and a C compiler, pull'
  command -v apt-get >/dev/null ||
    die "this is not Debian: $advice ${julia_image:-julia:1.5}, and run this again"
  need_root "install $*"
  export DEBIAN_FRONTEND=noninteractive
  if [ -z "${apt_updated:-}" ]; then
    say apt "updating the package lists"
    logged apt-update as_root apt-get update
    apt_updated=1
  fi
  say apt "installing $*"
  logged apt-install as_root apt-get "${apt_waits[@]}" install --yes --no-install-recommends "$@"
}

# unpack_release FOLDER RELEASE PACKAGE...: unpacks packages of a Debian release, with a separate
# apt configuration; the machine's sources and packages do not change. The packages come from the
# machine's mirror.
unpack_release() {
  local folder=$1 release=$2 apt="$1.apt" mirror package
  shift 2
  # shellcheck disable=SC2016
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' \
    2>/dev/null | grep -v security | head -n 1)
  [ -n "$mirror" ] || die "apt has no Debian mirror: run \`apt-get update\` on Debian first"
  rm -rf "$folder" "$apt"
  mkdir -p "$folder" "$apt/lists/partial" "$apt/cache" "$apt/packages"
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $release main" \
    >"$apt/sources.list"
  cat >"$apt/apt.conf" <<EOF
Dir::Etc::sourcelist "$apt/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State::lists "$apt/lists";
Dir::State::status "/dev/null";
Dir::Cache "$apt/cache";
APT::Sandbox::User "";
Acquire::Languages "none";
EOF
  APT_CONFIG="$apt/apt.conf" logged "apt-$release-update" apt-get update
  (cd "$apt/packages" &&
    APT_CONFIG="$apt/apt.conf" logged "apt-$release-download" apt-get download "$@")
  for package in "$apt"/packages/*.deb; do dpkg -x "$package" "$folder"; done
  rm -rf "$apt"
}
