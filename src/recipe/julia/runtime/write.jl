# Writing. Numbers by `print`, never `show`, whose 0.33333334f0 is no JSON; floats so round-trip.

"A value that has no form in JSON."
struct Unwritable <: Exception
    message::String
end

"""
The JSON text of a value, written to `io`. Throws an ArgumentError that names the place, such as
`answer[2].x: NaN has no form in JSON`.
"""
function write_json(io::IO, value)
    try
        write_value(io, value, 0)
    catch error
        error isa Unwritable || rethrow()
        throw(Base.invokelatest(unwritable_error, value)::ArgumentError)
    end
    nothing
end

deeper(depth::Int) = depth < MAX_DEPTH ? depth + 1 :
    throw(Unwritable(TOO_DEEP))

write_value(io::IO, ::Nothing, ::Int) = print(io, "null")
write_value(io::IO, ::Missing, ::Int) = print(io, "null")
write_value(io::IO, value::Bool, ::Int) = print(io, value ? "true" : "false")
write_value(io::IO, value::Integer, ::Int) = print(io, value)
write_value(io::IO, value::AbstractString, ::Int) = write_string(io, value)
write_value(io::IO, value::Union{Symbol,AbstractChar,Enum}, ::Int) = write_string(io, string(value))

function write_value(io::IO, value::AbstractFloat, ::Int)
    isfinite(value) || return Base.invokelatest(write_nonfinite, io, value)
    print(io, value)
    nothing
end

"NaN and the infinities are null where the function's environment says so, and an error everywhere else."
function write_nonfinite(io::IO, value::AbstractFloat)
    get(ENV, "JOT_NONFINITE", "") == "null" || throw(Unwritable("$value has no form in JSON"))
    print(io, "null")
    nothing
end

write_value(io::IO, value::Real, depth::Int) = write_value(io, Float64(value), depth)
write_value(io::IO, value::AbstractSet, depth::Int) = write_elements(io, value, deeper(depth))
write_value(io::IO, value::Tuple, depth::Int) = write_elements(io, value, deeper(depth))
write_value(io::IO, value::Base.Generator, depth::Int) = write_elements(io, value, deeper(depth))
write_value(io::IO, value::AbstractVector, depth::Int) = write_elements(io, value, deeper(depth))

"A matrix is the array of its rows, as it is read; more dimensions follow the same rule."
function write_value(io::IO, value::AbstractArray{T,N}, depth::Int) where {T,N}
    N == 0 && return write_value(io, value[], depth)
    rows = (view(value, i, ntuple(_ -> Colon(), N - 1)...) for i in axes(value, 1))
    write_elements(io, rows, deeper(depth))
end

function write_elements(io::IO, values, depth::Int)
    print(io, '[')
    separate = false
    for value in values
        separate && print(io, ',')
        separate = true
        write_value(io, value, depth)
    end
    print(io, ']')
end

function write_value(io::IO, value::AbstractDict, depth::Int)
    within = deeper(depth)
    print(io, '{')
    separate = false
    for (key, element) in value
        separate && print(io, ',')
        separate = true
        write_string(io, string(key))
        print(io, ':')
        write_value(io, element, within)
    end
    print(io, '}')
end

"Whatever has fields is an object of them; a field that was never set is null."
function write_value(io::IO, value, depth::Int)
    is_opaque(value) && throw(Base.invokelatest(opaque_error, value)::Unwritable)
    is_time(typeof(value)) && return write_string(io, Base.invokelatest(string, value)::String)
    within = deeper(depth)
    print(io, '{')
    for i in 1:nfields(value)
        i > 1 && print(io, ',')
        write_string(io, string(fieldname(typeof(value), i)))
        print(io, ':')
        write_value(io, isdefined(value, i) ? getfield(value, i) : nothing, within)
    end
    print(io, '}')
end

opaque_error(value) = Unwritable("a $(typeof(value)) has no form in JSON")

is_opaque(value) = value isa Union{Function,Module,Type,Ptr,Task,IO,Core.CodeInfo,Regex} || !isstructtype(typeof(value))

const HEX = b"0123456789abcdef"

write_string(io::IO, text::AbstractString) = write_string(io, String(text))
function write_string(io::IO, text::String)
    isvalid(text) || throw(Unwritable("a string that is not valid UTF-8 has no form in JSON"))
    print(io, '"')
    start = 1
    for at in 1:ncodeunits(text)
        b = codeunit(text, at)
        (b < 0x20 || b == UInt8('"') || b == UInt8('\\')) || continue
        GC.@preserve text unsafe_write(io, pointer(text, start), at - start)
        write_escaped(io, b)
        start = at + 1
    end
    GC.@preserve text unsafe_write(io, pointer(text, start), ncodeunits(text) + 1 - start)
    print(io, '"')
end

function write_escaped(io::IO, b::UInt8)
    write(io, UInt8('\\'))
    b == UInt8('"') || b == UInt8('\\') ? write(io, b) :
    b == 0x0a ? write(io, 'n') :
    b == 0x0d ? write(io, 'r') :
    b == 0x09 ? write(io, 't') : write(io, "u00", HEX[b>>4+1], HEX[b&0x0f+1])
end

function unwritable_error(value)
    path, message = unwritable_place(value)
    ArgumentError("$path: $message")
end

"Path and fault of the first part of a value that cannot be written; looked for only after that has failed."
function unwritable_place(value, path::String = "answer", depth::Int = 0)
    for (step, part) in parts(value)
        try
            write_value(devnull, part, depth + 1)
        catch error
            error isa Unwritable || rethrow()
            depth < MAX_DEPTH && return unwritable_place(part, path * step, depth + 1)
        end
    end
    message = try
        write_value(devnull, value, depth)
        "has no form in JSON"
    catch error
        error isa Unwritable ? error.message : rethrow()
    end
    depth < 32 ? (path, message) : (string(first(path, 120), "..."), message)
end

"Steps and parts of a value: index or name, as they stand in a path."
parts(value::Union{AbstractVector,Tuple}) = (("[$i]", part) for (i, part) in enumerate(value))
parts(value::AbstractArray) = (("[$(join(Tuple(i), ", "))]", value[i]) for i in CartesianIndices(value))
parts(value::AbstractDict) = ((step_text(string(key)), part) for (key, part) in value)
parts(value::Union{AbstractString,Symbol,AbstractChar,Real,AbstractSet,Base.UUID,Nothing,Missing,Base.Generator}) = ()
function parts(value)
    is_opaque(value) && return ()
    ((step_text(string(fieldname(typeof(value), i))), getfield(value, i)) for i in 1:nfields(value) if isdefined(value, i))
end
