struct A
    x::Int
end

struct B
    x::Int
end

ambiguous(n) = n.x
