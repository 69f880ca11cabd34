const WEIGHTS = [1, 2, 3]
const TOTAL = sum(WEIGHT)

undefined(n) = TOTAL + n
