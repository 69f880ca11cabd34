# The loop of a program: that of the runtime, on a system socket. Julia's sockets wait with tasks,
# and their methods are found at run time. The runtime's methods parse the responses of the Runtime
# API.

"A connection to the Runtime API, with received bytes that are not read yet."
mutable struct Wire <: IO
    "The socket, or -1 without one."
    socket::Cint
    buffer::Vector{UInt8}
    "Index of the next byte in the buffer, and of the last one that was received."
    at::Int
    stop::Int
end

Wire() = Wire(-1, Vector{UInt8}(undef, 65536), 1, 0)

"A connection that cannot be opened, or that ends."
struct Lost <: Exception
    message::String
end

const AF_INET, SOCK_STREAM, SOCK_CLOEXEC = Cint(2), Cint(1), Cint(0o2000000)
const EINTR = 4

"The four bytes of an IPv4 address, as the Runtime API has one; none for a host name."
function ipv4(host::String)
    host == "localhost" && return UInt8[127, 0, 0, 1]
    bytes = Vector{UInt8}(undef, 4)
    found = GC.@preserve bytes ccall(:inet_pton, Cint, (Cint, Cstring, Ptr{UInt8}),
        AF_INET, host, pointer(bytes))
    found == 1 ? bytes : UInt8[]
end

function open_wire!(wire::Wire, host::String, port::UInt16)
    bytes = ipv4(host)
    isempty(bytes) && throw(Lost("AWS_LAMBDA_RUNTIME_API must be an IPv4 address and a port"))
    # struct sockaddr_in of ip(7), in the order of the network from the port on.
    address = vcat(reinterpret(UInt8, [UInt16(AF_INET)]),
        UInt8[port >> 8, port & 0xff], bytes, zeros(UInt8, 8))
    socket = ccall(:socket, Cint, (Cint, Cint, Cint), AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)
    socket < 0 && throw(Lost("no socket can be created"))
    made = GC.@preserve address ccall(:connect, Cint, (Cint, Ptr{UInt8}, Cuint),
        socket, pointer(address), length(address))
    wire.socket, wire.at, wire.stop = socket, 1, 0
    made == 0 || (close_wire!(wire); throw(Lost("the Runtime API does not answer")))
    nothing
end

function close_wire!(wire::Wire)
    wire.socket < 0 || ccall(:close, Cint, (Cint,), wire.socket)
    wire.socket = -1
    nothing
end

"Receives available bytes; false at the end of the connection."
function fill_buffer!(wire::Wire)
    buffer = wire.buffer
    while true
        count = GC.@preserve buffer ccall(:read, Cssize_t, (Cint, Ptr{UInt8}, Csize_t),
            wire.socket, pointer(buffer), length(buffer))
        count < 0 && Base.Libc.errno() == EINTR && continue
        wire.at, wire.stop = 1, max(0, Int(count))
        return count > 0
    end
end

has_bytes(wire::Wire) = wire.at <= wire.stop || fill_buffer!(wire)

"Appends at most `count` received bytes to others."
function take_bytes!(bytes::Vector{UInt8}, wire::Wire, count::Int)
    taken = min(count, wire.stop - wire.at + 1)
    append!(bytes, view(wire.buffer, wire.at:wire.at+taken-1))
    wire.at += taken
    taken
end

function receive_line(wire::Wire)
    line = UInt8[]
    while true
        has_bytes(wire) || throw(EOFError())
        b = wire.buffer[wire.at]
        wire.at += 1
        b == 0x0a && break
        push!(line, b)
    end
    isempty(line) || line[end] != 0x0d || pop!(line)
    String(line)
end

# The stated length is not trusted: the received bytes count.
function receive_bytes(wire::Wire, count::Int)
    bytes = UInt8[]
    while length(bytes) < count
        has_bytes(wire) || throw(EOFError())
        take_bytes!(bytes, wire, count - length(bytes))
    end
    bytes
end

"The bytes until the connection ends."
function receive_rest(wire::Wire)
    bytes = UInt8[]
    while has_bytes(wire)
        take_bytes!(bytes, wire, length(wire.buffer))
    end
    close_wire!(wire)
    bytes
end

