using DataFrames

package(n) = n
