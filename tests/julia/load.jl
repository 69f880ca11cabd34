# What a build says of a source that cannot be loaded, or that has no cache.

module Uncached
include(joinpath(Main.SOURCE, "base", "files.jl"))
include(joinpath(Main.SOURCE, "build", "uncached.jl"))
end

const NAME = "JotResponder_00"

"An environment as a build has it, with the files of a script."
function environment(files::Pair...)
    folder = mktempdir()
    text = "module $NAME\nmodule Script_00\ninclude(\"a.jl\")\nend\n" *
        "# JotRuntime.argument_type(@__MODULE__, Script_00, \"Int\") " *
        "JotRuntime.find_handler(Script_00, \"f\")\nend\n"
    for (name, content) in ("$NAME/src/$NAME.jl" => text, "$NAME/Project.toml" => "", files...)
        mkpath(dirname(joinpath(folder, name)))
        write(joinpath(folder, name), content)
    end
    folder
end

"What a process says of it, fault by fault; nothing where it loads."
function explained(folder, log = "")
    build(file) = "include($(repr(joinpath(SOURCE, file))));"
    code = "$(build("runtime/versions.jl")) $(build("build/explain.jl")) report(ARGS...)"
    told = tempname()
    command = `$(Base.julia_cmd()) --startup-file=no -e $code $folder $NAME $log`
    process = run(pipeline(ignorestatus(command); stderr = told))
    process.exitcode == 0 || return nothing
    lines = filter(line -> startswith(line, "jot-fault "), readlines(told))
    map(line -> read_json(line[11:end], Dict{String,Any}), lines)
end

"The place, message and help of the only fault of a script."
function only_fault(folder)
    faults = explained(folder)
    @test length(faults) == 1
    fault = first(faults)
    get(fault, "file", ""), get(fault, "line", 0), fault["message"], get(fault, "help", "")
end

script(text) = only_fault(environment("$NAME/src/a.jl" => text))

@testset "a variable that the build does not have" begin
    file, line, message, help = script("x = 1\nconst T = ENV[\"JOT_ABSENT\"]\nf(x) = x\n")
    @test (file, line) == ("a.jl", 2)
    @test message == "the environment variable `JOT_ABSENT` is not set during the build"
    @test occursin("`__init__`", help) && occursin("julia.exemplar_environment", help)
end

@testset "other errors at top level" begin
    file, line, message, help = only_fault(environment(
        "$NAME/src/a.jl" => "include(\"lib/b.jl\")\n",
        "$NAME/src/lib/b.jl" => "g() = sqrt(-1.0)\n\nconst B = g()\n"))
    @test (file, line) == ("lib/b.jl", 1) &&
        startswith(message, "DomainError with -1.0") && isempty(help)
    folder = environment("$NAME/src/a.jl" => "", "Own/Project.toml" => "",
        "Own/src/Own.jl" => "module Own\nDict(1 => 2)[3]\nend\n")
    @test only_fault(folder)[1:3] == ("src/Own.jl", 2, "key 3 does not exist")
    @test script("error(\"no \\\"rows\\\"\")\n")[3] == "no \"rows\""
    @test script("const WEIGHTS = 1\nsum(WEIGHT)\n")[2:4] ==
        (2, "`WEIGHT` is not defined", "did you mean `WEIGHTS`?")
    @test script("mean([1])\n")[3:4] == ("`mean` is not defined", "add `using Statistics`")
    @test script("f(x::String) = x\nf(1)\n")[2:4] ==
        (2, "`f` has no method for (Int64)", "it has `f(x::String)`")
    @test script("[1, 2][3]\n")[3] == "index [3] is outside of a $(summary([1, 2]))"
    @test script("f(n) = 1 + f(n)\nf(1)\n")[1:3] ==
        ("a.jl", 1, "the calls never end: Julia's stack is full")
    @test script("if 1\nend\n")[3] == "a condition must be true or false, got a value of type Int64"
    @test startswith(script("ccall((:f, \"libabsent\"), Cint, ())\n")[3],
        "the shared library `libabsent` cannot be loaded")
    @test script("x = 1\nexit(0)\n")[1:3] == ("a.jl", 2, "the source ends Julia while it is loaded")
    @test script("module A\n__init__() = error(\"no\")\nend\n")[2:4] ==
        (2, "no", "`__init__` of `A` runs at every start, and in the build")
    @test explained(environment("$NAME/src/a.jl" => "x = 1\n")) === nothing