function receive_body(wire::Wire, headers::Dict{String,String})
    endswith(lowercase(get(headers, "transfer-encoding", "")), "chunked") &&
        return receive_chunks(wire)
    length = get(headers, "content-length", "")
    isempty(length) && return receive_rest(wire)
    count = tryparse(Int, length)
    (count === nothing || count < 0) && throw(ProtocolError("its Content-Length is invalid"))
    receive_bytes(wire, count)
end

function send(wire::Wire, bytes::Vector{UInt8})
    at = 0
    while at < length(bytes)
        # MSG_NOSIGNAL: a closed connection is an error here, and not a signal.
        count = GC.@preserve bytes ccall(:send, Cssize_t, (Cint, Ptr{UInt8}, Csize_t, Cint),
            wire.socket, pointer(bytes) + at, length(bytes) - at, 0x4000)
        count < 0 && Base.Libc.errno() == EINTR && continue
        count <= 0 && throw(EOFError())
        at += Int(count)
    end
    nothing
end

function send_and_receive(wire::Wire, connection::Connection, message::Vector{UInt8})
    wire.socket < 0 && open_wire!(wire, connection.host, connection.port)
    send(wire, message)
    answer = receive(wire)
    get(answer.headers, "connection", "") == "close" && close_wire!(wire)
    answer
end

"""
As `exchange` of the runtime: only a repeatable request is sent again if a persistent connection
turns out to be closed.
"""
function exchange(wire::Wire, connection::Connection, message::Vector{UInt8}, repeatable::Bool)
    kept = wire.socket >= 0
    try
        return send_and_receive(wire, connection, message)
    catch error
        close_wire!(wire)
        (kept && repeatable && error isa EOFError) || rethrow()
    end
    send_and_receive(wire, connection, message)
end

"The answer to one argument, as a request."
function answered(
    connection::Connection, handler::F, ::Type{T}, ::Val{takes_context}, body::Vector{UInt8},
    context::Context,
) where {F,T,takes_context}
    path = string(API, "/invocation/", context.request_id)
    try
        argument = read_json(unwraps[] ? unwrapped(body) : body, T)
        return answer_request(
            connection, path, takes_context ? handler(argument, context) : handler(argument))
    catch error
        return error_request(connection, string(path, "/error"), error_document(error, nothing))
    end
end

function take_turn(
    wire::Wire, connection::Connection, next::Vector{UInt8}, handler::F, ::Type{T},
    takes_context::Val,
) where {F,T}
    invocation = exchange(wire, connection, next, true)
    invocation.status == 200 || unexpected(invocation.status)
    context = Context(invocation.headers)
    current_request[] = context.request_id
    trace!(context.trace_id)
    answer = answered(connection, handler, T, takes_context, invocation.body, context)
    status = exchange(wire, connection, answer, false).status
    # Releases the source's printed output: nothing else here runs the event loop.
    ccall(:jl_process_events, Cint, ())
    200 <= status < 300 && return nothing
    status == 413 || unexpected(status)
    document = (errorType = "AnswerTooLarge",
        errorMessage = string("Lambda refused an answer of ", length(answer), " bytes"),
        stackTrace = String[])
    path = string(API, "/invocation/", context.request_id, "/error")
    exchange(wire, connection, error_request(connection, path, document), false)
    nothing
end

"Answers invocations forever; returns 1, the process's status, if the Runtime API does not work."
function serve(handler::F, ::Type{T}, takes_context::Val) where {F,T}
    try
        connection = Connection(ENV["AWS_LAMBDA_RUNTIME_API"])
        wire = Wire()
        next = request(connection, "GET", string(API, "/invocation/next"))
        while true
            take_turn(wire, connection, next, handler, T, takes_context)
        end
    catch error
        text = string("jot: the program ends: ", lost_text(error), "\n")
        put_error(Vector{UInt8}(codeunits(text)))
    end
    Cint(1)
end

lost_text(@nospecialize(error)) = error isa Lost ? error.message :
    error isa ProtocolError ?
    string("the Runtime API's answer is not HTTP/1.1: ", error.message) :
    error isa EOFError ? "the Runtime API closed the connection" : message_of(error)
