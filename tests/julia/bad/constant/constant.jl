constant = 3

answer(n) = constant + n
