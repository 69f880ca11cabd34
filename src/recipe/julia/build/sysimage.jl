# compile = "sysimage" before Julia 1.9: one image with Julia, the runtime, the dependencies and the
# responder.

const COMPILER = "/jot/compiler"
const PROJECT = "/jot/project"

function make_image(package::String, arguments::Vector{Vector{UInt8}}, traced::Vector{String})
    kept = kept_libraries(@__DIR__)
    libraries = write_project(PROJECT, [ENVIRONMENT, PACKAGES], DEPENDENCIES, kept)
    say("the system image contains $(join(libraries, ", "))")
    events = isempty(arguments) ? arguments : vcat(arguments, faulty_events())
    repeat_session(arguments, traced) do round
        create_image(package, kept, traced, round == 1 ? events : empty(events))
    end
end

"""
Has PackageCompiler make the image; in the first round it traces a session itself, of these events.
"""
function create_image(
    package::String, kept::Vector{String}, statements::Vector{String},
    events::Vector{Vector{UInt8}},
)
    file = "/jot/statements.jl"
    write(file, join(statements, '\n'))
    port, server = listenany(ip"127.0.0.1", rand(20000:50000))
    serving = @async (serve_events(server, events, StandInAnswer[]); close(server))
    session = isempty(events) ? "" : "/jot/build/session.jl"
    command = `$(Base.julia_cmd().exec[1]) --startup-file=no --history-file=no /jot/build/image.jl
        $PROJECT $file $session $SYSTEM_IMAGE $package $kept`
    made = withenv(
        "JULIA_LOAD_PATH" => "@:$COMPILER/env:@stdlib",
        "JULIA_DEPOT_PATH" => "/tmp/jot-depot:$COMPILER/depot:$DEPOT:",
        "JOT_PACKAGE" => package, "AWS_LAMBDA_RUNTIME_API" => "127.0.0.1:$(Int(port))",
    ) do
        success(pipeline(command; stdout = stdout, stderr = stderr))
    end
    isopen(server) && close(server)
    made || stop("PackageCompiler did not create the system image")
    run(`strip --strip-unneeded $SYSTEM_IMAGE`)
end
