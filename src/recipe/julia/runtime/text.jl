# Types that are strings in JSON though they are structs in Julia.

# Dates is loaded only where the responder uses it, so its types are known by their name: without it there are none.
"Whether a type is a date, a time of day or both, of the standard library Dates."
is_time(type) = type isa DataType && nameof(parentmodule(type)) === :Dates && nameof(type) in (:Date, :DateTime, :Time)

"Whether values of a type are strings in JSON."
is_text(type) = type <: Union{AbstractString,Symbol,AbstractChar,Enum,Base.UUID} || is_time(type)

read_as(r::Reader, ::Type{Base.UUID}) = read_parsed(r, Base.UUID)

"A value that its type's `tryparse` makes of a string, in the form that `string` gives it."
function read_parsed(r::Reader, ::Type{T}) where {T}
    at = (next_byte(r); r.at)
    text = read_text(r, T)
    # A DateTime has no zone. Universal time is what a program that writes `Z` means, and what Lambda's clock shows.
    is_time(T) && nameof(T) === :DateTime && endswith(text, 'Z') && (text = chop(text))
    # Dates fills in what a text leaves out, down to an empty one; what is meant here is at least `2026-02-28` and `23:59`.
    short = is_time(T) && ncodeunits(text) < (nameof(T) === :Date ? 10 : nameof(T) === :DateTime ? 16 : 5)
    value = short ? nothing : Base.invokelatest(parsed, T, text)
    value === nothing && refuse(at, "expected $T, got $(describe(r.text, at))")
    value::T
end

parsed(type, text) = tryparse(type, text)
# Base had no `tryparse` for it before 1.6 (JuliaLang/julia#36199): its constructor throws an ArgumentError.
function parsed(type::Type{Base.UUID}, text)
    try
        return type(text)
    catch error
        error isa ArgumentError || rethrow()
        return nothing
    end
end

write_value(io::IO, value::Base.UUID, ::Int) = write_string(io, string(value))
