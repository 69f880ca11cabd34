module Files

include("iner.jl")

end
