# Bytes allocated grow with the text, not with its square: a measure that no busy machine disturbs.
for (one, close, type) in [
    ("1234567,", "0]", Vector{Int}), ("{\"x\":1.5,\"y\":[true,null]},", "{}]", Any),
    ("\"ab\\u00e9\\n\",", "\"\"]", Vector{String}), ("[1],", "[1]]", Matrix{Int}),
]
    text(size) = "[" * one^(size ÷ ncodeunits(one)) * close
    small, large = text(600_000), text(6_000_000)
    read_json(small, type)
    @test (@allocated read_json(large, type)) < 15 * (@allocated read_json(small, type))
end
@test length(read_json("\"" * "é"^3_000_000 * "\"", String)) == 3_000_000
@test length(read_json("\"" * "\\n"^3_000_000 * "\"", String)) == 3_000_000
@test ndigits(read_json("1"^100_000, BigInt)) == 100_000
@test message(() -> read_json("1"^1_000_000, Int)) isa String
