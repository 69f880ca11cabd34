# Paths of the dependencies in the image, and their names.

"Project.toml with the responder's direct dependencies, Manifest.toml with all of them."
const DEPENDENCIES = "/opt/jot/dependencies"
const DEPOT = "/opt/jot/depot"
"jot's runtime as a package."
const PACKAGES = "/opt/jot/packages"
const JOT_RUNTIME = "6c1f6d9e-3f0c-5a55-9d2b-0c6a7d3b9a10"
const SYSTEM_IMAGE = "/opt/jot/sys.so"
"The program that `compile = \"trim\"` makes from a responder."
const PROGRAM = "/opt/jot/bin/program"

"Names and UUIDs of the responder's direct dependencies."
function direct_dependencies(project::String = joinpath(DEPENDENCIES, "Project.toml"))
    found = Dict{String,String}()
    isfile(project) || return found
    table = ""
    for line in eachline(project)
        startswith(line, '[') && (table = strip(line))
        table == "[deps]" || continue
        entry = match(r"^(\S+) = \"([0-9a-f-]{36})\"$", line)
        entry === nothing || (found[entry[1]] = entry[2])
    end
    found
end
