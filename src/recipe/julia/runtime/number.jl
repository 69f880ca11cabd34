# Numbers: first the grammar of RFC 8259, then the value. Julia's own `tryparse` also accepts
# `0x1p3`, `+7`, `.5`, `007` and `Infinity`, so it only gets what `scan_number` accepted.

is_number(b::UInt8) = is_digit(b) || b == UInt8('-')

"Index after the number at `at`, and whether it has neither fraction nor exponent."
function scan_number(text::String, at::Int)
    byte(text, at) == UInt8('-') && (at += 1)
    is_digit(byte(text, at)) ||
        invalid(at, at > ncodeunits(text) ? "the text ends early" : "expected a value")
    at = byte(text, at) == UInt8('0') ? at + 1 : scan_digits(text, at)
    whole = true
    if byte(text, at) == UInt8('.')
        whole = false
        at = scan_digits(text, at + 1)
    end
    if byte(text, at) | 0x20 == UInt8('e')
        whole = false
        sign = byte(text, at + 1)
        at = scan_digits(text, at + (sign == UInt8('+') || sign == UInt8('-') ? 2 : 1))
    end
    at, whole
end

function scan_digits(text::String, at::Int)
    is_digit(byte(text, at)) || invalid(at, "expected a digit")
    while is_digit(byte(text, at))
        at += 1
    end
    at
end

read_as(r::Reader, ::Type{T}) where {T<:Integer} = read_integer(r, T)

function read_integer(r::Reader, ::Type{T}) where {T<:Integer}
    is_number(next_byte(r)) || mismatch(r, T)
    start = r.at
    stop, whole = scan_number(r.text, start)
    if whole && stop - start <= 18
        small = small_integer(r.text, start, stop)
        fits(T, small) || mismatch(r, T)
        r.at = stop
        return convert(T, small)
    end
    value = Base.invokelatest(rare_integer, T, r.text, start, stop, whole)::Union{T,Nothing}
    value === nothing && mismatch(r, T)
    r.at = stop
    value
end

"""
A long integer or one with fraction or exponent, or nothing if it is not an integer or does not fit.
"""
function rare_integer(
    ::Type{T}, text::String, start::Int, stop::Int, whole::Bool,
) where {T<:Integer}
    value = whole ? long_integer(T, text, start, stop) : exact_integer(text, start, stop)
    value === nothing || !fits(T, value) ? nothing : convert(T, value)::T
end

fits(::Type{T}, value::Integer) where {T<:Integer} = typemin(T) <= value <= typemax(T)
fits(::Type{BigInt}, ::Integer) = true
fits(::Type{T}, ::Integer) where {T} = true

"The integer in `start:stop-1`, of at most 18 characters, which no Int64 overflows."
function small_integer(text::String, start::Int, stop::Int)
    negative = byte(text, start) == UInt8('-')
    value = Int64(0)
    for i in (negative ? start + 1 : start):stop-1
        value = 10value + (byte(text, i) - UInt8('0'))
    end
    negative ? -value : value
end

"The integer in `start:stop-1`, or nothing if it has more digits than any Int128."
function long_integer(::Type{T}, text::String, start::Int, stop::Int) where {T}
    T !== BigInt && stop - start > 40 && return nothing
    parse(BigInt, SubString(text, start, stop - 1))
end

"""
The exact integer value of a number with fraction or exponent, such as `1.0` or `25e2`; or nothing.
"""
function exact_integer(text::String, start::Int, stop::Int)
    number = lowercase(SubString(text, start, stop - 1))
    mantissa, exponent = occursin('e', number) ? split(number, 'e') : (number, "0")
    whole, fraction = occursin('.', mantissa) ? split(mantissa, '.') : (mantissa, "")
    fraction = rstrip(fraction, '0')
    digits = string(whole, fraction)
    all(c -> c == '0' || c == '-', digits) && return BigInt(0)
    power = tryparse(Int64, exponent)
    # Larger exponents fit no integer type, and the power of ten would only use memory.
    (power === nothing || abs(power) > 4096) && return nothing
    power -= length(fraction)
    power >= 0 && return parse(BigInt, digits) * BigInt(10)^power
    kept = rstrip(digits, '0')
    length(digits) - length(kept) >= -power || return nothing
    parse(BigInt, digits[1:end+power])
end

function read_as(r::Reader, ::Type{T}) where {T<:AbstractFloat}
    is_number(next_byte(r)) || mismatch(r, T)
    stop, _ = scan_number(r.text, r.at)
    text = SubString(r.text, r.at, stop - 1)
    value = tryparse(T, text)
    # `tryparse` refuses a number that is too small for the type; JSON readers take it as zero.
    value === nothing && (value = Base.invokelatest(tiny_float, T, text)::T)
    isfinite(value) || mismatch(r, T)
    r.at = stop
    value
end

tiny_float(::Type{T}, text) where {T} = convert(T, parse(BigFloat, text))

"""
A number without an expected type: Int64 or, beyond it, BigInt; with fraction or exponent a Float64.
"""
function read_number(r::Reader)
    is_number(next_byte(r)) || mismatch(r, Real)
    stop, whole = scan_number(r.text, r.at)
    whole || return read_as(r, Float64)
    value = read_integer(r, BigInt)
    fits(Int64, value) ? Int64(value) : value
end
