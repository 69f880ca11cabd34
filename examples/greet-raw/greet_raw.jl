# With `argument_type = "Invocation"` the event is not read into a type: `invocation.body` is its
# JSON as dictionaries, vectors, texts and numbers, `invocation.bytes` its text; the other fields
# describe the call.
function greet_raw(invocation::Invocation)
    event = invocation.body
    query = get(event, "queryStringParameters", nothing)
    query === nothing ||
        return InvocationResponse((statusCode = 200, body = greeting(query["name"])))
    haskey(event, "name") ||
        return InvocationError("NoName", "request $(invocation.aws_request_id) has no name")
    InvocationResponse("{\"greeting\": \"$(greeting(event["name"]))\"}")
end

greeting(name) = "Hello, $(name)!"
