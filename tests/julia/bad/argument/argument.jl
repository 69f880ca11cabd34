area(side::Float64) = side^2

const UNIT = area(1)

argument(n) = n
