struct Point
    x::Float64
    y::Union{Int,Nothing}
end
struct Shape
    points::Vector{Point}
    name::Union{String,Missing}
end
struct Even
    n::Int
    Even(n) = isodd(n) ? throw(DomainError(n, "odd")) : new(n)
end
struct Box{T}
    value::T
end
@enum Colour red green
struct Same
    x::Float64
end

@testset "values" begin
    for (text, type, value) in [
        ("1", Int, 1), ("-0", Int, 0), (" 1 ", Int8, Int8(1)), ("1.0", Int, 1), ("25e2", Int, 2500),
        ("2500e-2", Int, 25),
        ("0.0e99999", Int, 0), ("-1E+1", Int16, Int16(-10)),
        ("9223372036854775807", Int, typemax(Int)),
        ("9223372036854775807.0", Int, typemax(Int)), ("-9223372036854775808", Int, typemin(Int)),
        ("18446744073709551615", UInt, typemax(UInt)),
        ("170141183460469231731687303715884105727", Int128, typemax(Int128)),
        ("123456789012345678901234567890", BigInt, big"123456789012345678901234567890"),
        ("255", UInt8, 0xff),
        ("9007199254740993", Int, 2^53 + 1), ("9007199254740993.0", Int, 2^53 + 1),
        ("1", Float64, 1.0), ("1e-400", Float64, 0.0), ("0.1", Float32, 0.1f0),
        ("5e-324", Float64, 5e-324), ("0.5", Float16, Float16(0.5)),
        ("1.5", BigFloat, big"1.5"), ("3", Real, 3), ("3.0", Real, 3.0), ("3", Integer, 3),
        ("3", AbstractFloat, 3.0),
        ("true", Bool, true), ("false", Bool, false), ("null", Nothing, nothing),
        ("\"a\"", String, "a"), ("\"a\"", AbstractString, "a"),
        ("\"a\"", Symbol, :a), ("\"ä\"", Char, 'ä'), ("\"green\"", Colour, green),
        ("\"\"", String, ""), ("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", String, "\"\\/\b\f\n\r\t"),
        ("\"\\u00e9\\u20AC\"", String, "é€"),
        ("\"x\\ud83d\\ude00y\"", String, "x😀y"), ("\"\\u0000\"", String, "\0"),
        ("\"😀\x7f\"", String, "😀\x7f"),
        ("[]", Vector{Int}, Int[]), ("[ 1 , 2 ]", Vector{Int}, [1, 2]),
        ("[[1],[]]", Vector{Vector{Int}}, [[1], Int[]]),
        ("[[1,2,3],[4,5,6]]", Matrix{Int}, [1 2 3; 4 5 6]), ("[]", Matrix{Int}, zeros(Int, 0, 0)),
        ("[[],[]]", Matrix{Int}, zeros(Int, 2, 0)),
        ("[[[1,2],[3,4]],[[5,6],[7,8]]]", Array{Int,3}, permutedims(reshape(1:8, 2, 2, 2), 3:-1:1)),
        ("[1]", AbstractVector{Float64}, [1.0]), ("[1,\"a\"]", Vector, Any[1, "a"]),
        ("[true,false]", BitVector, BitVector([1, 0])),
        ("[1,1,2]", Set{Int}, Set([1, 2])),
        ("{\"a\":1}", Dict{String,Int}, Dict("a" => 1)),
        ("{\"a\":1}", Dict{Symbol,Int}, Dict(:a => 1)),
        ("{}", Dict{Symbol,Int}, Dict{Symbol,Int}()),
        ("{\"1\":2}", Dict{Int,Int}, Dict(1 => 2)), ("{\"x\":2}", Dict{Char,Int}, Dict('x' => 2)),
        ("{\"a\":null}", AbstractDict{String,Any}, Dict("a" => nothing)),
        ("{\"a\":1,\"a\":2}", Dict{String,Int}, Dict("a" => 2)),
        ("{\"a\":1}", Dict, Dict("a" => 1)), ("{\"a\":1}", Dict{Symbol}, Dict(:a => 1)),
        ("[1,\"a\"]", Tuple{Int,String}, (1, "a")), ("[]", Tuple{}, ()),
        ("[1,2,3]", NTuple{3,Int}, (1, 2, 3)),
        ("[1,\"a\",\"b\"]", Tuple{Int,Vararg{String}}, (1, "a", "b")),
        ("{\"b\":\"x\",\"a\":1,\"z\":[{}]}", NamedTuple{(:a, :b),Tuple{Int,String}},
            (a = 1, b = "x")),
        ("{\"a\":1}", NamedTuple{(:a, :b),Tuple{Int,Union{Nothing,Int}}}, (a = 1, b = nothing)),
        ("{\"x\":1}", Point, Point(1.0, nothing)), ("{\"n\":2}", Even, Even(2)),
        ("{\"value\":[1]}", Box{Vector{Int}}, [1]), ("{\"value\":1}", Box, 1),
        ("null", Union{Int,Nothing}, nothing), ("5", Union{Int,Nothing}, 5),
        ("null", Union{Missing,Int}, missing),
        ("[1,1.5,\"a\",null]", Vector{Union{Int,Float64,String,Nothing}},
            Any[1, 1.5, "a", nothing]),
        ("[1,\"a\",null,1.5,true,{\"a\":[]}]", Any,
            Any[1, "a", nothing, 1.5, true, Dict{String,Any}("a" => Any[])]),
        ("123456789012345678901234567890", Any, big"123456789012345678901234567890"),
    ]
        found = read_json(text, type)
        found isa Box && (found = found.value)
        @test isequal(found, value)
        type === Any || @test typeof(found) == typeof(value) || found isa type
    end
    @test read_json("{\"points\":[{\"x\":1},{\"y\":2,\"x\":2}],\"extra\":{\"a\":[1,\"]\"]}}",
        Shape).points == [Point(1.0, nothing), Point(2.0, 2)]
    @test read_json("{\"points\":[]}", Shape).name === missing
    @test read_json("[1,2]", Vector{Int}) isa Vector{Int}
    @test read_json("-0.0", Float64) === -0.0
