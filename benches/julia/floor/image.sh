#!/bin/sh
# Makes /opt/floor/sys.so: traces the session itself until nothing more is compiled at run time.
set -eu
export HOME=/tmp JULIA_DEPOT_PATH=/tmp/depot:/jot/compiler/depot: \
  JULIA_LOAD_PATH=@:/jot/compiler/env:@stdlib
exec julia --startup-file=no --project=/opt/floor/Floor /opt/floor/Floor/image.jl
