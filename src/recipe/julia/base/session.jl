# The work of every start, for PackageCompiler to trace on an image without compiled code: packages
# are loaded, and the loop answers a valid and an invalid argument. A package image would be too
# late for code that runs before it is loaded, such as the `__init__` of LinearAlgebra and Random.
# JOT_PACKAGES are the packages of the image.

import JotRuntime

include("stand_in.jl")

foreach(name -> Core.eval(Main, :(import $(Symbol(name)))), split(ENV["JOT_PACKAGES"]))

function answer_events(events::Vector{Vector{UInt8}})
    port, server = listenany(ip"127.0.0.1", rand(20000:50000))
    @async (serve_events(server, events, StandInAnswer[]); close(server))
    ENV["AWS_LAMBDA_RUNTIME_API"] = "127.0.0.1:$(Int(port))"
    try
        JotRuntime.run(identity, Vector{Int}, false)
    catch fault
        # The stand-in for the Runtime API closes the connection at the end.
        fault isa Union{EOFError,Base.IOError} || rethrow()
    end
end

answer_events([Vector{UInt8}("[1,2,3]"), Vector{UInt8}("no JSON")])
