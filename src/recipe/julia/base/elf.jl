# Does what `strip --strip-unneeded` does to a shared library, for images without binutils: the
# sections that no program loads, symbols and debugging information, follow all others and are cut
# off.

const SECTION_BYTES = 64
number(bytes, at, T) = ltoh(reinterpret(T, bytes[at+1:at+sizeof(T)])[1])

"""
Drops symbols and debugging information from a 64-bit little-endian library; any other file stays
unchanged.
"""
function strip_symbols(file::String)
    bytes = read(file)
    length(bytes) > 64 && bytes[1:6] == [0x7f, 0x45, 0x4c, 0x46, 0x02, 0x01] || return nothing
    table, count, names =
        number(bytes, 0x28, UInt64), number(bytes, 0x3c, UInt16), number(bytes, 0x3e, UInt16)
    headers = [bytes[table+SECTION_BYTES*i+1:table+SECTION_BYTES*(i+1)] for i in 0:count-1]
    loaded = map(header -> number(header, 8, UInt64) & 2 != 0, headers)
    kept = findlast(loaded)
    (kept === nothing || !all(loaded[2:kept]) || kept == count) && return nothing
    write(file, without_tail(bytes, headers[1:kept], headers[names+1]))
    nothing
end

function without_tail(bytes, kept, names)
    in_file = filter(header -> number(header, 4, UInt32) != 8, kept)
    stop = maximum(header -> number(header, 24, UInt64) + number(header, 32, UInt64), in_file)
    offset, size = number(names, 24, UInt64), number(names, 32, UInt64)
    out = bytes[1:stop]
    names_at = length(out)
    append!(out, bytes[offset+1:offset+size])
    append!(out, zeros(UInt8, mod(-length(out), 8)))
    table = length(out)
    put!(names, 24, UInt64(names_at))
    foreach(header -> append!(out, header), kept)
    append!(out, names)
    put!(out, 0x28, UInt64(table))
    put!(out, 0x3c, UInt16(length(kept) + 1))
    put!(out, 0x3e, UInt16(length(kept)))
end

put!(bytes, at, value) = (bytes[at+1:at+sizeof(value)] = reinterpret(UInt8, [htol(value)]); bytes)
