# Sources that Julia does not precompile: `__precompile__(false)`, and from 1.10 on a method that
# overwrites another. The package of such a source, and any that imports it, has no cache and is
# loaded from its source at every start.

"Names and UUIDs of the packages of a load, as `load.jl` writes them."
loaded_packages(file::String) =
    [(String(name), String(uuid)) for (uuid, name) in map(split, readlines(file))]

"Whether a package has a cache in one of the depots."
function has_cache(name::String, depots::Vector{String})
    version = "v$(VERSION.major).$(VERSION.minor)"
    any(depots) do depot
        place = joinpath(depot, "compiled", version, name)
        files = vcat(files_below(place), filter(isfile, ["$place.ji"]))
        any(file -> endswith(file, ".ji") && filesize(file) > 0, files)
    end
end

"File and line of a call that forbids a cache, in a folder with sources; or nothing."
function forbidding_line(folder::String)
    for file in sort!(files_below(folder))
        endswith(file, ".jl") || continue
        for (number, line) in enumerate(readlines(file))
            occursin(r"^[^#\"]*__precompile__\(\s*false\s*\)", line) &&
                return "$(relpath(file, folder)):$number"
        end
    end
    nothing
end

"""
Why a package has no cache, as far as sources and names show. `without` are the other packages
without one.
"""
function uncached_reason(folder::String, without::Vector{String})
    line = forbidding_line(folder)
    line === nothing || return "__precompile__(false) in $line"
    isempty(without) || return "$(join(without, ", ")) cannot be precompiled"
    "Julia refuses it, see the lines above"
end

"""
The start script of a package without a cache, made from the usual one: packages with a cache are
loaded first, and then Julia is kept from trying to compile the rest, which would take seconds at
every start, up to 1.10; later versions have flags for that.
"""
function uncached_start(
    start::String, cached::Vector{Tuple{String,String}}, version::VersionNumber = VERSION,
)
    version >= v"1.11" && return start
    loads = join(map(
        ((name, uuid),) -> "    Base.require(Base.PkgId(Base.UUID(\"$uuid\"), \"$name\"))\n",
        cached))
    options = "Ptr{Int8}(cglobal(:jl_options, Base.JLOptions))"
    offset = "fieldoffset(Base.JLOptions, Base.fieldindex(Base.JLOptions, :use_compiled_modules))"
    """
    # Added by the build: the responder has no cache.
    try
    $(loads)catch
        # The import below reports the cause.
    end
    unsafe_store!($options + $offset, Int8(0))
    """ * start
end
