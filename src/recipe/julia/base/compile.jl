# Creates the caches of the runtime and the dependencies in the image itself, with the path, flags
# and system image of the start.

include("files.jl")
include("dependencies.jl")

import JotRuntime

for name in sort!(collect(keys(direct_dependencies())))
    try
        Core.eval(Main, :(import $(Symbol(name))))
    catch fault
        println(stderr, "jot: the dependency $name cannot be loaded: ", sprint(showerror, fault))
        exit(1)
    end
end
compiled = joinpath(DEPOT, "compiled")
# A dependency that asks not to be compiled leaves nothing.
mkpath(compiled)
settle(compiled)
