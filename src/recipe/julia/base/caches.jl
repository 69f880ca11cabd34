# Which of the caches that come with Julia a base keeps (1.9 and later). What is left out and yet needed is compiled into the depot while
# an image is built, as the caches of all other packages are.

"Standard libraries for people at a terminal, for tests and for several processes: a third of all caches."
const SELDOM = ["Distributed", "Pkg", "Profile", "REPL", "SharedArrays", "Test"]

"Whether a cache with these flags is for `--check-bounds=yes`, with which tests are run. `jl_cache_flags` in src/staticdata_utils.c of 1.9."
checks_bounds(flags::UInt8) = (flags >> 3) & 0x03 == 0x01

"The flags that a cache was made with, which follow its header; or nothing where it is none of this Julia's."
function cache_flags(file::String)
    try
        open(io -> Base.isvalid_cache_header(io) in (0, false) ? nothing : read(io, UInt8), file)
    catch
        nothing
    end
end

"The files to keep of a folder with a folder for each library."
function kept_caches(compiled::String, flags = cache_flags)
    kept = String[]
    for library in setdiff(readdir(compiled), SELDOM)
        files = files_below(joinpath(compiled, library))
        checked = filter(file -> endswith(file, ".ji") && (found = flags(file); found !== nothing && checks_bounds(found)), files)
        stems = map(file -> first(splitext(file)), checked)
        append!(kept, filter(file -> !(first(splitext(file)) in stems), files))
    end
    kept
end
