using Test

const SOURCE = joinpath(@__DIR__, "..", "..", "src", "recipe", "julia")
include(joinpath(SOURCE, "runtime", "JotRuntime.jl"))
using .JotRuntime

read_json(text, type) = JotRuntime.read_json(text, type)
write_json(value) = sprint(JotRuntime.write_json, value)

"The message of the error that a call ends in, or what it gives instead."
function message(call)
    try
        return ("no error", call())
    catch error
        error isa ArgumentError || rethrow()
        return error.msg
    end
end

"How many tests passed in a set and the sets in it."
function passed(set)
    inner = Int[passed(result) for result in set.results if result isa Test.DefaultTestSet]
    return set.n_passed + reduce(+, inner; init = 0)
end

results = @testset "jot in Julia $VERSION" begin
    for file in [
        "read.jl", "invalid.jl", "write.jl", "roundtrip.jl", "types.jl", "large.jl", "http.jl",
        "loop.jl", "envelope.jl", "http_answers.jl", "streams.jl", "records.jl", "snapstart.jl",
        "logging.jl", "package.jl", "script.jl", "load.jl", "files.jl", "project.jl",
        "own_tests.jl", "resolve.jl", "artifacts.jl", "trim.jl",
    ]
        @testset "$file" begin
            include(file)
        end
    end
end
# A failure has ended the program above with an error and its own account.
println(passed(results), " passed, 0 failed")
