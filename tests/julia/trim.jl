# Programs by `--trim`: their reader, writer and errors must say what the runtime says. They take
# the place of its methods in a copy of it.
module Trimmed
include(joinpath(Main.SOURCE, "runtime", "JotRuntime.jl"))
end
const Program = Trimmed.JotRuntime

module TrimTypes
@enum Tint scarlet teal
struct Pair2
    x::Float64
    y::Union{Int,Nothing}
end
struct Route
    points::Vector{Pair2}
    name::Union{String,Missing}
    colour::Tint
end
struct EvenNumber
    n::Int
    EvenNumber(n) = isodd(n) ? throw(DomainError(n, "odd")) : n == 8 ? error("eight") :
        n == 10 ? throw(ArgumentError("ten")) : new(n)
end
struct RoundShape
    radius::Float64
end
struct Quad
    side::Float64
    name::Union{Nothing,String}
end
struct Branches
    value::Int
    below::Vector{Branches}
end
Base.@kwdef struct Defaults
    n::Int = 1
end
struct Free
    value::Any
end
struct Loop
    text::String
    next::Union{Nothing,Loop}
end
end
using .TrimTypes: Route, EvenNumber, RoundShape, Quad, Branches, Defaults, Free, Loop, Pair2, Tint,
    scarlet, teal

foreach(name -> Base.include(Program, joinpath(SOURCE, "trim", name)),
    ["code.jl", "read.jl", "write.jl", "errors.jl", "loop.jl"])

"What a call gives, or the type and the text of its error."
outcome(call) = try
    call()
catch error
    error isa ArgumentError ? error.msg : rethrow()
end

"What a reader gives, as far as two of them are compared."
shown_outcome(found) =
    found isa String ? found : (typeof(found), sprint(JotRuntime.write_json, found))

@testset "the reader of programs reads as the runtime does" begin
    for (type, texts) in [
        Int => ["1", "-0", "1.0", "25e2", "2500e-2", "0.0e99999", "1e3", "9223372036854775807",
            "9223372036854775808", "-9223372036854775808", "-9223372036854775809",
            "9223372036854775807.0", "1.5", "1e99", "1e-1", "120e-1", "0e5", "1e5000",
            "100000000000000000000e-5", "\"a\"", "null", "[1]", "tru", "", "1 2", "01", "-"],
        UInt8 => ["255", "256", "-1", "-0", "-0.0", "2.55e2", "255.0", "255.5"],
        Int8 => ["-128", "-129", "127", "128", "-1.28e2", "-1280e-1", "128.0"],
        Int128 => ["170141183460469231731687303715884105727",
            "170141183460469231731687303715884105728", "-170141183460469231731687303715884105728"],
        UInt128 => ["340282366920938463463374607431768211455",
            "340282366920938463463374607431768211456",
            "3402823669209384634633746074317682114550e-1"],
        Float64 => ["1", "-0.0", "1e-400", "-1e-400", "1e400", "0.1", "5e-324", "4.9e-324",
            "1e-99999999999999999999", "1e99999999999999999999", "0.$("0"^400)1", "\"1\"", "NaN"],
        Float32 => ["0.1", "1e-60", "1e60", "-1e-60", "16777217"],
        Float16 => ["0.5", "1e-30", "1e30"],
        Bool => ["true", "false", "1", "tru"], String => ["\"a\\n\\u00e9\"", "\"a", "1", "\"\\x\""],
        Symbol => ["\"a\"", "1"], Char => ["\"ä\"", "\"ab\"", "1"],
        Tint => ["\"teal\"", "\"blue\"", "1"], Nothing => ["null", "1"],
        Base.UUID => ["\"01234567-89ab-cdef-0123-456789abcdef\"", "\"0\"", "1"],
        Vector{Int} => ["[]", "[1,2]", "[1,\"a\"]", "[1,]", "[1", "{}"],
        Vector{Vector{Int}} => ["[[1],[]]", "[[1],2]"],
        Matrix{Int} => ["[[1,2,3],[4,5,6]]", "[]", "[[],[]]", "[[1],[2,3]]", "[1]"],
        Array{Int,3} => ["[[[1,2],[3,4]],[[5,6],[7,8]],[[9,10],[11,12]]]", "[[[1,2]],[[3]]]"],
        Array{Float64,0} => ["1.5"], Set{Int} => ["[1,1,2]", "[\"a\"]"],
        Dict{String,Int} => ["{\"a\":1,\"b\":2}", "{\"a\":\"b\"}", "{}", "[]"],
        Dict{Int,Int} => ["{\"1\":2}", "{\"a\":2}"],
        Dict{Tint,Int} => ["{\"scarlet\":2}", "{\"blue\":2}"],
        Dict{Symbol,Vector{Int}} => ["{\"a b\":[1,null]}"],
        Tuple{Int,String} => ["[1,\"a\"]", "[1]", "[1,\"a\",2]", "[\"a\",1]", "{}"],
        Tuple{} => ["[]", "[1]"],
        NamedTuple{(:a, :b),Tuple{Int,Union{Nothing,Int}}} => ["{\"a\":1}", "{\"b\":1}",
            "{\"a\":1,\"b\":null,\"c\":[{}]}", "[]"],
        Pair2 => ["{\"x\":1}", "{\"y\":1}", "{\"x\":\"a\"}", "{\"x\":1,\"y\":2.5}", "1",
            "{\"x\":1,\"x\":2}"],
        Route => ["{\"points\":[{\"x\":1},{\"y\":2,\"x\":\"a\"}],\"colour\":\"scarlet\"}",
            "{\"points\":[]}", "{\"points\":[{\"x\":1}],\"colour\":\"scarlet\",\"name\":\"a\"}",
            "{\"points\":{}}", "{\"points\":[null]}"],
        EvenNumber => ["{\"n\":2}", "{\"n\":3}", "{\"n\":8}", "{\"n\":10}"],
        Union{Int,Nothing} => ["null", "5", "\"a\"", "5.5"], Union{Missing,Int} => ["null", "[]"],
        Union{Int,Float64,String,Nothing} => ["1", "1.5", "\"a\"", "null", "[]", "1e2"],
        Union{RoundShape,Quad} => ["{\"radius\":1}", "{\"side\":1}", "{}", "1",
            "{\"side\":1,\"radius\":2}"],
        Union{Vector{Int},RoundShape,Bool} => ["[1]", "{\"radius\":1}", "{}", "true", "1"],
        Branches => ["{\"value\":1,\"below\":[{\"value\":2,\"below\":[]}]}",
            "{\"value\":1,\"below\":[{\"value\":2}]}"],
    ], text in texts
        wanted = outcome(() -> JotRuntime.read_json(text, type))
        found = outcome(() -> Program.read_json(text, type))
        @test (type, text, shown_outcome(found)) == (type, text, shown_outcome(wanted))
    end
