# Bytes, white space, punctuation and strings of a JSON text (RFC 8259). Nothing here knows about
# types.

"A text and the position in it. The text is valid UTF-8: `read_json` checks that once."
mutable struct Reader
    text::String
    "Index of the next byte."
    at::Int
    depth::Int
end

Reader(text::String) = Reader(text, 1, 0)

"The most nested arrays and objects; a task's stack overflows above 10,000."
const MAX_DEPTH = 512
const TOO_DEEP = "more than $MAX_DEPTH arrays and objects within each other"

"A text that is not JSON, or a value that does not fit its type."
struct Unreadable <: Exception
    "Index of the byte where the value, or the fault, begins."
    at::Int
    "Further path below that value, such as `.x`."
    below::String
    message::String
    "Whether the text is not JSON at all."
    syntax::Bool
end

invalid(at::Int, message::String) = throw(Unreadable(at, "", message, true))
refuse(at::Int, message::String, below::String = "") = throw(Unreadable(at, below, message, false))

"The byte at an index, or zero beyond the end, which no JSON text contains."
@inline byte(text::String, at::Int) = at <= ncodeunits(text) ? (@inbounds codeunit(text, at)) : 0x00

"The next byte that is not white space; it is not consumed."
function next_byte(r::Reader)
    while true
        b = byte(r.text, r.at)
        (b == 0x20 || b == 0x0a || b == 0x0d || b == 0x09) || return b
        r.at += 1
    end
end

is_digit(b::UInt8) = UInt8('0') <= b <= UInt8('9')

"Consumes a literal such as `true`."
function take_literal(r::Reader, word::String)
    for i in 1:ncodeunits(word)
        byte(r.text, r.at + i - 1) == codeunit(word, i) || invalid(r.at, "expected a value")
    end
    r.at += ncodeunits(word)
    nothing
end

"Consumes the bracket that opens an array or object; the caller has checked that it is next."
function enter(r::Reader)
    r.depth += 1
    r.depth > MAX_DEPTH && invalid(r.at, TOO_DEEP)
    r.at += 1
    nothing
end

"Consumes the closing bracket, if it is next."
function closes(r::Reader, close::Char)
    next_byte(r) == UInt8(close) || return false
    r.at += 1
    r.depth -= 1
    true
end

"Consumes a comma (true) or the closing bracket (false)."
function more(r::Reader, close::Char)
    closes(r, close) && return false
    byte(r.text, r.at) == UInt8(',') ||
        invalid(r.at, close == ']' ? "expected , or ]" : "expected , or }")
    r.at += 1
    true
end

"Consumes an object's name and colon."
function read_name(r::Reader)
    next_byte(r) == UInt8('"') || invalid(r.at, "expected a name in quotes")
    name = read_string(r)
    next_byte(r) == UInt8(':') || invalid(r.at, "expected :")
    r.at += 1
    name
end

"Consumes a string; its opening quote is next."
function read_string(r::Reader)
    start = r.at + 1
    at = start
    text = r.text
    while true
        b = byte(text, at)
        b == UInt8('"') && break
        b == UInt8('\\') && return Base.invokelatest(read_escaped, r, start, at)::String
        b < 0x20 && invalid(
            at, at > ncodeunits(text) ? "a string does not end" : "a control character in a string")
        at += 1
    end
    r.at = at + 1
    GC.@preserve text unsafe_string(pointer(text, start), at - start)
end

"The rest of a string that has an escape at `at`."
function read_escaped(r::Reader, start::Int, at::Int)
    text = r.text
    out = IOBuffer()
    while true
        # Bytes that need no escape are copied in one piece.
        GC.@preserve text unsafe_write(out, pointer(text, start), at - start)
        b = byte(text, at)
        if b == UInt8('"')
            r.at = at + 1
            return String(take!(out))
        end
        b == UInt8('\\') || invalid(
            at, at > ncodeunits(text) ? "a string does not end" : "a control character in a string")
        at = start = write_escape(out, text, at)
        while (b = byte(text, at); b >= 0x20 && b != UInt8('"') && b != UInt8('\\'))
            at += 1
        end
    end
end

"Writes the character of the escape at `at`; returns the index after it."
function write_escape(out::IOBuffer, text::String, at::Int)
    b = byte(text, at + 1)
    b == UInt8('u') && return write_unicode_escape(out, text, at)
    plain = b == UInt8('n') ? 0x0a : b == UInt8('t') ? 0x09 : b == UInt8('r') ? 0x0d :
        b == UInt8('b') ? 0x08 : b == UInt8('f') ? 0x0c :
        (b == UInt8('"') || b == UInt8('\\') || b == UInt8('/')) ? b : 0x00
    plain == 0x00 && invalid(at, "an unknown escape")
    write(out, plain)
    at + 2
end

function write_unicode_escape(out::IOBuffer, text::String, at::Int)
    unit = hex4(text, at + 2)
    0xd800 <= unit <= 0xdfff || return (print(out, Char(unit)); at + 6)
    # No string of Unicode characters can hold half of a pair.
    paired = unit < 0xdc00 && byte(text, at + 6) == UInt8('\\') && byte(text, at + 7) == UInt8('u')
    low = paired ? hex4(text, at + 8) : UInt32(0)
    0xdc00 <= low <= 0xdfff || invalid(at, "half of a surrogate pair")
    print(out, Char(0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00)))
    at + 12
end

function hex4(text::String, at::Int)
    value = UInt32(0)
    for i in at:at+3
        b = byte(text, i)
        digit = is_digit(b) ? b - UInt8('0') :
            UInt8('a') <= b <= UInt8('f') ? b - UInt8('a') + 0x0a :
            UInt8('A') <= b <= UInt8('F') ? b - UInt8('A') + 0x0a :
            invalid(i, "expected four hexadecimal digits")
        value = value << 4 | digit
    end
    value
end

"Consumes any value, checking all of it."
function skip_value(r::Reader)
    b = next_byte(r)
    if b == UInt8('{')
        enter(r)
        closes(r, '}') && return nothing
        while true
            read_name(r)
            skip_value(r)
            more(r, '}') || return nothing
        end
    elseif b == UInt8('[')
        enter(r)
        closes(r, ']') && return nothing
        while true
            skip_value(r)
            more(r, ']') || return nothing
        end
    elseif b == UInt8('"')
        read_string(r)
    elseif b == UInt8('t')
        take_literal(r, "true")
    elseif b == UInt8('f')
        take_literal(r, "false")
    elseif b == UInt8('n')
        take_literal(r, "null")
    else
        r.at = scan_number(r.text, r.at)[1]
    end
    nothing
end
