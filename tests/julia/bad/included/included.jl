include("parts.jl")
included(n) = helper(n)
