# compile = "sysimage" from Julia 1.9 on: the base has its own system image with the runtime, the
# dependencies and the standard libraries that work without `using`. Responders are package images
# on it. Argument: the root of the base.

include("files.jl")
include("entry.jl")
include("project.jl")

const COMPILER = "/jot/compiler"
const PROJECT = "/jot/project"

"Links the packages to their paths at the start, which the image records."
function link_packages(root::String)
    for name in ("runtime", "packages")
        path = joinpath("/opt/jot", name)
        ispath(path) && continue
        mkpath(dirname(path))
        symlink(joinpath(root, "opt/jot", name), path)
    end
end

function make_base_image(root::String)
    link_packages(root)
    dependencies = direct_dependencies()
    kept = kept_libraries(@__DIR__)
    write_project(PROJECT, [PACKAGES], DEPENDENCIES, kept, dependencies)
    statements = touch(joinpath(PROJECT, "statements.jl"))
    packages = vcat("JotRuntime", sort!(collect(keys(dependencies))), kept)
    image = joinpath(root, lstrip(SYSTEM_IMAGE, '/'))
    environment = (
        "JOT_SYSTEM_IMAGE" => "true", "HOME" => "/tmp",
        "JULIA_LOAD_PATH" => "@:$COMPILER/env:@stdlib",
        "JULIA_DEPOT_PATH" => "/tmp/jot-depot:$COMPILER/depot:$DEPOT:",
        "JOT_PACKAGES" => join(packages, ' '))
    script, session = joinpath(@__DIR__, "image.jl"), joinpath(@__DIR__, "session.jl")
    withenv(environment...) do
        run(`$(program()) --startup-file=no $script $PROJECT $statements $session $image $packages`)
    end
    run(`strip --strip-unneeded $image`)
    settle(joinpath(root, "opt/jot"))
end

make_base_image(ARGS[1])
