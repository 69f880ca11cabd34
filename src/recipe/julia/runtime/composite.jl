# Arrays, dictionaries, tuples and structs.

"""
The nested arrays of a JSON text as an array. `[[1, 2, 3], [4, 5, 6]]` is the 2 by 3 matrix `[1 2 3;
4 5 6]`: the outer array contains the rows, and so on inwards for more dimensions.
"""
function read_as(r::Reader, ::Type{T}) where {T<:AbstractArray}
    nearest = nearest_concrete(T)
    nearest === nothing || return read_as(r, nearest)
    ndims(T) == 1 && return convert_array(T, read_vector(r, eltype(T), T))
    ndims(T) == 0 && return convert_array(T, fill(read_as(r, eltype(T))))
    sizes = fill(-1, ndims(T))
    flat = eltype(T)[]
    read_nested!(r, flat, sizes, 1, T)
    # An empty dimension leaves those within it unknown: they are empty too.
    outer = reverse(map(n -> max(n, 0), sizes))
    convert_array(T, permutedims(reshape(flat, Tuple(outer)), ndims(T):-1:1))
end

convert_array(::Type{T}, array::AbstractArray) where {T} = array isa T ? array : convert(T, array)

function read_vector(r::Reader, ::Type{E}, ::Type{T}) where {E,T}
    next_byte(r) == UInt8('[') || mismatch(r, T)
    enter(r)
    values = E[]
    closes(r, ']') && return values
    while true
        push!(values, read_as(r, E))
        more(r, ']') || return values
    end
end

"""
Appends one array of the given dimension, row by row, and checks that its length is that of its
siblings.
"""
function read_nested!(
    r::Reader, flat::Vector{E}, sizes::Vector{Int}, dimension::Int, ::Type{T},
) where {E,T}
    next_byte(r) == UInt8('[') || mismatch(r, T)
    start = r.at
    enter(r)
    count = 0
    if !closes(r, ']')
        while true
            count += 1
            dimension < length(sizes) ? read_nested!(r, flat, sizes, dimension + 1, T) :
                push!(flat, read_as(r, E))
            more(r, ']') || break
        end
    end
    sizes[dimension] == -1 && (sizes[dimension] = count)
    sizes[dimension] == count ||
        refuse(start, "expected $(sizes[dimension]) elements as in the arrays before, got $count")
    nothing
end

function read_as(r::Reader, ::Type{T}) where {T<:AbstractSet}
    nearest = nearest_concrete(T)
    nearest === nothing || return read_as(r, nearest)
    values = read_vector(r, eltype(T), T)
    isabstracttype(T) ? Set{eltype(T)}(values) : T(values)
end

function read_as(r::Reader, ::Type{T}) where {T<:AbstractDict}
    nearest = nearest_concrete(T)
    nearest === nothing || return read_as(r, nearest)
    read_dict(r, isabstracttype(T) ? Dict{keytype(T),valtype(T)}() : T(), T)
end

function read_dict(r::Reader, dict::AbstractDict{K,V}, ::Type{T}) where {K,V,T}
    next_byte(r) == UInt8('{') || mismatch(r, T)
    enter(r)
    closes(r, '}') && return dict
    while true
        at = (next_byte(r); r.at)
        key = read_key(K, read_name(r), at)
        dict[key] = read_as(r, V)
        more(r, '}') || return dict
    end
end

read_key(::Type{K}, name::String, ::Int) where {K>:String} = name
function read_key(::Type{Symbol}, name::String, at::Int)
    '\0' in name && refuse(at, "a Symbol cannot contain the character zero")
    Symbol(name)
end
"Any other key is parsed from its name: a number, a character, an enumeration's value."
function read_key(::Type{K}, name::String, at::Int) where {K}
    text = K <: Union{Integer,AbstractFloat} ? name : sprint(write_string, name)
    try
        return read_all(Reader(text), K)
    catch error
        error isa Unreadable || rethrow()
        refuse(at, "expected a name that is a $K, got $(repr(name))")
    end
end

