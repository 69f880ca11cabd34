wrong(n) = n + 2
