#!/bin/sh
# Runs the tests of the Julia runtime and of the image's build scripts in a container. JULIA_IMAGE
# names another Julia.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
container=$(docker create --network none -e HOME=/tmp "${JULIA_IMAGE:-julia:1.5}" \
    julia --startup-file=no --color=no /jot/tests/julia/all.jl)
trap 'docker rm -f "$container" >/dev/null' EXIT
tar -C "$root" -cf - --transform 's,^,jot/,' src/recipe/julia tests/julia examples/events |
    docker cp - "$container:/"
docker start -a "$container"
"$here/differential/run.sh" 20000
