mismatch(points) = length(points)
