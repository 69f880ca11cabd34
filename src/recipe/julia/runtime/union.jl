# Unions: null first, then by the shape of the value.

function read_union(r::Reader, ::Type{T}) where {T}
    if next_byte(r) == UInt8('n') && (Nothing <: T || Missing <: T)
        read_as(r, Nothing)
        return Nothing <: T ? nothing : missing
    end
    rest = nonmissingtype(Base.nonnothingtype(T))
    rest isa Union ? read_shape(r, rest) : mismatch_as(r, rest, T)
end

"""
Reads the one type that is left, but names the whole union in the error if the value has another
shape.
"""
function mismatch_as(r::Reader, ::Type{F}, ::Type{T}) where {F,T}
    (F === Union{} || !has_shape(F, next_byte(r))) && mismatch(r, T)
    read_as(r, F)
end

function read_shape(r::Reader, ::Type{T}) where {T}
    b = next_byte(r)
    fitting = Any[member for member in Base.uniontypes(T) if has_shape(member, b)]
    if is_number(b) && length(fitting) > 1
        whole = scan_number(r.text, r.at)[2]
        filter!(member -> (member <: Integer) == whole, fitting)
    end
    if b == UInt8('{') && length(fitting) > 1
        fitting = Base.invokelatest(fitting_structs, r, fitting)::Vector{Any}
    end
    isempty(fitting) && mismatch(r, T)
    length(fitting) == 1 ||
        refuse(r.at, "$(join(fitting, " and ")) have the same shape in JSON, so $T is ambiguous")
    read_as(r, fitting[1])
end

"Whether a value of the type may begin with this byte."
function has_shape(::Type{F}, b::UInt8) where {F}
    F === Any && return true
    F === Bool && return b == UInt8('t') || b == UInt8('f')
    F <: Number && return is_number(b)
    is_text(F) && return b == UInt8('"')
    F <: Union{AbstractArray,AbstractSet,Tuple} && return b == UInt8('[')
    F <: Union{Nothing,Missing} && return b == UInt8('n')
    F isa Union && return any(member -> has_shape(member, b), Base.uniontypes(F))
    b == UInt8('{')
end

"Whether values of a type are objects with the type's own fields."
has_fields(type) = type isa DataType && isconcretetype(type) && isstructtype(type) &&
    has_shape(type, UInt8('{')) && !(type <: AbstractDict)

"""
Of the types with the shape of the next value, an object, those with all fields present or with
defaults for the others.
"""
function fitting_structs(r::Reader, members::Vector{Any})
    names = object_names(r)
    found = filter(
        member -> has_fields(member) && all(name -> string(name) in names, needed_fields(member)),
        members)
    isempty(found) || return found
    filter(
        member -> has_fields(member) && takes_keywords(member) && is_readable(r, member),
        members)
end

function is_readable(r::Reader, type)
    try
        read_as(Reader(r.text, r.at, r.depth), type)
        return true
    catch error
        error isa Unreadable || rethrow()
        return false
    end
end

"The required fields: those that can be neither nothing nor missing."
needed_fields(type) = [fieldname(type, i) for i in 1:fieldcount(type) if !(
    Nothing <: field_type(type, i) || Missing <: field_type(type, i))]

"The names of the next value, an object, without consuming it."
function object_names(r::Reader)
    ahead = Reader(r.text, r.at, r.depth)
    names = String[]
    enter(ahead)
    closes(ahead, '}') && return names
    while true
        push!(names, read_name(ahead))
        skip_value(ahead)
        more(ahead, '}') || return names
    end
end
