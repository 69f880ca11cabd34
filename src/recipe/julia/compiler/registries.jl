# Registries, and a depot for their packages.

"Makes the first of these depots the one that Pkg installs into; Julia's own depots follow."
function use_depots(depots::String...)
    bundled = filter(folder -> occursin("/share/julia", folder), DEPOT_PATH)
    append!(empty!(DEPOT_PATH), vcat(depots..., bundled))
    # For the processes that Pkg starts.
    ENV["JULIA_DEPOT_PATH"] = join(depots, ':') * ":"
    # Caches are made later, with the flags of the start.
    ENV["JULIA_PKG_PRECOMPILE_AUTO"] = "0"
end

"The registry that `registries` calls General is Julia's own; all others are addresses."
function add_registry(name::String)
    isempty(name) && return nothing
    # Julia's package server serves only the packages of General.
    name == "General" || get!(ENV, "JULIA_PKG_SERVER", "")
    name == "General" ? Pkg.Registry.add("General") : Pkg.Registry.add(Pkg.RegistrySpec(url = name))
end
