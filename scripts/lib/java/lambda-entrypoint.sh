#!/bin/sh
# As the one of AWS's images: outside Lambda the emulator stands in front of the runtime.
if [ $# -ne 1 ]; then
  echo "entrypoint requires the handler name to be the first argument" 1>&2
  exit 142
fi
export _HANDLER="$1"
bootstrap=/var/runtime/bootstrap
[ -x "$bootstrap" ] || bootstrap=/var/task/bootstrap
if [ -z "${AWS_LAMBDA_RUNTIME_API}" ]; then
  exec /usr/local/bin/aws-lambda-rie "$bootstrap"
fi
exec "$bootstrap"
