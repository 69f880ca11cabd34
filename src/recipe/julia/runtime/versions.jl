# Whatever depends on Julia's version stands in this file. The image's build scripts include it as well.

# Code for other processors of the same architecture, in package images (they came with 1.9, NEWS of 1.9: "native code
# in package precompilation"). The build machine's own processor must not decide what Lambda can load.
const CPU_TARGETS = Dict(
    :x86_64 => "generic;sandybridge,-xsaveopt,clone_all;haswell,-rdrnd,base(1)",
    :aarch64 => "generic;neoverse-n1,clone_all",
)

"The value of JULIA_CPU_TARGET for build and start alike, or nothing where caches hold no native code (before 1.9)."
cpu_target() = VERSION >= v"1.9" ? get(CPU_TARGETS, Sys.ARCH, nothing) : nothing

# The last release of PackageCompiler for each Julia, by `[compat]` of its Project.toml: 1.2.8 is the last that takes 1.3 to 1.5
# (v1.3.0 wants 1.6), 2.1.24 the last that takes 1.6 to 1.9 (JuliaLang/PackageCompiler.jl#1005 raised it to 1.10).
"The version of PackageCompiler that makes this Julia's system images."
package_compiler() = VERSION < v"1.6" ? "1.2.8" : VERSION < v"1.10" ? "2.1.24" : "2.4.0"

# NEWS of 1.9: package images. Before, native code of packages is kept in a system image and nowhere else.
"Whether a package's cache holds native code."
has_package_images() = VERSION >= v"1.9"

# NEWS of 1.9: package extensions.
"Whether packages may have extensions."
has_extensions(version::VersionNumber = VERSION) = version >= v"1.9"

# The same NEWS: a package image is a shared library, so Julia brings a linker, and links with -ljulia (base/linking.jl of 1.9).
"What Julia links package images with, where it makes any."
linking_files() = has_package_images() ?
    normpath.(joinpath.(Sys.BINDIR, [joinpath("..", "libexec", "julia", "lld"), joinpath(Base.LIBDIR, "libjulia.so")])) : String[]

# From 1.6 on (JuliaLang/julia, ee3ff3c9c9) Julia wants a locale with UTF-8, and says so on every start without one. Debian's names.
"Folders of the locale that Julia selects."
locales() = VERSION >= v"1.6" ? ["/usr/lib/locale/C.utf8", "/usr/lib/locale/C.UTF-8"] : String[]

# Pkg.jl#2561 (in 1.6.2): the packages of a Manifest.toml of format 2.0 stand below `deps`. 1.7 and later write it, and warn where it
# does not say of which Julia it is.
"Head of a Manifest.toml, and what stands before a package's name in it."
manifest_format() = VERSION >= v"1.7" ? ("julia_version = \"$VERSION\"\nmanifest_format = \"2.0\"\n", "deps.") : ("", "")

"Processors that a system image is for; unlike caches (before 1.9) it always holds native code."
image_target() = get(CPU_TARGETS, Sys.ARCH, "generic")

# 1.9 brought --heap-size-hint (NEWS of 1.9, command-line options). Without it Julia takes the host's memory for its own. From 1.10 on
# Julia takes 250 MB off the hint for itself (jl_gc_init in src/gc.c of 1.10), so they are added.
"Shell lines before the start, whole lines or none: 70% of the memory setting, for the garbage collector, where the user gives no hint."
function start_lines(version::VersionNumber = VERSION)
    version < v"1.9" && return ""
    reserved = version < v"1.10-" ? "" : " + 250"
    """
    heap="\${AWS_LAMBDA_FUNCTION_MEMORY_SIZE:+\$((AWS_LAMBDA_FUNCTION_MEMORY_SIZE * 70 / 100$reserved))M}"
    heap="\${JULIA_HEAP_SIZE_HINT:-\$heap}"
    """
end

