# What to do about errors of Pkg's.

module Resolve
text = read(joinpath(Main.SOURCE, "base", "resolve.jl"), String)
include_string(Resolve, match(r"^function remedy.*?^end$"ms, text).match)
end

@testset "an error of Pkg's says what to do" begin
    says(words, messages...) = all(message -> occursin(words, Resolve.remedy(message)), messages)
    @test says("build.network",
        "failed to clone from https://registry.example/General.git, error: " *
        "GitError(Code:ERROR, Class:Net, failed to resolve address for registry.example: " *
        "Name or service not known)",
        "Could not resolve host: pkg.julialang.org " *
        "while requesting https://pkg.julialang.org/registries",
        "RequestError: Connection timed out")
    @test says("julia.dependencies",
        "The following package names could not be resolved:\n" *
        " * JSON33 (not found in project, manifest or registry)",
        "expected package `Shapes [5a3d2f0e]` to be registered",
        "Unsatisfiable requirements detected for package Shapes")
    @test says("Registry.toml", "no registry found at /tmp/x: no `Registry.toml`",
        "failed to clone from https://git.example/no.git, error: " *
        "GitError(Code:ENOTFOUND, unexpected http status code: 404)")
    @test says("gitconfig", "failed to clone from https://git.example/r.git, error: " *
        "GitError(Code:EAUTH, remote authentication required)")
    @test says("build.base_image", "no download agent found; install curl, wget, or fetch") &&
        Resolve.remedy("odd") == ""
end