end

@testset "the writer of programs writes as the runtime does" begin
    for value in Any[
        1, -1, 1.5, 1f-30, NaN, Inf, true, nothing, missing, "a\"\n\x01é", "\xff", :a, 'b', scarlet,
        [1, 2], [1.0, NaN], Int[], [1 2; 3 4], zeros(Int, 2, 0), reshape(1:8, 2, 2, 2), fill(1),
        [1.0 NaN; 2.0 3.0], Set([1]), (1, "a", nothing), (1, NaN), (),
        (a = 1, b = [2.5], c = (d = NaN,)), Dict("a" => 1), Dict(:a => Inf), Dict(scarlet => [1.0]),
        Dict(1 => "a"),
        Pair2(1, nothing), Route([Pair2(1, 2)], missing, teal),
        Route([Pair2(1, 2), Pair2(Inf, 2)], "b", scarlet), Branches(1, [Branches(2, [])]),
        RoundShape(-0.0), Loop("a", Loop("\xff", nothing)),
        1:3, (i for i in 1:3), values(Dict(1 => 2)), zip([1], [2.5]), 1 => 2, 1//3, Base.UUID(1),
        sin, r"a", Ref(1), Union{Int,Nothing}[1, nothing], BitVector([1, 0]),
        [(x = i, y = NaN) for i in 1:2], Dict("a b" => [NaN]),
    ]
        @test outcome(() -> sprint(Program.write_json, value)) ==
            outcome(() -> sprint(JotRuntime.write_json, value))
    end
end

"The error that a call ends in."
thrown(call) = try
    call()
catch error
    error
end

# The releases that make programs have other words than 1.5 for these.
const LATER_ERRORS = VERSION < v"1.12" ? [] :
    [DimensionMismatch("3, 4"), BoundsError([1, 2], 5), BoundsError([1.0], (5,)),
    BoundsError("ab", 7), BoundsError([1.0 2.0; 3.0 4.0], (3, 1)),
    BoundsError([1, 2], (2:9,)), UndefRefError(), InexactError(:Int64, Int64, 2.5),
    thrown.([() -> parse(Float64, "x"), () -> sqrt(-1.0), () -> (-2)^-length("abc"),
        () -> [1.0, 2.0] .+ [1.0, 2.0, 3.0], () -> reshape([1, 2, 3], 2, 2),
        () -> ones(2, 3) * ones(2, 3), () -> Base.checked_add(typemax(Int), 1),
        () -> factorial(30), () -> read("/nowhere")])...]

