# Raw events and raw answers, under the names of julia-aws-lambda-image, so that a
# `react_to_invocation` for it needs no change.

"""
The unchanged event, for `argument_type = "Invocation"`. `invocation.bytes` is its text;
`invocation.body` is that text read as JSON, when first used: dictionaries, vectors, strings,
numbers, `true`, `false`, `nothing`.
"""
mutable struct Invocation
    bytes::Vector{UInt8}
    context::Context
    body::Any
    Invocation(bytes::Vector{UInt8}, context::Context) = new(bytes, context)
end

function Base.getproperty(invocation::Invocation, name::Symbol)
    name === :body && return body!(invocation)
    name === :aws_request_id && return invocation.context.request_id
    name === :deadline_ms && return invocation.context.deadline_ms
    name === :invoked_function_arn && return invocation.context.function_arn
    name === :trace_id && return invocation.context.trace_id
    getfield(invocation, name)
end

Base.propertynames(::Invocation) = (
    fieldnames(Invocation)..., :aws_request_id, :deadline_ms, :invoked_function_arn, :trace_id)

function body!(invocation::Invocation)
    isdefined(invocation, :body) || setfield!(invocation, :body, read_json(invocation.bytes, Any))
    getfield(invocation, :body)
end

"""
An answer: a text or bytes are sent unchanged and should be JSON; anything else is written as JSON.
"""
Base.@kwdef struct InvocationResponse
    response::Any
end

"An error to answer with instead of throwing it."
Base.@kwdef struct InvocationError
    errorType::String
    errorMessage::String
end
InvocationError(error::Exception) =
    InvocationError(string(nameof(typeof(error))), message_of(error))

"The request that answers with a value."
function answer_request(connection::Connection, path::String, value)
    out = IOBuffer()
    write_json(out, value)
    request(connection, "POST", "$path/response", "", take!(out))
end
answer_request(connection::Connection, path::String, answer::InvocationResponse) =
    raw_request(connection, path, answer.response)
answer_request(connection::Connection, path::String, error::InvocationError) =
    error_request(connection, "$path/error", (
        errorType = error.errorType, errorMessage = error.errorMessage, stackTrace = String[]))

raw_request(connection::Connection, path::String, response) =
    answer_request(connection, path, response)
raw_request(connection::Connection, path::String, text::AbstractString) =
    raw_request(connection, path, codeunits(String(text)))
raw_request(connection::Connection, path::String, bytes::AbstractVector{UInt8}) =
    request(connection, "POST", "$path/response", "", Vector{UInt8}(bytes))
