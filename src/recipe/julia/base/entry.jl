# The entry point, and Julia as the builds call it. Both depend on Julia's version, so they are
# written during the build.

include(joinpath(ARGS[1], "opt/jot/runtime/versions.jl"))
include("dependencies.jl")

"Writes `start` with the given text and `julia` into a folder, and makes the runtime a package."
function write_entry(folder::String, start::String = start_script())
    mkpath(folder)
    write_runtime(joinpath(dirname(folder), "packages", "JotRuntime"))
    write_script(joinpath(folder, "start"), start)
    write_script(joinpath(folder, "julia"), build_script())
    write(joinpath(folder, "scratch.jl"), SCRATCH)
    isempty(proof_lines()) ||
        cp(joinpath(@__DIR__, "proof.jl"), joinpath(folder, "proof.jl"); force = true)
end

function write_runtime(folder::String)
    mkpath(folder)
    write(joinpath(folder, "Project.toml"), """
        name = "JotRuntime"
        uuid = "$JOT_RUNTIME"

        [deps]
        Sockets = "6462fe0b-24de-5631-8697-dd941f90decc"
        """)
    islink(joinpath(folder, "src")) || symlink("../../runtime", joinpath(folder, "src"))
end

function write_script(file::String, text::String)
    write(file, text)
    chmod(file, 0o755)
end

program() = joinpath(Sys.BINDIR, Base.julia_exename())

# Julia refuses a cache that was made with an extension loaded, unless it finds the extension before
# the package that it extends. In a folder of packages it does not (`manifest_uuid_path` in
# base/loading.jl); an environment of this package alone has both.
"The line that reads the path of the package with extensions, for the load path; or none."
extensions_line(version::VersionNumber = VERSION) = has_extensions(version) ?
    "extensions= && [ -f /opt/jot/env/extensions ] && " *
    "read -r extensions < /opt/jot/env/extensions" : ""

extensions_entry(version::VersionNumber) =
    has_extensions(version) ? "\${extensions:+\$extensions:}/opt/jot/env" : "/opt/jot/env"

# The responder comes last: from 1.9 on (JuliaLang/julia#46068), the dependencies of a package are
# looked for only in the folder of that package and those before it.
"The load path. A base without dependencies has no folder for them, because each folder costs time."
function load_path(version::VersionNumber = VERSION)
    dependencies = isdir(DEPENDENCIES) ? DEPENDENCIES : ""
    parts = [dependencies, PACKAGES, extensions_entry(version), "@stdlib"]
    join(filter(!isempty, parts), ':')
end

"The settings of both build and start: Julia refuses caches if they differ."
common_environment() = join(filter(!isempty, [
    "export HOME=/tmp",
    extensions_line(),
    "export JULIA_LOAD_PATH=$(load_path())",
    cpu_target() === nothing ? "" : "export JULIA_CPU_TARGET='$(cpu_target())'",
    "unset LD_LIBRARY_PATH JULIA_PROJECT",
    # Made by `compile = "sysimage"`, in the responder's image or in the base.
    "image= && [ -f $SYSTEM_IMAGE ] && image=-J$SYSTEM_IMAGE",
]), '\n')

# Scratch spaces are looked for only in the first depot (Scratch.jl, `scratch_path`). A package may
# write to them.
const SCRATCH = """
# Files that builds of dependencies left in their scratch spaces, copied to where the packages look
# for them.
let from = "/opt/jot/depot/scratchspaces", to = "/tmp/.julia/scratchspaces"
    ispath(to) || (mkpath(dirname(to)); cp(from, to))
end
"""

const NO_RUNTIME = "AWS_LAMBDA_RUNTIME_API is not set: Lambda sets it, and so does jot run; " *
    "with build.rie = true the image contains AWS's emulator"

"Lines of a start: one thread, and AWS's emulator if no Runtime API is set."
start_head() = """
export JULIA_NUM_THREADS="\${JULIA_NUM_THREADS:-1}"
export OPENBLAS_NUM_THREADS="\${OPENBLAS_NUM_THREADS:-1}"
if [ -z "\${AWS_LAMBDA_RUNTIME_API:-}" ]; then
    if [ ! -x /opt/jot/bin/aws-lambda-rie ]; then
        echo "$NO_RUNTIME" >&2
        exit 1
    fi
    exec /opt/jot/bin/aws-lambda-rie "\$0"
fi
$(probe_lines())"""

const SCRATCH_LINE = "scratch= && [ -d /opt/jot/depot/scratchspaces ] && " *
    "scratch=\"--load /opt/jot/bin/scratch.jl\""

start_command() = string(
    "exec ", program(), " \$image ", join(start_flags(), ' '), " \$scratch ",
    isempty(proof_lines()) ? "" : "\$proof ",
    "\${JOT_TRACE_COMPILE:+--trace-compile=\"\$JOT_TRACE_COMPILE\"} /opt/jot/env/start.jl",
)

start_script() = """
#!/bin/sh
# The entry point, made by jot for Julia $VERSION. Lambda lets a function write only to /tmp.
$(common_environment())
export JULIA_DEPOT_PATH=/tmp/.julia:/opt/jot/depot:
$(start_head())$SCRATCH_LINE
# Every process writes a file of its own into the folder: a restarted one must not overwrite the
# first one's.
case "\${JOT_TRACE_COMPILE:-}" in */) JOT_TRACE_COMPILE=\$JOT_TRACE_COMPILE\$\$.jl ;; esac
$(proof_lines())$(start_lines())$(start_command())
"""

# A program reads the hint only from the environment: it has none of Julia's flags.
program_script() = """
#!/bin/sh
# The entry point of a program, made by jot for Julia $VERSION.
export HOME=/tmp
unset LD_LIBRARY_PATH
$(start_head())$(start_lines())[ -n "\$heap" ] && export JULIA_HEAP_SIZE_HINT="\$heap"
exec $PROGRAM
"""

build_script() = """
#!/bin/sh
# Julia for the build of a responder: environment and flags are those of the start, but caches are
# written into the image.
$(common_environment())
export JULIA_DEPOT_PATH="\${JOT_DEPOT_PATH:-/opt/jot/depot:}"
exec $(program()) \$image --startup-file=no --history-file=no "\$@"
"""
