# Answers that Lambda delivers within an envelope, for `julia.unwrap`.

sample(name) = read(joinpath(@__DIR__, "..", "..", "examples", "events", "$name.json"), String)
unwrapped(text) = String(JotRuntime.unwrapped(Vector{UInt8}(text)))

const ENVELOPE = "{\"version\":\"1.0\",\"requestContext\":{\"functionArn\":\"arn:f\"}," *
    "\"requestPayload\":1,\"responsePayload\":"

@testset "the answer in an envelope" begin
    @test read_json(unwrapped(sample("destination")), Dict{String,Any}) ==
        read_json(sample("destination"), Dict{String,Any})["responsePayload"]
    for answer in ["[1, 2]", "{\"a\":{\"version\":\"2.0\"}}", "\"é\"", "null", "1.5", "\"}\""]
        @test unwrapped("$ENVELOPE$answer}") == answer
        @test unwrapped("$ENVELOPE $answer \n, \"responseContext\": {\"statusCode\": 200}}") ==
            answer
    end
    # An answer that is an envelope is one answer.
    @test unwrapped("$ENVELOPE$ENVELOPE[1]}}") == "$ENVELOPE[1]}"
end

@testset "any other event is as it is" begin
    whole = "$ENVELOPE[1]}"
    for event in [
        "[1]", "1", "", "{}", "no json", "$ENVELOPE[1]", "{\"responsePayload\":1}", sample("url"),
        sample("sqs"), sample("s3"), "\xff", replace(whole, "\"1.0\"" => "1.0"),
        replace(whole, "1.0" => "2.0"), replace(whole, "functionArn" => "arn"),
        replace(whole, "requestPayload" => "payload"),
        replace(whole, "{\"functionArn\":\"arn:f\"}" => "\"functionArn\""),
    ]
        @test unwrapped(event) == event
    end
end

@testset "a responder that takes answers" begin
    events = [event("a", "$ENVELOPE[1,2]}"), ACCEPTED, event("b", "[3]"), ACCEPTED]
    seen, _ = run_loop(sum, Vector{Int}, events)
    @test [request.path for request in posts(seen)] == [path("a", "error"), path("b", "response")]
    JotRuntime.unwraps[] = true
    seen, _ = try run_loop(sum, Vector{Int}, events) finally JotRuntime.unwraps[] = false end
    @test [(request.path, request.body) for request in posts(seen)] ==
        [(path("a", "response"), "3"), (path("b", "response"), "3")]
end
