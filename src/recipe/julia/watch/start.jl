# Made by jot for `jot run --watch`: answers invocations, and loads changed sources when jot sends them. In no image that is pushed.
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

"What jot sends after a change. `main` is the path of the file that loads the others, and defines the module of its name."
struct Changed
    token::String
    main::String
    files::Vector{SentFile}
end

"What answers now."
mutable struct Loaded
    handler::Any
    type::Type
    takes_context::Bool
    loads::Int
end

"An invocation that was not read: its type may be newer than the loop."
struct Unread end
JotRuntime.read_argument(::Type{Unread}, body::Vector{UInt8}, context::JotRuntime.Context) = (body, context)

# Known to jot alone: no caller of the function can have sources loaded.
const TOKEN = pop!(ENV, "JOT_RELOAD", "")
const BEGINNING = codeunits("{\"token\":\"$TOKEN\"")

is_change(body::Vector{UInt8}) = !isempty(TOKEN) && length(body) > length(BEGINNING) && view(body, 1:length(BEGINNING)) == BEGINNING

# What was loaded is newer than the loop, and so are the methods that read and write its types.
(loaded::Loaded)((body, context)) = Base.invokelatest(answer, loaded, body, context)

function answer(loaded::Loaded, body::Vector{UInt8}, context)
    is_change(body) && return JotRuntime.InvocationResponse(response = load(loaded, JotRuntime.read_json(body, Changed)))
    argument = JotRuntime.read_argument(loaded.type, body, context)
    value = loaded.takes_context ? loaded.handler(argument, context) : loaded.handler(argument)
    value isa Union{JotRuntime.InvocationResponse,JotRuntime.InvocationError} && return value
    out = IOBuffer()
    JotRuntime.write_json(out, value)
    JotRuntime.InvocationResponse(response = take!(out))
end

"What jot is answered: `true`, or the error as a document, which is no error of an invocation and in no log."
function load(loaded::Loaded, changed::Changed)
    try
        load!(loaded, changed)
        return "true"
    catch error
        document = JotRuntime.error_document(error, catch_backtrace())
        missing_package = match(r"Package (\S+) not found in current path", document.errorMessage)
        missing_package === nothing && return JotRuntime.document_bytes(document)
        message = "$(missing_package[1]) is no standard library and no dependency: declare it in julia.dependencies of jot.toml"
        return JotRuntime.document_bytes((errorType = document.errorType, errorMessage = message, stackTrace = document.stackTrace))
    end
end

"Loads the files into a module of their own. What answered before goes on where they fail."
function load!(loaded::Loaded, changed::Changed)
    loaded.loads += 1
    folder = joinpath("/tmp/jot-reload", string(loaded.loads))
    for file in changed.files
        path = joinpath(folder, file.path)
        mkpath(dirname(path))
        write(path, hex2bytes(file.bytes))
    end
    scope = Module(:Reloaded)
    Base.include(scope, joinpath(folder, changed.main))
    Base.invokelatest(take_over!, loaded, scope, Symbol(first(splitext(basename(changed.main)))))
    rm(joinpath("/tmp/jot-reload", string(loaded.loads - 1)); recursive = true, force = true)
end

function take_over!(loaded::Loaded, scope::Module, name::Symbol)
    responder = getfield(scope, name)
    loaded.handler, loaded.type, loaded.takes_context = responder.handler, responder.ArgumentType, responder.takes_context
    nothing
end

const FIRST = Loaded(RESPONDER.handler, RESPONDER.ArgumentType, RESPONDER.takes_context, 0)
JotRuntime.run(FIRST, Unread, false)
