using Dates
using Statistcs

near_package(n) = mean(1:n)
