# What every start needs, and what usual arguments and answers do: compiled into the base image's cache.

precompile(run, (Any, Type, Bool))
precompile(turn, (Connection, Vector{UInt8}, Any, Type, Bool))
precompile(respond, (Connection, Any, Type, Bool, Vector{UInt8}, Context))
precompile(Base.isstructtype, (Type,))
precompile(Connection, (String,))
precompile(request, (Connection, String, String))
precompile(request, (Connection, String, String, String, Vector{UInt8}))
precompile(exchange, (Connection, Vector{UInt8}))
precompile(Core.kwfunc(exchange), (NamedTuple{(:repeatable,),Tuple{Bool}}, typeof(exchange), Connection, Vector{UInt8}))
precompile(Context, (Dict{String,String},))
precompile(trace!, (String,))
precompile(is_series, (Any,))
precompile(logs_json, ())
precompile(receive, (TCPSocket,))
precompile(connected, (Connection,))
precompile(send_and_receive, (Connection, Vector{UInt8}))

for type in (Int, Float64, String, Bool, Vector{Int}, Vector{Float64}, Vector{String}, Dict{String,Any}, Any)
    precompile(read_argument, (Type{type}, Vector{UInt8}, Context))
    precompile(answer_request, (Connection, String, type))
end
