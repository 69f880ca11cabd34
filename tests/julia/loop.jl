using Sockets

"A request as it came: which connection, how many reads, and its parts."
struct Seen
    connection::Int
    reads::Int
    method::String
    path::String
    headers::Dict{String,String}
    body::String
end

"""
A Runtime API that answers each request with the next line of a script, given as whole answers;
`:close` ends the connection after it.
"""
function scripted(answers::Vector)
    port, server = listenany(ip"127.0.0.1", 30000)
    seen = Seen[]
    task = @async begin
        connection = 0
        while !isempty(answers)
            socket = accept(server)
            connection += 1
            while !isempty(answers)
                request = receive_request(socket, connection)
                request === nothing && break
                push!(seen, request)
                next = popfirst!(answers)
                next === :drop && break
                text, ends = next isa Pair ? (next.first, true) : (next, false)
                write(socket, text)
                ends && break
            end
            close(socket)
        end
        close(server)
    end
    Int(port), seen, task
end

"Reads one request, and counts in how many pieces it arrives."
function receive_request(socket, connection)
    data = UInt8[]
    reads = 0
    while true
        eof(socket) && return nothing
        append!(data, readavailable(socket))
        reads += 1
        text = String(copy(data))
        stop = findfirst("\r\n\r\n", text)
        stop === nothing && continue
        io = IOBuffer(data)
        method, path = split(JotRuntime.receive_line(io), ' ')
        headers = JotRuntime.receive_headers(io)
        body = read(io)
        length(body) < parse(Int, get(headers, "content-length", "0")) && continue
        get(headers, "transfer-encoding", "") == "chunked" &&
            !(occursin("\r\n0\r\n", String(copy(body))) && endswith(text, "\r\n\r\n")) && continue
        return Seen(connection, reads, method, path, headers, String(body))
    end
end

event(id, body; extra = "") = "HTTP/1.1 200 OK\r\nLambda-Runtime-Aws-Request-Id: $id\r\n" *
    "Lambda-Runtime-Deadline-Ms: 99999999999999\r\nLambda-Runtime-Invoked-Function-Arn: arn:f\r\n" *
    "Lambda-Runtime-Trace-Id: Root=$id\r\n$(extra)Content-Length: $(sizeof(body))\r\n\r\n$body"
const ACCEPTED = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n"

"Runs the loop against a script until that has no more answers; gives the requests and the log."
function run_loop(handler, type, answers; takes_context = false)
    port, seen, task = scripted(Any[answers...])
    log, io = mktemp()
    withenv("AWS_LAMBDA_RUNTIME_API" => "127.0.0.1:$port") do
        redirect_stderr(io) do
            @test_throws Union{EOFError,Base.IOError} JotRuntime.run(handler, type, takes_context)
        end
    end
    close(io)
    wait(task)
    seen, read(log, String)
end

posts(seen) = filter(request -> request.method == "POST", seen)
path(id, what) = "/2018-06-01/runtime/invocation/$id/$what"
document(request) = read_json(request.body, Dict{String,Any})

@testset "one connection, one write a request" begin
    script = [event("a", "[1]"), ACCEPTED, event("b", "[2,3]"), ACCEPTED,
        event("c", "[]"), ACCEPTED]
    seen, _ = run_loop(v -> v .+ 1, Vector{Int}, script)
    @test all(request -> request.connection == 1 && request.reads == 1, seen)
    @test [request.method for request in seen] == ["GET", "POST", "GET", "POST", "GET", "POST"]
    @test all(request -> request.path == "/2018-06-01/runtime/invocation/next", seen[1:2:end])
    @test [(request.path, request.body) for request in posts(seen)] ==
        [(path("a", "response"), "[2]"), (path("b", "response"), "[3,4]"),
        (path("c", "response"), "[]")]
end

@testset "an error is an answer, and the loop goes on" begin
    fails(x) = x < 0 ? throw(DomainError(x, "negative")) : sqrt(x)
    script = [event("a", "-1"), ACCEPTED, event("b", "\"x\""), ACCEPTED, event("c", "1x"), ACCEPTED,
        event("d", "4"), ACCEPTED]
    seen, log = run_loop(fails, Float64, script)
    first, second, third, fourth = posts(seen)
    @test first.path == path("a", "error") &&
        first.headers["lambda-runtime-function-error-type"] == "DomainError"
    @test document(first)["errorType"] == "DomainError" &&
        occursin("negative", document(first)["errorMessage"])
    @test any(frame -> occursin("fails", frame) && occursin("loop.jl", frame),
        document(first)["stackTrace"])
    @test document(second)["errorMessage"] == "argument: expected Float64, got \"x\"" &&
        document(second)["errorType"] == "ArgumentError"
    @test occursin("argument is not JSON", document(third)["errorMessage"])
    @test (fourth.path, fourth.body) == (path("d", "response"), "2.0")
    @test occursin("ERROR RequestId: a DomainError", log)
