not_a_number(n) = 0.0 / n
