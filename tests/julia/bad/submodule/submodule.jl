module Inner

answer(n) = n + 1

end
