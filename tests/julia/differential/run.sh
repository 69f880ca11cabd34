#!/bin/sh
# Holds the JSON reader against Python's json: run.sh [COUNT] [SEED]. A million texts take about two
# minutes.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../../.." && pwd)
count=${1:-1000000}
seed=${2:-$(date +%s)}
folder=$(mktemp -d)
container=$(docker create -i --network none -e HOME=/tmp "${JULIA_IMAGE:-julia:1.5}" \
    julia --startup-file=no --color=no /jot/tests/julia/differential/answer.jl)
trap 'docker rm -f "$container" >/dev/null; rm -rf "$folder"' EXIT
tar -C "$root" -cf - --transform 's,^,jot/,' src/recipe/julia tests/julia/differential |
    docker cp - "$container:/"
echo "$count texts, seed $seed"
python3 "$here/texts.py" make "$count" "$seed" >"$folder/texts"
docker start -ai "$container" <"$folder/texts" >"$folder/answers"
if python3 "$here/texts.py" judge "$folder/texts" "$folder/answers"; then
    echo "1 passed, 0 failed"
else
    echo "0 passed, 1 failed"
    exit 1
fi
