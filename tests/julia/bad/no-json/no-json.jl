no_json(n) = InvocationResponse("about $n")
