#!/usr/bin/env bash
# Builds and deploys the stack without questions.
set -euo pipefail
sam build
sam deploy --stack-name "$NAME" --image-repository "$REGISTRY/$NAME" \
  --parameter-overrides "Name=$NAME" --capabilities CAPABILITY_IAM \
  --no-confirm-changeset --no-fail-on-empty-changeset --no-progressbar
