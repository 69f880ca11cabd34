rate(n) = n + 1
