# A system image runs the `__init__` of every package before the start script, where an error cannot
# be caught: Julia ends, and 1.5 does not even report the error. This package is loaded before the
# responder and its dependencies, so it can report the error at the end.

"Whether the start script has begun: it reports errors itself."
const took_over = Ref(false)

const SYSTEM_IMAGE = "/opt/jot/sys.so"

"""
Writes the error that ends the process before the start script. Julia's streams are closed by then:
C's are not.
"""
function report_early_end()
    took_over[] && return nothing
    try
        error, _ = uncaught()
        error === nothing && return nothing
        document = error_document(error, Union{Ptr{Nothing},Base.InterpreterIP}[])
        line = "jot: before the start: $(document.errorType): $(document.errorMessage)\n"
        ccall(:write, Cssize_t, (Cint, Ptr{UInt8}, Csize_t), 2, line, sizeof(line))
    catch
        # Julia has written what it can.
    end
    nothing
end

early_end(::Ptr{Cvoid}) = report_early_end()

# Elsewhere it would have to be compiled at every start.
if haskey(ENV, "JOT_SYSTEM_IMAGE")
    function __init__()
        in_image = unsafe_string(Base.JLOptions().image_file) == SYSTEM_IMAGE
        in_image && haskey(ENV, "AWS_LAMBDA_RUNTIME_API") &&
            at_end(report_early_end, @cfunction(early_end, Cvoid, (Ptr{Cvoid},)))
        nothing
    end
end
