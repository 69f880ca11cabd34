# Selects the caches of Julia that a base keeps (1.9 and later). A cache that is left out and still
# needed is compiled into the depot during the build, like the caches of all other packages.

"""
Standard libraries for interactive use, for tests and for several processes: a third of all caches.
"""
const SELDOM = ["Distributed", "Pkg", "Profile", "REPL", "SharedArrays", "Test"]

"""
Whether a cache with these flags is for `--check-bounds=yes`, which tests use. `jl_cache_flags` in
src/staticdata_utils.c of 1.9.
"""
checks_bounds(flags::UInt8) = (flags >> 3) & 0x03 == 0x01

"""
The flags that a cache was made with, which follow its header; nothing if it is not a cache of this
Julia.
"""
function cache_flags(file::String)
    try
        open(io -> Base.isvalid_cache_header(io) in (0, false) ? nothing : read(io, UInt8), file)
    catch
        nothing
    end
end

"The files to keep from a folder with one folder per library."
function kept_caches(compiled::String, flags = cache_flags)
    kept = String[]
    for library in setdiff(readdir(compiled), SELDOM)
        files = files_below(joinpath(compiled, library))
        checked = filter(
            file -> endswith(file, ".ji") &&
                (found = flags(file); found !== nothing && checks_bounds(found)),
            files)
        stems = map(file -> first(splitext(file)), checked)
        append!(kept, filter(file -> !(first(splitext(file)) in stems), files))
    end
    kept
end
