module RouteLength

using LinearAlgebra

struct Point
    x::Float64
    y::Float64
end

"The argument, read from a JSON object with these names. What may be `nothing` may be left out."
struct Route
    points::Vector{Point}
    closed::Union{Nothing,Bool}
end

"The length of a route, and of its longest step."
function route_length(route::Route)
    points = route.closed === true ? [route.points; route.points[1:1]] : route.points
    length(points) > 1 || throw(ArgumentError("a route has two points at least"))
    steps = [norm((to.x - from.x, to.y - from.y)) for (from, to) in zip(points, points[2:end])]
    (length = sum(steps), longest = maximum(steps))
end

end
