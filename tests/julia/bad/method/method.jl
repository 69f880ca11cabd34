method(text::String) = uppercase(text)
method(text::String, times::Int) = text^times
