# Which of a package's own tests need a registry.

module OwnTests
# What stands at the top of the program is for the build.
const ARGS = String[]
include(joinpath(Main.SOURCE, "runtime", "versions.jl"))
include(joinpath(Main.SOURCE, "build", "fault.jl"))
import Pkg
text = read(joinpath(Main.SOURCE, "compiler", "tests.jl"), String)
include_string(OwnTests, replace(text, r"^include\(.*\)$"m => ""))
end

@testset "the package itself is in no registry" begin
    folder = mktempdir()
    mkpath(joinpath(folder, "test"))
    write(joinpath(folder, "Project.toml"), "name = \"Own\"\n[deps]\nDates = \"1\"\n")
    write(joinpath(folder, "test", "Project.toml"), "[deps]\nOwn = \"1\"\nTest = \"2\"\n")
    @test !OwnTests.needs_registry(folder, "Own")
    write(joinpath(folder, "test", "Project.toml"), "[deps]\nOwn = \"1\"\nShapes = \"2\"\n")
    @test OwnTests.needs_registry(folder, "Own")
    rm(joinpath(folder, "test", "Project.toml"))
    write(joinpath(folder, "Project.toml"), "name = \"Own\"\n[weakdeps]\nShapes = \"2\"\n")
    @test OwnTests.needs_registry(folder, "Own")
end

@testset "what failed is told test by test" begin
    output = """
        a: Test Failed at /tmp/p/Own/test/runtests.jl:5
          Expression: total([1]) == 2
           Evaluated: 1 == 2
        Stacktrace:
         [1] top-level scope at /tmp/p/Own/test/runtests.jl:5
        b: Error During Test at /tmp/p/Own/test/more.jl:7
          Test threw exception
          Expression: total("a") == 2
          MethodError: no method
        """
    faults = OwnTests.failed_tests(output, "/tmp/p/Own")
    @test [(fault.file, fault.line) for fault in faults] ==
        [("test/runtests.jl", 5), ("test/more.jl", 7)]
    @test faults[1].message == "a test of the package has failed: `total([1]) == 2`" &&
        startswith(faults[1].help, "it evaluated to `1 == 2`")
    @test occursin("run_package_tests", faults[2].help)
    failure, output = OwnTests.with_output(() -> (run(`echo said`); error("no")))
    @test failure == ErrorException("no") && output == "said\n"
    # Where Pkg of 1.7 and later writes; and it goes where stdout goes.
    failure, output = OwnTests.with_output() do
        run(pipeline(`echo said`; stdout = stderr))
        println(stderr, "itself")
    end
    @test failure === nothing && output == "said\nitself\n"
end