end

@testset "places" begin
    for (text, type, expected) in [
        ("{\"points\":[{\"x\":1},{\"x\":2},{\"x\":\"a\"}]}", Shape,
            "argument.points[3].x: expected Float64, got \"a\""),
        ("{\"points\":[{\"x\":1},{\"y\":2}]}", Shape,
            "argument.points[2].x: missing, expected Float64"),
        ("[1, {}]", Vector{Int}, "argument[2]: expected Int64, got an object"),
        ("\"x\"", Union{Int,Nothing}, "argument: expected Union{Nothing, Int64}, got \"x\""),
        ("{\"a b\":[true]}", Dict{String,Vector{Int}},
            "argument[\"a b\"][1]: expected Int64, got true"),
        ("{\"ä\":{\"[\":1.5}}", Dict{String,Dict{String,Int}},
            "argument.ä[\"[\"]: expected Int64, got 1.5"),
        ("[{\"k\":[],\"x\":null}]", Vector{Same}, "argument[1].x: expected Float64, got null"),
        ("[[1,2],[3]]", Matrix{Int},
            "argument[2]: expected 2 elements as in the arrays before, got 1"),
        ("[1]", Tuple{Int,Int}, "argument: expected 2 elements, got 1"),
        ("[1,2,3]", Tuple{Int,Int}, "argument: expected 2 elements, got more"),
        ("300", UInt8, "argument: expected UInt8, got 300"),
        ("-1", UInt, "argument: expected UInt64, got -1"),
        ("9223372036854775808", Int, "argument: expected Int64, got 9223372036854775808"),
        ("1e400", Float64, "argument: expected Float64, got 1e400"),
        ("1e99999999999", Int, "argument: expected Int64, got 1e99999999999"),
        ("25e-1", Int, "argument: expected Int64, got 25e-1"),
        ("1", String, "argument: expected String, got 1"),
        ("\"ab\"", Char, "argument: expected Char, got \"ab\""),
        ("0", Bool, "argument: expected Bool, got 0"),
        ("1", Nothing, "argument: expected null, got 1"),
        ("{\"a\":1}", Dict{Int,Int}, "argument: expected a name that is a Int64, got \"a\""),
        ("\"blue\"", Colour, "argument: expected Colour, got \"blue\""),
        ("\"$("é"^50)\"", Int, "argument: expected Int64, got \"$("é"^39)..."),
    ]
        @test replace(message(() -> read_json(text, type)), "Main." => "") == expected
    end
    @test occursin("argument[1]", message(() -> read_json("[{\"n\":3}]", Vector{Even})))
    @test occursin("DomainError", message(() -> read_json("[{\"n\":3}]", Vector{Even})))
    @test occursin("ambiguous", message(() -> read_json("{\"x\":1}", Union{Point,Same})))
    @test occursin("cannot be read from JSON", message(() -> read_json("1", Ptr{Int})))
end
