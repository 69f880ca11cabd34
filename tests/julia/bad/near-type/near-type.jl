struct Point
    x::Float64
    y::Float64
end

near_type(p::Point) = p.x + p.y
