const CENTRE = mean([1, 2, 3])

library_name(n) = CENTRE + n
