using RouteLength, Test
using RouteLength: Point, Route, route_length

const CORNER = [Point(0, 0), Point(3, 4), Point(3, 0)]

@testset "lengths" begin
    @test route_length(Route(CORNER, nothing)) == (length = 9.0, longest = 5.0)
    @test route_length(Route(CORNER, true)) == (length = 12.0, longest = 5.0)
end

@testset "no route" begin
    @test_throws ArgumentError route_length(Route(Point[], nothing))
end
