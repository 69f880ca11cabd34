greeting() = "hello
quoted(n) = greeting() * string(n)
