react_to_invocation(inv) = inv.body
