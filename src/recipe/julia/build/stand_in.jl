# A stand-in for Lambda's Runtime API if the image does not contain AWS's emulator.

using Sockets

"The runtime's answer to one event."
struct StandInAnswer
    event::Int
    path::String
    headers::Dict{String,String}
    body::Vector{UInt8}
end

"""
Serves the events in turn to one runtime; returns its answers after the last one or the end of the
runtime.
"""
function serve_events(server, events::Vector{Vector{UInt8}}, answers::Vector{StandInAnswer})
    while length(answers) < length(events)
        socket = accept(server)
        serve_connection(socket, events, answers)
        close(socket)
    end
    answers
end

# Separate from the loop around it: the compiler of Julia 1.5.3 crashes on `return` out of `try` in
# nested loops.
function serve_connection(socket, events::Vector{Vector{UInt8}}, answers::Vector{StandInAnswer})
    goes_on = true
    while goes_on && isopen(socket) && !eof(socket)
        goes_on = serve_request(socket, events, answers)
    end
end

"Answers one request; false if no event is left."
function serve_request(socket, events::Vector{Vector{UInt8}}, answers::Vector{StandInAnswer})
    method, path = split(JotRuntime.receive_line(socket), ' ')
    headers = JotRuntime.receive_headers(socket)
    if method == "POST"
        body = JotRuntime.receive_body(socket, headers)
        push!(answers, StandInAnswer(length(answers) + 1, path, headers, body))
        reply(socket, "202 Accepted", "", UInt8[])
        return true
    end
    event = length(answers) + 1
    event > length(events) && return false
    reply(socket, "200 OK", event_headers(event), events[event])
    true
end

# Not every invocation is traced; the runtime does other things then.
event_headers(event::Int) = string(
    "Lambda-Runtime-Aws-Request-Id: ", event,
    "\r\nLambda-Runtime-Deadline-Ms: ", round(Int, 1000 * (time() + 60)), "\r\n",
    isodd(event) ? "Lambda-Runtime-Trace-Id: Root=1-0-$event\r\n" : "",
    "Lambda-Runtime-Invoked-Function-Arn: " *
    "arn:aws:lambda:eu-west-1:000000000000:function:stand-in\r\n")

function reply(socket, status::String, headers::String, body::Vector{UInt8})
    head = "HTTP/1.1 $status\r\n$(headers)Content-Length: $(length(body))\r\n\r\n"
    write(socket, vcat(Vector{UInt8}(head), body))
end
