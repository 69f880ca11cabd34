# What others use.
function helper(n)
    for i in 1:n
        n += i
end

other(n) = n
