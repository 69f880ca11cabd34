# Typed reading: every type is read directly from the text, without an intermediate tree.

"""
The value of type `T` in a JSON text. Throws an ArgumentError that names the place, such as
`argument.points[3].x: expected Float64, got "a"`.
"""
function read_json(bytes::Vector{UInt8}, ::Type{T}) where {T}
    text = String(copy(bytes))
    isvalid(text) || throw(ArgumentError("argument is not JSON: it is not valid UTF-8"))
    try
        return read_all(Reader(text), T)
    catch error
        error isa Unreadable || rethrow()
        throw(Base.invokelatest(readable, error, text)::ArgumentError)
    end
end

read_json(text::String, ::Type{T}) where {T} = read_json(Vector{UInt8}(text), T)

function read_all(r::Reader, ::Type{T}) where {T}
    value = read_as(r, T)
    next_byte(r)
    r.at > ncodeunits(r.text) || invalid(r.at, "expected the end of the text")
    value
end

function read_as(r::Reader, ::Type{Any})
    b = next_byte(r)
    b == UInt8('{') && return read_as(r, Dict{String,Any})
    b == UInt8('[') && return read_as(r, Vector{Any})
    b == UInt8('"') && return read_string(r)
    (b == UInt8('t') || b == UInt8('f')) && return read_as(r, Bool)
    b == UInt8('n') && return read_as(r, Nothing)
    read_number(r)
end

function read_as(r::Reader, ::Type{Bool})
    b = next_byte(r)
    b == UInt8('t') && return (take_literal(r, "true"); true)
    b == UInt8('f') || mismatch(r, Bool)
    take_literal(r, "false")
    false
end

function read_as(r::Reader, ::Type{Nothing})
    next_byte(r) == UInt8('n') || mismatch(r, "null")
    take_literal(r, "null")
end

read_as(r::Reader, ::Type{Missing}) = (read_as(r, Nothing); missing)

function read_text(r::Reader, ::Type{T}) where {T}
    next_byte(r) == UInt8('"') || mismatch(r, T)
    read_string(r)
end

read_as(r::Reader, ::Type{String}) = read_text(r, String)

function read_as(r::Reader, ::Type{Symbol})
    at = (next_byte(r); r.at)
    text = read_text(r, Symbol)
    '\0' in text && refuse(at, "a Symbol cannot contain the character zero")
    Symbol(text)
end

function read_as(r::Reader, ::Type{Char})
    at = (next_byte(r); r.at)
    text = read_text(r, Char)
    length(text) == 1 || refuse(at, "expected Char, got $(describe(r.text, at))")
    first(text)
end

function read_as(r::Reader, ::Type{T}) where {T<:Enum}
    at = (next_byte(r); r.at)
    text = read_text(r, T)
    for value in instances(T)
        string(value) == text && return value
    end
    refuse(at, "expected $T, got $(describe(r.text, at))")
end

"""
A type that is not concrete is read as the nearest that is; a union by the value's shape; a struct
by its fields.
"""
function read_as(r::Reader, ::Type{T}) where {T}
    T isa Union && return read_union(r, T)
    (T === Number || T === Real) && return read_number(r)
    nearest = nearest_concrete(T)
    nearest === nothing || return read_as(r, nearest)
    is_time(T) && return read_parsed(r, T)
    isstructtype(T) && !isabstracttype(T) ||
        refuse((next_byte(r); r.at), "a $T cannot be read from JSON")
    read_struct(r, T)
end

read_as(r::Reader, ::Type{AbstractString}) = read_text(r, String)
read_as(r::Reader, ::Type{Unsigned}) = read_as(r, UInt64)
read_as(r::Reader, ::Type{Integer}) = read_integer_like(r, Integer)
read_as(r::Reader, ::Type{Signed}) = read_integer_like(r, Signed)
read_as(r::Reader, ::Type{AbstractFloat}) = read_as(r, Float64)

function read_integer_like(r::Reader, ::Type{T}) where {T}
    is_number(next_byte(r)) || mismatch(r, T)
    value = read_integer(r, BigInt)
    fits(Int64, value) ? Int64(value) : value
end

"""
For a type with free parameters, such as `Vector` or `Dict{Symbol}`: the type that is read; or
nothing.
"""
function nearest_concrete(::Type{T}) where {T}
    T isa UnionAll || return nothing
    for candidate in (
        Vector{Any}, Matrix{Any}, Dict{String,Any}, Dict{Symbol,Any}, Set{Any}, Tuple{Vararg{Any}},
    )
        candidate <: T && return candidate
    end
    nothing
end
