# Build stage of a responder's image: checks the script, compiles the package, replays the exemplar
# session. Arguments: the generated package's name, and julia.compile. Files for the image are left
# in /jot/out.
#
# Julia runs this with `--compile=min`: interpreting code that runs once takes a fraction of the
# time for compiling it. Code that is measured, compiled or proved runs in separate processes with
# the flags of the start. Each start of Julia takes time, so processes that are always needed are
# started first and wait.

const ENVIRONMENT = "/opt/jot/env"
const ENVIRONMENT_FILE = "/jot/build/environment.json"
const JULIA = "/opt/jot/bin/julia"
const PACKAGE, MODE = ARGS

include("/opt/jot/runtime/versions.jl")
include("dependencies.jl")
if MODE == "sysimage"
    # The runtime is compiled for a system image with what only that needs.
    ENV["JOT_SYSTEM_IMAGE"] = "true"
    isfile(SYSTEM_IMAGE) || run(`$JULIA -e "import JotRuntime"`)
end
if MODE != "none" || isfile(ENVIRONMENT_FILE)
    import JotRuntime
end
# `julia.exemplar_environment`, for code that runs during the build.
isfile(ENVIRONMENT_FILE) &&
    merge!(ENV, JotRuntime.read_json(read(ENVIRONMENT_FILE), Dict{String,String}))

include("waiting.jl")
const FIRST = first_load(PACKAGE)
const PROOF = MODE == "trim" || MODE == "sysimage" && !has_package_images() ? nothing :
    proof(PACKAGE)

include("files.jl")
include("fault.jl")
include("syntax.jl")
include("words.jl")
include("script.jl")
include("uncached.jl")
if MODE != "none"
    include("stand_in.jl")
    include("exemplar.jl")
end
if MODE == "sysimage"
    include("project.jl")
    include("sysimage.jl")
end
MODE == "trim" && include(joinpath("trim", "build.jl"))

"Ends the build with a sentence."
stop(sentence::String) = (println(stderr, "jot: ", sentence); exit(1))

"Ends the build with an error of the user's code."
stop(faults::Vector{Fault}) = (foreach(tell, faults); exit(1))

say(sentence) = (println("jot: ", sentence); flush(stdout))

"Compiles a package's cache in a separate process. Returns whether that succeeded."
compile(package::String) =
    success(pipeline(`$JULIA -e "import $package"`; stdout = stdout, stderr = stderr))

"Compiles once more, with the methods that the exemplar session needed."
function compile_statements(package::String, statements::Vector{String})
    file = joinpath(ENVIRONMENT, package, "src", "statements.jl")
    write(file, join(statements, '\n'))
    set_time(file)
    rm(joinpath(DEPOT, "compiled", "v$(VERSION.major).$(VERSION.minor)", package); recursive = true)
    failures = "/jot/failed"
    withenv(() -> compile(package), "JOT_FAILED_STATEMENTS" => failures) ||
        stop("the package does not compile with its precompile statements")
    failed = isfile(failures) ? readlines(failures) : String[]
    say("$(length(statements) - length(failed)) of $(length(statements)) traced methods compiled")
    foreach(statement -> say("not compiled: $statement"), failed)
end

"""
Compiles the traced statements. If a cache contains native code, the session is run again on it;
before, Julia compiles everything again at run time, and another session shows nothing about the
cache.
"""
function compile_traced(package::String, arguments::Vector{Vector{UInt8}}, traced::Vector{String})
    has_package_images() || return compile_statements(package, traced)
    repeat_session(arguments, traced) do _
        compile_statements(package, traced)
    end
end

"Copies files that belong into the image, with one fixed time; files of the base image stay there."
function export_image(out::String, files::Vector{String})
    for file in files
        target = joinpath(out, lstrip(file, '/'))
        mkpath(dirname(target))
        cp(file, target)
    end
    settle(out)
end

"The arguments of the exemplar session, in the tests' order."
exemplars() = isdir("/jot/exemplar") ?
    read.(sort!(readdir("/jot/exemplar"; join = true))) : Vector{UInt8}[]

