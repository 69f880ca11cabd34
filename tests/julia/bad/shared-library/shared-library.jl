const VERSION_OF_IT = ccall((:gsl_version, "libgslx"), Cint, ())

shared_library(n) = n
