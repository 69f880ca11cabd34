# Loaded before the responder where JOT_PROVE_CACHES is set: says which packages Julia loaded from their sources though the image has
# caches of them. From 1.11 on a start makes no caches, so that nothing else tells that Julia refused one.

module JotProof

"Names of packages that the build has no caches of, a line each."
const WITHOUT = "/opt/jot/env/uncached"

const BEFORE = Base.loaded_modules_array()

"The packages among those loaded that have a cache and were loaded without it. `cache` gives the file of a package's cache, or nothing."
function refused(loaded, without::Vector{String}, cache)
    found = filter(id -> id.uuid !== nothing && id.name ∉ without && cache(id) === nothing, collect(loaded))
    sort!(map(id -> is_responder(id.name) ? "the function's own code" : id.name, found))
end

is_responder(name::String) = startswith(name, "JotResponder_")

"The file of the cache that a package was loaded from, which Julia keeps from 1.9 on (base/loading.jl, `PkgOrigin`)."
function cache_of(id)
    origin = get(Base.pkgorigins, id, nothing)
    origin === nothing ? nothing : origin.cachepath
end

"What was loaded since, found so that Julia compiles nothing of its own for it: that would count as the function's."
function later()
    found = Base.PkgId[]
    for loaded in Base.loaded_modules_order
        loaded in BEFORE || push!(found, Base.PkgId(loaded))
    end
    found
end

"Called by Julia after each package that was loaded: the responder comes last."
function tell(id)
    is_responder(id.name) || return nothing
    without = isfile(WITHOUT) ? readlines(WITHOUT) : String[]
    names = refused(later(), without, cache_of)
    isempty(names) || println(stderr, "jot: loaded without a cache: ", join(names, ", "))
    nothing
end

push!(Base.package_callbacks, tell)

end
