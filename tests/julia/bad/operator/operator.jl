operator(n) = n +* 2
