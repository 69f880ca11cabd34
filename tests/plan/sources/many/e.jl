const E = 1
