# The system image of the floor.
using PackageCompiler, Sockets
include("/opt/floor/versions.jl")

const ANSWERS = 3

"Gives a few events to whoever connects, and closes."
function serve(server)
    socket = accept(server)
    for event in 1:2ANSWERS
        length = 0
        while (line = readline(socket)) != ""
            startswith(line, "Content-Length: ") && (length = parse(Int, line[17:end]))
        end
        read(socket, length)
        write(socket, length == 0 ?
            string("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n",
                "Lambda-Runtime-Aws-Request-Id: 1\r\n\r\n[1,2,3]") :
            "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
    end
    close(socket)
end

function traced(run)
    port, server = listenany(ip"127.0.0.1", 20000)
    serving = @async (serve(server); close(server))
    withenv(() -> run(), "AWS_LAMBDA_RUNTIME_API" => "127.0.0.1:$(Int(port))")
    wait(serving)
end

"What `start.sysimage` runs, whose own calls must not be compiled at run time either."
const START = match(r"-e '(.*)'", read("/opt/floor/Floor/start.sysimage", String))[1]
const SESSION = "try $START catch end"
write("/tmp/session.jl", "import Floor\n$SESSION")
image(statements, session) = create_sysimage([:Floor, :Random, :LinearAlgebra];
    sysimage_path = "/opt/floor/sys.so", project = "/opt/floor/Floor", incremental = false,
    filter_stdlibs = true, precompile_statements_file = statements,
    precompile_execution_file = session, cpu_target = image_target())

traced(() -> image(String[], ["/tmp/session.jl"]))
traced(() -> run(`julia -J/opt/floor/sys.so --startup-file=no --project=/opt/floor/Floor
    --trace-compile=/tmp/left.jl -e $SESSION`))
left = isfile("/tmp/left.jl") ?
    filter(line -> !occursin("Main", line), readlines("/tmp/left.jl")) : String[]
println(length(left), " methods are still compiled at run time")
isempty(left) || traced(() -> image("/tmp/left.jl", ["/tmp/session.jl"]))
run(`strip --strip-unneeded /opt/floor/sys.so`)
