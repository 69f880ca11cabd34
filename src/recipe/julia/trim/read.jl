# Replaces the runtime's reader in a program. A program finds no method at run time and compiles
# none, so the handling of a type is decided when its reader is compiled. Accepted texts and errors
# are the same.

"A type as the runtime shows it."
@generated type_text(::Type{T}) where {T} = string(T)

mismatch(r::Reader, ::Type{T}) where {T} = throw(mismatch_error(r, type_text(T)))
mismatch(r::Reader, expected::String) = throw(mismatch_error(r, expected))
function mismatch_error(r::Reader, expected::String)
    at = (next_byte(r); r.at)
    Unreadable(at, "", string("expected ", expected, ", got ", describe(r.text, at)), false)
end

wrong_text(::Type{T}, text::String, at::Int) where {T} =
    string("expected ", type_text(T), ", got ", describe(text, at))

@generated function read_as(r::Reader, ::Type{T}) where {T}
    T isa Union && return :(read_union(r, T))
    isconcretetype(T) && isstructtype(T) && return :(read_struct(r, T))
    :(refuse((next_byte(r); r.at), string("a ", type_text(T), " cannot be read from JSON")))
end

@generated function read_as(r::Reader, ::Type{T}) where {T<:Enum}
    values = [:(text == $(string(value)) && return $value) for value in instances(T)]
    quote
        at = (next_byte(r); r.at)
        text = read_text(r, T)
        $(values...)
        refuse(at, string("expected ", type_text(T), ", got ", describe(r.text, at)))
    end
end

"""
An integer of more than 18 characters, or one with fraction or exponent; nothing if it is not an
integer or does not fit.
"""
function rare_integer(
    ::Type{T}, text::String, start::Int, stop::Int, whole::Bool,
) where {T<:Base.BitInteger}
    negative = byte(text, start) == UInt8('-')
    magnitude = exact_magnitude(text, negative ? start + 1 : start, stop)
    magnitude === nothing && return nothing
    T <: Unsigned && negative && return magnitude == 0 ? zero(T) : nothing
    magnitude > UInt128(typemax(T)) + negative && return nothing
    negative ? -(magnitude % T) : magnitude % T
end

"""
The exact integer value of digits with a fraction and an exponent; nothing if they have none, or one
beyond any type.
"""
function exact_magnitude(text::String, at::Int, stop::Int)
    magnitude, zeros, places, fraction = UInt128(0), 0, 0, false
    while at < stop && (b = byte(text, at); is_digit(b) || b == UInt8('.'))
        at += 1
        b == UInt8('.') && (fraction = true; continue)
        fraction && (places += 1)
        # Zeros count only if another digit follows them: those at the end may be after the point.
        b == UInt8('0') && (zeros += 1; continue)
        grown = shifted(magnitude, zeros + 1)
        grown === nothing && return nothing
        magnitude, zeros = grown + (b - UInt8('0')), 0
        magnitude < grown && return nothing
    end
    magnitude == 0 && return magnitude
    power = at < stop ? tryparse(Int64, SubString(text, at + 1, stop - 1)) : Int64(0)
    (power === nothing || abs(power) > 4096) && return nothing
    power += zeros - places
    power < 0 ? nothing : shifted(magnitude, power)
end

"A number times a power of ten, or nothing beyond 128 bits."
function shifted(magnitude::UInt128, power::Int)
    magnitude == 0 && return magnitude
    for _ in 1:power
        magnitude > typemax(UInt128) ÷ 10 && return nothing
        magnitude *= 10
    end
    magnitude
end

"The value of a number that `tryparse` refuses: too small, so zero, or too large."
function tiny_float(::Type{T}, text::SubString{String}) where {T<:Base.IEEEFloat}
    digits, first_digit, whole, at = 0, -1, -1, 1
    while at <= ncodeunits(text) && (b = codeunit(text, at)) | 0x20 != UInt8('e')
        b == UInt8('.') && (whole = digits)
        is_digit(b) && (digits += 1)
        is_digit(b) && b != UInt8('0') && first_digit < 0 && (first_digit = digits)
        at += 1
    end
    whole < 0 && (whole = digits)
    power = at < ncodeunits(text) ? tryparse(Int64, SubString(text, at + 1)) : Int64(0)
    small = power === nothing ? codeunit(text, at + 1) == UInt8('-') :
        power + whole - first_digit < 0
    small ? (startswith(text, '-') ? -zero(T) : zero(T)) : T(Inf)
end

function read_as(r::Reader, ::Type{Array{E,N}}) where {E,N}
    N == 0 && return fill(read_as(r, E))
    N == 1 && return read_vector(r, E, Array{E,N})
    sizes = fill(-1, N)
    flat = E[]
    read_nested!(r, flat, sizes, 1, Array{E,N})
    in_columns(flat, Array{E,N}(undef, ntuple(i -> max(sizes[i], 0), Val(N))))
