rate(n) = n + 1

function half(n)
    return [n / 2
end
