increment_vector(v::Vector{Int}) = v .+ 1
