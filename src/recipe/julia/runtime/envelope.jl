# The envelope in which Lambda delivers an answer to a function as a destination:
# https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html

"""
Whether the handler gets only the answer in such an envelope; set by the start of a responder with
`julia.unwrap`.
"""
const unwraps = Ref(false)

"""
The first and last position of a name's value in the object at a byte of a JSON text; two zeros if
the object does not have it, or is not an object. Of equal names the last one counts, as in reading
an argument.
"""
function member(text::String, at::Int, name::String)
    r = Reader(text, at, 0)
    next_byte(r) == UInt8('{') || return (0, 0)
    enter(r)
    found = (0, 0)
    closes(r, '}') && return found
    while true
        same = read_name(r) == name
        next_byte(r)
        start = r.at
        skip_value(r)
        same && (found = (start, r.at - 1))
        more(r, '}') || return found
    end
end

has_member(text::String, at::Int, name::String) = first(member(text, at, name)) > 0

"Whether the value between two bytes of a text equals this one."
is_value(text::String, (start, stop)::Tuple{Int,Int}, value::String) =
    start > 0 && SubString(text, start, stop) == value

"The position of the answer in an envelope; two zeros for any other text."
function answer_in_envelope(text::String)
    is_value(text, member(text, 1, "version"), "\"1.0\"") || return (0, 0)
    has_member(text, 1, "requestPayload") || return (0, 0)
    context, _ = member(text, 1, "requestContext")
    context > 0 && has_member(text, context, "functionArn") || return (0, 0)
    member(text, 1, "responsePayload")
end

"The answer in an envelope; any other event unchanged."
function unwrapped(event::Vector{UInt8})
    text = String(copy(event))
    isvalid(text) || return event
    try
        start, stop = answer_in_envelope(text)
        return start == 0 ? event : event[start:stop]
    catch error
        # It is read next, which says what is wrong with it.
        error isa Unreadable || rethrow()
        return event
    end
end
