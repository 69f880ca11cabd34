# The exemplar session: the tests' arguments go through the real loop, and Julia writes down what it compiles for them.

using Sockets

const EMULATOR = "/opt/jot/bin/aws-lambda-rie"
const TRACE = "/tmp/jot-trace.jl"

"The precompile statements of a session with these arguments."
function exemplar_statements(arguments::Vector{Vector{UInt8}})
    say("exemplar session: $(length(arguments)) arguments")
    withenv("JOT_TRACE_COMPILE" => TRACE) do
        isfile(EMULATOR) ? replay_emulated(arguments) : replay_alone(arguments)
    end
    rm("/tmp/.julia"; recursive = true, force = true)
    isfile(TRACE) ? statements(TRACE) : stop("the exemplar session has left no trace")
end

"Statements that can be made elsewhere: what was compiled in Main is the start script's own."
function statements(file::String)
    lines = unique(readlines(file))
    # From 1.11 on a recompiled method is marked by a comment behind the statement.
    lines = unique(map(line -> String(strip(first(split(line, " # ")))), lines))
    filter(line -> startswith(line, "precompile(") && !occursin("Main.", line), lines)
end

"Two ports that nobody listens at; with the build's network `host` others build beside this one."
function free_ports()
    servers = [listenany(ip"127.0.0.1", rand(20000:50000)) for _ in 1:2]
    foreach(((_, server),) -> close(server), servers)
    map(first, servers)
end

function replay_emulated(arguments::Vector{Vector{UInt8}})
    front, api = map(Int, free_ports())
    command = `$EMULATOR --log-level error --runtime-interface-emulator-address 127.0.0.1:$front
        --runtime-api-address 127.0.0.1:$api /opt/jot/bin/start`
    process = run(pipeline(command; stdout = stdout, stderr = stderr); wait = false)
    try
        for (i, argument) in enumerate(arguments)
            show_answer(i, call_emulator(process, front, argument))
        end
    finally
        kill(process)
        wait(process)
    end
end

function call_emulator(process, port::Int, argument::Vector{UInt8})
    connection = JotRuntime.Connection("127.0.0.1:$port")
    message = JotRuntime.request(connection, "POST", "/2015-03-31/functions/function/invocations", "", argument)
    while process_running(process)
        try
            return String(JotRuntime.exchange(connection, message).body)
        catch error
            error isa Base.IOError || rethrow()
            sleep(0.05)
        end
    end
    stop("AWS's emulator ended while the exemplar session ran")
end

"Prints an answer. An error that the handler means is an answer; one of the runtime itself is not."
function show_answer(i::Int, answer::String)
    say("exemplar $i: $(length(answer) > 300 ? first(answer, 300) * "..." : answer)")
    occursin(r"^\{[^{}]*\"errorType\": ?\"(Runtime|Sandbox|Extension)\.", answer) && stop("the responder did not survive exemplar $i")
end

function replay_alone(arguments::Vector{Vector{UInt8}})
    port, server = listenany(ip"127.0.0.1", rand(20000:50000))
    answers = StandInAnswer[]
    serving = @async serve_events(server, arguments, answers)
    process = withenv("AWS_LAMBDA_RUNTIME_API" => "127.0.0.1:$(Int(port))") do
        run(pipeline(`/opt/jot/bin/start`; stdout = stdout, stderr = stderr); wait = false)
    end
    while process_running(process) && !istaskdone(serving)
        sleep(0.05)
    end
    # SIGTERM would have Julia print where it was.
    kill(process, Base.SIGKILL)
    wait(process)
    close(server)
    foreach(answer -> show_answer(answer.event, String(copy(answer.body))), answers)
    length(answers) == length(arguments) || stop("the responder did not survive exemplar $(length(answers) + 1)")
end