end

@testset "files and packages that are not there" begin
    @test script("x = 1\nreadlines(joinpath(@__DIR__, \"b.jl\"))\n")[[1, 2, 4]] ==
        ("a.jl", 2, "did you mean `a.jl`?")
    package(text, files...) = environment(
        "$NAME/src/$NAME.jl" => "module $NAME\nimport Own\nend\n",
        "Own/Project.toml" => "", "Own/src/Own.jl" => text, files...)
    folder = package(
        "module Own\nx = 1\ninclude(\"iner.jl\")\nend\n", "Own/src/inner.jl" => "")
    @test only_fault(folder)[[1, 2, 4]] == ("src/Own.jl", 3, "did you mean `inner.jl`?")
    @test only_fault(package("module Own\nusing Dats\nend\n"))[2:4] ==
        (2, "`Dats` is not a dependency of the package `Own`", "did you mean `Dates`?")
    # It loads without a cache, and not with one.
    log = "ERROR: LoadError: ArgumentError: Package Own does not have Random in its dependencies:"
    fault = first(explained(package("module Own\n\nusing Random\nend\n"), log))
    @test fault["line"] == 3 && occursin("Pkg.add(\"Random\")", fault["help"])
    # As here, where only the compiler refuses something.
    folder = environment("$NAME/src/a.jl" => "x = 1\n")
    log = "ERROR: LoadError: LoadError: closed module\nStacktrace:\n" *
        " [1] top-level scope at $folder/$NAME/src/a.jl:1\n" *
        "ERROR: LoadError: Failed to precompile\n"
    fault = first(explained(folder, log))
    @test (fault["message"], fault["file"], fault["line"]) == ("closed module", "a.jl", 1)
end

module Words
include(joinpath(Main.SOURCE, "runtime", "versions.jl"))
include(joinpath(Main.SOURCE, "build", "explain.jl"))
end

# What the runtime says of a type or a handler, as `runtime/package.jl` has it.
module Asked
struct Point
    x::Float64
end
total(n::Int) = n
pair(a, b) = a
sized(a::String) = a
const LIMIT = 3
module Inner
answer(n) = n
end
end

"Message and help of what is wrong with a handler or a type."
function refused(said, type, handler)
    fault = Words.responder_fault(
        ErrorException(said), Asked, type, handler, file -> basename(file) == "load.jl")
    fault.message, fault.help, fault.line > 0
end

@testset "handlers" begin
    absent(name) =
        refused("handler = \"$name\": the responder defines no such function", "Int", name)
    message, help, placed = absent("totl")
    @test message == "the source defines no function `totl`" && placed
    @test startswith(help, "did you mean `total`?") &&
        occursin("`Inner.answer`, `pair`, `sized` and `total`", help)
    @test startswith(absent("answer")[2], "did you mean `Inner.answer`?")
    @test startswith(absent("zzz")[2], "it defines `Inner.answer`")
    unfit(name, type = "Int") = refused("the handler $name has a method neither for", type, name)
    @test unfit("LIMIT")[1] == "`LIMIT` is not a function but a value of type Int64"
    @test unfit("pair")[1] == "`pair` needs 2 arguments, but gets one"
    @test unfit("sized")[1] == "`sized` has no method for Int, the argument's type" &&
        startswith(unfit("sized")[2], "it has `sized(a::String)`")
end

@testset "types of the argument" begin
    said(text, why) = refused("argument_type = \"$text\" $why", text, "total")
    @test said("Pont", "means nothing to the responder: UndefVarError: Pont not defined") ==
        ("`julia.argument_type = \"Pont\"`: `Pont` is not defined", "did you mean `Point`?", true)
    lost = "means nothing to the responder: UndefVarError: `Money` not defined in `A`"
    @test occursin("the source defines the types `Point`", said("Money", lost)[2])
    @test startswith(said("LIMIT", "is no type but a Int64")[1],
        "`julia.argument_type = \"LIMIT\"` is not a type but a value of type Int64")
end

