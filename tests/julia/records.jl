# Batches of which some records fail.

struct TypedMessage
    messageId::String
    body::String
end
struct TypedBatch
    Records::Vector{TypedMessage}
end

quietly(f) = redirect_stderr(f, open(tempname(), "w"))
batch(records...) = Dict{String,Any}("Records" => collect(Any, records))
message_of_queue(id, body; queue = "jobs") = Dict{String,Any}(
    "messageId" => id, "body" => body,
    "eventSourceARN" => "arn:aws:sqs:eu-west-1:123456789012:$queue")
of_stream(number, data) =
    Dict{String,Any}("kinesis" => Dict{String,Any}("sequenceNumber" => number, "data" => data))
change(number) = Dict{String,Any}("dynamodb" => Dict{String,Any}("SequenceNumber" => number))
failed(f, event) =
    quietly(() -> [failure.itemIdentifier for failure in each_record(f, event).batchItemFailures])

@testset "records that fail" begin
    done = String[]
    work(record) = record["body"] == "bad" ? error("bad") : push!(done, record["body"])
    event = batch(message_of_queue("1", "a"), message_of_queue("2", "bad"),
        message_of_queue("3", "b"), message_of_queue("4", "bad"))
    @test failed(work, event) == ["2", "4"] && done == ["a", "b"]
    @test quietly(() -> write_json(each_record(work, event))) ==
        "{\"batchItemFailures\":[{\"itemIdentifier\":\"2\"},{\"itemIdentifier\":\"4\"}]}"
    @test write_json(each_record(work, batch())) == "{\"batchItemFailures\":[]}"
    typed = TypedBatch([TypedMessage("1", "x"), TypedMessage("2", "y")])
    @test failed(record -> record.body == "x" && error("x"), typed) == ["1"]
end

@testset "where the order counts, nothing is called after the first that fails" begin
    called = Int[]
    fails_at(n) = record -> (push!(called, 1); length(called) == n && error("stop"))
    queue = batch((message_of_queue("$i", "a"; queue = "jobs.fifo") for i in 1:4)...)
    @test failed(fails_at(2), queue) == ["2", "3", "4"] && length(called) == 2
    empty!(called)
    stream = batch(of_stream("10", ""), of_stream("11", ""), of_stream("12", ""))
    @test failed(fails_at(2), stream) == ["11"] && length(called) == 2
    empty!(called)
    @test failed(fails_at(1), batch(change("7"), change("8"))) == ["7"]
end

@testset "the samples of AWS" begin
    for (name, id) in [
        "sqs" => "059f36b4-87a3-44ab-83d2-661975830a7d",
        "kinesis" => "49590338271490256608559692538361571095921575989136588898",
    ]
        @test failed(_ -> error("all"), read_json(sample(name), Dict{String,Any})) == [id]
    end
    @test length(failed(_ -> error("all"), read_json(sample("dynamodb"), Dict{String,Any}))) == 1
end

@testset "events without such records" begin
    @test startswith(message(() -> each_record(identity, Dict("a" => 1))),
        "each_record needs an event of SQS, Kinesis or DynamoDB, with `Records`, got")
    @test startswith(message(() -> each_record(identity, batch(Dict("a" => 1)))),
        "each_record needs records with `messageId`")
    context = JotRuntime.Context(Dict{String,String}())
    @test failed(_ -> error("all"), Invocation(Vector{UInt8}(sample("sqs")), context)) ==
        ["059f36b4-87a3-44ab-83d2-661975830a7d"]
end

@testset "the errors are in the log" begin
    seen, log = run_loop(
        event -> each_record(_ -> error("no order"), event), Dict{String,Any},
        [event("a", sample("sqs")), ACCEPTED])
    @test posts(seen)[1].path == path("a", "response") &&
        occursin("ERROR RequestId: a ErrorException: no order", log)
end
