module Starts

const TABLE = Dict{String,Int}()

function __init__()
    TABLE["limit"] = parse(Int, "3 rows")
end

limited(n) = n

end
