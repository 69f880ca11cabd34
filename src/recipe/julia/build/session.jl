# The exemplar session in one process, for PackageCompiler to trace it on its initial image: nothing
# is compiled yet, so the trace also contains the methods of Julia's own image. JOT_PACKAGE is the
# generated package.

Core.eval(Main, Expr(:import, Expr(:., Symbol(ENV["JOT_PACKAGE"]))))
try
    Base.invokelatest(getfield(Main, Symbol(ENV["JOT_PACKAGE"])).start)
catch fault
    # The stand-in for the Runtime API closes the connection at the end.
    fault isa Union{EOFError,Base.IOError} || rethrow()
end
