struct Half
    a::Int
    b::Any
    Half() = new(1)
end
struct Nested
    points::Vector{NamedTuple{(:x,),Tuple{Float64}}}
end

@testset "values" begin
    for (value, text) in [
        (nothing, "null"), (missing, "null"), (true, "true"), (1, "1"), (0x03, "3"), (Int8(-3), "-3"), (big(2)^70, "1180591620717411303424"),
        (1.0, "1.0"), (-0.0, "-0.0"), (0.1, "0.1"), (1f0 / 3, "0.33333334"), (1.0e10, "1.0e10"), (5e-324, "5.0e-324"), (Float16(0.1), "0.1"),
        (1 // 2, "0.5"), (pi, "3.141592653589793"), ('x', "\"x\""), (:s, "\"s\""), ("", "\"\""), ("a\"\\\n\r\t\b\f\x01\x7f/é😀\u2028", "\"a\\\"\\\\\\n\\r\\t\\u0008\\u000c\\u0001\x7f/é😀\u2028\""),
        (SubString("abc", 2, 2), "\"b\""), (Int[], "[]"), ([1, 2], "[1,2]"), (Any[1, "a", nothing], "[1,\"a\",null]"), ((1, "a"), "[1,\"a\"]"), ((), "[]"),
        ([1 2 3; 4 5 6], "[[1,2,3],[4,5,6]]"), (zeros(Int, 2, 0), "[[],[]]"), (permutedims(reshape(1:8, 2, 2, 2), 3:-1:1), "[[[1,2],[3,4]],[[5,6],[7,8]]]"),
        (1:3, "[1,2,3]"), ((i^2 for i in 1:3), "[1,4,9]"), (fill(7), "7"), (Set([1]), "[1]"), (Dict("a" => [1]), "{\"a\":[1]}"), (Dict(:a => 1), "{\"a\":1}"), (Dict(1 => 2), "{\"1\":2}"),
        ((a = 1, b = (c = "d",)), "{\"a\":1,\"b\":{\"c\":\"d\"}}"), (NamedTuple(), "{}"), (Half(), "{\"a\":1,\"b\":null}"), (1 + 2im, "{\"re\":1,\"im\":2}"),
        (BitVector([1, 0]), "[true,false]"), (view([1, 2, 3], 2:3), "[2,3]"),
    ]
        @test write_json(value) == text
    end
end

@testset "what has no form" begin
    loop = Any[]
    push!(loop, loop)
    for (value, expected) in [
        (NaN, "answer: NaN has no form in JSON"), ([1.0, Inf], "answer[2]: Inf has no form in JSON"), ((a = [1.0, -Inf],), "answer.a[2]: -Inf has no form in JSON"),
        (Dict("a b" => NaN32), "answer[\"a b\"]: NaN has no form in JSON"), ([1.0 NaN], "answer[1, 2]: NaN has no form in JSON"), (Nested([(x = 1.0,), (x = NaN,)]), "answer.points[2].x: NaN has no form in JSON"),
        (["\xff"], "answer[1]: a string that is not valid UTF-8 has no form in JSON"), (Int, "answer: a DataType has no form in JSON"), ([devnull], "answer[1]: a Base.DevNull has no form in JSON"),
    ]
        @test message(() -> write_json(value)) == expected
    end
    @test endswith(message(() -> write_json(loop)), "more than 512 arrays and objects within each other")
    @test occursin("has no form", message(() -> write_json(sin)))
end
