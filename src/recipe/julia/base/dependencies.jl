# Where the dependencies of a responder are in the image, and what they are.

"Project.toml with what the responder names itself, Manifest.toml with all that follows from it."
const DEPENDENCIES = "/opt/jot/dependencies"
const DEPOT = "/opt/jot/depot"
"jot's runtime as a package."
const PACKAGES = "/opt/jot/packages"
const JOT_RUNTIME = "6c1f6d9e-3f0c-5a55-9d2b-0c6a7d3b9a10"
const SYSTEM_IMAGE = "/opt/jot/sys.so"
"What `compile = \"trim\"` makes of a responder."
const PROGRAM = "/opt/jot/bin/program"

"Names and UUIDs of what the responder depends on itself."
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
