# Installs the dependencies of a responder into /opt/jot/depot, and writes their Project.toml (the
# direct ones) and Manifest.toml (all of them) to /opt/jot/dependencies. The build's context puts
# there: `registries`, one per line; for a script `requests`, one `Name` or `Name@version` per line;
# for a package its own Project.toml, its Manifest.toml if it has one, its preferences and its
# Artifacts.toml.

# Caches are made later, with the flags of the start.
ENV["JULIA_PKG_PRECOMPILE_AUTO"] = "0"

import Pkg

include("dependencies.jl")

# What only Pkg uses.
const LEFTOVERS = ["clones", "compiled", "environments", "logs", "registries"]

listed(name::String) = filter(!isempty, readlines(joinpath(DEPENDENCIES, name)))

"Makes the image's depot the one that Pkg installs into; Julia's own depots follow it."
function use_depot()
    bundled = filter(depot -> occursin("/share/julia", depot), DEPOT_PATH)
    append!(empty!(DEPOT_PATH), vcat(DEPOT, bundled))
    # For the processes that a package's build script runs in.
    ENV["JULIA_DEPOT_PATH"] = "$DEPOT:"
end

"The registry that `registries` calls General is Julia's own; all others are addresses."
function add_registry(name::String)
    if name == "General"
        return Pkg.Registry.add("General")
    end
    Pkg.Registry.add(Pkg.RegistrySpec(url = name))
end

"`Name` or `Name@version` as a PackageSpec."
function request(line::String)
    name, version = split(line * "@", '@')
    isempty(version) ? Pkg.PackageSpec(name = String(name)) :
        Pkg.PackageSpec(name = String(name), version = String(version))
end

"""
Downloads the artifacts for this machine in a package's own Artifacts.toml, including lazy ones:
Lambda may have no network.
"""
function install_artifacts(file::String)
    for name in sort!(collect(keys(Pkg.Artifacts.load_artifacts_toml(file))))
        meta = Pkg.Artifacts.artifact_meta(name, file)
        # Made by the package itself, or for other machines.
        (meta === nothing || !haskey(meta, "download")) && continue
        println("jot: artifact $name")
        Pkg.Artifacts.ensure_artifact_installed(name, meta, file)
    end
end

function install()
    use_depot()
    artifacts = joinpath(DEPENDENCIES, "Artifacts.toml")
    isfile(artifacts) && install_artifacts(artifacts)
    # A package that needs the standard library alone asks no registry.
    isfile(joinpath(DEPENDENCIES, "registries")) || return nothing
    registries = listed("registries")
    # Julia's package server serves only the packages of General.
    "General" in registries || get!(ENV, "JULIA_PKG_SERVER", "")
    foreach(add_registry, registries)
    Pkg.activate(DEPENDENCIES)
    if isfile(joinpath(DEPENDENCIES, "requests"))
        Pkg.add(map(request, listed("requests")))
    else
        Pkg.instantiate()
    end
end

"What to do about an error of Pkg, as far as its message shows."
function remedy(message::String)
    occursin("download agent", message) &&
        return "this Julia's Pkg downloads with curl or wget, and the image has neither: " *
            "install one in an image and set build.base_image to it"
    if occursin(r"resolve host|resolve address|failed to connect|Connection refused"i, message) ||
            occursin(r"unreachable|timed out|RequestError"i, message)
        return "the build cannot reach a registry or a package: " *
            "check build.network, JULIA_PKG_SERVER in build.args, and julia.registries"
    end
    occursin(r"authentic|credential|401|403"i, message) &&
        return "set the secret `gitconfig` of build.secrets to git's configuration for the build"
    if occursin(r"not found in|unsatisfiable|no package|could not be found"i, message) ||
            occursin(r"following package names could not be resolved|to be registered"i, message)
        return "check julia.dependencies, julia.registries and julia.version"
    end
    occursin(r"registr|failed to clone"i, message) &&
        return "check julia.registries: each is `General`, or the address of a git repository " *
            "with a Registry.toml at its top"
    ""
end

try
    install()
catch fault
    message = sprint(showerror, fault)
    println(stderr, "jot: the dependencies cannot be installed: ", message)
    hint = remedy(message)
    isempty(hint) || println(stderr, "jot: ", hint)
    exit(1)
end
foreach(name -> rm(joinpath(DEPOT, name); recursive = true, force = true), LEFTOVERS)
