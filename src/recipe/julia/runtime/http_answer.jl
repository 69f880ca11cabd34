# Answers to HTTP requests: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html.
# Lambda takes a status, headers and a body from an object with `statusCode`, and any other JSON as
# the body of a status 200. Values without a form in that JSON get one here.

# Compiled for each type of answer, most methods to a constant.
"Whether an answer to an HTTP request may need another form."
may_be_http(value) = hasfield(typeof(value), :statusCode)
may_be_http(::Union{Channel,IO}) = true
may_be_http(::Union{Number,AbstractString,AbstractArray,Tuple,Nothing}) = false
# With values of one type it has nothing that JSON lacks.
may_be_http(value::AbstractDict) =
    String <: valtype(value) && Int <: valtype(value) && has_status(value)
may_be_http(answer::InvocationResponse) = may_be_http(answer.response)

has_status(dict::AbstractDict{<:AbstractString}) = haskey(dict, "statusCode")
has_status(dict::AbstractDict{Symbol}) = haskey(dict, :statusCode)
has_status(dict::AbstractDict) =
    any(key -> key isa Union{AbstractString,Symbol} && string(key) == "statusCode", keys(dict))

"The request that answers an event with a value, or a streamed answer."
reply(connection::Connection, path::String, value, event::Vector{UInt8}) =
    streaming[] || may_be_http(value) ?
        Base.invokelatest(reply_shaped, connection, path, value, event) :
        answer_request(connection, path, value)
reply(::Connection, ::String, answer::Streamed, ::Vector{UInt8}) = answer

function reply_shaped(
    connection::Connection, path::String, @nospecialize(value), event::Vector{UInt8},
)
    answer = http_answer(value, event)
    answer isa Streamed ? answer : answer_request(connection, path, answer)
end

"An answer in the form for the event: only one to an HTTP request is changed."
shaped(value, event::Vector{UInt8}) = streaming[] || may_be_http(value) ?
    Base.invokelatest(http_answer, value, event) : value

"""
Whether an event is an HTTP request: of a function URL, of API Gateway or of a load balancer; and
whether it is from a function URL.
"""
function http_event(event::Vector{UInt8})
    text = String(copy(event))
    isvalid(text) || return (false, false)
    try
        context, _ = member(text, 1, "requestContext")
        context == 0 && return (false, false)
        start, stop = member(text, context, "domainName")
        url = start > 0 && occursin(".lambda-url.", SubString(text, start, stop))
        return (any(name -> has_member(text, context, name), ("http", "httpMethod", "elb")), url)
    catch error
        error isa Unreadable || rethrow()
        return (false, false)
    end
end

"The error for an invalid answer to an HTTP request."
wrong_answer(what::String) = throw(ArgumentError(
    "$what; an answer to an HTTP request is `(; statusCode = 200, " *
    "headers = Dict(\"content-type\" => \"text/plain\"), body = \"...\")`, " *
    "with bytes or a text as `body`, or any other value, which is sent as JSON"))

function http_answer(@nospecialize(value), event::Vector{UInt8})
    value isa Union{Streamed,InvocationError} && return value
    http, url = http_event(event)
    http || return value
    in_pieces = url && streaming[]
    plain = value isa InvocationResponse ? value.response : value
    raw = value isa InvocationResponse && plain isa Union{AbstractString,AbstractVector{UInt8}}
    if raw && in_pieces
        bytes = Vector{UInt8}(plain isa AbstractString ? codeunits(String(plain)) : plain)
        return streamed(raw_answer(bytes))
    end
    answer = plain isa Union{Channel,IO} ?
        HttpAnswer(Pair{String,Any}["statusCode" => 200], plain, false) :
        has_code(plain) ? read_answer(plain) : nothing
    in_pieces && return streamed(answer === nothing ? json_answer(document_bytes(plain)) : answer)
    answer === nothing ? value : buffered(answer)
end

has_code(@nospecialize(value)) = value isa AbstractDict ? has_status(value) :
    !(value isa Union{Number,AbstractString,AbstractArray,Tuple}) &&
        hasfield(typeof(value), :statusCode)

"Names and values of a dictionary or a vector of pairs."
function named_parts(value::Union{AbstractDict,AbstractVector})
    found = Pair{String,Any}[]
    for (name, part) in value
        push!(found, Pair{String,Any}(string(name), part))
    end
    found
end

"Names and values of a named tuple's fields, or a struct's. Not compiled for each type."
function named_parts(@nospecialize(value))
    found, names = Pair{String,Any}[], fieldnames(typeof(value))
    for i in 1:nfields(value)
        isdefined(value, i) && push!(found, Pair{String,Any}(string(names[i]), getfield(value, i)))
    end
    found
