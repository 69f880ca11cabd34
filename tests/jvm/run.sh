#!/usr/bin/env bash
# Tests jot's Java tools in the JDK's image, without the network: tests/jvm/run.sh [JDK-IMAGE].
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
image=${1:-eclipse-temurin:25-jdk}

# The files go in as an archive, so that the daemon may be on another machine.
tar --directory "$root" --create src/recipe/jvm tests/jvm |
  docker run --rm --interactive --network none --label dev.jot.test=jvm "$image" sh -c '
    mkdir /tests && cd /tests && tar -x &&
    javac -d classes src/recipe/jvm/tools/*.java src/recipe/jvm/native/[!B]*.java \
      tests/jvm/*.java &&
    java -cp classes jot.Tests'
