# Build stage of a base image that keeps everything from its own base image, for lines of the user.

include("files.jl")
include("entry.jl")

write_entry(joinpath(ARGS[1], "opt/jot/bin"))
settle(joinpath(ARGS[1], "opt/jot"))
