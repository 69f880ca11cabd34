using Sockets

bytes_of(text) = IOBuffer(text)
answer(text) = JotRuntime.receive(bytes_of(text))

@testset "answers" begin
    found = answer("HTTP/1.1 200 OK\r\nCONTENT-length:  3 \r\n" *
        "X-Empty:\r\nX-Colon: a:b\r\n\r\nabcdef")
    @test (found.status, String(found.body)) == (200, "abc")
    @test found.headers["x-empty"] == "" && found.headers["x-colon"] == "a:b"
    chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n" *
        "3;name=value\r\nabc\r\n0A\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"
    @test String(answer(chunked).body) == "abc0123456789"
    @test String(answer("HTTP/1.1 200\nContent-Length: 1\n\na").body) == "a"
    @test String(answer("HTTP/1.0 200 OK\r\n\r\nto the end").body) == "to the end"
    @test isempty(answer("HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n").body)
    provisional = "HTTP/1.1 100 Continue\r\n\r\n"
    @test answer(provisional * "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n").status == 202
end

@testset "answers cut short" begin
    for text in [
        "", "HTTP/1.1 200 OK", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    ]
        @test_throws EOFError answer(text)
    end
end

@testset "answers that are none" begin
    for text in [
        "SSH-2.0-x\r\n", "HTTP/1.1 abc\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n0\r\n\r\n",
    ]
        @test_throws JotRuntime.ProtocolError answer(text)
    end
end

@testset "requests" begin
    connection = JotRuntime.Connection("127.0.0.1:9001")
    @test (connection.host, connection.port) == ("127.0.0.1", 9001)
    @test String(JotRuntime.request(connection, "GET", "/p")) ==
        "GET /p HTTP/1.1\r\nHost: 127.0.0.1:9001\r\n\r\n"
    @test String(JotRuntime.request(connection, "POST", "/p", "A: b\r\n", b"body" |> collect)) ==
        "POST /p HTTP/1.1\r\nHost: 127.0.0.1:9001\r\nA: b\r\n" *
        "Content-Type: application/json\r\nContent-Length: 4\r\n\r\nbody"
    @test JotRuntime.Connection("localhost").port == 80
end
