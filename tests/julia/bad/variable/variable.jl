# The key of the service.
const KEY = ENV["SERVICE_KEY"]

variable(n) = length(KEY) + n
