# Answers in pieces. `channel` and URL_EVENT are of http_answers.jl.

"Runs the loop as in a function whose URL streams."
streaming(handler, answers) = withenv(() -> run_loop(handler, Any, answers), "JOT_STREAMING" => "1")

"The chunks of a body, and what stands behind them."
function chunks(body::String)
    io = IOBuffer(body)
    pieces = String[]
    while true
        count = parse(Int, JotRuntime.receive_line(io); base = 16)
        count == 0 && return pieces, JotRuntime.receive_headers(io)
        push!(pieces, String(read(io, count)))
        @test JotRuntime.receive_line(io) == ""
    end
end

const ZEROS = "\0"^8

"The only answer: its JSON, the pieces of its body, and the trailers."
function streamed(value)
    seen, log =
        streaming(_ -> value, [event("a", URL_EVENT), ACCEPTED, event("b", "[1]"), ACCEPTED])
    request = posts(seen)[1]
    @test request.path == path("a", "response") && request.connection == 1
    @test request.headers["content-type"] == "application/vnd.awslambda.http-integration-response"
    @test request.headers["lambda-runtime-function-response-mode"] == "streaming" &&
        !haskey(request.headers, "content-length")
    pieces, trailers = chunks(request.body)
    @test endswith(pieces[1], ZEROS)
    pieces[1][1:end-8], pieces[2:end], trailers, log
end

@testset "an answer in pieces" begin
    head, pieces, trailers, _ = streamed((
        statusCode = 201, headers = Dict("content-type" => "text/plain"), cookies = ["a=b"],
        body = channel("one", "", b"two", "drei")))
    @test head == "{\"statusCode\":201,\"headers\":{\"content-type\":\"text/plain\"}," *
        "\"cookies\":[\"a=b\"]}"
    @test pieces == ["one", "two", "drei"] && isempty(trailers)
    @test streamed(channel("a", "b"))[1:2] == ("{\"statusCode\":200}", ["a", "b"])
    @test streamed((statusCode = 200, body = (string(i) for i in 1:3)))[2] == ["1", "2", "3"]
    @test join(streamed(IOBuffer("a"^100_000))[2]) == "a"^100_000
end

@testset "every answer of a URL that streams has this form" begin
    @test streamed((statusCode = 200, body = "whole"))[1:2] == ("{\"statusCode\":200}", ["whole"])
    @test streamed((statusCode = 200, body = b"\x01"))[1:2] == ("{\"statusCode\":200}", ["\x01"])
    @test streamed((statusCode = 200, body = "YWJj", isBase64Encoded = true))[1:2] ==
        ("{\"statusCode\":200}", ["abc"])
    @test streamed((; statusCode = 204))[1:2] == ("{\"statusCode\":204}", [])
    json = "{\"statusCode\":200,\"headers\":{\"content-type\":\"application/json\"}}"
    for value in Any[[1, 2], "text", 1, nothing, Dict("a" => 1), (a = 1,)]
        @test streamed(value)[1:2] == (json, [write_json(value)])
    end
    @test streamed(InvocationResponse("[1]"))[1:2] == (json, ["[1]"])
    @test streamed(InvocationResponse(b"{\"statusCode\":203,\"body\":\"a\"}"))[1:2] ==
        ("{\"statusCode\":203}", ["a"])
end

@testset "no other call gets it" begin
    other = replace(URL_EVENT, ".lambda-url." => ".execute-api.")
    script = [event("a", other), ACCEPTED, event("b", "[1]"), ACCEPTED]
    seen, _ = streaming(_ -> (statusCode = 200, body = channel("a", "b")), script)
    @test posts(seen)[1].body == "{\"statusCode\":200,\"body\":\"ab\"}" &&
        haskey(posts(seen)[1].headers, "content-length")
    @test posts(seen)[2].body == "{\"statusCode\":200,\"body\":[\"a\",\"b\"]}"
    seen, _ = streaming(_ -> error("none"), [event("a", URL_EVENT), ACCEPTED])
    @test posts(seen)[1].path == path("a", "error")
end

@testset "an error while pieces are sent" begin
    head, pieces, trailers, log =
        streamed((statusCode = 200, body = channel("a", DomainError(-1, "torn"))))
    @test pieces == ["a"]
    @test trailers["lambda-runtime-function-error-type"] == "DomainError"
    body = JotRuntime.from_base64(trailers["lambda-runtime-function-error-body"])
    told = read_json(body, Dict{String,Any})
    @test told["errorType"] == "DomainError" && occursin("torn", told["errorMessage"])
    @test !any(frame -> occursin("invokelatest", frame), told["stackTrace"])
    @test occursin("ERROR RequestId: a DomainError", log)
    _, pieces, trailers, _ =
        streamed((statusCode = 200, body = (i < 3 ? "$i" : error("third") for i in 1:4)))
    @test pieces == ["1", "2"] && trailers["lambda-runtime-function-error-type"] == "ErrorException"
    @test streamed(channel("a", 1))[3]["lambda-runtime-function-error-type"] == "ArgumentError"
end

@testset "a connection that ends while pieces are sent ends the loop" begin
    seen, _ = streaming(_ -> channel("a", "b"), [event("a", URL_EVENT), :drop])
    @test length(posts(seen)) == 1
end
