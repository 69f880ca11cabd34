#!/usr/bin/env bash
# Build, push, update, wait: a script that many repositories have. The digest makes Lambda use the
# image that was just pushed.
set -euo pipefail
image="$REGISTRY/$NAME:latest"

aws ecr get-login-password | docker login --username AWS --password-stdin "$REGISTRY"
docker build --tag "$image" app
docker push "$image"
digest=$(docker image inspect --format '{{index .RepoDigests 0}}' "$image")
aws lambda update-function-code --function-name "$NAME" --image-uri "$digest"
aws lambda wait function-updated-v2 --function-name "$NAME"
