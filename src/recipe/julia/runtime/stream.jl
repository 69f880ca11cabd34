# Streamed answers to requests of a function URL with `streaming = true`:
# https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming.
# Lambda does not report how a call came, so jot sets a variable in the function's environment: such
# a URL accepts only this form.

"Whether the function's URL expects streamed answers; determined at the start."
const streaming = Ref(false)

"""
An answer with Lambda's members except `body`, and that body: a text, bytes, or an iterator of such
pieces; or nothing.
"""
struct HttpAnswer
    members::Vector{Pair{String,Any}}
    body::Any
    "Whether the body is a text in Base64."
    encoded::Bool
end

"A streamed answer: its first bytes, and the source of the rest."
struct Streamed
    head::Vector{UInt8}
    body::Any
end

const STREAMED_HEADERS = "Content-Type: application/vnd.awslambda.http-integration-response\r\n" *
    "Lambda-Runtime-Function-Response-Mode: streaming\r\nTransfer-Encoding: chunked\r\n" *
    "Trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n"

"The answer's status, headers and cookies as JSON and eight zeros, then its body."
function streamed(answer::HttpAnswer)
    out = IOBuffer()
    write_members(out, answer.members, 0)
    write(out, zeros(UInt8, 8))
    Streamed(take!(out), answer.encoded ? from_base64(answer.body) : answer.body)
end

"Calls `f` with each piece of a body, as bytes, as soon as it exists."
function each_piece(f, @nospecialize(body))
    try
        step = next_piece(body)::Union{Nothing,Tuple{Vector{UInt8},Any}}
        while step !== nothing
            f(step[1])
            step = next_piece(body, step[2])::Union{Nothing,Tuple{Vector{UInt8},Any}}
        end
    catch error
        error isa TaskFailedException ? rethrow(task_error(error)) : rethrow()
    finally
        body isa IO && close(body)
    end
    nothing
end

# Compiled for each type of body, independently of the use of the pieces: so an exemplar session,
# which does not stream, shows what to compile.
"The next piece of a body and the state after it, as in `iterate`."
next_piece(body, state...) = piece_step(iterate(body, state...))
next_piece(io::IO, state...) = eof(io) ? nothing : (readavailable(io), nothing)
next_piece(body::Union{AbstractString,AbstractVector{UInt8}}) = (piece_bytes(body), nothing)
next_piece(::Union{AbstractString,AbstractVector{UInt8}}, state) = nothing
next_piece(::Nothing) = nothing

piece_step(::Nothing) = nothing
piece_step((piece, state)) = (piece_bytes(piece), state)

piece_bytes(piece::AbstractString) = Vector{UInt8}(codeunits(String(piece)))
piece_bytes(piece::AbstractVector{UInt8}) = Vector{UInt8}(piece)
piece_bytes(piece) =
    wrong_answer("a piece of the answer's `body` must be a text or bytes, got $(in_short(piece))")

"The error of a task that failed, such as one that fills a `Channel`."
task_error(error) = error isa TaskFailedException ? task_error(error.task.exception) : error

"Sends one piece in one write. An empty piece would end the answer."
function send_piece(socket::IO, bytes::Vector{UInt8}, before::String = "")
    isempty(bytes) && return nothing
    out = IOBuffer(sizehint = ncodeunits(before) + length(bytes) + 16)
    write(out, string(before, string(length(bytes); base = 16), "\r\n"))
    write(out, bytes)
    write(out, "\r\n")
    write(socket, take!(out))
    nothing
end

"""
Streams an answer. An error of the body ends it, reported after the sent part; one of the connection
is thrown.
"""
function send_streamed(connection::Connection, context::Context, answer::Streamed)
    socket = connected(connection)
    head = "POST $API/invocation/$(context.request_id)/response HTTP/1.1\r\n" *
        "Host: $(connection.host):$(Int(connection.port))\r\n$STREAMED_HEADERS\r\n"
    send_piece(socket, answer.head, head)
    lost, trailers = false, ""
    try
        each_piece(answer.body) do bytes
            lost = true
            send_piece(socket, bytes)
            lost = false
        end
    catch error
        lost && rethrow()
        trailers = error_trailers(error_document(error, catch_backtrace()))
    end
    write(socket, "0\r\n$trailers\r\n")
    received = receive(socket)
    get(received.headers, "connection", "") == "close" && disconnect(connection)
    200 <= received.status < 300 || unexpected(received.status)
    nothing
end

function error_trailers(document)
    log_error(document)
    string(error_type_header(document),
        "Lambda-Runtime-Function-Error-Body: ", base64(document_bytes(document)), "\r\n")
end