end

@testset "what jot has made is in no stack" begin
    include_string(Main, "start(f) = (f(); 1)\n",
        "/opt/jot/env/JotResponder_00/src/JotResponder_00.jl")
    fails() = error("failed")
    lines = try Base.invokelatest(Main.start, fails) catch; JotRuntime.frames(catch_backtrace()) end
    @test any(line -> startswith(line, "fails at"), lines) &&
        !any(line -> occursin("JotResponder", line), lines)
end

@testset "errors are told in the user's words" begin
    module_name = "JotResponder_0123456789abcdef"
    said(text, place = "sums/") = JotRuntime.as_written(text, place)
    @test said("total at /opt/jot/env/$module_name/src/lib/sums.jl:7") ==
        "total at sums/lib/sums.jl:7"
    @test said("f at /opt/jot/env/$module_name/src/a.jl:1", "") == "f at a.jl:1"
    @test said("f at /tmp/jot-reload/3/env/$module_name/src/a.jl:1") == "f at sums/a.jl:1"
    @test said("f at /opt/jot/env/Rates/src/inner.jl:2", "packages/Rates/") ==
        "f at packages/Rates/src/inner.jl:2"
    @test said("UndefVarError: `foo` not defined in `$module_name.Script_0123456789abcdef`") ==
        "UndefVarError: `foo` not defined in `Main`"
    @test said("no method matching f(::$module_name.Script_0123456789abcdef.Point)") ==
        "no method matching f(::Point)"
    for other in [
        "sum at ./reduce.jl:1", "g at /opt/jot/depot/packages/Shapes/src/Shapes.jl:1", "/srv/env/a",
        "`Inner` of `Rates`",
    ]
        @test said(other) == other
    end
    failure = SystemError("opening file \"/opt/jot/env/$module_name/src/data.csv\"", 2)
    document = JotRuntime.error_document(failure, Union{Ptr{Nothing},Base.InterpreterIP}[])
    @test occursin("\"data.csv\"", document.errorMessage)
end

@testset "an answer that cannot be written is an error" begin
    seen, _ = run_loop(x -> [x, x / 0], Float64, [event("a", "1"), ACCEPTED])
    @test document(posts(seen)[1])["errorMessage"] == "answer[2]: Inf has no form in JSON"
end

@testset "an error that cannot be shown is still one" begin
    struct Broken <: Exception end
    Base.showerror(::IO, ::Broken) = error("broken")
    script = [event("a", "1"), ACCEPTED, event("b", "1"), ACCEPTED]
    seen, _ = run_loop(_ -> throw(Broken()), Any, script)
    @test length(posts(seen)) == 2 && document(posts(seen)[1])["errorType"] == "Broken"
end

@testset "a stack that overflows" begin
    endless(x) = 1 + endless(x)
    seen, _ = run_loop(endless, Int, [event("a", "1"), ACCEPTED, event("b", "1"), ACCEPTED])
    @test document(posts(seen)[2])["errorType"] == "StackOverflowError"
end

@testset "context and trace" begin
    handler(x, context) = (x, context.request_id, context.function_arn, context.trace_id,
        context.remaining_ms > 0, get(ENV, "_X_AMZN_TRACE_ID", nothing))
    untraced = replace(event("b", "2"), r"Lambda-Runtime-Trace-Id: [^\r]*\r\n" => "")
    script = [event("a", "1"), ACCEPTED, untraced, ACCEPTED]
    seen, _ = run_loop(handler, Int, script; takes_context = true)
    @test posts(seen)[1].body == "[1,\"a\",\"arn:f\",\"Root=a\",true,\"Root=a\"]"
    @test posts(seen)[2].body == "[2,\"b\",\"arn:f\",\"\",true,null]"
end

@testset "raw events" begin
    handler(invocation) = (String(copy(invocation.bytes)), invocation.context.request_id)
    seen, _ = run_loop(handler, Invocation, [event("a", "no json"), ACCEPTED])
    @test posts(seen)[1].body == "[\"no json\",\"a\"]"
