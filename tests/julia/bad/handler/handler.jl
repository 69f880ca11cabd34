increment_vector(v) = v .+ 1

sum_all(v) = sum(v)
