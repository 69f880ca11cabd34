#!/bin/sh
# Builds the project and collects its jars, in the builder image. Next to it: `command` (the build),
# `resolve` (which writes the class path of the dependencies to $JOT_CLASS_PATH; may be empty) and
# `classpath` (patterns, one per line, with tabs between alternatives: the first line names the
# project's own jars, the others its dependencies). Result: /jot/project/own, /jot/project/given and
# /jot/project/resolved, each with one folder per jar, numbered in class path order, so that every
# jar keeps its name. Jars that this build made from other modules are the project's own, wherever
# they are on the class path.
set -eu
out=/jot/project
JOT_CLASS_PATH=$out/class-path
export JOT_CLASS_PATH
mkdir -p $out/own $out/given $out/resolved
cd /jot/source
find "$PWD" -name '*.jar' >$out/before.list
sh -e /jot/build/command
sh -e /jot/build/resolve

count=1000
collect() {
  count=$((count + 1))
  mkdir "$out/$1/$count"
  cp -R "$2" "$out/$1/$count/"
}

# What Maven and Gradle put next to the jar that runs.
is_beside() {
  case ${1##*/} in
    original-*.jar | *-sources.jar | *-javadoc.jar | *-tests.jar | *-plain.jar) return 0 ;;
  esac
  return 1
}

# A jar that this build made: below the source, and not in a hidden folder, which would be a cache.
is_built() {
  case ${1#"$PWD"/} in "$1" | .* | */.*) return 1 ;; esac
  ! grep -qxF "$1" $out/before.list
}

tab=$(printf '\t')
into=own
set -f
while IFS= read -r pattern || [ -n "$pattern" ]; do
  set +f
  before=$count
  # Only a glob may match what does not run.
  case $pattern in *[*?[]*) glob=yes ;; *) glob= ;; esac
  IFS_BEFORE=$IFS
  IFS=$tab
  for file in $pattern; do
    IFS=$IFS_BEFORE
    if [ ! -e "$file" ] || { [ -n "$glob" ] && is_beside "$file"; }; then continue; fi
    collect $into "$file"
  done
  IFS=$IFS_BEFORE
  if [ "$count" = "$before" ]; then
    echo "jot: no file matches \"$pattern\" of classpath after the build; these jars exist:" >&2
    find . -name '*.jar' | sort | head -n 20 >&2
    exit 1
  fi
  into=given
done </jot/build/classpath

if [ -e "$JOT_CLASS_PATH" ]; then
  tr ':' '\n' <"$JOT_CLASS_PATH" >$out/resolved.list
  while IFS= read -r file || [ -n "$file" ]; do
    case $file in *.jar) ;; *) continue ;; esac
    if [ ! -e "$file" ]; then continue; fi
    if is_built "$file"; then collect own "$file"; else collect resolved "$file"; fi
  done <$out/resolved.list
fi