@testset "an error of a program has the words that the runtime has for it" begin
    for error in Any[
        ErrorException("boom"), ArgumentError("no"), DomainError(-1.5, "negative"), DomainError(3),
        OverflowError("too much"), AssertionError("x > 1"),
        DivideError(), KeyError("a"), KeyError(:a), KeyError(3), InexactError(:trunc, Int64, 1.5),
        LATER_ERRORS...,
    ]
        wanted = JotRuntime.error_document(error, Ptr{Nothing}[])
        found = Program.error_document(error, nothing)
        @test (found.errorType, found.errorMessage) == (wanted.errorType, wanted.errorMessage)
    end
end

@testset "an answer of any length takes the memory of what has come" begin
    port, server = Program.listenany(Program.ip"127.0.0.1", rand(20000:50000))
    bodies = ["Content-Length: 2000000000\r\n\r\nabc", "Content-Length: 3\r\n\r\nabc", "\r\nabc",
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "Content-Length: -1\r\n\r\n"]
    serving = @async for body in bodies
        socket = Program.accept(server)
        readuntil(socket, "\r\n\r\n")
        write(socket, "HTTP/1.1 200 OK\r\n", body)
        close(socket)
    end
    connection = Program.Connection("127.0.0.1:$(Int(port))")
    message = Program.request(connection, "GET", "/")
    # The socket blocks, so the server is in a process's task of its own: each body is ready before
    # it is asked for.
    received = Any[]
    for body in bodies
        wire = Program.Wire()
        Program.open_wire!(wire, connection.host, connection.port)
        Program.send(wire, message)
        for _ in 1:20
            sleep(0.01)
        end
        push!(received, try
            bytes = @allocated answer = Program.receive(wire)
            bytes < 1_000_000 ? String(answer.body) : "$bytes bytes"
        catch error
            typeof(error)
        end)
        Program.close_wire!(wire)
    end
    wait(serving)
    close(server)
    @test received == [EOFError, "abc", "abc", "abc", Program.ProtocolError]
end

include(joinpath(SOURCE, "trim", "types.jl"))

@testset "what a program cannot read is found before it is compiled" begin
    function path(type)
        found = argument_fault(JotRuntime, type)
        found === nothing ? nothing : (found.path, found.type)
    end
    for type in (
        Int, Vector{Float64}, Route, Branches, Dict{String,Vector{Int}}, Tuple{Int,String},
        Union{RoundShape,Quad,Nothing}, NamedTuple{(:a,),Tuple{Int}},
    )
        @test path(type) === nothing
    end
    @test path(Any) == ("argument", Any)
    @test path(Vector{Any}) == ("argument[]", Any)
    @test path(Vector) == ("argument", Vector)
    @test path(Free) == ("argument.value", Any)
    @test path(Vector{Defaults}) == ("argument[]", Defaults)
    @test path(Dict{String,BigInt}) == ("argument[]", BigInt)
    @test path(NamedTuple{(:a, :b),Tuple{Int,Real}}) == ("argument.b", Real)
    @test path(Tuple{Int,Vararg{String}}) == ("argument", Tuple{Int,Vararg{String}})
    @test path(BitVector) == ("argument", BitVector)
    function answer(type)
        found = answer_fault(JotRuntime, type)
        found === nothing ? nothing : found.path
    end
    @test answer(Union{}) === answer(Union{Nothing,Int}) === answer(Route) ===
        answer(JotRuntime.InvocationError) === nothing
    @test answer(Any) == answer(JotRuntime.InvocationResponse) == answer(Vector) == "answer"
    @test answer(NamedTuple{(:a,),Tuple{Vector{Any}}}) == "answer.a[]"
    function made(type, value)
        written, code = settled(type, :value)
        written, Core.eval(Main, :(let value = $value; $code; end))
    end
    @test made(Int, 1) == (Int, 1)
    nullable = NamedTuple{(:a, :b),<:Tuple{Int,Union{Nothing,Bool}}}
    @test made(nullable, (a = 1, b = nothing)) ==
        (NamedTuple{(:a, :b),Tuple{Int,Union{Nothing,Bool}}}, (a = 1, b = nothing))
    @test made(NamedTuple{(:c,),<:Tuple{nullable}}, (c = (a = 1, b = true),))[1] ==
        NamedTuple{(:c,),Tuple{NamedTuple{(:a, :b),Tuple{Int,Union{Nothing,Bool}}}}}
    @test made(Tuple{Int,Union{Nothing,Bool}}, (1, nothing)) ==
        (Vector{Union{Int,Nothing,Bool}}, [1, nothing])
