# The entry point, and Julia as the builds call it. Written while building, since both depend on Julia's version.

include(joinpath(ARGS[1], "opt/jot/runtime/versions.jl"))
include("dependencies.jl")

"Writes `start`, whose text is given, and `julia` into a folder, and makes the runtime a package."
function write_entry(folder::String, start::String = start_script())
    mkpath(folder)
    write_runtime(joinpath(dirname(folder), "packages", "JotRuntime"))
    write_script(joinpath(folder, "start"), start)
    write_script(joinpath(folder, "julia"), build_script())
    write(joinpath(folder, "scratch.jl"), SCRATCH)
    isempty(proof_lines()) || cp(joinpath(@__DIR__, "proof.jl"), joinpath(folder, "proof.jl"); force = true)
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

# A cache that was made with an extension loaded is refused where that is not found before the package that it extends, and in a folder of
# packages it is not (`manifest_uuid_path` in base/loading.jl): an environment that is this package's own alone has both.
"The line that reads where the package with extensions is, for the load path; or none."
extensions_line(version::VersionNumber = VERSION) =
    has_extensions(version) ? "extensions= && [ -f /opt/jot/env/extensions ] && read -r extensions < /opt/jot/env/extensions" : ""

extensions_entry(version::VersionNumber) = has_extensions(version) ? "\${extensions:+\$extensions:}/opt/jot/env" : "/opt/jot/env"

# The responder comes last: from 1.9 on (JuliaLang/julia#46068) what a package depends on is looked for in the folder of that package
# and those before it, and in no other.
"Where packages are looked for: a base without dependencies has no folder for them, and each costs time."
load_path(version::VersionNumber = VERSION) = join(filter(!isempty, [isdir(DEPENDENCIES) ? DEPENDENCIES : "", PACKAGES, extensions_entry(version), "@stdlib"]), ':')

"What build and start have in common: caches are refused where they differ."
common_environment() = join(filter(!isempty, [
    "export HOME=/tmp",
    extensions_line(),
    "export JULIA_LOAD_PATH=$(load_path())",
    cpu_target() === nothing ? "" : "export JULIA_CPU_TARGET='$(cpu_target())'",
    "unset LD_LIBRARY_PATH JULIA_PROJECT",
    # Made by `compile = "sysimage"`, in the responder's image or in the base.
    "image= && [ -f $SYSTEM_IMAGE ] && image=-J$SYSTEM_IMAGE",
]), '\n')

# Scratch spaces are looked for in the first depot alone (Scratch.jl, `scratch_path`). A package may write to them.
const SCRATCH = """
# What the builds of dependencies left in their scratch spaces, where the packages look for it.
let from = "/opt/jot/depot/scratchspaces", to = "/tmp/.julia/scratchspaces"
    ispath(to) || (mkpath(dirname(to)); cp(from, to))
end
"""

"Lines of a start: one thread, and AWS's emulator before what there is no Runtime API for."
start_head() = """
export JULIA_NUM_THREADS="\${JULIA_NUM_THREADS:-1}"
export OPENBLAS_NUM_THREADS="\${OPENBLAS_NUM_THREADS:-1}"
if [ -z "\${AWS_LAMBDA_RUNTIME_API:-}" ]; then
    if [ ! -x /opt/jot/bin/aws-lambda-rie ]; then
        echo "AWS_LAMBDA_RUNTIME_API is not set: Lambda sets it, and so does jot run; with build.rie = true the image holds AWS's emulator" >&2
        exit 1
    fi
    exec /opt/jot/bin/aws-lambda-rie "\$0"
fi
$(probe_lines())"""

start_script() = """
#!/bin/sh
# The entry point, made by jot for Julia $VERSION. /tmp is all that Lambda lets a function write to.
$(common_environment())
export JULIA_DEPOT_PATH=/tmp/.julia:/opt/jot/depot:
$(start_head())scratch= && [ -d /opt/jot/depot/scratchspaces ] && scratch="--load /opt/jot/bin/scratch.jl"
# A folder gets a file for every process: one that is started again must not write over what the first has left.
case "\${JOT_TRACE_COMPILE:-}" in */) JOT_TRACE_COMPILE=\$JOT_TRACE_COMPILE\$\$.jl ;; esac
$(proof_lines())$(start_lines())exec $(program()) \$image $(join(start_flags(), ' ')) \$scratch $(isempty(proof_lines()) ? "" : "\$proof ")\${JOT_TRACE_COMPILE:+--trace-compile="\$JOT_TRACE_COMPILE"} /opt/jot/env/start.jl
"""

# A program reads the hint from the environment alone: it has no flags of Julia's.
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
# Julia for the build of a responder: environment and flags are those of the start, but caches go into the image.
$(common_environment())
export JULIA_DEPOT_PATH="\${JOT_DEPOT_PATH:-/opt/jot/depot:}"
exec $(program()) \$image --startup-file=no --history-file=no "\$@"
"""
