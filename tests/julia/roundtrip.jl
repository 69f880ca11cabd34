# Value to text to value, with a generator that gives the same values each time.
struct Leaf
    name::String
    weight::Float64
    tags::Dict{String,Union{Int,Nothing}}
    pair::Tuple{Int8,Char}
    grid::Matrix{Float32}
end

mutable struct Dice
    state::UInt64
end
roll!(dice) =
    (dice.state = dice.state * 6364136223846793005 + 1442695040888963407; dice.state >> 20)
roll!(dice, n) = Int(roll!(dice) % n)

any_float(dice, ::Type{T}) where {T} = while true
    bits = roll!(dice) << 30 ⊻ roll!(dice)
    value = T === Float64 ? reinterpret(Float64, bits) : reinterpret(Float32, bits % UInt32)
    isfinite(value) && return value
end
any_char(dice) = while true
    limit = (0x80, 0x800, 0x10000, 0x110000)[1+roll!(dice, 4)]
    point = roll!(dice, limit)
    isvalid(Char, UInt32(point)) && return Char(point)
end
any_string(dice) = String([any_char(dice) for _ in 1:roll!(dice, 8)])

function any_value(dice, depth)
    kind = roll!(dice, depth > 4 ? 5 : 7)
    kind == 0 ? nothing : kind == 1 ? isodd(roll!(dice)) :
        kind == 2 ? (roll!(dice) << 30 ⊻ roll!(dice)) % Int :
        kind == 3 ? any_float(dice, Float64) : kind == 4 ? any_string(dice) :
        kind == 5 ? Any[any_value(dice, depth + 1) for _ in 1:roll!(dice, 5)] :
        Dict{String,Any}(any_string(dice) => any_value(dice, depth + 1) for _ in 1:roll!(dice, 5))
end

any_leaf(dice) = Leaf(
    any_string(dice), any_float(dice, Float64),
    Dict(any_string(dice) => isodd(roll!(dice)) ? nothing : roll!(dice, 99)
        for _ in 1:roll!(dice, 4)),
    (Int8(roll!(dice, 100)), any_char(dice)),
    Float32[any_float(dice, Float32) for _ in 1:2, _ in 1:roll!(dice, 4)])

same(a::Leaf, b::Leaf) = all(isequal(getfield(a, i), getfield(b, i)) for i in 1:nfields(a))

dice = Dice(20240229)
@test all(1:3000) do _
    value = any_value(dice, 0)
    isequal(read_json(write_json(value), Any), value)
end
@test all(1:1000) do _
    leaves = [any_leaf(dice) for _ in 1:roll!(dice, 4)]
    back = read_json(write_json(leaves), Vector{Leaf})
    length(back) == length(leaves) && all(map(same, back, leaves))
end
@test all(1:10_000) do _
    wide, narrow = any_float(dice, Float64), any_float(dice, Float32)
    read_json(write_json(wide), Float64) === wide &&
        read_json(write_json(narrow), Float32) === narrow
end
for type in (
        Int8, UInt8, Int16, UInt16, Int32, UInt32, Int64, UInt64, Int128, UInt128,
    ), value in (typemin(type), typemax(type), type(7))
    @test read_json(string(value), type) === value
    @test message(() -> read_json(string(big(typemax(type)) + 1), type)) isa String
    @test message(() -> read_json(string(big(typemin(type)) - 1), type)) isa String
end