end

foreach(name -> include(joinpath(SOURCE, "build", name)), ["fault.jl", "words.jl"])
include(joinpath(SOURCE, "trim", "verifier.jl"))

"The fault that the verifier's text means, of a source whose lines are given."
verdict(text, lines = Dict{String,Vector{String}}()) = trim_fault(
    text, file -> startswith(file, "/opt/jot/env/"), file -> get(lines, file, String[]))

const OWN_FILE = "/opt/jot/env/JotResponder_1/src/a.jl"

@testset "what the verifier finds names the line of the user's" begin
    text = """
    Verifier warning #1: unresolved call from statement Base.throw(x::Any)::Union{}
    Stacktrace:
     [1] f()
       @ Main $OWN_FILE:9

    Verifier error #1: unresolved call from statement (Base.show)(io::IO, x::Any)::Any
    Stacktrace:
     [1] print(io::IO, x::Any)
       @ Base ./strings/io.jl:35
     [2] println(xs::Vector{Int64})
       @ Base ./coreio.jl:5
     [3] answer(v::Vector{Int64})
       @ JotResponder_1.Script_1 $OWN_FILE:2 [inlined]
     [4] main(args::Vector{String})
       @ Main /jot/build/trim/program.jl:70

    Verifier error #2: unresolved call from statement (JotResponder_1.Script_1.area)(%12::Any)::Any
    Stacktrace:
     [1] answer(v::Vector{Int64})
       @ JotResponder_1.Script_1 $OWN_FILE:3

    Trim verify finished with 2 errors, 1 warning.
    """
    lines = Dict(OWN_FILE => ["function answer(v)", "    println(v)", "    area(SHAPES[1])", "end"])
    fault = verdict(text, lines)
    @test (fault.file, fault.line, fault.label) == (OWN_FILE, 2, "leads there")
    @test fault.message == "this line cannot be compiled ahead of time: " *
        "which method of `show` is called is only known at run time: " *
        "it gets a value of type `IO` and `Any`, within `println` (the first of 2 such calls)"
    @test occursin("println(Core.stderr, ...)", fault.help)
    second = verdict(replace(text, r"Verifier error #1.*?(?=Verifier error)"s => ""), lines)
    @test (second.line, second.label) == (3, "found at run time")
    @test second.message == "this line cannot be compiled ahead of time: " *
        "which method of `area` is called is only known at run time: " *
        "it gets a value of type `Any`"
    # A call that names a global stream, from a line that is not a print itself.
    of_area = replace(text, r"Verifier error #1.*?(?=Verifier error)"s => "")
    logged = verdict(replace(of_area, "area)(%12" => "log)(Base.stderr::IO, %12"), lines)
    @test occursin("println(Core.stderr, ...)", logged.help)
    @test verdict("Compiling failed.\n") === nothing
    # As 1.12.6 writes it, twice.
    module_name = "JotResponder_1.Script_1"
    applied = "$module_name.apply(Base.getindex($module_name.FACTORS, \"a\")::Any, φ ()::Float64)"
    parameters = "connection::JotRuntime.Connection, handler::typeof($module_name.scale), " *
        "::Type{Vector{Float64}}, ::Val{false}, body::Vector{UInt8}, context::JotRuntime.Context"
    text_of_one = """
    unresolved call from statement (φ ()::Any + $applied::Any)::Any
    Stacktrace:
     [1] scale(v::Vector{Float64})
       @ $module_name $OWN_FILE:3
     [2] answered($parameters)
       @ JotRuntime /jot/build/trim/loop.jl:151

    """
    twice = verdict("Verifier error #1: $(text_of_one)Verifier error #2: $(text_of_one)" *
        "Trim verify finished with 2 errors, 0 warnings.\n", lines)
    @test (twice.line, twice.message) == (3, "this line cannot be compiled ahead of time: " *
        "which method of `+` is called is only known at run time: it gets a value of type `Any`")
    call = "$applied::Float64"
    @test (called_name(call), open_arguments(call), open_arguments("f(x::Int64)::Any")) ==
        ("apply", ["Any"], [])
    foreign = verdict("Verifier error #1: unresolved finalizer registered from statement " *
        "(Core.finalizer)(f::Any, o::Any)::Nothing\nStacktrace:\n" *
        " [1] finalizer(f::Any)\n   @ Base ./gcutils.jl:4\n\n")
    @test foreign.message == "the program cannot be compiled ahead of time: " *
        "the type of a finalizer is only known at run time, in finalizer(f::Any)"
    @test isempty(foreign.file)
end
