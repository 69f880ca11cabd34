# Loaded before the responder if JOT_PROVE_CACHES is set: reports the packages that Julia loaded
# from their sources although the image has their caches. From 1.11 on, a start makes no caches, so
# nothing else shows that Julia refused one.

module JotProof

"Names of packages without caches from the build, one per line."
const WITHOUT = "/opt/jot/env/uncached"

const BEFORE = Base.loaded_modules_array()

"""
The loaded packages that have a cache and were loaded without it. `cache` returns the file of a
package's cache, or nothing.
"""
function refused(loaded, without::Vector{String}, cache)
    found = filter(
        id -> id.uuid !== nothing && id.name ∉ without && cache(id) === nothing, collect(loaded))
    sort!(map(id -> is_responder(id.name) ? "the function's own code" : id.name, found))
end

is_responder(name::String) = startswith(name, "JotResponder_")

"""
The file of the cache that a package was loaded from, which Julia keeps from 1.9 on
(base/loading.jl, `PkgOrigin`).
"""
function cache_of(id)
    origin = get(Base.pkgorigins, id, nothing)
    origin === nothing ? nothing : origin.cachepath
end

"""
The packages loaded since, found in a way for which Julia compiles nothing: that would count as the
function's.
"""
function later()
    found = Base.PkgId[]
    for loaded in Base.loaded_modules_order
        loaded in BEFORE || push!(found, Base.PkgId(loaded))
    end
    found
end

"Called by Julia after each loaded package: the responder comes last."
function tell(id)
    is_responder(id.name) || return nothing
    without = isfile(WITHOUT) ? readlines(WITHOUT) : String[]
    names = refused(later(), without, cache_of)
    isempty(names) || println(stderr, "jot: loaded without a cache: ", join(names, ", "))
    nothing
end

push!(Base.package_callbacks, tell)

end
