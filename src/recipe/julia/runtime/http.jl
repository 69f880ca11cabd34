# HTTP/1.1 as far as the Runtime API needs it: one persistent connection, one write per request.

"A connection to the Runtime API, opened when first needed."
mutable struct Connection
    host::String
    port::UInt16
    socket::Union{Nothing,TCPSocket}
end

"From `host:port`, the form of AWS_LAMBDA_RUNTIME_API."
function Connection(address::String)
    colon = findlast(isequal(':'), address)
    colon === nothing && return Connection(String(address), UInt16(80), nothing)
    port = parse(Int, address[nextind(address, colon):end])
    Connection(address[1:prevind(address, colon)], port, nothing)
end

"A response. Names of headers are in lower case."
struct Answer
    status::Int
    headers::Dict{String,String}
    body::Vector{UInt8}
end

"A response that is not HTTP/1.1."
struct ProtocolError <: Exception
    message::String
end
Base.showerror(io::IO, error::ProtocolError) =
    print(io, "the Runtime API's answer is not HTTP/1.1: ", error.message)

"""
Head and body of a request in one piece: two writes would wait 40 ms for a delayed acknowledgement.
"""
function request(
    c::Connection, method::String, path::String, headers::String = "",
    body::Vector{UInt8} = UInt8[],
)
    out = IOBuffer(sizehint = 256 + length(body))
    write(out, string(method, " ", path, " HTTP/1.1\r\nHost: ",
        c.host, ":", string(Int(c.port)), "\r\n", headers))
    method == "POST" && write(out, string(
        "Content-Type: application/json\r\nContent-Length: ", string(length(body)), "\r\n"))
    write(out, "\r\n")
    write(out, body)
    take!(out)
end

"""
Sends a request and returns the response. Only a repeatable request is sent once more if the
persistent connection turns out to be closed: it is unknown whether another one has arrived.
"""
function exchange(c::Connection, message::Vector{UInt8}; repeatable::Bool = false)
    kept = c.socket !== nothing
    try
        return send_and_receive(c, message)
    catch error
        disconnect(c)
        (kept && repeatable && error isa Union{EOFError,Base.IOError}) || rethrow()
    end
    send_and_receive(c, message)
end

function send_and_receive(c::Connection, message::Vector{UInt8})
    socket = connected(c)
    write(socket, message)
    answer = receive(socket)
    get(answer.headers, "connection", "") == "close" && disconnect(c)
    answer
end

function connected(c::Connection)
    socket = c.socket
    socket !== nothing && isopen(socket) && return socket
    address = tryparse_address(c.host)
    c.socket = address === nothing ? connect(c.host, c.port) : connect(address, c.port)
end

# Avoids the resolver's thread if the host is an IP address, as it is in Lambda.
tryparse_address(host::String) = occursin(r"^[0-9.]+$", host) ? parse(IPv4, host) : nothing

function disconnect(c::Connection)
    c.socket === nothing || close(c.socket)
    c.socket = nothing
end

function receive(socket::IO)
    status = 100
    headers = Dict{String,String}()
    while 100 <= status < 200
        status = receive_status(socket)
        headers = receive_headers(socket)
    end
    (status == 204 || status == 304) && return Answer(status, headers, UInt8[])
    Answer(status, headers, receive_body(socket, headers))
end

"One line without its end. If the connection closes before that, an EOFError."
function receive_line(socket::IO)
    line = readuntil(socket, 0x0a; keep = true)
    (isempty(line) || line[end] != 0x0a) && throw(EOFError())
    String(line[1:(length(line) > 1 && line[end-1] == 0x0d ? end - 2 : end - 1)])
end

function receive_status(socket::IO)
    line = receive_line(socket)
    status = startswith(line, "HTTP/1.") && ncodeunits(line) >= 12 ?
        tryparse(Int, SubString(line, 10, 12)) : nothing
    status === nothing ? throw(ProtocolError("it has no status")) : status
end

function receive_headers(socket::IO)
    headers = Dict{String,String}()
    while true
        line = receive_line(socket)
        isempty(line) && return headers
        colon = findfirst(isequal(':'), line)
        colon === nothing && throw(ProtocolError("a header without a colon"))
        headers[lowercase(line[1:prevind(line, colon)])] = strip(line[nextind(line, colon):end])
    end
end

function receive_body(socket::IO, headers::Dict{String,String})
    endswith(lowercase(get(headers, "transfer-encoding", "")), "chunked") &&
        return Base.invokelatest(receive_chunks, socket)::Vector{UInt8}
    haskey(headers, "content-length") || return read(socket)
    count = tryparse(Int, headers["content-length"])
    (count === nothing || count < 0) && throw(ProtocolError("its Content-Length is invalid"))
    receive_bytes(socket, count)
end

function receive_bytes(socket::IO, count::Int)
    bytes = read(socket, count)
    length(bytes) == count ? bytes : throw(EOFError())
end

function receive_chunks(socket::IO)
    body = UInt8[]
    while true
        line = strip(first(split(receive_line(socket), ';')))
        count = tryparse(Int, line; base = 16)
        (count === nothing || count < 0) && throw(ProtocolError("a chunk without a length"))
        count == 0 && break
        append!(body, receive_bytes(socket, count))
        isempty(receive_line(socket)) || throw(ProtocolError("a chunk longer than it says"))
    end
    receive_headers(socket)
    body
end
