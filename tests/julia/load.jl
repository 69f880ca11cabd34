# What a build says of a source that cannot be loaded, or that has no cache.

module Uncached
include(joinpath(Main.SOURCE, "base", "files.jl"))
include(joinpath(Main.SOURCE, "build", "uncached.jl"))
end

const NAME = "JotResponder_00"

"An environment as a build has it, with the files of a script."
function environment(files::Pair...)
    folder = mktempdir()
    text = "module $NAME\nmodule Script_00\ninclude(\"a.jl\")\nend\nend\n"
    for (name, content) in ("$NAME/src/$NAME.jl" => text, "$NAME/Project.toml" => "", files...)
        mkpath(dirname(joinpath(folder, name)))
        write(joinpath(folder, name), content)
    end
    folder
end

"What a process says of it, line by line; nothing where it loads."
function explained(folder)
    code = "include($(repr(joinpath(SOURCE, "build", "explain.jl")))); report()"
    log = tempname()
    process = run(pipeline(ignorestatus(`$(Base.julia_cmd()) --startup-file=no -e $code $folder $NAME`); stderr = log))
    process.exitcode == 0 ? readlines(log) : nothing
end

@testset "a variable that the build does not have" begin
    lines = explained(environment("$NAME/src/a.jl" => "x = 1\nconst T = ENV[\"JOT_ABSENT\"]\nf(x) = x\n"))
    @test lines[1:4] == ["a.jl:2: KeyError: key \"JOT_ABSENT\" not found", "  1 | x = 1", "> 2 | const T = ENV[\"JOT_ABSENT\"]", "  3 | f(x) = x"]
    @test startswith(lines[5], "jot: a.jl:2: KeyError: key \"JOT_ABSENT\" not found: code at top level runs while the image is built")
    @test occursin("`__init__`", lines[5]) && occursin("julia.exemplar_environment", lines[5])
    @test length(lines) == 5
end

@testset "other errors at top level" begin
    lines = explained(environment("$NAME/src/a.jl" => "include(\"lib/b.jl\")\n", "$NAME/src/lib/b.jl" => "g() = sqrt(-1.0)\n\nconst B = g()\n"))
    @test startswith(lines[1], "lib/b.jl:1: DomainError") && startswith(last(lines), "jot: lib/b.jl:1: DomainError")
    @test !occursin("exemplar_environment", last(lines))
    lines = explained(environment("$NAME/src/a.jl" => "", "Own/Project.toml" => "", "Own/src/Own.jl" => "module Own\nDict(1 => 2)[3]\nend\n"))
    @test startswith(lines[1], "src/Own.jl:2: KeyError: key 3 not found") && !occursin("exemplar_environment", last(lines))
    @test explained(environment("$NAME/src/a.jl" => "x = 1\n")) === nothing
end

@testset "what forbids a cache" begin
    folder = environment("$NAME/src/a.jl" => "# __precompile__(false)\nx = 1\n", "$NAME/src/b.jl" => "\n__precompile__( false )\n")
    @test Uncached.uncached_reason(joinpath(folder, NAME, "src"), ["Shapes"]) == "__precompile__(false) in b.jl:2"
    rm(joinpath(folder, NAME, "src", "b.jl"))
    @test Uncached.uncached_reason(joinpath(folder, NAME, "src"), ["Shapes", "Rates"]) == "Shapes, Rates cannot be compiled ahead"
    @test occursin("the lines above", Uncached.uncached_reason(folder, String[]))
end

@testset "a start without a cache" begin
    depot = mktempdir()
    place = mkpath(joinpath(depot, "compiled", "v$(VERSION.major).$(VERSION.minor)", "Shapes"))
    @test !Uncached.has_cache("Shapes", [depot])
    write(joinpath(place, "abc_def.ji"), "x")
    @test Uncached.has_cache("Shapes", [mktempdir(), depot])
    file = tempname()
    write(file, "ade2ca70-3891-5945-98fb-dc099432e06a Dates\n")
    cached = Uncached.loaded_packages(file)
    @test cached == [("Dates", "ade2ca70-3891-5945-98fb-dc099432e06a")]
    @test Uncached.uncached_start("start()\n", cached, v"1.11.0") == "start()\n"
    text = Uncached.uncached_start("println(Base.JLOptions().use_compiled_modules, ' ', haskey(Base.loaded_modules, Base.PkgId(Base.UUID(\"$(cached[1][2])\"), \"Dates\")))\n", cached, v"1.5.3")
    write(file, text)
    VERSION < v"1.11" && @test read(`$(Base.julia_cmd()) --startup-file=no $file`, String) == "0 true\n"
end
