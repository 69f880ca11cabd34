function cyclic(n)
    found = Any[n]
    push!(found, found)
    found
end
