# Replaces the runtime's description of errors in a program: a method of `showerror` is found at run
# time, so its text is composed here, for Julia's own errors and for those of the source with a
# known type. A program has no names of frames.

function error_document(@nospecialize(error), backtrace)
    (errorType = string(nameof(typeof(error))), errorMessage = message_of(error),
        stackTrace = String[])
end

"The text in an error, if it has one."
said(@nospecialize(text)) = text isa String ? text :
    text isa SubString{String} ? String(text) :
    text isa LazyString ? lazy_text(text) : "an error that cannot be shown"

"""
A text that Julia composes only when it is shown, by methods that are found at run time: its parts
are joined here. From Julia 1.8 on.
"""
function lazy_text(text)
    parts, joined = text.parts, ""
    for i in 1:nfields(parts)
        joined = string(joined, printed(getfield(parts, i)))
    end
    joined
end

"A part of such a text as `print` shows it, if it has a usual type."
function printed(@nospecialize(part))
    part isa String && return part
    part isa SubString{String} && return String(part)
    part isa LazyString && return lazy_text(part)
    part isa Symbol && return string(part)
    part isa Char && return string(part)
    part isa Int64 && return string(part)
    part isa Int32 && return string(part)
    part isa UInt64 && return string(part)
    part isa UInt8 && return string(part)
    part isa Float64 && return string(part)
    part isa DataType && return string(nameof(part))
    part isa Base.OneTo{Int64} && return string("Base.OneTo(", last(part), ")")
    part isa UnitRange{Int64} && return indices(part)
    part isa Tuple{Int64} && return string("(", part[1], ",)")
    part isa Tuple{Int64,Int64} && return string("(", part[1], ", ", part[2], ")")
    part isa Tuple{Base.OneTo{Int64}} && return string("(", printed(part[1]), ",)")
    part isa Tuple{Base.OneTo{Int64},Base.OneTo{Int64}} &&
        return string("(", printed(part[1]), ", ", printed(part[2]), ")")
    "..."
end

"A value in an error, if it has a usual type."
named(@nospecialize(value)) = value isa Int64 ? string(value) :
    value isa Float64 ? string(value) :
    value isa String ? repr(value) :
    value isa Symbol ? string(":", value) : "a value"

"Indices, as between brackets."
indices(@nospecialize(index)) = index isa Int64 ? string(index) :
    index isa Tuple{Int64} ? string(index[1]) :
    index isa Tuple{Int64,Int64} ? string(index[1], ", ", index[2]) :
    index isa Tuple{UnitRange{Int64}} ? string(first(index[1]), ":", last(index[1])) :
    index isa UnitRange{Int64} ? string(first(index), ":", last(index)) : "..."

# What `showerror` prints of an error, without its type before it.
function message_of(@nospecialize(error))
    error isa ErrorException && return said(error.msg)
    error isa ArgumentError && return said(error.msg)
    error isa DimensionMismatch && return said(error.msg)
    error isa AssertionError && return said(error.msg)
    error isa OverflowError && return said(error.msg)
    error isa DivideError && return "integer division error"
    error isa StackOverflowError && return ""
    error isa OutOfMemoryError && return ""
    error isa UndefRefError && return "access to undefined reference"
    error isa MissingException && return said(error.msg)
    error isa SystemError && return string(said(error.prefix), ": ", Libc.strerror(error.errnum))
    error isa StringIndexError && return string("invalid index [", error.index, "]")
    error isa String && return repr(error)
    error isa KeyError && return string("key ", named(error.key), " not found")
    error isa DomainError && return domain_text(error)
    error isa BoundsError && return bounds_text(error)
    error isa InexactError && return inexact_text(error)
    own_message(error)
end

function domain_text(error::DomainError)
    string("DomainError with ", named(error.val), ":\n", said(error.msg))
end

function bounds_text(error::BoundsError)
    isdefined(error, :a) && isdefined(error, :i) || return ""
    a = error.a
    what = a isa Matrix{Float64} ? string(size(a, 1), "×", size(a, 2), " Matrix{Float64}") :
        a isa Matrix{Int64} ? string(size(a, 1), "×", size(a, 2), " Matrix{Int64}") :
        a isa Vector{Float64} ? string(length(a), "-element Vector{Float64}") :
        a isa Vector{Int64} ? string(length(a), "-element Vector{Int64}") :
        a isa Vector{String} ? string(length(a), "-element Vector{String}") :
        a isa String ? string(ncodeunits(a), "-codeunit String") : "a collection"
    string("attempt to access ", what, " at index [", indices(error.i), "]")
end

# From 1.12 on it contains all arguments of the conversion in one tuple, the value last.
inexact_text(error::InexactError) = string(error.func, "(", inexact_arguments(error), ")")
if hasfield(InexactError, :args)
    function inexact_arguments(error::InexactError)
        args = error.args
        args isa Tuple{DataType,Float64} && return string(converted(error.func, args[1]), args[2])
        args isa Tuple{DataType,Int64} && return string(converted(error.func, args[1]), args[2])
        "..."
    end
else
    inexact_arguments(error::InexactError) = string(error.T, ", ", named(error.val))
end

"The type that a function should return, if the function has another name."
converted(name::Symbol, type::DataType) = nameof(type) === name ? "" : string(nameof(type), ", ")

"An error of the source's own; the program has a method that knows their types."
own_message(error) = string("an error of type ", nameof(typeof(error)))

"The output of `showerror` for an error, with its type before it."
function shown_error(@nospecialize(error))
    type, text = string(nameof(typeof(error))), message_of(error)
    error isa ErrorException || error isa DomainError || startswith(text, "an error of type ") ?
        text : string(type, ": ", text)
end

"Writes bytes to the process's error stream, all of them."
function put_error(bytes::Vector{UInt8})
    at = 0
    while at < length(bytes)
        written = GC.@preserve bytes ccall(:write, Cssize_t, (Cint, Ptr{UInt8}, Csize_t),
            2, pointer(bytes) + at, length(bytes) - at)
        written <= 0 && return nothing
        at += Int(written)
    end
    nothing
end

function log_error(document)
    if logs_json()
        line = (timestamp = timestamp(), level = "ERROR", requestId = current_request[],
            errorType = document.errorType, errorMessage = document.errorMessage,
            stackTrace = document.stackTrace)
        return write_line(line)
    end
    put_error(Vector{UInt8}(codeunits(string("ERROR RequestId: ", current_request[],
        " ", document.errorType, ": ", document.errorMessage, "\n"))))
end

function write_line(line)
    out = IOBuffer()
    write_json(out, line)
    write(out, UInt8('\n'))
    put_error(take!(out))
end

two_digits(n::Int) = n < 10 ? string("0", n) : string(n)
three_digits(n::Int) = n < 100 ? string("0", two_digits(n)) : string(n)

function timestamp(seconds::Float64 = time())
    days, rest = fldmod(floor(Int, 1000 * seconds), 86_400_000)
    year, month, day = calendar(days)
    date = string(year, "-", two_digits(month), "-", two_digits(day))
    clock = string(two_digits(rest ÷ 3_600_000), ":",
        two_digits(rest ÷ 60_000 % 60), ":", two_digits(rest ÷ 1000 % 60))
    string(date, "T", clock, ".", three_digits(rest % 1000), "Z")
end