end

# As a function of julia-aws-lambda-image is written.
function react_to_invocation(inv::Invocation)::Union{InvocationResponse,InvocationError}
    try
        inv.body["operation"] == "+" ||
            return InvocationError("Error", "Unable to execute $(inv.body["operation"])")
        return InvocationResponse(string(inv.body["a"] + inv.body["b"]))
    catch e
        return InvocationError(e)
    end
end

@testset "a function of julia-aws-lambda-image" begin
    script = [event("a", "{\"operation\": \"+\", \"a\": 1, \"b\": 2}"), ACCEPTED,
        event("b", "{\"operation\": \"/\"}"), ACCEPTED, event("c", "{}"), ACCEPTED,
        event("d", "no json"), ACCEPTED]
    seen, log = run_loop(react_to_invocation, Invocation, script)
    first, second, third, fourth = posts(seen)
    @test (first.path, first.body) == (path("a", "response"), "3")
    @test second.path == path("b", "error") &&
        second.headers["lambda-runtime-function-error-type"] == "Error"
    @test document(second) ==
        Dict("errorType" => "Error", "errorMessage" => "Unable to execute /", "stackTrace" => [])
    @test document(third)["errorType"] == "KeyError" &&
        occursin("operation", document(third)["errorMessage"])
    @test document(fourth)["errorType"] == "ArgumentError"
    @test occursin("ERROR RequestId: b Error", log)
end

@testset "answers as they are" begin
    answers = Dict("text" => "[1, 2]", "bytes" => b"{}", "value" => Dict("a" => [1.5, nothing]))
    script = [event("a", "\"text\""), ACCEPTED, event("b", "\"bytes\""), ACCEPTED,
        event("c", "\"value\""), ACCEPTED]
    seen, _ = run_loop(inv -> InvocationResponse(response = answers[inv.body]), Invocation, script)
    @test [request.body for request in posts(seen)] == ["[1, 2]", "{}", "{\"a\":[1.5,null]}"]
    context(inv) = (inv.aws_request_id, inv.deadline_ms, inv.invoked_function_arn, inv.trace_id)
    seen, _ = run_loop(context, Invocation, [event("a", "1"), ACCEPTED])
    @test posts(seen)[1].body == "[\"a\",99999999999999,\"arn:f\",\"Root=a\"]"
end

@testset "connections that end" begin
    # The answer says that the connection ends: the handler's answer goes over a new one.
    script = [event("a", "1"; extra = "Connection: close\r\n") => :close, ACCEPTED]
    seen, _ = run_loop(identity, Int, script)
    @test [request.connection for request in seen] == [1, 2]
    # It ends without a word while the runtime waits: only the request for an invocation is sent
    # again.
    script = [event("a", "1"), ACCEPTED => :close, event("b", "2"), ACCEPTED]
    seen, _ = run_loop(identity, Int, script)
    @test [(request.connection, request.method) for request in seen] ==
        [(1, "GET"), (1, "POST"), (2, "GET"), (2, "POST")]
    # An answer that may have arrived is never sent twice.
    seen, _ = run_loop(identity, Int, [event("a", "1"), :drop])
    @test [request.method for request in seen] == ["GET", "POST"]
end

@testset "an answer that Lambda refuses for its size" begin
    too_large = "HTTP/1.1 413 Payload Too Large\r\nContent-Length: 0\r\n\r\n"
    script = [event("a", "1"), too_large, ACCEPTED, event("b", "2"), ACCEPTED]
    seen, _ = run_loop(identity, Int, script)
    @test [request.path for request in posts(seen)] ==
        [path("a", "response"), path("a", "error"), path("b", "response")]
    @test posts(seen)[2].headers["lambda-runtime-function-error-type"] == "AnswerTooLarge"
end

@testset "a load that fails" begin
    port, seen, task = scripted(Any[ACCEPTED])
    withenv("AWS_LAMBDA_RUNTIME_API" => "127.0.0.1:$port") do
        redirect_stderr(open(tempname(), "w")) do
            failure = InitError(:Numerics, ErrorException("no data"))
            JotRuntime.report_init_error(failure, Union{Ptr{Nothing},Base.InterpreterIP}[])
        end
    end
    wait(task)
    @test seen[1].path == "/2018-06-01/runtime/init/error"
    @test document(seen[1]) == Dict("errorType" => "ErrorException",
        "errorMessage" => "__init__ of Numerics: no data", "stackTrace" => [])
end