"Flags of the start that this version knows, as words of a shell command."
function start_flags(version::VersionNumber = VERSION)
    flags = ["--startup-file=no", "--history-file=no"]
    version >= v"1.9" && push!(flags, "\${heap:+\"--heap-size-hint=\$heap\"}")
    # 1.11 brought the value `existing` (NEWS of 1.11): a cache is used or done without, never made at run time.
    version >= v"1.11" && append!(flags, ["--compiled-modules=existing", "--pkgimages=existing"])
    flags
end

# `libstdcxxprobe` in cli/loader_lib.c, from 1.8 on: a process of its own, which takes some of a program's first milliseconds, finds out whether
# the system's libstdc++ is newer than Julia's. A lean base has one only where it was put there afterwards.
"Shell lines before the start, whole lines or none: nothing is looked for where there is only Julia's own libstdc++."
function probe_lines(version::VersionNumber = VERSION, folders = ["/usr/lib/*", "/lib/*", "/usr/lib*", "/lib*", "/usr/local/lib"])
    version < v"1.8" && return ""
    """
    probe=0
    for library in $(join(map(folder -> "$folder/libstdc++.so.6", folders), ' ')); do [ -e "\$library" ] && probe=1; done
    export JULIA_PROBE_LIBSTDCXX="\${JULIA_PROBE_LIBSTDCXX:-\$probe}"
    """
end

# The same NEWS: before, Julia makes what it refuses again, in the writable depot, where the gate finds it.
"Shell lines before the start, whole lines or none: where the gate asks, the start says which caches were refused."
function proof_lines(version::VersionNumber = VERSION)
    version < v"1.11" && return ""
    "proof= && [ -n \"\${JOT_PROVE_CACHES:-}\" ] && proof=\"--load /opt/jot/bin/proof.jl\"\n"
end

"Every top-level expression of a text: `Meta.parseall` is there from 1.6 on, the same under another name before."
function parse_all(text::String, file::String)
    isdefined(Meta, :parseall) && return Meta.parseall(text; filename = file)
    Base.parse_input_line(text; filename = file)
end

# RandomDevice of 1.5 reads /dev/urandom through a stream that has read 32 KB ahead; that of 1.11 asks the kernel each time
# (stdlib/Random/src/RNGs.jl of either).
"Drops random bytes of the system that were read before."
function forget_read_ahead(random::Module)
    isdefined(random, :DEV_URANDOM) || return nothing
    for (stream, file) in ((random.DEV_URANDOM, "/dev/urandom"), (random.DEV_RANDOM, "/dev/random"))
        isassigned(stream) && (stream[] = open(file))
    end
end

# Up to 1.6 each thread has a generator; from 1.7 on (NEWS of 1.7, "task-local") each task, seeded from the task that made it.
"Seeds every default generator anew, from the system's random bytes."
function reseed_generators(random::Module)
    VERSION >= v"1.7" && return random.seed!()
    foreach(thread -> random.seed!(random.default_rng(thread)), 1:Threads.nthreads())
end

# jl_no_exc_handler (src/task.c) ends the process by jl_exit (src/init.c): up to 1.8 that is C's exit, later Julia's own hooks run before.
"Has a function called, given as itself and as C has it, when an error that nobody caught ends the process."
function at_end(f, pointer::Ptr{Cvoid})
    VERSION >= v"1.9" && return atexit(f)
    # C's `atexit` is in no shared library; this is what it calls.
    ccall(:__cxa_atexit, Cint, (Ptr{Cvoid}, Ptr{Cvoid}, Ptr{Cvoid}), pointer, C_NULL, C_NULL)
end

# NEWS of 1.7: `current_exceptions`. 1.5 has the same under another name.
"The error that is being handled and its backtrace, or nothing twice."
function uncaught()
    stack = isdefined(Base, :current_exceptions) ? Base.current_exceptions() : Base.catch_stack()
    isempty(stack) ? (nothing, nothing) : (last(stack)[1], last(stack)[2])
end