function read_as(r::Reader, ::Type{T}) where {T<:Tuple}
    nearest = T === Tuple ? Tuple{Vararg{Any}} : T
    next_byte(r) == UInt8('[') || mismatch(r, nearest)
    start = r.at
    enter(r)
    values = Any[]
    types = Base.unwrap_unionall(nearest).parameters
    open = Base.isvatuple(Base.unwrap_unionall(nearest))
    least = open ? length(types) - 1 : length(types)
    if !closes(r, ']')
        while true
            i = length(values) + 1
            i <= least || open || refuse(start, "expected $least elements, got more")
            push!(values, read_as(r, fieldtype(nearest, i)))
            more(r, ']') || break
        end
    end
    length(values) >= least || refuse(start, "expected $least elements, got $(length(values))")
    (values...,)
end

function read_as(r::Reader, ::Type{T}) where {T<:NamedTuple}
    T isa UnionAll && refuse((next_byte(r); r.at),
        "a NamedTuple can be read only if its type gives the names and types of its fields")
    T((read_fields(r, T)...,))
end

"""
A struct, through its constructor, or through one with keywords if names are absent. Names without a
field are ignored.
"""
function read_struct(r::Reader, ::Type{T}) where {T}
    at = (next_byte(r); r.at)
    values = read_present(r, T)
    any(value -> value isa Unset, values) && Base.invokelatest(takes_keywords, T)::Bool &&
        return Base.invokelatest(with_defaults, T, values, at)::T
    fill_absent!(values, T, at)
    try
        return T(values...)
    catch error
        error isa InterruptException && rethrow()
        refuse(at, Base.invokelatest(constructor_fault, T, error)::String)
    end
end

"Whether a type has a constructor with its fields as keywords, as by `@kwdef`."
takes_keywords(type) = hasmethod(type, Tuple{}, fieldnames(type))

"""
A struct with absent fields, which get the defaults of its constructor, or otherwise the value of
`absent`.
"""
function with_defaults(type, values::Vector{Any}, at::Int)
    names = fieldnames(type)
    while true
        given = [names[i] => values[i] for i in eachindex(values) if !(values[i] isa Unset)]
        try
            return type(; given...)
        catch error
            error isa InterruptException && rethrow()
            i = error isa UndefKeywordError ? findfirst(isequal(error.var), names) : nothing
            (i === nothing || !(values[i] isa Unset)) && refuse(at, constructor_fault(type, error))
            values[i] = absent(field_type(type, i), names[i], at)
        end
    end
end

constructor_fault(type, error) = "$type: $(sprint(showerror, error))"

struct Unset end

function read_fields(r::Reader, ::Type{T}) where {T}
    at = (next_byte(r); r.at)
    fill_absent!(read_present(r, T), T, at)
end

"The values of an object's fields, `Unset` for absent ones."
function read_present(r::Reader, ::Type{T}) where {T}
    next_byte(r) == UInt8('{') || mismatch(r, T)
    names = fieldnames(T)
    values = fill!(Vector{Any}(undef, length(names)), Unset())
    enter(r)
    if !closes(r, '}')
        while true
            i = index_of(names, read_name(r))
            i == 0 ? skip_value(r) : (values[i] = read_as(r, field_type(T, i)))
            more(r, '}') || break
        end
    end
    values
end

function fill_absent!(values::Vector{Any}, ::Type{T}, at::Int) where {T}
    for i in eachindex(values)
        values[i] isa Unset && (values[i] = absent(field_type(T, i), fieldname(T, i), at))
    end
    values
end

"A free parameter of the struct is replaced by its bound."
function field_type(::Type{T}, i::Int) where {T}
    type = fieldtype(T, i)
    type isa TypeVar ? type.ub : type
end

function index_of(names, name::String)
    for i in 1:length(names)
        same_text(names[i], name) && return i
    end
    0
end

# A name from outside never becomes a Symbol: those are kept for ever.
function same_text(symbol::Symbol, text::String)
    sizeof(symbol) == sizeof(text) || return false
    ccall(:memcmp, Cint, (Ptr{UInt8}, Ptr{UInt8}, Csize_t), symbol, text, sizeof(text)) == 0
end

"The value of an absent field: nothing or missing, if its type allows that."
function absent(::Type{F}, name::Symbol, at::Int) where {F}
    Nothing <: F && return nothing
    Missing <: F && return missing
    throw(Base.invokelatest(missing_error, F, name, at)::Unreadable)
end

missing_error(type, name::Symbol, at::Int) =
    Unreadable(at, step_text(string(name)), "missing, expected $type", false)
