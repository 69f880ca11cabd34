increment_vector(v::Vector{Int}) = [x + 1 for x in v]
