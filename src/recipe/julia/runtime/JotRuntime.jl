"""
The loop between AWS Lambda's Runtime API and a responder, and typed JSON. Only Sockets is loaded: every further
package costs cold-start time. Included by the generated package, so that its methods are compiled with the responder.
"""
module JotRuntime

using Sockets

export Context, Invocation, InvocationError, InvocationResponse

include("versions.jl")
include("context.jl")
include("scan.jl")
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
include("loop.jl")
include("package.jl")

end
