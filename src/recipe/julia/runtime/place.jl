# The place of a fault in the argument. Only errors pay for it: the text is scanned again up to the
# fault.

"The path of the value that begins at byte `at`, such as `argument.points[3].x`."
function place(text::String, at::Int)
    steps = Any[]
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
        b == UInt8(',') && steps[end] isa Int && (steps[end] += 1)
        if b == UInt8('{') || b == UInt8(',')
            names = steps[end] isa String
        elseif b == UInt8(':') || b == UInt8('[')
            names = false
        end
        r.at += 1
    end
    # The fault is a name itself: its object is the place.
    names && pop!(steps)
    string("argument", map(step_text, steps)...)
end

step_text(index::Int) = "[$index]"
step_text(name::AbstractString) = Base.isidentifier(name) ? ".$name" : "[$(repr(name))]"

"A short description of the value at byte `at`, for `expected ..., got ...`."
function describe(text::String, at::Int)
    b = byte(text, at)
    b == UInt8('{') && return "an object"
    b == UInt8('[') && return "an array"
    r = Reader(text, at, 0)
    skip_value(r)
    value = SubString(text, at, prevind(text, r.at))
    length(value) <= 40 ? String(value) : string(first(value, 40), "...")
end

"Refuses the next value because it is not a `T`."
mismatch(r::Reader, expected) = throw(Base.invokelatest(mismatch_error, r, expected)::Unreadable)

# A method for every expected type would be compiled only when the error happens.
function mismatch_error(r::Reader, @nospecialize(expected))
    at = (next_byte(r); r.at)
    Unreadable(at, "", "expected $expected, got $(describe(r.text, at))", false)
end

"The error that the caller of the function sees."
function readable(error::Unreadable, text::String)
    error.syntax &&
        return ArgumentError("argument is not JSON: $(error.message) at byte $(error.at)")
    ArgumentError("$(place(text, error.at))$(error.below): $(error.message)")
end
