surplus(n) = n + 1

twice(n) = 2 * (n + 1))
