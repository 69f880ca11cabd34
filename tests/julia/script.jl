module Build
using ..JotRuntime
include(joinpath(Main.SOURCE, "runtime", "versions.jl"))
include(joinpath(Main.SOURCE, "base", "dependencies.jl"))
include(joinpath(Main.SOURCE, "build", "script.jl"))
include(joinpath(Main.SOURCE, "build", "exemplar.jl"))
end

"Packages that a script names, and its faults."
function survey(text)
    names, faults = Set{String}(), String[]
    Build.survey!(names, faults, Build.parse_all(text, "a.jl"), "a.jl", Ref(1))
    sort!(collect(names)), faults
end

@testset "packages" begin
    for (text, names) in [
        ("f(x) = x", []), ("using Dates", ["Dates"]), ("using Dates, Printf\nusing Random: rand", ["Dates", "Printf", "Random"]), ("import LinearAlgebra.BLAS: gemm!", ["LinearAlgebra"]),
        ("import Base: show\nusing Base.Threads\nusing Core", []), ("module A end\nusing .A", []), ("module A\nusing Dates\nend", ["Dates"]), ("if true\n  using Dates\nend", ["Dates"]),
        ("macro m()\n  :(using Dates)\nend", []), ("x = :(using Dates)", []), ("\"\"\"\ndoc\n\"\"\"\nf(x) = x\nusing JSON3", ["JSON3"]),
    ]
        @test survey(text) == (names, [])
    end
end

@testset "faults" begin
    @test occursin("a.jl:2: Pkg.add at top level", survey("using Pkg\nPkg.add(\"JSON3\")")[2][1])
    @test occursin("dependencies", survey("import Pkg; Pkg.instantiate()")[2][1])
    @test isempty(survey("f() = 1\nfunction g()\n  Pkg.add(\"x\")\nend")[2])
    @test length(survey("f(x = ")[2]) == 1
    @test length(survey("f(x))")[2]) == 1
end

# As the parser of 1.10 and later says it.
struct ParserError <: Exception
    text::String
end
Base.showerror(io::IO, error::ParserError) = print(io, error.text)

@testset "syntax errors of later versions" begin
    text = "ParseError:\n# Error @ a.jl:3:9\nf(x) = x\nf(x = \n#     └ ── Expected `)`"
    @test Build.syntax_fault(ParserError(text), "a.jl", 1) == "a.jl:3: syntax error: Expected `)`"
    @test Build.syntax_fault(ParserError("ParseError: odd"), "a.jl", 2) == "a.jl:2: syntax error: ParseError: odd"
    @test Build.syntax_fault("incomplete: premature end of input", "a.jl", 2) == "a.jl:2: incomplete: premature end of input"
end

@testset "standard libraries" begin
    @test Build.standard_libraries()["Sockets"] == "6462fe0b-24de-5631-8697-dd941f90decc"
end

@testset "traces" begin
    file = tempname()
    write(file, "precompile(Tuple{typeof(A.f), Int})\nprecompile(Tuple{typeof(Main.f)})\nprecompile(Tuple{typeof(A.f), Int})\nprecompile(Tuple{typeof(A.g)}) # recompile\nnoise\n")
    @test Build.statements([file]) == ["precompile(Tuple{typeof(A.f), Int})", "precompile(Tuple{typeof(A.g)})"]
    @test Build.without_tests(["precompile(Tuple{typeof(Test.f), Int})", "precompile(Tuple{typeof(A.f), Test.Pass})", "precompile(Tuple{typeof(MyTest.f)})"]) ==
        ["precompile(Tuple{typeof(MyTest.f)})"]
end

@testset "dependencies" begin
    mktempdir() do folder
        file = joinpath(folder, "Project.toml")
        write(file, "[deps]\nShapes = \"3d3ea6b5-6d6c-4f6f-9d0e-0d9a6b1c8a01\"\n\n[compat]\nShapes = \"1\"\njulia = \"1.5\"\n")
        @test Build.direct_dependencies(file) == Dict("Shapes" => "3d3ea6b5-6d6c-4f6f-9d0e-0d9a6b1c8a01")
        write(file, "[extras]\nRates = \"3d3ea6b5-6d6c-4f6f-9d0e-0d9a6b1c8a02\"\n\n[deps]\nShapes = \"3d3ea6b5-6d6c-4f6f-9d0e-0d9a6b1c8a01\"\n\n[preferences.Shapes]\na = \"1\"\n")
        @test collect(keys(Build.direct_dependencies(file))) == ["Shapes"]
        @test isempty(Build.direct_dependencies(joinpath(folder, "absent")))
    end
end
