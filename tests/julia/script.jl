module Build
using ..JotRuntime
include(joinpath(Main.SOURCE, "runtime", "versions.jl"))
include(joinpath(Main.SOURCE, "base", "dependencies.jl"))
for file in ["fault.jl", "syntax.jl", "words.jl", "script.jl"]
    include(joinpath(Main.SOURCE, "build", file))
end
include(joinpath(Main.SOURCE, "build", "exemplar.jl"))
end

"Packages that a script names, and its faults."
function survey(text)
    places, faults = Dict{String,Tuple{String,Int}}(), Build.Fault[]
    Build.survey!(places, faults, Build.parse_all(text, "a.jl"), "a.jl", Ref(1))
    sort!(collect(keys(places))), faults
end

@testset "packages" begin
    for (text, names) in [
        ("f(x) = x", []), ("using Dates", ["Dates"]),
        ("using Dates, Printf\nusing Random: rand", ["Dates", "Printf", "Random"]),
        ("import LinearAlgebra.BLAS: gemm!", ["LinearAlgebra"]),
        ("import Base: show\nusing Base.Threads\nusing Core", []), ("module A end\nusing .A", []),
        ("module A\nusing Dates\nend", ["Dates"]), ("if true\n  using Dates\nend", ["Dates"]),
        ("macro m()\n  :(using Dates)\nend", []), ("x = :(using Dates)", []),
        ("\"\"\"\ndoc\n\"\"\"\nf(x) = x\nusing JSON3", ["JSON3"]),
    ]
        @test survey(text) == (names, [])
    end
end

@testset "faults" begin
    fault = survey("using Pkg\nPkg.add(\"JSON3\")")[2][1]
    @test (fault.file, fault.line) == ("a.jl", 2) &&
        startswith(fault.message, "Pkg.add cannot be called at top level")
    @test occursin("dependencies", survey("import Pkg; Pkg.instantiate()")[2][1].help)
    @test isempty(survey("f() = 1\nfunction g()\n  Pkg.add(\"x\")\nend")[2])
end

@testset "standard libraries" begin
    @test Build.standard_libraries()["Sockets"] == "6462fe0b-24de-5631-8697-dd941f90decc"
end

@testset "traces" begin
    file = tempname()
    write(file, "precompile(Tuple{typeof(A.f), Int})\nprecompile(Tuple{typeof(Main.f)})\n" *
        "precompile(Tuple{typeof(A.f), Int})\n" *
        "precompile(Tuple{typeof(A.g)}) # recompile\nnoise\n")
    @test Build.statements([file]) ==
        ["precompile(Tuple{typeof(A.f), Int})", "precompile(Tuple{typeof(A.g)})"]
    @test Build.without_tests(["precompile(Tuple{typeof(Test.f), Int})",
            "precompile(Tuple{typeof(A.f), Test.Pass})",
            "precompile(Tuple{typeof(MyTest.f)})"]) ==
        ["precompile(Tuple{typeof(MyTest.f)})"]
end

@testset "dependencies" begin
    mktempdir() do folder
        file = joinpath(folder, "Project.toml")
        write(file, "[deps]\nShapes = \"3d3ea6b5-6d6c-4f6f-9d0e-0d9a6b1c8a01\"\n\n" *
            "[compat]\nShapes = \"1\"\njulia = \"1.5\"\n")
        @test Build.direct_dependencies(file) ==
            Dict("Shapes" => "3d3ea6b5-6d6c-4f6f-9d0e-0d9a6b1c8a01")
        write(file, "[extras]\nRates = \"3d3ea6b5-6d6c-4f6f-9d0e-0d9a6b1c8a02\"\n\n" *
            "[deps]\nShapes = \"3d3ea6b5-6d6c-4f6f-9d0e-0d9a6b1c8a01\"\n\n" *
            "[preferences.Shapes]\na = \"1\"\n")
        @test collect(keys(Build.direct_dependencies(file))) == ["Shapes"]
        @test isempty(Build.direct_dependencies(joinpath(folder, "absent")))
    end
end
