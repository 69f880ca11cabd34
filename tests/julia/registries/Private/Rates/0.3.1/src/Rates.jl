"What nobody outside may know: what an area costs."
module Rates

import Shapes

price(width, height) = 3 * Shapes.area(width, height)

end
