using Pkg
Pkg.add("JSON3")
using JSON3

installs(n) = n
