# Build stage of a lean base image: copies Julia and what it needs, and nothing else, into the root
# in the first argument. A second argument, `without-image`, leaves out Julia's own system image and
# standard libraries, because another image replaces them; `other-image` keeps the sources of the
# libraries, for packages that are compiled on that image; `program` has neither Julia nor its
# compiler, only the libraries that a program by `--trim` is linked with, and writes their names to
# /opt/jot/libraries. Supports Debian's layout (/usr/bin/julia, /usr/lib/<triplet>/julia) and the
# official one (/usr/local/julia).

include("files.jl")
include("elf.jl")
include("caches.jl")
include("entry.jl")

using Libdl

# Only Julia's own tests load these; debugging builds are never started.
const UNUSED = r"ccalltest|llvmcalltest|debug"
# Loaded by libc by name, when a host or user is looked up.
const NAME_SERVICES = ["libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2"]
const SETTINGS = ["/etc/nsswitch.conf", "/etc/passwd", "/etc/group", "/etc/services",
    "/etc/protocols", "/etc/ssl/certs/ca-certificates.crt", "/usr/share/zoneinfo", "/etc/localtime"]

without_image() = length(ARGS) > 1
for_program() = "program" in ARGS

"""
The libraries that every program loads at its start: the runtime's own and those that it names
(`LOADER_INSTALL_DEP_LIBS` in Make.inc of 1.12).
"""
const LOADED = r"^lib(julia|julia-internal|gcc_s|openlibm|stdc\+\+|gmp|mpfr|pcre2-8)\.so"

"""
Julia's own libraries that programs are linked with; a program contains any other library that it
calls.
"""
function program_files()
    libraries = filter(
        path -> occursin(r"^libjulia(-internal)?\.so", basename(path)), Libdl.dllist())
    folders = [dirname(path) for path in libraries]
    private = vcat(folders, dirname(unsafe_string(Base.JLOptions().image_file)))
    files = [joinpath(folder, name) for folder in unique(private) for name in readdir(folder)]
    filter(file -> occursin(LOADED, basename(file)), files)
end

"Writes a list of a base's libraries, for the builds of programs on it."
function list_libraries(root::String)
    libraries = filter(file -> occursin(".so", basename(file)), files_below(root))
    names = sort!(unique(map(basename, libraries)))
    write(joinpath(root, "opt/jot/libraries"), join(names, '\n'), '\n')
end

"Julia's program, its private libraries, and those that it opens with dlopen."
function julia_files()
    program = joinpath(Sys.BINDIR, Base.julia_exename())
    image = unsafe_string(Base.JLOptions().image_file)
    private = filter(is_wanted, readdir(dirname(image); join = true))
    without_image() && filter!(path -> realpath(path) != realpath(image), private)
    # Responders are compiled on the image that this makes.
    linking = "without-image" in ARGS ? String[] : filter(isfile, linking_files())
    vcat(program, private, linking)
end

# Before LibCURL was introduced (1.6), Debian's link to libcurl is only for the build of Pkg.
is_wanted(path::String) = occursin(".so", path) && !occursin(UNUSED, basename(path)) &&
    (!startswith(basename(path), "libcurl") || isdir(joinpath(Sys.STDLIB, "LibCURL_jll")))

"All libraries that the files are linked with, directly and indirectly, as the loader finds them."
function linked(files::Vector{String})
    found = Set{String}()
    for file in files
        for line in eachline(ignorestatus(`ldd $file`))
            path = match(r"(?:=> |^\s*)(/\S+) \(0x", line)
            path === nothing || push!(found, path[1])
        end
    end
    sort!(collect(found))
end

"Standard libraries, their caches (1.9 and later) and certificates, without tests and manuals."
function share_files()
    share = dirname(dirname(Sys.STDLIB))
    versioned = basename(Sys.STDLIB)
    compiled = joinpath(share, "compiled", versioned)
    caches = without_image() || !isdir(compiled) ? String[] : kept_caches(compiled)
    libraries = "without-image" in ARGS ? String[] : [Sys.STDLIB]
    filter(ispath, vcat(libraries, caches, joinpath(share, "cert.pem")))
end

"Shared libraries of the dependencies; the image also gets the libraries that they are linked with."
function installed_libraries()
    filter(file -> occursin(r"\.so(\.|$)", basename(file)), files_below(DEPOT))
end

"The complete depot: unlike Julia's own packages, others may read any of their files."
function place_dependencies(root::String)
    for folder in filter(isdir, [DEPOT, DEPENDENCIES])
        target = joinpath(root, lstrip(folder, '/'))
        mkpath(dirname(target))
        cp(folder, target)
    end
end

function collect_files(root::String)
    files = for_program() ? program_files() : julia_files()
    libraries = linked(vcat(files, installed_libraries(), "/bin/sh"))
    libc = dirname(first(filter(path -> startswith(basename(path), "libc.so"), libraries)))
    services = filter(ispath, joinpath.(libc, NAME_SERVICES))
    paths = vcat(files, libraries, services, linked(services), "/bin/sh",
        filter(ispath, vcat(SETTINGS, locales())), for_program() ? String[] : share_files())
    for path in paths
        startswith(path, DEPOT) || place(root, path)
    end
    place_dependencies(root)
    if !without_image()
        image = realpath(unsafe_string(Base.JLOptions().image_file))
        strip_symbols(joinpath(root, lstrip(image, '/')))
    end
    # Debugger symbols: some builds of Julia leave tens of megabytes of them in the compiler's own
    # libraries.
    own = filter(file -> occursin(r"^libjulia(-\w+)?\.so", basename(file)), files)
    foreach(file -> strip_symbols(joinpath(root, lstrip(realpath(file), '/'))), own)
end

function make_root(root::String)
    collect_files(root)
    write_entry(joinpath(root, "opt/jot/bin"), for_program() ? program_script() : start_script())
    for_program() && list_libraries(root)
    settle(root)
    for name in ["tmp", "var/tmp"]
        mkpath(joinpath(root, name))
        chmod(joinpath(root, name), 0o1777)
    end
    mkpath(joinpath(root, "root"))
end

make_root(ARGS[1])
