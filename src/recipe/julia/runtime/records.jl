# Batches in which only some records fail:
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting,
# https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html, with
# `partial_failures = true` of the trigger.

"""
Calls a function with each record of an event of SQS, Kinesis or DynamoDB, and returns the answer
that names the failed ones, for a trigger with `partial_failures = true`: Lambda delivers only those
again. Errors go to the log. In a stream and in a FIFO queue the order counts, so nothing is called
after the first failed record.

```julia
store_orders(event) = each_record(record -> store(record["body"]), event)
```
"""
function each_record(f, event)
    failed = NamedTuple{(:itemIdentifier,),Tuple{String}}[]
    stopped = false
    for record in records(event)
        id, ordered = identity_of(record)
        !stopped && succeeds(f, record) && continue
        stopped = ordered !== :no
        push!(failed, (itemIdentifier = id,))
        # A stream continues from the first record that failed.
        ordered === :stream && break
    end
    (batchItemFailures = failed,)
end

each_record(f, event::Invocation) = each_record(f, event.body)

function succeeds(f, record)
    try
        f(record)
        return true
    catch error
        error isa InterruptException && rethrow()
        log_error(error_document(error, catch_backtrace()))
        return false
    end
end

"A part of a dictionary or a struct; nothing if it has none of that name."
function part(value, name::String)
    value isa AbstractDict && return get(value, name, get(value, Symbol(name), nothing))
    field = Symbol(name)
    hasfield(typeof(value), field) && isdefined(value, field) ? getfield(value, field) : nothing
end

function records(event)
    found = part(event, "Records")
    found isa Union{AbstractVector,Tuple} ? found : throw(ArgumentError(string(
        "each_record needs an event of SQS, Kinesis or DynamoDB, with `Records`, got ",
        in_short(event))))
end

"""
The identifier of a failed record, and whether the records after it have to wait: `:no`, `:queue` or
`:stream`.
"""
function identity_of(record)
    message = part(record, "messageId")
    if message !== nothing
        is_fifo = endswith(string(part(record, "eventSourceARN")), ".fifo")
        return (string(message), is_fifo ? :queue : :no)
    end
    for (source, number) in (("kinesis", "sequenceNumber"), ("dynamodb", "SequenceNumber"))
        found = part(record, source)
        id = found === nothing ? nothing : part(found, number)
        id === nothing || return (string(id), :stream)
    end
    throw(ArgumentError(string(
        "each_record needs records with `messageId`, `kinesis.sequenceNumber` or ",
        "`dynamodb.SequenceNumber`; your own type must have these fields")))
end
