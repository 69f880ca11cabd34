"Volumes of what has a base among the shapes."
module Volumes

using LinearAlgebra
import Shapes

volume(width, height, depth) = dot([Shapes.area(width, height)], [depth])

end
