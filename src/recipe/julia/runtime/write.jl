# Writing. Numbers by `print`, not `show`, because 0.33333334f0 is not JSON; floats so round-trip.

"Integers and floats that `print` writes as JSON does."
const BitIntegers = Union{Base.BitInteger,BigInt}
const Floats = Union{Float16,Float32,Float64,BigFloat}

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
write_value(io::IO, value::BitIntegers, ::Int) = print(io, value)
write_value(io::IO, value::Integer, ::Int) = write_other_number(io, value)
write_value(io::IO, value::AbstractString, ::Int) = write_string(io, value)
write_value(io::IO, value::Union{Symbol,AbstractChar,Enum}, ::Int) = write_string(io, string(value))

function write_value(io::IO, value::Floats, ::Int)
    isfinite(value) || return Base.invokelatest(write_nonfinite, io, value)
    print(io, value)
    nothing
end
write_value(io::IO, value::AbstractFloat, ::Int) = write_other_number(io, value)

"""
A number of a package's own type, as printed if that is a number in JSON, or otherwise as the
exactly equal Float64.
"""
function write_other_number(io::IO, value)
    isfinite(value) || return Base.invokelatest(write_nonfinite, io, value)
    text = Base.invokelatest(number_text, value)::String
    isempty(text) && throw(Base.invokelatest(opaque_error, value)::Unwritable)
    print(io, text)
    nothing
end

"The JSON text of a number, or an empty one if it has none."
function number_text(value)
    text = sprint(print, value)
    is_number_text(text) && return text
    try
        plain = Float64(value)
        isfinite(plain) && plain == value && return string(plain)
    catch error
        error isa InterruptException && rethrow()
    end
    ""
end

function is_number_text(text::String)
    try
        return first(scan_number(text, 1)) > ncodeunits(text)
    catch error
        error isa Unreadable || rethrow()
        return false
    end
end

"The Float64 that is nearest to a real number, such as a fraction."
function as_float(value::Real)
    try
        return Float64(value)
    catch error
        error isa InterruptException && rethrow()
        throw(opaque_error(value))
    end
end

"NaN and the infinities are null if the function's environment says so, and an error otherwise."
function write_nonfinite(io::IO, value::AbstractFloat)
    get(ENV, "JOT_NONFINITE", "") == "null" || throw(Unwritable("$value has no form in JSON"))
    print(io, "null")
    nothing
end

write_value(io::IO, value::Real, depth::Int) =
    write_value(io, Base.invokelatest(as_float, value)::Float64, depth)
write_value(io::IO, value::AbstractSet, depth::Int) = write_elements(io, value, deeper(depth))
write_value(io::IO, value::Tuple, depth::Int) = write_elements(io, value, deeper(depth))
write_value(io::IO, value::Base.Generator, depth::Int) = write_elements(io, value, deeper(depth))
write_value(io::IO, value::AbstractVector, depth::Int) = write_elements(io, value, deeper(depth))

"A matrix is the array of its rows, as in reading; more dimensions follow the same rule."
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

"""
An iterable value is an array; any other with fields is an object of them, with null for unset
fields.
"""
function write_value(io::IO, value, depth::Int)
    is_opaque(value) && throw(Base.invokelatest(opaque_error, value)::Unwritable)
    is_time(typeof(value)) && return write_string(io, Base.invokelatest(string, value)::String)
    is_series(value) && return write_series(io, value, depth)
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

is_opaque(value) = value isa Union{Function,Module,Type,Ptr,Task,IO,Core.CodeInfo,Regex} ||
    !isstructtype(typeof(value))

"""
Whether values of a type can be iterated: Julia 1.5 takes many microseconds to find that no method
exists.
"""
const SERIES = IdDict{Any,Bool}()

"""
Whether a value is a series of others, such as `values(dict)`. Numbers, dictionaries, pairs and
references are iterable as well.
"""
function is_series(@nospecialize(value))
    value isa Union{Number,NamedTuple,Pair,Ref} && return false
    known = get(SERIES, typeof(value), nothing)
    known === nothing ? (SERIES[typeof(value)] = applicable(iterate, value)) : known::Bool
end

has_end(value) = !(Base.IteratorSize(typeof(value)) isa Base.IsInfinite)

function write_series(io::IO, value, depth::Int)
    has_end(value) || throw(Unwritable("an endless $(typeof(value)) has no form in JSON"))
    write_elements(io, value, deeper(depth))
end

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

"""
Path and fault of the first part of a value that cannot be written; searched only after writing
failed.
"""
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

"Steps and parts of a value: index or name, as in a path."
parts(value::Union{AbstractVector,Tuple}) = (("[$i]", part) for (i, part) in enumerate(value))
parts(value::AbstractArray) =
    (("[$(join(Tuple(i), ", "))]", value[i]) for i in CartesianIndices(value))
parts(value::AbstractDict) = ((step_text(string(key)), part) for (key, part) in value)
parts(
    value::Union{AbstractString,Symbol,AbstractChar,Real,AbstractSet,Base.UUID,Nothing,Missing,
        Base.Generator},
) = ()
function parts(value)
    is_opaque(value) && return ()
    is_series(value) && return has_end(value) ?
        (("[$i]", part) for (i, part) in enumerate(value)) : ()
    ((step_text(string(fieldname(typeof(value), i))), getfield(value, i))
        for i in 1:nfields(value) if isdefined(value, i))
end
