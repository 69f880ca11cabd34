function check(size)
    size > 3 && error("the table has $size rows, and 3 are allowed")
end

check(4)

raised(n) = n
