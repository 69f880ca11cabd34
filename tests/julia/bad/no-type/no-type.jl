const SIZE = 3

no_type(n) = n
