depth(n) = 1 + depth(n + 1)

const DEPTH = depth(0)

recursion(n) = n
