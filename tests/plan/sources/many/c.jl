const C = 1
