module Rates

include("inner.jl")

end
