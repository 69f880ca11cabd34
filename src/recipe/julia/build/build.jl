# Build stage of a responder's image: checks the script, compiles the package, replays the exemplar session.
# Arguments: the generated package's name. What belongs into the image is left in /jot/out.

include("/opt/jot/runtime/JotRuntime.jl")
include("/opt/jot/runtime/versions.jl")
include("files.jl")
include("dependencies.jl")
include("script.jl")
include("stand_in.jl")
include("exemplar.jl")

const ENVIRONMENT = "/opt/jot/env"
const JULIA = "/opt/jot/bin/julia"

"Ends the build with a sentence."
stop(sentence) = (println(stderr, "jot: ", sentence); exit(1))

say(sentence) = (println("jot: ", sentence); flush(stdout))

"Compiles a package's cache, in a process of its own. Gives whether that went well."
compile(package::String) = success(pipeline(`$JULIA -e "import $package"`; stdout = stdout, stderr = stderr))

"Whether the start would take the caches as they are, and not make its own."
function accepted(package::String)
    mktempdir() do scratch
        loads = withenv("JOT_DEPOT_PATH" => "$scratch:$DEPOT:") do
            success(pipeline(`$JULIA -e "import $package"`; stdout = stdout, stderr = stderr))
        end
        loads && !ispath(joinpath(scratch, "compiled"))
    end
end

"Compiles once more, with what the exemplar session has shown to be needed."
function compile_statements(package::String, statements::Vector{String})
    file = joinpath(ENVIRONMENT, package, "src", "statements.jl")
    write(file, join(statements, '\n'))
    set_time(file)
    rm(joinpath(DEPOT, "compiled", "v$(VERSION.major).$(VERSION.minor)", package); recursive = true)
    failures = "/jot/failed"
    withenv(() -> compile(package), "JOT_FAILED_STATEMENTS" => failures) || stop("the package does not compile with its precompile statements")
    failed = isfile(failures) ? readlines(failures) : String[]
    say("$(length(statements) - length(failed)) of $(length(statements)) traced methods compiled")
    foreach(statement -> say("not compiled: $statement"), failed)
end

"Copies what belongs into the image, every file with the one fixed time; what the base image has stays there."
function export_image(out::String, inherited::Set{String})
    for folder in (ENVIRONMENT, joinpath(DEPOT, "compiled")), file in files_below(folder)
        file in inherited && continue
        target = joinpath(out, lstrip(file, '/'))
        mkpath(dirname(target))
        cp(file, target)
    end
    settle(out)
end

function main(package::String)
    inherited = Set(files_below(joinpath(DEPOT, "compiled")))
    prepare_script(joinpath(ENVIRONMENT, package))
    settle(ENVIRONMENT)
    compile(package) || stop("the responder cannot be loaded")
    arguments = isdir("/jot/exemplar") ? sort!(readdir("/jot/exemplar"; join = true)) : String[]
    isempty(arguments) || compile_statements(package, exemplar_statements(read.(arguments)))
    accepted(package) || stop("Julia does not accept the cache that it has just made")
    export_image("/jot/out", inherited)
end

main(ARGS[1])
