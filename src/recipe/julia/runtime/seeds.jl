# The work of every start, and of usual arguments and answers: compiled into the base image's cache.

precompile(run, (Any, Type, Bool))
precompile(turn, (Connection, Vector{UInt8}, Any, Type, Bool))
precompile(respond, (Connection, Any, Type, Bool, Vector{UInt8}, Context))
precompile(Base.isstructtype, (Type,))
precompile(Connection, (String,))
precompile(request, (Connection, String, String))
precompile(request, (Connection, String, String, String, Vector{UInt8}))
precompile(exchange, (Connection, Vector{UInt8}))
precompile(
    Core.kwfunc(exchange),
    (NamedTuple{(:repeatable,),Tuple{Bool}}, typeof(exchange), Connection, Vector{UInt8}))
precompile(Context, (Dict{String,String},))
precompile(trace!, (String,))
precompile(is_series, (Any,))
precompile(reply_shaped, (Connection, String, Any, Vector{UInt8}))
precompile(http_answer, (Any, Vector{UInt8}))
precompile(answer_request, (Connection, String, HttpAnswer))
precompile(unwrapped, (Vector{UInt8},))
precompile(logs_json, ())
precompile(receive, (TCPSocket,))
precompile(connected, (Connection,))
precompile(send_and_receive, (Connection, Vector{UInt8}))

for type in (
    Int, Float64, String, Bool, Vector{Int}, Vector{Float64}, Vector{String}, Dict{String,Any}, Any,
)
    precompile(read_argument, (Type{type}, Vector{UInt8}, Context))
    precompile(reply, (Connection, String, type, Vector{UInt8}))
end
precompile(streamed, (HttpAnswer,))
precompile(send_streamed, (Connection, Context, Streamed))
