"""
The loop between AWS Lambda's Runtime API and a responder, and typed JSON. Only Sockets is loaded:
every further package costs cold-start time. A separate package in the base image, so that it is
compiled there for all responders.
"""
module JotRuntime

using Sockets

# Optimization level per module (NEWS of 1.5). It reduces compilation at run time to three quarters
# of the time; in a system image and in package images, everything has the level of the process that
# creates them.
Base.Experimental.@optlevel 1

export Context, Invocation, InvocationError, InvocationResponse, each_record

include("versions.jl")
include("context.jl")
include("scan.jl")
include("envelope.jl")
include("place.jl")
include("number.jl")
include("read.jl")
include("text.jl")
include("composite.jl")
include("union.jl")
include("ambiguity.jl")
include("write.jl")
include("http.jl")
include("errors.jl")
include("logging.jl")
include("invocation.jl")
include("base64.jl")
include("stream.jl")
include("http_answer.jl")
include("records.jl")
include("snapstart.jl")
include("loop.jl")
include("package.jl")
include("early.jl")
ccall(:jl_generating_output, Cint, ()) == 1 && include("seeds.jl")

end
