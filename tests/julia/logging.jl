"What a call writes to stderr, by line."
function logged(call)
    file, io = mktemp()
    redirect_stderr(call, io)
    close(io)
    readlines(file)
end

@testset "time" begin
    for (seconds, text) in [
        (0.0, "1970-01-01T00:00:00.000Z"), (951782399.999, "2000-02-28T23:59:59.999Z"),
        (951782400.0, "2000-02-29T00:00:00.000Z"), (1709251199.123, "2024-02-29T23:59:59.123Z"),
        (4107542400.5, "2100-03-01T00:00:00.500Z"), (1735689599.0, "2024-12-31T23:59:59.000Z"),
    ]
        @test JotRuntime.timestamp(seconds) == text
    end
end

@testset "an error line" begin
    document =
        (errorType = "DomainError", errorMessage = "two\nlines", stackTrace = ["f at a.jl:1"])
    JotRuntime.current_request[] = "id"
    lines = withenv(() -> logged(() -> JotRuntime.log_error(document)),
        "AWS_LAMBDA_LOG_FORMAT" => "JSON")
    @test length(lines) == 1
    line = read_json(lines[1], Dict{String,Any})
    @test (line["level"], line["requestId"], line["errorType"], line["errorMessage"]) ==
        ("ERROR", "id", "DomainError", "two\nlines")
    @test logged(() -> JotRuntime.log_error(document))[1] == "ERROR RequestId: id DomainError: two"
end

@testset "the responder's own lines" begin
    lines = logged() do
        Base.CoreLogging.with_logger(JotRuntime.JsonLogger(Base.CoreLogging.Info)) do
            @debug "hidden"
            @info "shown" count = 3 ratio = 0.5 list = [1]
            @warn "careful" exception = ErrorException("inner")
        end
    end
    @test length(lines) == 2
    shown, careful = map(line -> read_json(line, Dict{String,Any}), lines)
    @test (shown["level"], shown["message"], shown["count"], shown["ratio"], shown["list"]) ==
        ("INFO", "shown", 3, "0.5", "[1]")
    @test (careful["level"], careful["exception"]) == ("WARN", "inner")
end
