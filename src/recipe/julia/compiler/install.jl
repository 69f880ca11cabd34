# Installs PackageCompiler into a separate environment, so that it never meets the responder's
# dependencies.

import Libdl, Pkg

include("versions.jl")
include("registries.jl")

const FOLDER = "/jot/compiler"

"PackageCompiler links with -ljulia; Debian's package has only the versioned name."
function link_library()
    library = first(filter(path -> occursin(r"/libjulia\.so", path), Libdl.dllist()))
    link = joinpath(dirname(library), "libjulia.so")
    ispath(link) || symlink(basename(library), link)
end

use_depots(joinpath(FOLDER, "depot"))
foreach(add_registry, readlines(joinpath(FOLDER, "registries")))
Pkg.activate(joinpath(FOLDER, "env"))
try
    Pkg.add(Pkg.PackageSpec(name = "PackageCompiler", version = package_compiler()))
catch fault
    println(stderr, "jot: PackageCompiler $(package_compiler()) cannot be installed: ",
        sprint(showerror, fault))
    println(stderr, "jot: compile = \"sysimage\" needs it from one of julia.registries; " *
        "check build.network and JULIA_PKG_SERVER in build.args too")
    exit(1)
end
link_library()
