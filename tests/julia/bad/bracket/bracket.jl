# Adds one.
bracket(v) = sum(v .+ 1

twice(v) = 2 .* v
