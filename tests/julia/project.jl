# The environment that a system image is made of.

module Project
include(joinpath(Main.SOURCE, "runtime", "versions.jl"))
include(joinpath(Main.SOURCE, "base", "project.jl"))
end

function package(folder, name, uuid, dependencies)
    mkpath(joinpath(folder, name))
    write(joinpath(folder, name, "Project.toml"),
        "name = \"$name\"\nuuid = \"$uuid\"\n\n[deps]\n", dependencies,
        "\n[compat]\njulia = \"1\"\n")
end

const OWN = "ab7e3dc2-2901-5787-9dfb-761e02215c30"
const SHAPES = "3d3ea6b5-6d6c-4f6f-9d0e-0d9a6b1c8a01"

@testset "a package from a machine with other ends of lines" begin
    folder = mktempdir()
    write(joinpath(folder, "Project.toml"),
        "name = \"Own\"\r\nuuid = \"$OWN\"\r\n\r\n" *
        "[deps]\r\nDates = \"ade2ca70-3891-5945-98fb-dc099432e06a\"\r\n\r\n" *
        "[compat]\r\njulia = \"1\"\r\n")
    entry = Project.read_entry(folder, folder)
    @test (entry.name, entry.uuid, entry.dependencies) == ("Own", OWN, ["Dates"])
end

@testset "packages, what is installed, and what stays" begin
    root = mktempdir()
    env, dependencies, project =
        map(name -> joinpath(root, name), ["env", "dependencies", "project"])
    package(env, "Own", OWN,
        "Dates = \"ade2ca70-3891-5945-98fb-dc099432e06a\"\nShapes = \"$SHAPES\"\n")
    write(joinpath(env, "start.jl"), "")
    mkpath(dependencies)
    write(joinpath(dependencies, "Manifest.toml"),
        "[[Shapes]]\ngit-tree-sha1 = \"1\"\nuuid = \"$SHAPES\"\nversion = \"1.0.0\"\n")
    held = Project.write_project(project, [env], dependencies, ["Random"])
    @test issubset(["Dates", "Own", "Printf", "Random", "Shapes", "Unicode"], held)
    manifest = read(joinpath(project, "Manifest.toml"), String)
    text = read(joinpath(project, "Project.toml"), String)
    @test length(collect(eachmatch(r"\[\[Shapes\]\]", manifest))) == 1 &&
        occursin("git-tree-sha1", manifest)
    @test occursin("[[Own]]\ndeps = [\"Dates\", \"Shapes\"]\n" *
        "path = $(repr(joinpath(env, "Own")))\nuuid = \"$OWN\"", manifest)
    @test startswith(text, "[deps]\nOwn = \"$OWN\"\nRandom = ") && !occursin("Dates", text)
    Project.write_project(project, [env], dependencies, String[])
    @test !isfile(joinpath(project, "LocalPreferences.toml"))
    # Preferences hold for what is compiled into the image.
    preferences = "[extras]\nOther = \"1\"\n\n[preferences.Shapes]\nfast = true\n\n" *
        "[preferences.Shapes.more]\na = 1\n\n"
    write(joinpath(dependencies, "Project.toml"),
        "[deps]\nShapes = \"$SHAPES\"\n\n" * preferences * "[sources.Shapes]\nurl = \"x\"\n")
    write(joinpath(dependencies, "LocalPreferences.toml"), "[Other]\nb = 2\n")
    Project.write_project(project, [env], dependencies, String[])
    text = read(joinpath(project, "Project.toml"), String)
    @test endswith(text, "\n" * preferences) && !occursin("sources", text)
    @test read(joinpath(project, "LocalPreferences.toml"), String) == "[Other]\nb = 2\n"
    @test !occursin("[[Random]]", read(joinpath(project, "Manifest.toml"), String))
end
