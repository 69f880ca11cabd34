using Dates

struct Half
    a::Int
    b::Any
    Half() = new(1)
end
struct Nested
    points::Vector{NamedTuple{(:x,),Tuple{Float64}}}
end

# Numbers as packages have them: one that prints as JSON does, one that is a Float64 exactly, one
# that is none.
struct Cents <: Integer
    n::Int
end
Base.show(io::IO, c::Cents) = print(io, c.n)
struct Half16 <: AbstractFloat
    x::Float16
end
Base.show(io::IO, h::Half16) = print(io, "Half16(", h.x, ")")
Base.Float64(h::Half16) = Float64(h.x)
Base.:(==)(a::Float64, h::Half16) = a == h.x
Base.isfinite(h::Half16) = isfinite(h.x)
struct Measured <: AbstractFloat
    x::Float64
    error::Float64
end
Base.show(io::IO, m::Measured) = print(io, m.x, " ± ", m.error)
Base.Float64(m::Measured) = m.x
Base.:(==)(a::Float64, m::Measured) = a == m.x && m.error == 0
Base.isfinite(m::Measured) = isfinite(m.x)
struct Symbolic <: Real end

struct Polygon
    points::Vector{Int}
end
Base.iterate(p::Polygon, state...) = iterate(p.points, state...)
Base.length(p::Polygon) = length(p.points)

@testset "values" begin
    for (value, text) in [
        (nothing, "null"), (missing, "null"), (true, "true"), (1, "1"), (0x03, "3"),
        (Int8(-3), "-3"), (big(2)^70, "1180591620717411303424"),
        (1.0, "1.0"), (-0.0, "-0.0"), (0.1, "0.1"), (1f0 / 3, "0.33333334"), (1.0e10, "1.0e10"),
        (5e-324, "5.0e-324"), (Float16(0.1), "0.1"),
        (1 // 2, "0.5"), (pi, "3.141592653589793"), ('x', "\"x\""), (:s, "\"s\""), ("", "\"\""),
        ("a\"\\\n\r\t\b\f\x01\x7f/é😀\u2028",
            "\"a\\\"\\\\\\n\\r\\t\\u0008\\u000c\\u0001\x7f/é😀\u2028\""),
        (SubString("abc", 2, 2), "\"b\""), (Int[], "[]"), ([1, 2], "[1,2]"),
        (Any[1, "a", nothing], "[1,\"a\",null]"), ((1, "a"), "[1,\"a\"]"), ((), "[]"),
        ([1 2 3; 4 5 6], "[[1,2,3],[4,5,6]]"), (zeros(Int, 2, 0), "[[],[]]"),
        (permutedims(reshape(1:8, 2, 2, 2), 3:-1:1), "[[[1,2],[3,4]],[[5,6],[7,8]]]"),
        (1:3, "[1,2,3]"), ((i^2 for i in 1:3), "[1,4,9]"), (fill(7), "7"), (Set([1]), "[1]"),
        (Dict("a" => [1]), "{\"a\":[1]}"), (Dict(:a => 1), "{\"a\":1}"),
        (Dict(1 => 2), "{\"1\":2}"),
        ((a = 1, b = (c = "d",)), "{\"a\":1,\"b\":{\"c\":\"d\"}}"), (NamedTuple(), "{}"),
        (Half(), "{\"a\":1,\"b\":null}"), (1 + 2im, "{\"re\":1,\"im\":2}"),
        (Cents(3), "3"), ([Half16(0.5)], "[0.5]"), (Measured(1.5, 0), "1.5"),
        (values(Dict("a" => 1)), "[1]"), (keys(Dict(:a => 1)), "[\"a\"]"),
        (zip([1, 2], "ab"), "[[1,\"a\"],[2,\"b\"]]"), (enumerate(['x']), "[[1,\"x\"]]"),
        (Iterators.flatten([[1], [2]]), "[1,2]"), (skipmissing([1, missing]), "[1]"),
        (Iterators.take(Iterators.countfrom(1), 2), "[1,2]"),
        (Dates.Date(2026, 1, 31):Dates.Day(1):Dates.Date(2026, 2, 1),
            "[\"2026-01-31\",\"2026-02-01\"]"),
        ((d for d in [Dates.Date(2026)]), "[\"2026-01-01\"]"), (Polygon([1, 2]), "[1,2]"),
        (:a => 1, "{\"first\":\"a\",\"second\":1}"), (Ref(1), "{\"x\":1}"),
        (Some(1), "{\"value\":1}"),
        (BitVector([1, 0]), "[true,false]"), (view([1, 2, 3], 2:3), "[2,3]"),
    ]
        @test write_json(value) == text
    end
end

@testset "what has no form" begin
    loop = Any[]
    push!(loop, loop)
    for (value, expected) in [
        (NaN, "answer: NaN has no form in JSON"),
        ([1.0, Inf], "answer[2]: Inf has no form in JSON"),
        ((a = [1.0, -Inf],), "answer.a[2]: -Inf has no form in JSON"),
        (Dict("a b" => NaN32), "answer[\"a b\"]: NaN has no form in JSON"),
        ([1.0 NaN], "answer[1, 2]: NaN has no form in JSON"),
        (Nested([(x = 1.0,), (x = NaN,)]), "answer.points[2].x: NaN has no form in JSON"),
        ([Measured(1.5, 1)], "answer[1]: a Measured has no form in JSON"),
        (Symbolic(), "answer: a Symbolic has no form in JSON"),
        (zip([1, 2], [1.0, NaN]), "answer[2][2]: NaN has no form in JSON"),
        (values(Dict(1 => Inf)), "answer[1]: Inf has no form in JSON"),
        (Dict("a" => Iterators.countfrom(1)),
            "answer.a: an endless $(typeof(Iterators.countfrom(1))) has no form in JSON"),
        (["\xff"], "answer[1]: a string that is not valid UTF-8 has no form in JSON"),
        (Int, "answer: a DataType has no form in JSON"),
        ([devnull], "answer[1]: a Base.DevNull has no form in JSON"),
    ]
        @test replace(message(() -> write_json(value)), "Main." => "") == expected
    end
    @test endswith(message(() -> write_json(loop)),
        "more than 512 arrays and objects within each other")
    @test occursin("has no form", message(() -> write_json(sin)))
end
