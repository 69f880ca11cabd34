function root(x)
    x < 5 && throw(DomainError(x, "it must be at least 5"))
    sqrt(x)
end

throws(x) = 2 * root(x)
