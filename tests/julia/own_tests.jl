# Which of a package's own tests need a registry.

module OwnTests
# What stands at the top of the program is for the build.
const ARGS = String[]
include(joinpath(Main.SOURCE, "runtime", "versions.jl"))
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
end
