# compile = "trim": a program made by Julia's own `--trim=safe`, linked with the libraries of the
# base.

using Libdl

include("verifier.jl")

"Julia's own script for executables, from 1.12 on."
const BUILD_SCRIPT =
    normpath(joinpath(Sys.BINDIR, "..", "share", "julia", "juliac", "juliac-buildscript.jl"))
const LIBRARIES = "/opt/jot/libraries"
const WORK = "/jot/program"

# A program contains code for one processor: the features that all of Lambda's have,
# https://docs.aws.amazon.com/lambda/latest/dg/foundation-arch.html
const PROGRAM_TARGETS = Dict(:x86_64 => "haswell", :aarch64 => "neoverse-n1")

is_own_file(file) = startswith(file, ENVIRONMENT) && !startswith(basename(file), "JotResponder_")

"Compiles the program into an archive of object files."
function compile_program(package::String, archive::String, variables::Pair{String,String}...)
    isfile(BUILD_SCRIPT) || stop(
        "compile = \"trim\" needs Julia 1.12 or later with share/julia/juliac, " *
        "which this image lacks (Julia $VERSION): use the image `julia`, or another mode")
    target = get(PROGRAM_TARGETS, Sys.ARCH, "generic")
    # Without the image's name Julia would build itself from nothing.
    image = unsafe_string(Base.JLOptions().image_file)
    command = `$JULIA --sysimage=$image --color=no --cpu-target=$target
        --output-o $archive --output-incremental=no --strip-ir --strip-metadata
        --experimental --trim=safe $BUILD_SCRIPT /jot/build/trim/program.jl --output-exe false`
    log = "$archive.log"
    made = withenv("JOT_PACKAGE" => package, "JULIA_CPU_TARGET" => target, variables...) do
        success(pipeline(command; stdout = log, stderr = log, append = true))
    end
    text = read(log, String)
    made && return nothing
    # What the types forbid is in the log already.
    faults = filter(line -> startswith(line, "jot-fault "), split(text, '\n'))
    isempty(faults) || (foreach(line -> println(stderr, line), faults); exit(1))
    fault = trim_fault(text, is_own_file)
    fault === nothing || stop([fault])
    write(stderr, text)
    stop("the program cannot be compiled")
end

"Links the program with Julia's libraries, as this process has loaded them."
function link_program(archive::String, program::String)
    libraries = filter(
        path -> occursin(r"^libjulia(-internal)?\.so", basename(path)), Libdl.dllist())
    paths = map(folder -> "-Wl,-rpath,$folder", unique(map(dirname, libraries)))
    mkpath(dirname(program))
    run(`gcc -o $program -Wl,--export-dynamic
        -Wl,--whole-archive $archive -Wl,--no-whole-archive $paths $libraries -lm`)
    run(`strip --strip-unneeded $program`)
end

"""
Whether a file contains a text, by `grep`: this process interprets its code, and would take minutes.
"""
has_text(file::String, text::String) = success(`grep --quiet --text --fixed-strings $text $file`)

# Base names these in constants of its own, whatever a program calls.
const NAMED_BY_BASE = r"^lib(julia|openblas|gfortran|quadmath|stdc\+\+|gcc_s|gomp|atomic|ssp|LLVM)"

"Julia's libraries that a program names and the base lacks, with their own libraries."
function further_libraries(program::String)
    present = Set(isfile(LIBRARIES) ? readlines(LIBRARIES) : String[])
    private = dirname(unsafe_string(Base.JLOptions().image_file))
    called = filter(readdir(private)) do name
        stem = match(r"^(lib[\w+-]+?)(?:64_)?\.so", name)
        stem !== nothing && !occursin(NAMED_BY_BASE, name) &&
            !(name in present) && has_text(program, "$(stem[1]).so")
    end
    # BLAS names its backend only in a variable, and loads it after its linked libraries.
    blas = any(name -> startswith(name, "libblastrampoline"), called)
    if blas
        backend = r"^lib(openblas|gfortran|quadmath)"
        append!(called, filter(name -> occursin(backend, name), readdir(private)))
    end
    files = joinpath.(private, unique(called))
    outputs = map(file -> read(ignorestatus(`ldd $file`), String), files)
    library = r"(?:=> |^\s*)(/\S+) \(0x"m
    linked = [String(found[1]) for text in outputs for found in eachmatch(library, text)]
    filter(file -> !(basename(file) in present), unique(vcat(files, linked)))
end

"Runs the command of the image without Julia's compiler, which the image lacks."
function without_compiler(work)
    private = dirname(unsafe_string(Base.JLOptions().image_file))
    hidden = filter(name -> occursin(r"^lib(julia-codegen|LLVM)", name), readdir(private))
    foreach(name -> mv(joinpath(private, name), joinpath(private, "hidden-$name")), hidden)
    try
        work()
    finally
        foreach(name -> mv(joinpath(private, "hidden-$name"), joinpath(private, name)), hidden)
    end
end

"Shows the program's answers to the tests' arguments."
function rehearse_program(arguments::Vector{Vector{UInt8}})
    isempty(arguments) && return nothing
    say("exemplar session: $(counted(length(arguments), "argument"))")
    events = vcat(arguments, faulty_events())
    without_compiler() do
        isfile(EMULATOR) ? replay_emulated(events, length(arguments)) :
            replay_alone(events, length(arguments))
    end
end

function make_program(package::String, arguments::Vector{Vector{UInt8}})
    mkpath(WORK)
    archive = joinpath(WORK, "program.a")
    compile_program(package, archive)
    has_text(archive, "libblastrampoline.so") &&
        compile_program(package, archive, "JOT_BLAS" => "true")
    link_program(archive, PROGRAM)
    say("the program has $(filesize(PROGRAM)) bytes")
    libraries = further_libraries(PROGRAM)
    isempty(libraries) || say("it includes $(join(map(basename, libraries), ", "))")
    rehearse_program(arguments)
    chmod(PROGRAM, 0o755)
    foreach(library -> place("/jot/out", library), libraries)
    export_image("/jot/out", [PROGRAM])
end
