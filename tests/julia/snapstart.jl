using Random

"Runs a script of Julia as a process that SnapStart starts. Gives its exit code and log."
function start_process(code, port)
    file, io = mktemp()
    runtime = repr(joinpath(SOURCE, "runtime", "JotRuntime.jl"))
    write(io, "include($runtime)\nusing .JotRuntime\n", code)
    close(io)
    log = tempname()
    variables = ("AWS_LAMBDA_RUNTIME_API" => "127.0.0.1:$port",
        "AWS_LAMBDA_INITIALIZATION_TYPE" => "snap-start")
    process = withenv(variables...) do
        run(pipeline(ignorestatus(`$(Base.julia_cmd()) --startup-file=no $file`); stderr = log))
    end
    process.exitcode, read(log, String)
end

"The same with a Runtime API that gives `answers` in turn. Gives the requests too."
function run_process(code, answers)
    port, seen, task = scripted(Any[answers...])
    status, log = start_process(code, port)
    wait(task)
    seen, status, log
end

const RESTORED = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

"A folder with one argument a file."
function exemplar(arguments...)
    folder = mktempdir()
    foreach(((i, text),) -> write(joinpath(folder, "000$i.json"), text), enumerate(arguments))
    folder
end

targets(seen) = map(request -> "$(request.method) $(request.path)", seen)

@testset "the whole sequence" begin
    folder = exemplar("1", "\"no number\"", "2")
    code = """
    const calls = Any[]
    answer(n) = (push!(calls, n); copy(calls))
    hook() = push!(calls, "restored")
    JotRuntime.run(answer, Int, false, hook, $(repr(folder)))
    """
    # The connection of before the restore is not used again.
    seen, _, _ = run_process(code, [RESTORED, event("a", "3"), ACCEPTED => :ends])
    @test targets(seen) == ["GET /2018-06-01/runtime/restore/next",
        "GET /2018-06-01/runtime/invocation/next", "POST " * path("a", "response")]
    @test map(request -> request.connection, seen) == [1, 2, 2]
    @test seen[3].body == "[1,2,\"restored\",3]"
end

@testset "a hook that fails" begin
    code = "JotRuntime.run(identity, Int, false, () -> error(\"no database\"), \"\")"
    seen, status, log = run_process(code, [RESTORED, ACCEPTED])
    @test status != 0
    @test targets(seen) ==
        ["GET /2018-06-01/runtime/restore/next", "POST /2018-06-01/runtime/restore/error"]
    @test seen[2].headers["lambda-runtime-function-error-type"] == "ErrorException"
    @test document(seen[2])["errorMessage"] == "no database"
    @test occursin("no database", log)
end

@testset "no snapshot without SnapStart" begin
    seen, _ = run_loop(identity, Int, [event("a", "1"), ACCEPTED])
    @test !any(request -> occursin("restore", request.path), seen)
end

# Two processes with one memory, as clones of a snapshot are: the handler forks while it is
# rehearsed, after it has drawn. They share their event loop, so the parent waits for the child's
# end. The child cannot compile (Julia's compiler writes into its own memory by a file that is the
# parent's), so all is run once before.
const DRAWN = "rand(), rand(1:10^9), randn(), string(rand(RandomDevice(), UInt128)), " *
    "string(uuid4()), string(uuid1().value), randstring(), rand(UInt64, 40), Base.Libc.rand()"
const CLONES = """
using Random, UUIDs
draw() = ($DRAWN)
const forks = Ref(false)
function clone()
    child = forks[] ? ccall(:fork, Cint, ()) : Cint(0)
    child == 0 || ccall(:waitpid, Cint, (Cint, Ptr{Cint}, Cint), child, C_NULL, 0)
    nothing
end
function answer(n)
    n == -1 && ccall(:_exit, Cvoid, (Cint,), 0)
    n == 0 || return draw()
    draw()
    clone()
end
"""

"What two clones of one snapshot answer."
function clones(folder; before = "")
    start = "JotRuntime.run(answer, Int, false, nothing, $(repr(folder)))"
    code = CLONES * before * "try; $start; catch; end\nforks[] = true\n$start\n"
    once = [RESTORED, event("a", "1"), ACCEPTED]
    script = [once; :drop; :drop; once; event("b", "-1"); once; event("b", "-1")]
    seen, status, _ = run_process(code, script)
    @test status == 0
    map(request -> read_json(request.body, Vector{Any}), posts(seen)[2:3])
end

@testset "clones of one snapshot" begin
    folder = exemplar("0")
    first, second = clones(folder)
    @test length(first) == length(second) == 9
    @test all(first .!= second)
    # The test sees generators that were not seeded anew; uuid1 takes the time too.
    first, second = clones(folder; before = "JotRuntime.reseed() = nothing\n")
    # Where RandomDevice asks the kernel each time, its bytes never were the same.
    reads_ahead = isdefined(Random, :DEV_URANDOM)
    @test [i for i in 1:9 if first[i] == second[i]] ==
        (reads_ahead ? [1, 2, 3, 4, 5, 7, 8, 9] : [1, 2, 3, 7, 8, 9])
end