"The statements compiled for the package's own tests, if they were run."
function tested_statements()
    isdir("/jot/tested") || return String[]
    found = without_tests(statements(readdir("/jot/tested"; join = true)))
    say("$(length(found)) methods of the package's own tests")
    found
end

"""
Runs the build script of a package directory, as Pkg does on installation. Files that it writes into
its folder are in the image.
"""
function run_build_script()
    for name in readdir(ENVIRONMENT)
        script = joinpath(ENVIRONMENT, name, "deps", "build.jl")
        isfile(script) || continue
        say("running deps/build.jl")
        command = setenv(`$JULIA build.jl`; dir = dirname(script))
        built = success(pipeline(command; stdout = stdout, stderr = stderr))
        built || stop("deps/build.jl of the package failed: it runs in the image, " *
            "which has no compiler and no package registry")
    end
end

"""
Loads the package for the first time, which compiles it; ends the build with the cause if that
fails.
"""
function load(package::String)
    # A source that calls `exit` ends the process well.
    if let_go(FIRST) && isfile("/jot/loaded")
        write(stderr, told_by_load())
        return nothing
    end
    code = "include(\"/opt/jot/runtime/versions.jl\"); include(\"/jot/build/explain.jl\"); " *
        "report(ARGS..., read(\"$LOAD_LOG\", String))"
    command = `$JULIA -e $code $ENVIRONMENT $package`
    explained = success(pipeline(command; stdout = stdout, stderr = stderr))
    explained && exit(1)
    write(stderr, told_by_load())
    stop("the responder cannot be loaded")
end

"""
Whether the package has a cache. If Julia makes none, the start is changed so that it does not try.
"""
function settle_start(package::String, mode::String)
    has_cache(package, DEPOT_PATH) && return true
    loaded = loaded_packages("/jot/loaded")
    cached = filter(((name, _),) -> has_cache(name, DEPOT_PATH), loaded)
    uncached = map(first, setdiff(loaded, cached))
    others = filter(name -> !isdir(joinpath(ENVIRONMENT, name)), uncached)
    is_other(name) = name != package && isdir(joinpath(ENVIRONMENT, name))
    folders = filter(is_other, readdir(ENVIRONMENT))
    source = isempty(folders) ? joinpath(ENVIRONMENT, package, "src") :
        joinpath(ENVIRONMENT, first(folders))
    reason = uncached_reason(source, others)
    mode == "sysimage" && !has_package_images() &&
        stop("compile = \"sysimage\" cannot contain the responder: $reason. " *
            "Remove that, or set compile = \"precompile\"")
    say("note: the responder has no cache, and every start compiles it: $reason")
    # For `base/proof.jl`.
    write(joinpath(ENVIRONMENT, "uncached"), join(uncached, '\n'))
    file = joinpath(ENVIRONMENT, "start.jl")
    write(file, uncached_start(read(file, String), cached))
    false
end

function main(package::String, mode::String)
    inherited = Set(files_below(joinpath(DEPOT, "compiled")))
    prepare_script(joinpath(ENVIRONMENT, package))
    run_build_script()
    settle(ENVIRONMENT)
    load(package)
    MODE == "trim" && return make_program(package, exemplars())
    cached = settle_start(package, mode)
    arguments = exemplars()
    traced = isempty(arguments) || mode == "none" ? String[] : exemplar_statements(arguments)
    made() = setdiff(files_below(joinpath(DEPOT, "compiled")), inherited)
    cached || return export_image("/jot/out", [files_below(ENVIRONMENT); made()])
    traced = unique(vcat(traced, tested_statements()))
    # From 1.9 on, the system image is in the base, and the responder is a package image on it.
    if mode == "sysimage" && !has_package_images()
        make_image(package, arguments, traced)
        return export_image("/jot/out", [files_below(ENVIRONMENT); SYSTEM_IMAGE])
    end
    isempty(traced) || compile_traced(package, arguments, traced)
    accepted(PROOF) || stop("Julia does not accept the cache that it just created")
    export_image("/jot/out", [files_below(ENVIRONMENT); made()])
end

main(PACKAGE, MODE)