end

"Fills an array with elements in row order."
function in_columns(flat::Vector{E}, array::Array{E,N}) where {E,N}
    for k in 1:length(flat)
        rest, at, step = k - 1, 1, length(array)
        for i in N:-1:1
            step = div(step, size(array, i))
            at += rest % size(array, i) * step
            rest = div(rest, size(array, i))
        end
        array[at] = flat[k]
    end
    array
end

read_as(r::Reader, ::Type{Set{E}}) where {E} = Set{E}(read_vector(r, E, Set{E}))
read_as(r::Reader, ::Type{Dict{K,V}}) where {K,V} = read_dict(r, Dict{K,V}(), Dict{K,V})

function read_key(::Type{K}, name::String, at::Int) where {K}
    text = K <: Union{Integer,AbstractFloat} ? name : sprint(write_string, name)
    try
        return read_all(Reader(text), K)
    catch error
        error isa Unreadable || rethrow()
        refuse(at, string("expected a name that is a ", type_text(K), ", got ", repr(name)))
    end
end

@generated function read_as(r::Reader, ::Type{T}) where {T<:Tuple}
    count = fieldcount(T)
    each = map(1:count) do i
        type, name = fieldtype(T, i), Symbol(:value, i)
        quote
            local $name::Union{Unset,$type} = Unset()
            closed || ($name = read_as(r, $type); found = $i; closed = !more(r, ']'))
        end
    end
    quote
        next_byte(r) == UInt8('[') || mismatch(r, T)
        start = r.at
        enter(r)
        found, closed = 0, closes(r, ']')
        $(each...)
        closed || refuse(start, $("expected $count elements, got more"))
        found == $count || refuse(start, string($("expected $count elements, got "), found))
        ($([:($(Symbol(:value, i))::$(fieldtype(T, i))) for i in 1:count]...),)
    end
end

@generated function read_as(r::Reader, ::Type{T}) where {T<:NamedTuple}
    code, values = fields_code(T)
    quote
        at = (next_byte(r); r.at)
        $code
        T(($(values...),))
    end
end

@generated function read_struct(r::Reader, ::Type{T}) where {T}
    code, values = fields_code(T)
    quote
        at = (next_byte(r); r.at)
        $code
        try
            return T($(values...))
        catch error
            refuse(at, constructor_fault(T, error))
        end
    end
end

constructor_fault(::Type{T}, @nospecialize(error)) where {T} =
    string(type_text(T), ": ", shown_error(error))

function absent(::Type{F}, name::Symbol, at::Int) where {F}
    Nothing <: F && return nothing
    Missing <: F && return missing
    throw(Unreadable(at, step_text(string(name)),
        string("missing, expected ", type_text(F)), false))
end

@generated function read_union(r::Reader, ::Type{T}) where {T}
    null = Nothing <: T ? nothing : missing
    nullable = Nothing <: T || Missing <: T
    rest = nonmissingtype(Base.nonnothingtype(T))
    members = rest === Union{} ? [] : Base.uniontypes(rest)
    # Where several types are left, null is out of the question.
    named = rest isa Union ? rest : T
    groups = unique(map(shape_code, members))
    branches = map(groups) do shape
        fitting = filter(member -> shape_code(member) == shape, members)
        :($shape && return $(fitting_code(named, fitting)))
    end
    quote
        b = next_byte(r)
        $(nullable ? :(b == UInt8('n') && (read_as(r, Nothing); return $null)) : nothing)
        $(branches...)
        mismatch(r, $named)
    end
end

"Texts joined by `and`, without empty ones."
function both_texts(texts::String...)
    out = ""
    for text in texts
        isempty(text) || (out = isempty(out) ? text : string(out, " and ", text))
    end
    out
end

function place(text::String, at::Int)
    steps = Union{Int,String}[]
    names = false
    r = Reader(text)
    while r.at < at
        b = next_byte(r)
        r.at >= at && break
        if b == UInt8('"')
            word = read_string(r)
            names && (steps[end] = word)
            continue
        end
        b == UInt8('{') && push!(steps, "")
        b == UInt8('[') && push!(steps, 1)
        (b == UInt8('}') || b == UInt8(']')) && pop!(steps)
        if b == UInt8(',')
            step = steps[end]
            step isa Int && (steps[end] = step + 1)
        end
        if b == UInt8('{') || b == UInt8(',')
            names = steps[end] isa String
        elseif b == UInt8(':') || b == UInt8('[')
            names = false
        end
        r.at += 1
    end
    names && pop!(steps)
    path = "argument"
    for step in steps
        path = step isa Int ? string(path, "[", step, "]") : string(path, step_text(step::String))
    end
    path
end

function readable(error::Unreadable, text::String)
    error.syntax &&
        return ArgumentError(string("argument is not JSON: ", error.message, " at byte ", error.at))
    ArgumentError(string(place(text, error.at), error.below, ": ", error.message))
end
