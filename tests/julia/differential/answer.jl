# Reads records of texts from stdin and writes for each what the JSON reader makes of it: the value,
# written again, or `!`.
include("/jot/src/recipe/julia/runtime/JotRuntime.jl")

function answer(text::Vector{UInt8})
    try
        return sprint(JotRuntime.write_json, JotRuntime.read_json(text, Any))
    catch error
        error isa ArgumentError || rethrow()
        return "!"
    end
end

while !eof(stdin)
    text = read(stdin, parse(Int, readline(stdin)))
    written = answer(text)
    write(stdout, string(ncodeunits(written), '\n', written))
end
