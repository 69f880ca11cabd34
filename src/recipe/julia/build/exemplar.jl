# The exemplar session: the tests' arguments go through the real loop, and Julia records the methods
# that it compiles for them. It is repeated on the result until it shows nothing new.

using Sockets

const EMULATOR = "/opt/jot/bin/aws-lambda-rie"
const TRACES = "/tmp/jot-traces/"
"""
The longest answer that is printed for jot to compare during the build: BuildKit cuts a step's
output at 1 MiB.
"""
const LONGEST = 16 * 1024
"The most times that the responder is compiled."
const ROUNDS = 4

"The precompile statements of a session with these arguments, and with an invalid one."
function exemplar_statements(arguments::Vector{Vector{UInt8}})
    say("exemplar session: $(counted(length(arguments), "argument"))")
    rm(TRACES; recursive = true, force = true)
    mkpath(TRACES)
    events = vcat(arguments, faulty_events())
    withenv("JOT_TRACE_COMPILE" => TRACES) do
        isfile(EMULATOR) ? replay_emulated(events, length(arguments)) :
            replay_alone(events, length(arguments))
    end
    rm("/tmp/.julia"; recursive = true, force = true)
    files = readdir(TRACES; join = true)
    # Julia creates the file with the first method that it compiles; caches with native code may
    # leave none.
    isempty(files) && !isfile(SYSTEM_IMAGE) && !has_package_images() &&
        stop("the exemplar session left no trace")
    statements(files)
end

"""
Compiles by calling `make` with the number of the round, and runs the session on the result:
statements that it still compiles join `traced`, and everything is compiled again. Ends when no new
statements are left, or after the last round; prints the remaining ones.
"""
function repeat_session(make, arguments::Vector{Vector{UInt8}}, traced::Vector{String})
    for round in 1:ROUNDS
        make(round)
        isempty(arguments) && return nothing
        left = exemplar_statements(arguments)
        news = setdiff(left, traced)
        say("round $round of $ROUNDS at most: " *
            "$(length(left)) methods are still compiled at run time, " *
            "$(length(news)) of them not known before")
        if isempty(news) || round == ROUNDS
            foreach(statement -> say("still compiled: $statement"), left)
            return nothing
        end
        append!(traced, news)
    end
end

counted(number::Int, noun::String) = number == 1 ? "1 $noun" : "$number $(noun)s"

"Notes in the log that a call is jot's own, and that its error is expected."
say_own(which::String) =
    say("the $which call is jot's own: it sends no JSON, so an error is the right answer")

"""
An event that the runtime answers with an error without calling the handler, unless the handler
takes raw events.
"""
faulty_events() = ispath(TAKES_ALL) ? Vector{UInt8}[] : [Vector{UInt8}("no JSON")]

"""
The statements of all processes that can be compiled elsewhere: methods of Main belong to the start
script.
"""
function statements(files::Vector{String})
    lines = reduce(vcat, map(readlines, files); init = String[])
    # From 1.11 on, a comment after the statement marks a recompiled method.
    lines = unique(map(line -> String(strip(first(split(line, " # ")))), lines))
    filter(
        line -> startswith(line, "precompile(") && endswith(line, ')') && !occursin("Main.", line),
        lines)
end

"The statements without those of the tests' own tools, which are in no image."
without_tests(statements::Vector{String}) =
    filter(statement -> !occursin(r"\bTest\.", statement), statements)

"Two free ports; with the build's network `host`, other builds run at the same time."
function free_ports()
    servers = [listenany(ip"127.0.0.1", rand(20000:50000)) for _ in 1:2]
    foreach(((_, server),) -> close(server), servers)
    map(first, servers)
end

"""
Has the entry point answer events behind AWS's emulator. The first `shown` answers are printed as
soon as they exist: a wrong one should end the build early.
"""
function replay_emulated(events::Vector{Vector{UInt8}}, shown::Int)
    front, api = map(Int, free_ports())
    command = `$EMULATOR --log-level error --runtime-interface-emulator-address 127.0.0.1:$front
        --runtime-api-address 127.0.0.1:$api /opt/jot/bin/start`
    process = run(pipeline(command; stdout = stdout, stderr = stderr); wait = false)
    try
        for (i, event) in enumerate(events)
            i == shown + 1 && say_own("next")
            answer = call_emulator(process, front, event)
            i <= shown && show_answer(i, answer)
        end
    finally
        kill(process)
        wait(process)
    end
end

function call_emulator(process, port::Int, argument::Vector{UInt8})
    connection = JotRuntime.Connection("127.0.0.1:$port")
    message = JotRuntime.request(
        connection, "POST", "/2015-03-31/functions/function/invocations", "", argument)
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

"""
Prints an answer: jot compares it with the test's expectation, and ends the build if it differs. An
intended error of the handler is an answer; one of the runtime itself is not.
"""
function show_answer(i::Int, answer::String)
    told = ncodeunits(answer) <= LONGEST && !occursin('\n', answer)
    told ? println("jot-answer ", i, ' ', answer) :
        say("exemplar $i answered $(ncodeunits(answer)) bytes")
    flush(stdout)
    occursin(r"^\{[^{}]*\"errorType\": ?\"(Runtime|Sandbox|Extension)\.", answer) &&
        stop("exemplar $i ended the responder: $answer")
end

"""
Has the entry point answer events of a stand-in for the Runtime API; prints the first `shown`
answers for jot.
"""
function replay_alone(events::Vector{Vector{UInt8}}, shown::Int)
    port, server = listenany(ip"127.0.0.1", rand(20000:50000))
    answers = StandInAnswer[]
    length(events) > shown && say_own("last")
    serving = @async serve_events(server, events, answers)
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
    length(answers) == length(events) || stop("exemplar $(length(answers) + 1) ended the responder")
    foreach(i -> show_answer(i, String(copy(answers[i].body))), 1:shown)
end
