# What RFC 8259 calls invalid, after the cases of Seriot's "Parsing JSON is a Minefield".
const INVALID = [
    "", " ", "\ufeff1", "nul", "nulll", "True", "tru", "NaN", "Infinity", "-Infinity", "undefined",
    "'a'", "a", "\0", "1\0", "\v1", "\f1", "\u00a01",
    "-", "+1", "01", "-01", "00", "1.", ".5", "-.5", "1.e1", "1e", "1e+", "1e-", "1E", "0x10",
    "0x1p3", "1_000", "1,000", "1 2", "--1", "1ee2", "1e1.5", "0e", "١",
    "\"", "\"a", "\"\\", "\"\\\"", "\"\\a\"", "\"\\x41\"", "\"\\u\"", "\"\\u12\"", "\"\\u12g4\"",
    "\"\\U0041\"", "\"\t\"", "\"\n\"", "\"\0\"", "\"\x1f\"", "\"a\"b", "\"\\ud800\"",
    "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\\ud800\\ud800\"", "\"\\ud800x\"", "\"\\ud800\\n\"",
    "[", "]", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1 2]", "[1;2]", "[1}", "[1]]", "[1],",
    "[\"a\",\n4\n,1,", "[1,,2]", "[-]", "[1.]", "(1)", "[a", "[\"\": 1]",
    "{", "}", "{]", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{,}", "{a:1}",
    "{1:1}", "{'a':1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"a\":1;}", "{\"a\"::1}", "{\"a\":1,,}",
    "{\"a\":1}}", "{null:1}", "{\"a\":/*c*/1}", "/*c*/1", "1//c", "#1", "{\"a\":1}#", "[1]x",
    "\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"", "\xff",
    "[\"a\xe5\"]",
]

"Whether a text is refused, and by the one kind of error that a reader may throw."
refused(text, type) = message(() -> read_json(text, type)) isa String

struct Anything
    a::Any
end

@testset "$(repr(text))" for text in INVALID
    @test refused(text, Any)
    # As an element, and where nobody reads it.
    @test refused("[$text]", Vector{Any}) || text in ("", " ", "1,000")
    @test refused("{\"a\":1,\"skipped\":$text}", Anything)
    for type in (
        Int, Float64, String, Vector{Int}, Dict{String,Int}, Tuple{Int,Int}, Union{Int,Nothing},
        Bool, Matrix{Int},
    )
        @test refused(text, type)
    end
end

@testset "depth" begin
    nested(n) = "["^n * "]"^n
    @test read_json(nested(512), Any) isa Vector
    @test refused(nested(513), Any)
    @test refused(nested(100_000), Any)
    @test refused("{\"a\":"^100_000, Any)
    @test refused("{\"skipped\":$(nested(100_000)),\"a\":1}", Anything)
end

@testset "bytes of any kind" begin
    state = UInt64(2463534242)
    alphabet = b"{}[]\":,0123456789.eE+-truefalsn\\u \xff\xc3\xa9\0"
    for _ in 1:20_000
        bytes = UInt8[]
        for _ in 1:(state%24)
            state = state * 6364136223846793005 + 1442695040888963407
            push!(bytes, alphabet[(state>>33)%length(alphabet)+1])
        end
        state = state * 6364136223846793005 + 1442695040888963407
        for type in (Any, Vector{Float64}, Dict{String,Any})
            try
                read_json(bytes, type)
            catch error
                error isa ArgumentError || rethrow()
            end
        end
    end
    @test true
end
