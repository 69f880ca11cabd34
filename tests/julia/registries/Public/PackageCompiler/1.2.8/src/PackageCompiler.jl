"""
A stand-in for JuliaLang's package of this name: the call of its version 1.2.8, with the keywords of
that version and no others. It links a system image that runs, but in less time: on Julia's own
image, for one processor, hardly optimised.
"""
module PackageCompiler

using Libdl

export create_sysimage

function create_sysimage(packages::Union{Symbol, Vector{Symbol}}=Symbol[];
                         sysimage_path::Union{String,Nothing}=nothing,
                         project::String=dirname(Base.active_project()),
                         precompile_execution_file::Union{String, Vector{String}}=String[],
                         precompile_statements_file::Union{String, Vector{String}}=String[],
                         incremental::Bool=true,
                         filter_stdlibs=false,
                         replace_default::Bool=false,
                         cpu_target::String="native",
                         script::Union{Nothing, String}=nothing,
                         base_sysimage::Union{Nothing, String}=nothing,
                         isapp::Bool=false)
    filter_stdlibs && incremental &&
        error("must use `incremental=false` to use `filter_stdlibs=true`")
    incremental || base_sysimage === nothing ||
        error("cannot specify `base_sysimage`  when `incremental=false`")
    (replace_default || isapp || script !== nothing) && error("the stand-in does not do that")
    base = something(base_sysimage, unsafe_string(Base.JLOptions().image_file))
    traces = map(file -> trace(file, project, base), vcat(precompile_execution_file))
    object = tempname() * ".o"
    made = code(vcat(packages), vcat(precompile_statements_file, traces))
    run(`$(julia()) --cpu-target=generic -O0 --sysimage=$base --project=$project
        --output-o=$object -e $made`)
    link(object, sysimage_path)
    rm(object)
    nothing
end

julia() = `$(joinpath(Sys.BINDIR, Base.julia_exename())) --color=no --startup-file=no`

function trace(file::String, project::String, base::String)
    traced = tempname()
    run(`$(julia()) --sysimage=$base --project=$project --trace-compile=$traced $file`)
    traced
end

const COPY = "Core.eval(staging, :(const \$(Symbol(loaded)) = \$loaded))"

"What the process that writes the image runs."
code(packages::Vector{Symbol}, files::Vector{String}) = """
    Base.reinit_stdio()
    @eval Sys BINDIR = ccall(:jl_get_julia_bindir, Any, ())::String
    @eval Sys STDLIB = $(repr(Sys.STDLIB))
    Base.init_load_path()
    isdefined(Base, :init_active_project) && Base.init_active_project()
    Base.init_depot_path()
    $(join(map(package -> "import $package", packages), '\n'))
    @eval Module() begin
        staging = Module()
        for (id, loaded) in Base.loaded_modules
            id.name in ("Main", "Core", "Base") || $COPY
        end
        for file in $(repr(files)), statement in eachline(file)
            try
                Base.include_string(staging, statement)
            catch
            end
        end
    end
    empty!(LOAD_PATH)
    empty!(DEPOT_PATH)
    """

function link(object::String, image::String)
    library = first(filter(path -> occursin(r"/libjulia\.so", path), Libdl.dllist()))
    run(`gcc -shared -L$(dirname(library)) -o $image
        -Wl,--whole-archive $object -Wl,--no-whole-archive -ljulia`)
end

end
