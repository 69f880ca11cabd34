# Replaces the runtime's writer in a program: the handling of a type is decided when its writer is
# compiled.

"Whether a type's values have no form in JSON."
is_opaque_type(type) = type <: Union{Function,Module,Type,Ptr,Task,IO,Core.CodeInfo,Regex} ||
    !isstructtype(type)

"Whether a type's values are series of others."
is_series_type(type) =
    !(type <: Union{Number,NamedTuple,Pair,Ref}) && hasmethod(iterate, Tuple{type})

"Code that writes brackets and commas around the code for each part."
between(open::Char, close::Char, parts) = Expr(
    :block, :(print(io, $open)),
    (i == 1 ? part : Expr(:block, :(print(io, ',')), part) for (i, part) in enumerate(parts))...,
    :(print(io, $close)))

@generated function write_value(io::IO, value::T, depth::Int) where {T}
    is_opaque_type(T) && return :(throw(opaque_error(value)))
    is_time(T) && return :(write_string(io, string(value)))
    is_series_type(T) && return :(write_series(io, value, depth))
    parts = map(1:fieldcount(T)) do i
        part = :(write_value(io, getfield(value, $i), within))
        fieldtype(T, i) <: Union{Number,Char} ||
            (part = :(isdefined(value, $i) ? $part : print(io, "null")))
        :(write_string(io, $(string(fieldname(T, i)))); print(io, ':'); $part)
    end
    :(within = deeper(depth); $(between('{', '}', parts)))
end

@generated function write_value(io::IO, value::T, depth::Int) where {T<:Tuple}
    parts = [:(write_value(io, getfield(value, $i), within)) for i in 1:fieldcount(T)]
    :(within = deeper(depth); $(between('[', ']', parts)))
end

"A key or a value as text."
key_text(key) = string(key)
@generated function key_text(key::T) where {T<:Enum}
    Expr(:block, [:(key === $value && return $(string(value))) for value in instances(T)]..., "")
end
write_value(io::IO, value::Enum, depth::Int) = write_string(io, key_text(value))

function write_value(io::IO, value::AbstractDict, depth::Int)
    within = deeper(depth)
    print(io, '{')
    separate = false
    for (key, element) in value
        separate && print(io, ',')
        separate = true
        write_string(io, key_text(key))
        print(io, ':')
        write_value(io, element, within)
    end
    print(io, '}')
end

write_value(io::IO, value::AbstractArray{T,N}, depth::Int) where {T,N} =
    write_part(io, value, (), depth)

"Writes the part of an array at the first indices."
@generated function write_part(
    io::IO, value::AbstractArray{T,N}, index::NTuple{K,Int}, depth::Int,
) where {T,N,K}
    K == N && return :(write_value(io, value[index...], depth))
    quote
        within = deeper(depth)
        print(io, '[')
        separate = false
        for i in axes(value, $(K + 1))
            separate && print(io, ',')
            separate = true
            write_part(io, value, (index..., i), within)
        end
        print(io, ']')
    end
end

opaque_error(value::T) where {T} = Unwritable(string("a ", type_text(T), " has no form in JSON"))

unwritable_error(value) = ArgumentError(fault_text(value, "answer", 0))

"Why a value cannot be written; empty if it can."
function obstacle(value, depth::Int)
    try
        write_value(IOBuffer(), value, depth)
        return ""
    catch error
        error isa Unwritable || rethrow()
        return error.message
    end
end

"Path and fault of the first part of a value that cannot be written."
function fault_text(value, path::String, depth::Int)
    found = depth < MAX_DEPTH ? part_fault(value, path, depth + 1) : ""
    isempty(found) || return found
    string(depth < 32 ? path : string(first(path, 120), "..."), ": ", obstacle(value, depth))
end

"The fault of a part, if it has one."
part_text(part, path::String, step::String, depth::Int) =
    isempty(obstacle(part, depth)) ? "" : fault_text(part, string(path, step), depth)

part_fault(
    value::Union{AbstractString,Symbol,AbstractChar,Enum,Real,AbstractSet,Base.UUID,Nothing,Missing,
        Base.Generator},
    path::String, depth::Int,
) = ""

function part_fault(value::AbstractVector, path::String, depth::Int)
    for (i, part) in enumerate(value)
        found = part_text(part, path, string("[", i, "]"), depth)
        isempty(found) || return found
    end
    ""
end

function part_fault(value::AbstractArray{T,N}, path::String, depth::Int) where {T,N}
    for index in CartesianIndices(value)
        step = string("[", index[1])
        for k in 2:N
            step = string(step, ", ", index[k])
        end
        found = part_text(value[index], path, string(step, "]"), depth)
        isempty(found) || return found
    end
    ""
end

function part_fault(value::AbstractDict, path::String, depth::Int)
    for (key, part) in value
        found = part_text(part, path, step_text(key_text(key)), depth)
        isempty(found) || return found
    end
    ""
end

"The parts of a tuple or of a struct, each with its type."
@generated function part_fault(value::T, path::String, depth::Int) where {T}
    is_opaque_type(T) && return ""
    step(i) = T <: Tuple ? "[$i]" : step_text(string(fieldname(T, i)))
    parts = map(1:fieldcount(T)) do i
        quote
            if isdefined(value, $i)
                found = part_text(getfield(value, $i), path, $(step(i)), depth)
                isempty(found) || return found
            end
        end
    end
    Expr(:block, parts..., "")
end
