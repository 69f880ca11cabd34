function unended(n)
    if n > 0
        n = n + 1
    return n
end

twice(n) = 2n
