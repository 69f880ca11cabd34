# Base64 (RFC 4648), without the standard library of that name.

const BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

"The Base64 text of bytes."
function base64(bytes::AbstractVector{UInt8})
    text = fill(UInt8('='), 4 * cld(length(bytes), 3))
    for (group, from) in enumerate(1:3:length(bytes))
        count = min(3, length(bytes) - from + 1)
        number = UInt32(0)
        for i in 0:2
            number = number << 8 | (i < count ? bytes[from+i] : 0x00)
        end
        for i in 0:count
            text[4*group-3+i] = BASE64[number>>(18-6*i)&0x3f+1]
        end
    end
    String(text)
end

"The bytes of a Base64 text; nothing if it is invalid."
function from_base64(text::String)
    digits = codeunits(rstrip(text, '='))
    bytes = UInt8[]
    number, bits = UInt32(0), 0
    for digit in digits
        value = findfirst(isequal(digit), BASE64)
        value === nothing && return nothing
        number, bits = (number << 6 | UInt32(value - 1)) & 0xffff, bits + 6
        bits >= 8 && (bits -= 8; push!(bytes, number >> bits & 0xff))
    end
    length(text) % 4 == 0 && length(digits) % 4 != 1 ? bytes : nothing
end
