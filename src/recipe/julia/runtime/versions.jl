# This file contains everything that depends on Julia's version. The image's build scripts include
# it as well.

# Code for other processors of the same architecture, in package images (NEWS of 1.9: "native code
# in package precompilation"). The build machine's own processor must not decide what Lambda can
# load.
const CPU_TARGETS = Dict(
    :x86_64 => "generic;sandybridge,-xsaveopt,clone_all;haswell,-rdrnd,base(1)",
    :aarch64 => "generic;neoverse-n1,clone_all",
)

"""
The value of JULIA_CPU_TARGET for build and start alike, or nothing if caches contain no native code
(before 1.9).
"""
cpu_target() = VERSION >= v"1.9" ? get(CPU_TARGETS, Sys.ARCH, nothing) : nothing

# The last release of PackageCompiler for each Julia, by `[compat]` of its Project.toml: 1.2.8 is
# the last for 1.3 to 1.5 (v1.3.0 needs 1.6), 2.1.24 the last for 1.6 to 1.9
# (JuliaLang/PackageCompiler.jl#1005 raised it to 1.10).
"The version of PackageCompiler that makes this Julia's system images."
package_compiler() = VERSION < v"1.6" ? "1.2.8" : VERSION < v"1.10" ? "2.1.24" : "2.4.0"

# NEWS of 1.9: package images. Before, only a system image contains native code of packages.
"Whether a package's cache contains native code."
has_package_images() = VERSION >= v"1.9"

# NEWS of 1.9: package extensions.
"Whether packages may have extensions."
has_extensions(version::VersionNumber = VERSION) = version >= v"1.9"

# The same NEWS: a package image is a shared library, so Julia contains a linker, and links with
# -ljulia (base/linking.jl of 1.9).
"The files with which Julia links package images, if it makes any."
linking_files() = has_package_images() ? normpath.(joinpath.(Sys.BINDIR, [
    joinpath("..", "libexec", "julia", "lld"), joinpath(Base.LIBDIR, "libjulia.so")])) : String[]

# From 1.6 on (JuliaLang/julia, ee3ff3c9c9), Julia expects a locale with UTF-8, and warns at every
# start without one. Debian's names.
"Folders of the locale that Julia selects."
locales() = VERSION >= v"1.6" ? ["/usr/lib/locale/C.utf8", "/usr/lib/locale/C.UTF-8"] : String[]

# Pkg.jl#2561 (in 1.6.2): the packages of a Manifest.toml of format 2.0 are below `deps`. 1.7 and
# later write it, and warn if it does not name its version of Julia.
"Head of a Manifest.toml, and the prefix of a package's name in it."
manifest_format() = VERSION >= v"1.7" ?
    ("julia_version = \"$VERSION\"\nmanifest_format = \"2.0\"\n", "deps.") : ("", "")

"Processors that a system image is for; unlike caches (before 1.9) it always contains native code."
image_target() = get(CPU_TARGETS, Sys.ARCH, "generic")

# 1.9 introduced --heap-size-hint (NEWS of 1.9, command-line options). Without it, Julia assumes the
# host's memory. From 1.10 on, Julia subtracts 250 MB from the hint for itself (jl_gc_init in
# src/gc.c of 1.10), so they are added.
"""
Shell lines before the start, whole lines or none: 70% of the memory setting, for the garbage
collector, unless the user sets a hint.
"""
function start_lines(version::VersionNumber = VERSION)
    version < v"1.9" && return ""
    reserved = version < v"1.10-" ? "" : " + 250"
    share = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE * 70 / 100$reserved"
    """
    heap="\${AWS_LAMBDA_FUNCTION_MEMORY_SIZE:+\$(($share))M}"
    heap="\${JULIA_HEAP_SIZE_HINT:-\$heap}"
    """
end

