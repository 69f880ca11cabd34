# Made by jot for `jot run --watch`: answers invocations, and loads changed sources when jot sends
# them. Never in a pushed image.
try
    import JotRuntime
    import RESPONDER
catch error
    import JotRuntime
    Base.invokelatest(() -> JotRuntime.report_init_error(error, catch_backtrace()))
    exit(1)
end

"A file of the context, its bytes in hex."
struct SentFile
    path::String
    bytes::String
end

"""
The message of jot after a change. `main` are the paths of the files that load the others; the last
one defines the module of its name.
"""
struct Changed
    token::String
    main::Vector{String}
    files::Vector{SentFile}
end

"The code that answers now."
mutable struct Loaded
    handler::Any
    type::Type
    takes_context::Bool
    loads::Int
end

"An invocation that is not read yet: its type may be newer than the loop."
struct Unread end
JotRuntime.read_argument(::Type{Unread}, body::Vector{UInt8}, context::JotRuntime.Context) =
    (body, context)

# Known only to jot: no caller of the function can have sources loaded.
const TOKEN = pop!(ENV, "JOT_RELOAD", "")
const BEGINNING = codeunits("{\"token\":\"$TOKEN\"")

is_change(body::Vector{UInt8}) = !isempty(TOKEN) && length(body) > length(BEGINNING) &&
    view(body, 1:length(BEGINNING)) == BEGINNING

# The loaded code is newer than the loop, and so are the methods that read and write its types.
(loaded::Loaded)((body, context)) = Base.invokelatest(answer, loaded, body, context)

function answer(loaded::Loaded, body::Vector{UInt8}, context)
    is_change(body) && return JotRuntime.InvocationResponse(
        response = load(loaded, JotRuntime.read_json(body, Changed)))
    argument = JotRuntime.read_argument(loaded.type, body, context)
    value = loaded.takes_context ? loaded.handler(argument, context) : loaded.handler(argument)
    value = JotRuntime.shaped(value, body)
    value isa Union{JotRuntime.InvocationResponse,JotRuntime.InvocationError,JotRuntime.Streamed} &&
        return value
    out = IOBuffer()
    JotRuntime.write_json(out, value)
    JotRuntime.InvocationResponse(response = take!(out))
end

"""
The answer to jot: `true`, or what is wrong with the code, which is not an error of an invocation
and is not logged.
"""
function load(loaded::Loaded, changed::Changed)
    loaded.loads += 1
    folder, scope = joinpath("/tmp/jot-reload", string(loaded.loads)), Module(:Reloaded)
    try
        load!(loaded, changed, folder, scope)
        return "true"
    catch error
        return explained(error, catch_backtrace(), joinpath(folder, last(changed.main)), scope)
    end
end

module Explanation end

"What is wrong, as the build would report it; the files for that are loaded at the first error."
function explained(error, backtrace, main::String, scope::Module)
    if !isdefined(Explanation, :faults_in)
        Base.include(Explanation, "/opt/jot/runtime/versions.jl")
        Base.include(Explanation, joinpath(@__DIR__, "explain.jl"))
    end
    asked = Base.invokelatest(Explanation.asked_for, read(main, String))
    package = String(first(splitext(basename(main))))
    faults = Base.invokelatest(
        Explanation.faults_in, error, backtrace, dirname(main), package, asked, scope)
    Base.invokelatest(Explanation.document, first(faults))
end

"Loads the files into a separate module. The previous code continues to answer if they fail."
function load!(loaded::Loaded, changed::Changed, folder::String, scope::Module)
    for file in changed.files
        path = joinpath(folder, file.path)
        mkpath(dirname(path))
        write(path, hex2bytes(file.bytes))
    end
    foreach(main -> Base.include(scope, joinpath(folder, main)), changed.main)
    name = Symbol(first(splitext(basename(last(changed.main)))))
    Base.invokelatest(take_over!, loaded, scope, name)
    rm(joinpath("/tmp/jot-reload", string(loaded.loads - 1)); recursive = true, force = true)
end

function take_over!(loaded::Loaded, scope::Module, name::Symbol)
    responder = getfield(scope, name)
    loaded.handler, loaded.type, loaded.takes_context =
        responder.handler, responder.ArgumentType, responder.takes_context
    nothing
end

"""
Loads the existing sources once more, so that the code for loading is compiled before the first
save. A source that does not load twice in a process is built at each save.
"""
function rehearse()
    root = dirname(dirname(dirname(dirname(pathof(RESPONDER)))))
    files = String[]
    for (folder, _, names) in walkdir(joinpath(root, "env")), name in names
        push!(files, relpath(joinpath(folder, name), root))
    end
    sent = [(path = path, bytes = bytes2hex(read(joinpath(root, path)))) for path in files]
    request = JotRuntime.document_bytes((token = TOKEN, main = MAINS, files = sent))
    rehearsal = Loaded(RESPONDER.handler, RESPONDER.ArgumentType, RESPONDER.takes_context, 0)
    rehearsal((Vector{UInt8}(request), JotRuntime.Context(Dict{String,String}())))
end

JotRuntime.unwraps[] = isdefined(RESPONDER, :unwraps)
isempty(TOKEN) || rehearse()
const FIRST = Loaded(RESPONDER.handler, RESPONDER.ArgumentType, RESPONDER.takes_context, 0)
JotRuntime.run(FIRST, Unread, false)
