include("a.jl")
include("b.jl")
include("c.jl")
include("d.jl")
include("e.jl")

increment_vector(v) = v .+ 1