@testset "names that are near" begin
    @test Words.near("totl", ["total", "other", "tools"]) == ["total"]
    @test Words.near("increment", ["increment_vector", "sum"]) == ["increment_vector"]
    @test Words.near("ab", ["abc", "xy"]) == ["abc"] && isempty(Words.near("f", ["total"]))
    @test Words.distance("abcd", "abdc") == 1
end

"Line and message of the syntax error of a text."
function syntax(text)
    faults = Words.syntax_faults(text, "a.jl")
    isempty(faults) ? nothing : (first(faults).line, first(faults).message)
end

@testset "syntax errors" begin
    @test syntax("f(x) = x\ng(y) = [i for i in y]\n\"\"\"\n( \"\"\"\nh(x) = x' + '(' # (\n") ===
        nothing
    @test syntax("x = 1\nf(v) = sum(v .+ 1\n\ng(v) = 2\n") ==
        (2, "syntax error: this `(` is not closed: `)` is missing")
    @test syntax("x = [1, 2\ny = 3\n") ==
        (1, "syntax error: this `[` is not closed: `]` is missing")
    @test syntax("s = \"abc\ny = 2\n") ==
        (1, "syntax error: this text is not closed: `\"` is missing")
    @test syntax("a = 1\n#= x\nb\n") ==
        (2, "syntax error: this comment is not closed: `=#` is missing")
    @test syntax("function f(x)\n    if x\n        1\nend\n\ng() = 2\n") ==
        (2, "syntax error: this `if` has no `end`")
    @test syntax("function f(x)\n    x\n\nfunction g(x)\n    x\nend\n") ==
        (1, "syntax error: this `function` has no `end`")
    @test syntax("module A\nfunction f(x)\n    map(x) do y\n        y[end]\n    end\n\n" *
        "struct B\n    x::Int\nend\nend\n") == (2, "syntax error: this `function` has no `end`")
    @test first(syntax("x = 1\n\ny = 2))\nz = 3\n")) == 3
    @test first(syntax("x = 1\nif x = 1\n    2\nend\n")) == 2
end

# As the parser of 1.10 and later says it.
struct ParserError <: Exception
    text::String
end
Base.showerror(io::IO, error::ParserError) = print(io, error.text)

@testset "syntax errors of later versions" begin
    text = "ParseError:\n# Error @ a.jl:3:9\nf(x) = x\nx = 1 2\n" *
        "#     └ ── extra tokens after end of expression"
    fault = Words.parser_fault(ParserError(text), "f(x) = x\n\nx = 1 2\n", "a.jl")
    @test (fault.line, fault.column, fault.message) ==
        (3, 9, "syntax error: extra tokens after end of expression")
    text = "ParseError:\n# Error @ a.jl:3:1\n#     └ ── Expected `)`"
    @test Words.parser_fault(ParserError(text), "x = 1\nf(x = 1\n", "a.jl").line == 2
    @test Words.parser_fault(ParserError("ParseError: odd"), "", "a.jl").message ==
        "syntax error: ParseError: odd"
end

@testset "one line for a fault" begin
    text = sprint(io -> Words.tell(Words.Fault("a \"b\"\n\\"; file = "é.jl", line = 2), io))
    @test text ==
        "jot-fault {\"message\":\"a \\\"b\\\"\\u000a\\\\\",\"file\":\"é.jl\",\"line\":2}\n"
end

@testset "what forbids a cache" begin
    folder = environment("$NAME/src/a.jl" => "# __precompile__(false)\nx = 1\n",
        "$NAME/src/b.jl" => "\n__precompile__( false )\n")
    @test Uncached.uncached_reason(joinpath(folder, NAME, "src"), ["Shapes"]) ==
        "__precompile__(false) in b.jl:2"
    rm(joinpath(folder, NAME, "src", "b.jl"))
    @test Uncached.uncached_reason(joinpath(folder, NAME, "src"), ["Shapes", "Rates"]) ==
        "Shapes, Rates cannot be precompiled"
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
    id = "Base.PkgId(Base.UUID(\"$(cached[1][2])\"), \"Dates\")"
    text = Uncached.uncached_start(
        "println(Base.JLOptions().use_compiled_modules, ' ', haskey(Base.loaded_modules, $id))\n",
        cached, v"1.5.3")
    write(file, text)
    VERSION < v"1.11" &&
        @test read(`$(Base.julia_cmd()) --startup-file=no $file`, String) == "0 true\n"
end
