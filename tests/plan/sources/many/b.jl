const B = 1
