# Answers to HTTP requests. `sample` is of envelope.jl.

const URL_EVENT = sample("url")

"What is sent for an answer to an event, or the message of the error."
function sent(value, event = URL_EVENT)
    message(() -> write_json(JotRuntime.shaped(value, Vector{UInt8}(event))))[1:end]
end
sent_text(value, event = URL_EVENT) =
    (found = sent(value, event); found isa Tuple ? found[2] : found)

struct HttpPage
    statusCode::Int
    headers::Dict{String,String}
    body::Vector{UInt8}
end

"A channel of these pieces, made by a task."
channel(pieces...) =
    Channel(c -> foreach(piece -> piece isa Exception ? throw(piece) : put!(c, piece), pieces))

@testset "a status, headers and a body" begin
    text = (statusCode = 200, headers = Dict("content-type" => "text/plain"), body = "é")
    @test sent_text(text) ==
        "{\"statusCode\":200,\"headers\":{\"content-type\":\"text/plain\"},\"body\":\"é\"}"
    @test sent_text((; statusCode = 204)) == "{\"statusCode\":204}"
    units = (statusCode = 200, headers = (var"x-units" = 3, off = nothing), cookies = ["a=b"],
        body = nothing)
    @test sent_text(units) ==
        "{\"statusCode\":200,\"headers\":{\"x-units\":\"3\"},\"cookies\":[\"a=b\"]}"
    @test sent_text((statusCode = 200, headers = ["accept" => :json], body = "")) ==
        "{\"statusCode\":200,\"headers\":{\"accept\":\"json\"},\"body\":\"\"}"
    @test sent_text(Dict("statusCode" => 200, "body" => b"\xff")) ==
        "{\"statusCode\":200,\"body\":\"/w==\",\"isBase64Encoded\":true}"
    @test sent_text(Dict(:statusCode => 200, :body => "a")) == "{\"statusCode\":200,\"body\":\"a\"}"
    @test sent_text(InvocationResponse((statusCode = 200, body = b"\xff\x00"))) ==
        "{\"statusCode\":200,\"body\":\"/wA=\",\"isBase64Encoded\":true}"
    # Bytes that are a text are sent as one: the caller gets the same.
    @test sent_text((statusCode = 200, body = b"a\"b")) ==
        "{\"statusCode\":200,\"body\":\"a\\\"b\"}"
    page = HttpPage(200, Dict("content-type" => "image/png"), UInt8[0x89, 0x50])
    @test sent_text(page) == "{\"statusCode\":200,\"headers\":{\"content-type\":\"image/png\"}," *
        "\"body\":\"iVA=\",\"isBase64Encoded\":true}"
    # Further members of a load balancer's and of API Gateway's.
    balanced = (statusCode = 200, statusDescription = "200 OK",
        multiValueHeaders = Dict("a" => ["b", "c"]), body = "x", isBase64Encoded = false)
    @test sent_text(balanced) == "{\"statusCode\":200,\"statusDescription\":\"200 OK\"," *
        "\"multiValueHeaders\":{\"a\":[\"b\",\"c\"]},\"body\":\"x\"}"
    @test sent_text((statusCode = 200, body = "YWJj", isBase64Encoded = true)) ==
        "{\"statusCode\":200,\"body\":\"YWJj\",\"isBase64Encoded\":true}"
end

@testset "what comes in pieces is put together" begin
    @test sent_text((statusCode = 200, body = channel("a", b"b", "é"))) ==
        "{\"statusCode\":200,\"body\":\"abé\"}"
    @test sent_text((statusCode = 200, body = (string(i) for i in 1:3))) ==
        "{\"statusCode\":200,\"body\":\"123\"}"
    @test sent_text((statusCode = 200, body = IOBuffer("\xff\xfe"))) ==
        "{\"statusCode\":200,\"body\":\"//4=\",\"isBase64Encoded\":true}"
    @test sent_text(channel("a", "b")) == sent_text(IOBuffer("ab")) ==
        "{\"statusCode\":200,\"body\":\"ab\"}"
    file = tempname()
    write(file, "of a file")
    @test sent_text((statusCode = 200, body = open(file))) ==
        "{\"statusCode\":200,\"body\":\"of a file\"}"
end

@testset "answers without a status are JSON" begin
    for value in Any[
        "text", 1, nothing, [1, 2], (1, "a"), (a = 1,), Dict("a" => b"a"), Dict(1 => 2),
    ]
        @test sent_text(value) == write_json(value)
    end
