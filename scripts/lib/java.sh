# shellcheck shell=bash
# Images with a JDK, Leiningen, Maven, sbt, Gradle, AWS's Java runtime, and a stand-in for GraalVM.
# shellcheck source=scripts/lib/common.sh
. "${BASH_SOURCE[0]%/*}/common.sh"

java_files="$root/scripts/lib/java"
trixie_image=debian:trixie-slim
# Maven Central, as the recipe defines it.
central=$(sed -n 's/.*CENTRAL = "\(.*\)";.*/\1/p' "$root/src/recipe/jvm/tools/Repository.java")
maven_repository=${JOT_MAVEN_REPOSITORY:-$central}

# AWS's Java client with its dependencies, as src/recipe/jvm/client.list pins them.
client_list="$root/src/recipe/jvm/client.list"

ensure_java() {
  ensure_trixie
  ensure_built eclipse-temurin:25-jdk jdk --build-arg RELEASE=25
  ensure_built eclipse-temurin:21-jdk jdk --build-arg RELEASE=21
  ensure_built clojure:temurin-25-lein lein
  ensure_built maven:3-eclipse-temurin-25 maven
  ensure_built maven:3-eclipse-temurin-21 maven --build-arg RELEASE=21
  ensure_built sbtscala/scala-sbt:eclipse-temurin-25_1.x sbt
  mkdir -p "$real/java/tools-deps"
  cp "$java_files/tools-deps.clj" "$real/java/tools-deps/"
  ensure_built clojure:temurin-25-tools-deps tools-deps
  mkdir -p "$real/java/gradle"
  cp "$java_files/gradle/"* "$real/java/gradle/"
  ensure_built gradle-of-its-api:8.9-jdk21 gradle
  mkdir -p "$real/java/native-image"
  cp "$java_files/native-image/"* "$real/java/native-image/"
  ensure_built ghcr.io/graalvm/native-image-community:25-ol9 native-image
  ensure_built rust:1.85-slim-trixie rust
  ensure_lambda_context
  ensure_built public.ecr.aws/lambda/java:25 lambda-java
  ensure_built public.ecr.aws/lambda/java:21 lambda-java --build-arg RELEASE=21
  ensure_built public.ecr.aws/lambda/provided:al2023 lambda-provided
}

# made IMAGE LABEL: whether the image exists, made by this recipe or elsewhere.
made() {
  local found
  found=$(docker image inspect --format '{{index .Config.Labels "dev.jot.recipe"}}' "$1" \
    2>/dev/null) || return 1
  case $found in
    "$2") say "$1" "made from Debian trixie's packages" ;;
    '' | '<no value>') say "$1" "found, made elsewhere; used unchanged" ;;
    *) return 1 ;;
  esac
}

# The certificates that this machine trusts in addition to Debian's: behind a proxy that intercepts
# TLS, downloads in a container need them.
own_certificates() { find /usr/local/share/ca-certificates -name '*.crt' 2>/dev/null | sort; }

# The Debian mirror of this machine.
debian_mirror() {
  local mirror
  # shellcheck disable=SC2016
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' \
    2>/dev/null | grep -v security | head -n 1)
  [ -n "$mirror" ] || die "apt has no Debian mirror: run apt-get update"
  echo "$mirror"
}

ensure_trixie() {
  local label certificates
  mapfile -t certificates < <(own_certificates)
  label=$(cat "$java_files/trixie" "${certificates[@]}" | sha256)
  trixie_label=${label:0:16}
  if made "$trixie_image" "$trixie_label"; then return; fi
  command -v debootstrap >/dev/null || install_packages debootstrap
  need_root "run debootstrap"
  say "$trixie_image" "making it from Debian trixie's packages, about a minute"
  logged trixie as_root "$java_files/trixie" "$trixie_image" "$real/trixie-root" "$trixie_label" \
    "$(debian_mirror)" "${certificates[@]}"
}

# ensure_built IMAGE NAME ARGUMENT...: builds an image from scripts/lib/java/NAME.Dockerfile. Its
# context is .real/java/NAME if that exists.
ensure_built() {
  local image=$1 name=$2 context="$real/java/empty" label
  shift 2
  mkdir -p "$context"
  if [ -d "$real/java/$name" ]; then context="$real/java/$name"; fi
  label=$({ echo "$trixie_label $*" &&
    cat "$java_files/jdk.Dockerfile" "$java_files/$name.Dockerfile" &&
    find "$context" -type f -exec sha256sum {} + | sed "s|$real||" | sort; } | sha256)
  label=${label:0:16}
  if made "$image" "$label"; then return; fi
  say "$image" "making it, about a minute"
  logged "java-$name" docker build --network "${JOT_BUILD_NETWORK:-default}" \
    --label "dev.jot.recipe=$label" --tag "$image" --file "$java_files/$name.Dockerfile" \
    "$@" "$context"
}

# The files that AWS's own images have in addition to Debian: the client's jars, the entry point and
# the RIE.
ensure_lambda_context() {
  local name java="$real/java/lambda-java" provided="$real/java/lambda-provided" sum path
  mkdir -p "$java/lib" "$provided"
  while read -r sum path; do
    name=${path##*/}
    if ! sha256sum --check --status <<<"$sum  $java/lib/$name" 2>/dev/null; then
      "$venv/bin/python" - "$maven_repository/$path" "$java/lib/$name" <<'PYTHON'
import sys, urllib.request
urllib.request.urlretrieve(sys.argv[1], sys.argv[2])
PYTHON
      sha256sum --check --status <<<"$sum  $java/lib/$name" || die "$path has an unexpected SHA-256"
    fi
  done < <(grep -v '^#' "$client_list")
  for name in "$java" "$provided"; do
    install -m 755 "$real/rie/aws-lambda-rie-$(lambda_architecture)" "$name/aws-lambda-rie"
    install -m 755 "$java_files/lambda-entrypoint.sh" "$name/lambda-entrypoint.sh"
  done
  install -m 755 "$java_files/bootstrap-java" "$java/bootstrap"
}

lambda_architecture() { if [ "$(uname -m)" = aarch64 ]; then echo arm64; else echo x86_64; fi; }
