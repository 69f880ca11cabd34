# Answers requests to the function's URL:
# https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html. Fields of a request that the
# type does not name are ignored; fields that a request does not have are `nothing`.
struct Request
    rawPath::String
    queryStringParameters::Union{Nothing,Dict{String,String}}
end

function http_hello(request::Request)
    request.rawPath == "/" && return text(200, "Hello, $(parameter(request, "name", "world"))!\n")
    if request.rawPath == "/count"
        return text(200, countdown(parse(Int, parameter(request, "from", "3"))))
    end
    text(404, "nothing at $(request.rawPath)\n")
end

const HEADERS = Dict("content-type" => "text/plain; charset=utf-8")

text(status, body) = (statusCode = status, headers = HEADERS, body = body)

function parameter(request, name, default)
    query = request.queryStringParameters
    query === nothing ? default : get(query, name, default)
end

# What a Channel is filled with is sent as it comes: the URL streams.
countdown(from) = Channel{String}() do channel
    foreach(i -> put!(channel, "$i\n"), from:-1:1)
end
