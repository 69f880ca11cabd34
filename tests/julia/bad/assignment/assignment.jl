function assignment(n)
    if n = 1
        return 2
    end
    n
end
