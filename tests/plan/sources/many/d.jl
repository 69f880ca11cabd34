const D = 1
