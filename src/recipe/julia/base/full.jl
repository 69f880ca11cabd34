# Build stage of a base image that keeps everything of the image beneath it, for lines of the user's own.

include("files.jl")
include("entry.jl")

write_entry(joinpath(ARGS[1], "opt/jot/bin"))
settle(joinpath(ARGS[1], "opt/jot"))
