# Types of the standard libraries Dates and UUIDs, which the runtime itself does not load, and
# unions.
using Dates, UUIDs

struct Circle
    radius::Float64
end
struct Square
    side::Float64
    label::Union{String,Nothing}
end
struct Disc
    radius::Float64
    label::Union{String,Nothing}
end
struct Tree
    value::Int
    branches::Vector{Tree}
end
struct Drawing
    shapes::Vector{Union{Circle,Square}}
end
struct Sketch{T}
    inner::Dict{String,T}
end

@testset "strings that are more" begin
    for (text, type, value, back) in [
        ("\"2026-02-28\"", Date, Date(2026, 2, 28), nothing),
        ("\"2026-02-28T23:59:59\"", DateTime, DateTime(2026, 2, 28, 23, 59, 59), nothing),
        ("\"2026-02-28T23:59:59.125Z\"", DateTime, DateTime(2026, 2, 28, 23, 59, 59, 125),
            "\"2026-02-28T23:59:59.125\""),
        ("\"2026-01-02T03:04:05.123456Z\"", DateTime, DateTime(2026, 1, 2, 3, 4, 5, 123),
            "\"2026-01-02T03:04:05.123\""),
        ("\"2026-01-02T03:04:05.123456789+0000\"", DateTime, DateTime(2026, 1, 2, 3, 4, 5, 123),
            "\"2026-01-02T03:04:05.123\""),
        ("\"2026-01-02T03:04:05+00:00\"", DateTime, DateTime(2026, 1, 2, 3, 4, 5),
            "\"2026-01-02T03:04:05\""),
        ("\"2026-01-02T03:04:05.1-00:00\"", DateTime, DateTime(2026, 1, 2, 3, 4, 5, 100),
            string('"', DateTime(2026, 1, 2, 3, 4, 5, 100), '"')),
        ("\"2026-01-02T03:04\"", DateTime, DateTime(2026, 1, 2, 3, 4), "\"2026-01-02T03:04:00\""),
        ("{\"at\":\"1970-01-01T00:00:00.000Z\"}", NamedTuple{(:at,),Tuple{DateTime}},
            (at = DateTime(1970),), "{\"at\":\"1970-01-01T00:00:00\"}"),
        ("\"03:04:05.123456789\"", Time, Time(3, 4, 5, 123, 456, 789), nothing),
        ("\"03:04\"", Time, Time(3, 4), "\"03:04:00\""),
        ("\"23:59:59.5\"", Time, Time(23, 59, 59, 500), nothing),
        ("\"6ba7b810-9dad-11d1-80b4-00c04fd430c8\"", UUID,
            UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8"), nothing),
        ("[\"2026-02-28\"]", Vector{Date}, [Date(2026, 2, 28)], nothing),
        ("{\"2026-02-28\":1}", Dict{Date,Int}, Dict(Date(2026, 2, 28) => 1), nothing),
        ("\"2026-02-28\"", Union{Int,Date,Nothing}, Date(2026, 2, 28), nothing),
    ]
        found = read_json(text, type)
        @test found == value && found isa type
        @test write_json(found) ==
            (back === nothing ? (text == "\"23:59:59.5\"" ? string('"', value, '"') : text) : back)
    end
    for (text, type, expected) in [
        ("\"2026-02-30\"", Date, "argument: expected Date as \"2026-01-31\", got \"2026-02-30\""),
        ("[\"x\"]", Vector{DateTime},
            "argument[1]: expected DateTime as \"2026-01-31T23:59:59.123Z\", got \"x\""),
        ("\"2026-02-28T00:00:00+01:00\"", DateTime,
            "argument: expected DateTime as \"2026-01-31T23:59:59.123Z\", " *
            "got \"2026-02-28T00:00:00+01:00\""),
        ("\"2026-02-28T25:00:00Z\"", DateTime,
            "argument: expected DateTime as \"2026-01-31T23:59:59.123Z\", " *
            "got \"2026-02-28T25:00:00Z\""),
        ("\"99999999999999999999-01-01\"", Date,
            "argument: expected Date as \"2026-01-31\", got \"99999999999999999999-01-01\""),
        ("{\"at\":\"2026-02-28\"}", NamedTuple{(:at,),Tuple{DateTime}},
            "argument.at: expected DateTime as \"2026-01-31T23:59:59.123Z\", got \"2026-02-28\""),
        ("1", Date, "argument: expected Date, got 1"),
        ("\"\"", Time, "argument: expected Time as \"23:59:59.123\", got \"\""),
        ("\"2026-02\"", Date, "argument: expected Date as \"2026-01-31\", got \"2026-02\""),
        ("\"6ba7b810\"", UUID, "argument: expected UUID, got \"6ba7b810\""),
        ("\"6ba7b810-9dad-11d1-80b4-00c04fd430cg\"", UUID,
            "argument: expected UUID, got \"6ba7b810-9dad-11d1-80b4-00c04fd430cg\""),
    ]
        said = message(() -> read_json(text, type))
        @test replace(replace(said, "Base." => ""), "Dates." => "") == expected
    end
end

@testset "unions of structs go by the fields that they need" begin
    type = Union{Circle,Square,Nothing}
    @test read_json("{\"radius\":1}", type) === Circle(1.0)
    @test read_json("{\"label\":\"a\",\"side\":2,\"x\":[{}]}", type) == Square(2.0, "a")
    @test read_json("null", type) === nothing
    @test read_json("{\"shapes\":[{\"side\":2},{\"radius\":1}]}", Drawing).shapes ==
        [Square(2.0, nothing), Circle(1.0)]
    @test replace(message(() -> read_json("{\"label\":\"a\"}", type)), "Main." => "") ==
        "argument: expected Union{Circle, Square}, got an object"
    @test occursin("ambiguous", message(() -> read_json("{\"radius\":1,\"side\":2}", type)))
    @test occursin("is not JSON", message(() -> read_json("{\"radius\":1,\"side\":}", type)))
    tree = read_json("{\"value\":1,\"branches\":[{\"value\":2,\"branches\":[]}]}", Tree)
    @test tree.branches[1].value == 2
end

Base.@kwdef struct Order
    id::Int
    count::Int = 1
    note::Union{Nothing,String} = "none"
    gift::Union{Nothing,Bool}
    tags::Vector{String} = ["new"]
end
Base.@kwdef struct Pack{T}
    inner::T = 7
    order::Order = Order(id = 0, gift = nothing)
end
Base.@kwdef struct Refund
    id::Int
    reason::String = "none"
end
struct Ranged
    low::Int
    high::Int
    Ranged(low, high) = low <= high ? new(low, high) : throw(ArgumentError("low above high"))
end
Ranged(; low, high = low + 1) = Ranged(low, high)

same(one, other) =
    all(name -> getfield(one, name) == getfield(other, name), fieldnames(typeof(one)))

@testset "absent fields have the defaults of keywords" begin
    @test same(read_json("{\"id\":3}", Order), Order(3, 1, "none", nothing, ["new"]))
    @test same(read_json("{\"gift\":true,\"id\":3,\"count\":2,\"note\":null,\"tags\":[]}", Order),
        Order(3, 2, nothing, true, String[]))
    @test message(() -> read_json("{\"count\":2}", Order)) == "argument.id: missing, expected Int64"
    @test message(() -> read_json("[{\"id\":1,\"count\":\"x\"}]", Vector{Order})) ==
        "argument[1].count: expected Int64, got \"x\""
    @test read_json("{}", Pack{Int}).inner == 7 &&
        read_json("{\"inner\":2.5}", Pack{Float64}).order.id == 0
    @test read_json("{\"order\":{\"id\":4}}", Pack{Int}).order.tags == ["new"]
    @test read_json("{\"low\":1}", Ranged).high == 2
    said = message(() -> read_json("[{\"low\":3,\"high\":1}]", Vector{Ranged}))
    @test replace(said, "Main." => "") == "argument[1]: Ranged: ArgumentError: low above high"
    @test read_json("{\"id\":1,\"reason\":\"late\"}", Union{Circle,Refund}) === Refund(1, "late")
    @test read_json("{\"id\":1}", Union{Circle,Refund}) === Refund(1, "none")
    said = message(() -> read_json("{\"reason\":\"late\"}", Union{Circle,Refund}))
    @test replace(said, "Main." => "") ==
        "argument: expected Union{Circle, Refund}, got an object"
end

@testset "ambiguous types" begin
    for type in (
        Int, Any, Union{Int,Float64,String,Nothing,Bool}, Union{Circle,Square,Missing}, Drawing,
        Tree, Union{Vector{Int},Int}, Union{Date,Int}, Vector, Tuple{Int,Vararg{Union{String,Int}}},
        NamedTuple{(:a,),Tuple{Union{Int,Nothing}}}, Union{BigInt,BigFloat},
    )
        @test JotRuntime.ambiguity(type) === nothing
    end
    for (type, expected) in [
        (Union{Circle,Disc}, "argument: Circle and Disc"), (Union{Int,Int8}, "argument: "),
        (Union{Float32,Float64}, "argument: "), (Vector{Union{String,Symbol}}, "argument[]: "),
        (Union{Date,String}, "argument: "), (Union{UUID,Char}, "argument: "),
        (Union{Vector{Int},Vector{String}}, "argument: "),
        (Union{Circle,Dict{String,Int}}, "argument: "),
        (Sketch{Union{Vector{Int},Tuple{Int}}}, "argument.inner[]: "),
        (Tuple{Int,Union{Circle,Disc}}, "argument[]: "),
        (Union{Nothing,Dict{String,Union{Set{Int},Vector{Int}}}}, "argument[]: "),
    ]
        fault = replace(string(JotRuntime.ambiguity(type)), "Main." => "")
        @test startswith(fault, expected) && endswith(fault, "have the same shape in JSON")
    end
    error = try
        JotRuntime.argument_type(@__MODULE__, @__MODULE__, "Union{Circle,Disc}")
    catch error
        sprint(showerror, error)
    end
    @test occursin("argument_type = \"Union{Circle,Disc}\" is ambiguous: argument: ", error)
end

@testset "NaN and the infinities as null, by choice" begin
    withenv("JOT_NONFINITE" => "null") do
        @test write_json([1.0, NaN, Inf, -Inf32]) == "[1.0,null,null,null]"
        @test write_json(BigFloat(NaN)) == "null"
    end
    withenv("JOT_NONFINITE" => "yes") do
        @test message(() -> write_json([NaN])) == "answer[1]: NaN has no form in JSON"
    end
end
