# Whatever depends on Julia's version stands in this file. The image's build scripts include it as well.

# Code for other processors of the same architecture, in package images (they came with 1.9, NEWS of 1.9: "native code
# in package precompilation"). The build machine's own processor must not decide what Lambda can load.
const CPU_TARGETS = Dict(
    :x86_64 => "generic;sandybridge,-xsaveopt,clone_all;haswell,-rdrnd,base(1)",
    :aarch64 => "generic;neoverse-n1,clone_all",
)

"The value of JULIA_CPU_TARGET for build and start alike, or nothing where caches hold no native code (before 1.9)."
cpu_target() = VERSION >= v"1.9" ? get(CPU_TARGETS, Sys.ARCH, nothing) : nothing

# 1.9 brought --heap-size-hint (NEWS of 1.9, command-line options). Without it Julia takes the host's memory for its own.
"Shell lines before the start, whole lines or none: 70% of the memory setting, for the garbage collector."
start_lines() = VERSION < v"1.9" ? "" :
    "heap=\"\${AWS_LAMBDA_FUNCTION_MEMORY_SIZE:+\$((AWS_LAMBDA_FUNCTION_MEMORY_SIZE * 70 / 100))}\"\n"

"Flags of the start that this version knows, as words of a shell command."
function start_flags()
    flags = ["--startup-file=no", "--history-file=no"]
    VERSION >= v"1.9" && push!(flags, "\${heap:+--heap-size-hint=\${heap}M}")
    # 1.11 brought the value `existing` (NEWS of 1.11): a cache is used or done without, never made at run time.
    VERSION >= v"1.11" && append!(flags, ["--compiled-modules=existing", "--pkgimages=existing"])
    flags
end

"Every top-level expression of a text: `Meta.parseall` is there from 1.6 on, the same under another name before."
function parse_all(text::String, file::String)
    isdefined(Meta, :parseall) && return Meta.parseall(text; filename = file)
    Base.parse_input_line(text; filename = file)
end
