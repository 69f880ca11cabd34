"Areas, and the names of shapes, which stand in a file."
module Shapes

"The version that was installed."
release() = "1.0.0"

area(width, height) = width * height

"Read while the function runs: the package's files are in the image."
names() = readlines(joinpath(@__DIR__, "..", "data", "names.txt"))

end
