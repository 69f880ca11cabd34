# The floor: what a hand-written loop for this one function costs. No framework, no checks.
module Floor
using Sockets

increment_vector(v::Vector{Int}) = v .+ 1

function run(address::String)
    host, port = split(address, ':')
    socket = connect(IPv4(String(host)), parse(Int, port))
    while true
        write(socket, "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: $address\r\n\r\n")
        id, body = receive(socket)
        text = strip(String(body), ['[', ']', ' ', '\n'])
        numbers = increment_vector(Int[parse(Int, x) for x in split(text, ',')])
        answer = string('[', join(numbers, ','), ']')
        write(socket, string("POST /2018-06-01/runtime/invocation/$id/response HTTP/1.1\r\n",
            "Host: $address\r\nContent-Length: $(sizeof(answer))\r\n\r\n$answer"))
        receive(socket)
    end
end

function receive(socket::TCPSocket)
    id, count = "", 0
    readline(socket)
    while (line = readline(socket)) != ""
        startswith(line, "Lambda-Runtime-Aws-Request-Id: ") && (id = line[32:end])
        startswith(line, "Content-Length: ") && (count = parse(Int, line[17:end]))
    end
    id, read(socket, count)
end
end
