# SnapStart: Lambda stores the memory of an initialised runtime and begins every cold start from
# that copy, https://docs.aws.amazon.com/lambda/latest/dg/snapstart.html. The requests are those of
# AWS's own runtime interface clients.

"Whether Lambda is about to take a snapshot of this process."
snapshot_wanted() = get(ENV, "AWS_LAMBDA_INITIALIZATION_TYPE", "") == "snap-start"

"""
Answers the arguments of a folder without sending the answers, so that the code for them is
compiled; waits while the snapshot is taken; and makes each copy of it unique. `hook` is the
responder's `jot_after_restore`, or nothing.
"""
function pass_snapshot(
    connection::Connection, handler, ::Type{T}, takes_context::Bool, hook, folder::String,
) where {T}
    rehearse(handler, T, takes_context, folder)
    status = exchange(connection, request(connection, "GET", "$API/restore/next")).status
    status == 200 || unexpected(status)
    try
        # The socket is one of the machine that the snapshot was taken on.
        disconnect(connection)
        reseed()
        hook === nothing || hook()
    catch error
        document = error_document(error, catch_backtrace())
        exchange(connection, error_request(connection, "$API/restore/error", document))
        rethrow()
    end
    nothing
end

"Calls the handler with every argument of a folder. An exception may be what a test expects."
function rehearse(handler, ::Type{T}, takes_context::Bool, folder::String) where {T}
    isdir(folder) || return nothing
    context = Context(Dict("lambda-runtime-aws-request-id" => "rehearsal"))
    for file in sort!(readdir(folder; join = true))
        try
            event = read(file)
            argument = read_argument(T, unwraps[] ? unwrapped(event) : event, context)
            value = shaped(takes_context ? handler(argument, context) : handler(argument), event)
            value isa Streamed ? each_piece(identity, value.body) : write_json(IOBuffer(), value)
        catch error
            document_bytes(error_document(error, catch_backtrace()))
        end
    end
end

const RANDOM = Base.PkgId(Base.UUID("9a3f8284-a2c9-5f02-9a11-845980a1fd5c"), "Random")

"""
Seeds the random number generators with a state that no other copy of the snapshot has. The
responder's hook seeds its own generators.
"""
function reseed()
    # Of C or of Julia: `tempname` and the waits of `retry` are drawn from it.
    Base.Libc.srand(open(io -> read(io, UInt32), "/dev/urandom"))
    random = get(Base.loaded_modules, RANDOM, nothing)
    random === nothing && return nothing
    forget_read_ahead(random)
    reseed_generators(random)
    nothing
end