end

"The answer that Lambda itself makes from JSON without a status."
function json_answer(json::Vector{UInt8})
    headers = Pair{String,Any}["content-type" => "application/json"]
    HttpAnswer(Pair{String,Any}["statusCode" => 200, "headers" => headers], json, false)
end

"An answer that the handler has written as JSON."
function raw_answer(json::Vector{UInt8})
    text = String(copy(json))
    isvalid(text) && has_member(text, 1, "statusCode") ?
        read_answer(read_json(text, Dict{String,Any})) : json_answer(json)
end

"An answer with a status, checked."
function read_answer(@nospecialize(value))
    members, body, encoded = Pair{String,Any}[], nothing, false
    for (name, part) in named_parts(value)
        if name == "body"
            body = part === missing ? nothing : part
        elseif name == "isBase64Encoded"
            part isa Union{Bool,Nothing} || wrong_answer(
                "the answer's `isBase64Encoded` must be true or false, got $(in_short(part))")
            encoded = part === true
        elseif !(part isa Union{Nothing,Missing})
            push!(members, Pair{String,Any}(name, checked_member(name, part)))
        end
    end
    is_body(body) ||
        wrong_answer("the answer's `body` must be a text or bytes, got $(in_short(body))")
    encoded && body isa AbstractString || return HttpAnswer(members, body, false)
    from_base64(String(body)) === nothing &&
        wrong_answer("the answer's `body` must be Base64 if `isBase64Encoded` is true")
    HttpAnswer(members, String(body), true)
end

is_body(@nospecialize(body)) =
    body isa Union{Nothing,AbstractString,AbstractVector{UInt8},Channel,IO,Base.Generator}

function checked_member(name::String, @nospecialize(part))
    if name == "statusCode"
        part isa Integer && !(part isa Bool) && 100 <= part <= 599 || wrong_answer(
            "the answer's `statusCode` must be a whole number from 100 to 599, " *
            "got $(in_short(part))")
        return Int(part)
    end
    name == "headers" && return checked_headers(part)
    name == "cookies" &&
        !(part isa AbstractVector && all(cookie -> cookie isa AbstractString, part)) &&
        wrong_answer("the answer's `cookies` must be texts, got $(in_short(part))")
    part
end

function checked_headers(@nospecialize(part))
    part isa Union{AbstractDict,AbstractVector{<:Pair},NamedTuple} || wrong_answer(
        "the answer's `headers` must be a dictionary or a named tuple, got $(in_short(part))")
    headers = Pair{String,Any}[]
    for (name, value) in named_parts(part)
        value isa Union{Nothing,Missing} && continue
        value isa Union{AbstractString,Symbol,Number,Enum} ||
            wrong_answer("the answer's header `$name` must be a text, got $(in_short(value))")
        push!(headers, Pair{String,Any}(name, string(value)))
    end
    headers
end

"A value in an error."
function in_short(@nospecialize(value))
    value isa Union{AbstractString,Number,Symbol,Nothing,Missing} ||
        return "a value of type $(typeof(value))"
    text = repr(value)
    length(text) <= 40 ? text : string(first(text, 40), "...")
end

"An unstreamed answer: pieces are concatenated, and bytes that are not text become Base64."
function buffered(answer::HttpAnswer)
    members, body, encoded = copy(answer.members), answer.body, answer.encoded
    if !(body isa Union{Nothing,AbstractString})
        bytes = UInt8[]
        each_piece(piece -> append!(bytes, piece), body)
        encoded = !isvalid(String, bytes)
        body = encoded ? base64(bytes) : String(bytes)
    end
    body === nothing || push!(members, Pair{String,Any}("body", body))
    encoded && push!(members, Pair{String,Any}("isBase64Encoded", true))
    HttpAnswer(members, nothing, false)
end

"""
The usual types are distinguished here, so that their methods are neither searched nor compiled at
run time.
"""
function write_member(io::IO, @nospecialize(part), depth::Int)
    part isa Vector{Pair{String,Any}} && return write_members(io, part, deeper(depth))
    part isa String && return write_string(io, part)
    part isa Int && return (print(io, part); nothing)
    write_value(io, part, depth)
end

function write_value(io::IO, answer::HttpAnswer, depth::Int)
    write_members(io, answer.members, deeper(depth))
end

function write_members(io::IO, members::Vector{Pair{String,Any}}, depth::Int)
    print(io, '{')
    for (i, (name, part)) in enumerate(members)
        i > 1 && print(io, ',')
        write_string(io, name)
        print(io, ':')
        write_member(io, part, depth)
    end
    print(io, '}')
end