end

@testset "answers that Lambda would refuse" begin
    function wrong(value)
        said = sent(value)
        said isa String || return said
        first(split(said, "; an answer to an HTTP request is `(; statusCode = 200"))
    end
    @test wrong((statusCode = "200", body = "a")) ==
        "the answer's `statusCode` must be a whole number from 100 to 599, got \"200\""
    @test wrong((statusCode = 99,)) ==
        "the answer's `statusCode` must be a whole number from 100 to 599, got 99"
    @test wrong((statusCode = true,)) ==
        "the answer's `statusCode` must be a whole number from 100 to 599, got true"
    @test wrong((statusCode = 200, body = Dict("a" => 1))) ==
        "the answer's `body` must be a text or bytes, got a value of type $(Dict{String,Int})"
    @test wrong((statusCode = 200, body = 1.5)) ==
        "the answer's `body` must be a text or bytes, got 1.5"
    @test wrong((statusCode = 200, headers = "a: b")) ==
        "the answer's `headers` must be a dictionary or a named tuple, got \"a: b\""
    @test wrong((statusCode = 200, headers = Dict("a" => ["b"]))) ==
        "the answer's header `a` must be a text, got a value of type $(Vector{String})"
    @test wrong((statusCode = 200, cookies = "a=b")) ==
        "the answer's `cookies` must be texts, got \"a=b\""
    @test wrong((statusCode = 200, body = "a", isBase64Encoded = "no")) ==
        "the answer's `isBase64Encoded` must be true or false, got \"no\""
    @test wrong((statusCode = 200, body = "a", isBase64Encoded = true)) ==
        "the answer's `body` must be Base64 if `isBase64Encoded` is true"
    @test startswith(wrong((statusCode = 200, body = channel(1))),
        "a piece of the answer's `body` must be a text or bytes, got 1")
end

@testset "answers to other events stay as they are" begin
    rest = "{\"httpMethod\":\"GET\",\"requestContext\":{\"httpMethod\":\"GET\"}}"
    balancer = "{\"requestContext\":{\"elb\":{}}}"
    for event in [URL_EVENT, sample("apigateway"), rest, balancer]
        @test sent_text((statusCode = 200, body = b"\xff"), event) ==
            "{\"statusCode\":200,\"body\":\"/w==\",\"isBase64Encoded\":true}"
    end
    for event in [
        sample("sqs"), sample("destination"), "[1]", "no json", "{\"requestContext\":{\"http\"",
    ]
        @test sent_text((statusCode = "any", body = b"a"), event) ==
            "{\"statusCode\":\"any\",\"body\":[97]}"
        @test sent_text(channel(1, 2), event) == "[1,2]"
        @test sent(IOBuffer("a"), event) == "answer: a $(typeof(IOBuffer())) has no form in JSON"
    end
end

@testset "Base64" begin
    for (text, encoded) in [
        "" => "", "f" => "Zg==", "fo" => "Zm8=", "foo" => "Zm9v", "foob" => "Zm9vYg==",
        "fooba" => "Zm9vYmE=", "foobar" => "Zm9vYmFy",
    ]
        @test JotRuntime.base64(codeunits(text)) == encoded
        @test JotRuntime.from_base64(encoded) == codeunits(text)
    end
    bytes = collect(UInt8, 0:255)
    @test JotRuntime.from_base64(JotRuntime.base64(bytes)) == bytes
    for text in ["Zg", "Z", "Zg=!", "Z===", "Zm 9"]
        @test JotRuntime.from_base64(text) === nothing
    end
end

@testset "an HTTP request through the loop" begin
    seen, _ = run_loop(
        _ -> (statusCode = 200, body = b"\xff"), Any, [event("a", URL_EVENT), ACCEPTED])
    @test (posts(seen)[1].path, posts(seen)[1].body) ==
        (path("a", "response"), "{\"statusCode\":200,\"body\":\"/w==\",\"isBase64Encoded\":true}")
    seen, _ = run_loop(
        _ -> (statusCode = 200, body = channel("a", ErrorException("torn"))), Any,
        [event("a", URL_EVENT), ACCEPTED])
    @test posts(seen)[1].path == path("a", "error") &&
        document(posts(seen)[1])["errorMessage"] == "torn"
end
