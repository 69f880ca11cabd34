"Lambda's information about one invocation, in addition to its argument."
struct Context
    request_id::String
    "The time at which Lambda ends the invocation, in milliseconds since 1970."
    deadline_ms::Int64
    function_arn::String
    trace_id::String
    "JSON text of a mobile client, or empty."
    client_context::String
    "JSON text of a Cognito identity, or empty."
    cognito_identity::String
end

function Context(headers::Dict{String,String})
    header(name) = get(headers, name, "")
    deadline = tryparse(Int64, header("lambda-runtime-deadline-ms"))
    Context(
        header("lambda-runtime-aws-request-id"),
        deadline === nothing ? typemax(Int64) : deadline,
        header("lambda-runtime-invoked-function-arn"),
        header("lambda-runtime-trace-id"),
        header("lambda-runtime-client-context"),
        header("lambda-runtime-cognito-identity"),
    )
end

"""
`context.remaining_ms`: milliseconds until the deadline by the wall clock, as Lambda itself counts.
"""
function Base.getproperty(context::Context, name::Symbol)
    name === :remaining_ms || return getfield(context, name)
    max(0, getfield(context, :deadline_ms) - round(Int64, 1000 * time()))
end

Base.propertynames(::Context) = (fieldnames(Context)..., :remaining_ms)
