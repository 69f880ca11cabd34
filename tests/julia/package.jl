module Owner
using ..JotRuntime
struct Point
    x::Int
end
module Deep
answer(x) = x
end
both(x) = 1
both(x, other) = 2
by_name(x, context = nothing) = x
by_type(x, given::Union{Nothing,JotRuntime.Context} = nothing) = x
by_default(x, digits = 2) = x
any_number(x...) = x
many(x, context, more) = x
many(x) = x
with_context(x, context) = 3
narrow(x::Int) = 4
end

types(text) = JotRuntime.argument_type(@__MODULE__, Owner, text)

module Hooked
jot_after_restore() = nothing
module Wrong
jot_after_restore(n) = n
end
end

@testset "argument types" begin
    @test types("Vector{Int}") === Vector{Int}
    @test types("Vector{Point}") === Vector{Owner.Point}
    @test types("Dict{String,Union{Nothing,Point}}") === Dict{String,Union{Nothing,Owner.Point}}
    @test types("NamedTuple{(:a, :b),Tuple{Int,Point}}") ===
        NamedTuple{(:a, :b),Tuple{Int,Owner.Point}}
    @test types("Vector{T} where T<:Real") == (Vector{T} where {T<:Real})
    @test types("@NamedTuple{a::Int, p::Point}") === NamedTuple{(:a, :p),Tuple{Int,Owner.Point}}
    @test types("Base.RefValue{Int}") === Base.RefValue{Int}
    @test types("Invocation") === Invocation
    for (text, reason) in [
        ("Vector{Nowhere}", "means nothing"), ("1 + 1", "is no type but a Int64"),
        ("Vector{", "is not a Julia expression"), ("", "is no type"),
    ]
        error = try types(text) catch error sprint(showerror, error) end
        @test occursin(reason, error)
    end
end

@testset "handlers" begin
    @test JotRuntime.find_handler(Owner, "Deep.answer") === Owner.Deep.answer
    @test_throws ErrorException JotRuntime.find_handler(Owner, "nowhere")
    @test !JotRuntime.takes_context(Owner.both, Int)
    @test JotRuntime.takes_context(Owner.by_name, Int) &&
        JotRuntime.takes_context(Owner.by_name, Any) && JotRuntime.takes_context(Owner.by_type, Int)
    @test !JotRuntime.takes_context(Owner.by_default, Int) &&
        !JotRuntime.takes_context(Owner.any_number, Int) &&
        !JotRuntime.takes_context(Owner.many, Int)
    @test JotRuntime.takes_context(Owner.with_context, Int)
    @test !JotRuntime.takes_context(Owner.narrow, Any)
    @test_throws ErrorException JotRuntime.takes_context(Owner.narrow, String)
    @test JotRuntime.restore_hook(Owner) === nothing
    @test JotRuntime.restore_hook(Hooked) === Hooked.jot_after_restore
    @test_throws ErrorException JotRuntime.restore_hook(Hooked.Wrong)
end
