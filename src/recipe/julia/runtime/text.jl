# Types that are strings in JSON though they are structs in Julia.

# Dates is loaded only if the responder uses it, so its types are identified by their name:
# otherwise they do not exist.
"Whether a type is a date, a time of day or both, of the standard library Dates."
is_time(type) = type isa DataType && nameof(parentmodule(type)) === :Dates &&
    nameof(type) in (:Date, :DateTime, :Time)

"Whether values of a type are strings in JSON."
is_text(type) = type <: Union{AbstractString,Symbol,AbstractChar,Enum,Base.UUID} || is_time(type)

read_as(r::Reader, ::Type{Base.UUID}) = read_parsed(r, Base.UUID)

"A value parsed from a string in the form of `string`."
function read_parsed(r::Reader, ::Type{T}) where {T}
    at = (next_byte(r); r.at)
    value = Base.invokelatest(parsed, T, read_text(r, T))
    value === nothing && refuse(at, Base.invokelatest(wrong_text, T, r.text, at)::String)
    value::T
end

wrong_text(type, text::String, at::Int) =
    string("expected ", type, is_time(type) ? string(" as \"", TIMES[nameof(type)][2], '"') : "",
        ", got ", describe(text, at))

# A DateTime has no zone. Programs that write `Z` mean universal time, which Lambda's clock also
# uses; AWS writes it in all of these forms. Another zone would be lost, so it is refused. Dates
# itself fills in missing parts of a text, even of an empty one.
const CLOCK = "([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:\\.([0-9]{1,9})[0-9]*)?"
"The form of each type, and its description."
const TIMES = Dict(
    :Date => (r"^(-?[0-9]{4,6}-[0-9]{2}-[0-9]{2})()$", "2026-01-31"),
    :DateTime => (
        Regex("^(-?[0-9]{4,6}-[0-9]{2}-[0-9]{2}T)$CLOCK(?:[Zz]|[+-]00:?00)?\$"),
        "2026-01-31T23:59:59.123Z"),
    :Time => (Regex("^()$CLOCK\$"), "23:59:59.123"),
)

parsed(type, text) = is_time(type) ? parsed_time(type, text) : tryparse(type, text)

"""
A date, a time of day or both. A DateTime has milliseconds, a Time nanoseconds: further digits are
cut off.
"""
function parsed_time(type, text)
    form = match(first(TIMES[nameof(type)]), text)
    form === nothing && return nothing
    whole = string(form[1], form[2])
    value = try
        tryparse(type, whole)
    catch error
        error isa Union{ArgumentError,InexactError,OverflowError} || rethrow()
        nothing
    end
    digits = length(form.captures) < 3 ? nothing : form[3]
    (value === nothing || digits === nothing) && return value
    nanoseconds = parse(Int, rpad(digits, 9, '0'))
    dates = parentmodule(type)
    value + (nameof(type) === :Time ? dates.Nanosecond(nanoseconds) :
        dates.Millisecond(nanoseconds ÷ 1_000_000))
end

# Base had no `tryparse` for it before 1.6 (JuliaLang/julia#36199): its constructor throws an
# ArgumentError.
function parsed(type::Type{Base.UUID}, text)
    try
        return type(text)
    catch error
        error isa ArgumentError || rethrow()
        return nothing
    end
end

write_value(io::IO, value::Base.UUID, ::Int) = write_string(io, string(value))
