# Answers requests to the function's URL: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html. What the type does not
# name of a request is ignored, and what a request does not have is `nothing`.
struct Request
    rawPath::String
    queryStringParameters::Union{Nothing,Dict{String,String}}
end

function http_hello(request::Request)
    request.rawPath == "/" && return text(200, "Hello, $(parameter(request, "name", "world"))!\n")
    request.rawPath == "/count" && return text(200, countdown(parse(Int, parameter(request, "from", "3"))))
    text(404, "nothing at $(request.rawPath)\n")
end

text(status, body) = (statusCode = status, headers = Dict("content-type" => "text/plain; charset=utf-8"), body = body)

parameter(request, name, default) = request.queryStringParameters === nothing ? default : get(request.queryStringParameters, name, default)

# What a Channel is filled with is sent as it comes: the URL streams.
countdown(from) = Channel{String}() do channel
    foreach(i -> put!(channel, "$i\n"), from:-1:1)
end