"Flags of the start that this version supports, as words of a shell command."
function start_flags(version::VersionNumber = VERSION)
    flags = ["--startup-file=no", "--history-file=no"]
    version >= v"1.9" && push!(flags, "\${heap:+\"--heap-size-hint=\$heap\"}")
    # 1.11 introduced the value `existing` (NEWS of 1.11): a cache is used or ignored, never created
    # at run time.
    version >= v"1.11" && append!(flags, ["--compiled-modules=existing", "--pkgimages=existing"])
    flags
end

# `libstdcxxprobe` in cli/loader_lib.c, from 1.8 on: a separate process, which takes some of a
# program's first milliseconds, checks whether the system's libstdc++ is newer than Julia's. A lean
# base has one only if it was added afterwards.
"""
Shell lines before the start, whole lines or none: the check is skipped if only Julia's own
libstdc++ exists.
"""
function probe_lines(
    version::VersionNumber = VERSION,
    folders = ["/usr/lib/*", "/lib/*", "/usr/lib*", "/lib*", "/usr/local/lib"],
)
    version < v"1.8" && return ""
    libraries = join(map(folder -> "$folder/libstdc++.so.6", folders), ' ')
    """
    probe=0
    for library in $libraries; do [ -e "\$library" ] && probe=1; done
    export JULIA_PROBE_LIBSTDCXX="\${JULIA_PROBE_LIBSTDCXX:-\$probe}"
    """
end

# The same NEWS: before, Julia recreates a refused cache in the writable depot, where the gate finds
# it.
"""
Shell lines before the start, whole lines or none: on request of the gate, the start reports which
caches were refused.
"""
function proof_lines(version::VersionNumber = VERSION)
    version < v"1.11" && return ""
    "proof= && [ -n \"\${JOT_PROVE_CACHES:-}\" ] && proof=\"--load /opt/jot/bin/proof.jl\"\n"
end

"""
Every top-level expression of a text: `Meta.parseall` exists from 1.6 on, and under another name
before.
"""
function parse_all(text::String, file::String)
    isdefined(Meta, :parseall) && return Meta.parseall(text; filename = file)
    Base.parse_input_line(text; filename = file)
end

# RandomDevice of 1.5 reads /dev/urandom through a stream that buffers 32 KB; that of 1.11 asks the
# kernel each time (stdlib/Random/src/RNGs.jl of each).
"Drops buffered random bytes of the system."
function forget_read_ahead(random::Module)
    isdefined(random, :DEV_URANDOM) || return nothing
    for (stream, file) in ((random.DEV_URANDOM, "/dev/urandom"), (random.DEV_RANDOM, "/dev/random"))
        isassigned(stream) && (stream[] = open(file))
    end
end

# Up to 1.6 each thread has a generator; from 1.7 on (NEWS of 1.7, "task-local") each task, seeded
# from the task that created it.
"Reseeds every default generator from the system's random bytes."
function reseed_generators(random::Module)
    VERSION >= v"1.7" && return random.seed!()
    foreach(thread -> random.seed!(random.default_rng(thread)), 1:Threads.nthreads())
end

# jl_no_exc_handler (src/task.c) ends the process by jl_exit (src/init.c): up to 1.8 that is C's
# exit, later Julia's own hooks run before.
"""
Registers a function, given as itself and as a C function, to be called when an uncaught error ends
the process.
"""
function at_end(f, pointer::Ptr{Cvoid})
    VERSION >= v"1.9" && return atexit(f)
    # C's `atexit` is in no shared library; this is what it calls.
    ccall(:__cxa_atexit, Cint, (Ptr{Cvoid}, Ptr{Cvoid}, Ptr{Cvoid}), pointer, C_NULL, C_NULL)
end

# NEWS of 1.7: `current_exceptions`. 1.5 has the same under another name.
"The current error and its backtrace, or nothing twice."
function uncaught()
    stack = isdefined(Base, :current_exceptions) ? Base.current_exceptions() : Base.catch_stack()
    isempty(stack) ? (nothing, nothing) : (last(stack)[1], last(stack)[2])
end
