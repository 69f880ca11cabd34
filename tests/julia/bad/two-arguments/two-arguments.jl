two_arguments(a::Int, b::Int) = a + b
