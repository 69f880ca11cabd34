# The Runtime API: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
#
# Julia compiles whatever a method may call when it first runs. Code that an invocation rarely needs
# is called through `invokelatest`, here and in the other files, so that it is compiled when needed
# and not at every cold start.

const API = "/2018-06-01/runtime"

# Where the image of a function with SnapStart keeps the tests' arguments.
const EXEMPLAR = "/opt/jot/exemplar"

"""
Answers invocations forever. `takes_context` says whether the handler is called as
`handler(argument, context)`; it is determined when the package is compiled, so that the start needs
no reflection. `hook` is called after a restore from a snapshot; before the snapshot, the arguments
in the files of the folder `exemplar` are answered. Neither this nor the methods that it calls are
compiled for each handler and type: they are compiled once, in the base image, and a start compiles
only code of the responder.
"""
function run(
    @nospecialize(handler), @nospecialize(type::Type), takes_context::Bool,
    @nospecialize(hook = nothing), exemplar::String = EXEMPLAR,
)
    took_over[] = true
    logs_json() && CoreLogging.global_logger(JsonLogger())
    streaming[] = haskey(ENV, "JOT_STREAMING")
    connection = Connection(ENV["AWS_LAMBDA_RUNTIME_API"])
    snapshot_wanted() &&
        Base.invokelatest(pass_snapshot, connection, handler, type, takes_context, hook, exemplar)
    next = request(connection, "GET", "$API/invocation/next")
    while true
        turn(connection, next, handler, type, takes_context)
    end
end

"""
Takes one invocation and answers it. An error of the handler becomes the answer; one of the
connection is thrown.
"""
function turn(
    connection::Connection, next::Vector{UInt8}, @nospecialize(handler), @nospecialize(type::Type),
    takes_context::Bool,
)
    invocation = exchange(connection, next; repeatable = true)
    invocation.status == 200 || Base.invokelatest(unexpected, invocation.status)
    context = Context(invocation.headers)
    current_request[] = context.request_id
    trace!(context.trace_id)
    answer = respond(connection, handler, type, takes_context, invocation.body, context)
    answer isa Streamed &&
        return Base.invokelatest(send_streamed, connection, context, answer)::Nothing
    status = exchange(connection, answer).status
    200 <= status < 300 && return nothing
    status == 413 && return Base.invokelatest(report_too_large, connection, context, length(answer))
    Base.invokelatest(unexpected, status)
end

unexpected(status::Int) = error("the Runtime API answered with status $status")

"Sets the tracing header of this invocation where AWS's SDKs read it."
function trace!(id::String)
    isempty(id) ? delete!(ENV, "_X_AMZN_TRACE_ID") : (ENV["_X_AMZN_TRACE_ID"] = id)
    nothing
end

"The request with the handler's answer or error, or a streamed answer."
function respond(
    connection::Connection, @nospecialize(handler), @nospecialize(type::Type), takes_context::Bool,
    body::Vector{UInt8}, context::Context,
)
    path = string(API, "/invocation/", context.request_id)
    try
        event = unwraps[] ? Base.invokelatest(unwrapped, body)::Vector{UInt8} : body
        argument = read_argument(type, event, context)
        value = takes_context ? handler(argument, context) : handler(argument)
        return reply(connection, path, value, body)::Union{Vector{UInt8},Streamed}
    catch error
        return Base.invokelatest(failure, connection, path, error, catch_backtrace())::Vector{UInt8}
    end
end

failure(connection::Connection, path::String, error, backtrace) =
    error_request(connection, "$path/error", error_document(error, backtrace))

read_argument(::Type{T}, body::Vector{UInt8}, ::Context) where {T} = read_json(body, T)
read_argument(::Type{Invocation}, body::Vector{UInt8}, context::Context) = Invocation(body, context)

function error_request(connection::Connection, path::String, document)
    log_error(document)
    request(connection, "POST", path, error_type_header(document), document_bytes(document))
end

"""
Reports an answer of more than 6 MB, Lambda's limit:
https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""
function report_too_large(connection::Connection, context::Context, size::Int)
    document = (errorType = "AnswerTooLarge",
        errorMessage = "Lambda refused an answer of $size bytes", stackTrace = String[])
    path = "$API/invocation/$(context.request_id)/error"
    exchange(connection, error_request(connection, path, document))
    nothing
end

"Reports to Lambda that the responder could not be loaded; the process must then end with an error."
function report_init_error(error, backtrace)
    took_over[] = true
    document = error_document(error, backtrace)
    connection = Connection(ENV["AWS_LAMBDA_RUNTIME_API"])
    exchange(connection, error_request(connection, "$API/init/error", document))
    nothing
end
