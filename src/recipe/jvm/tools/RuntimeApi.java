package jot;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Lambda's Runtime API on 127.0.0.1, which returns events one after the other:
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. AWS's emulator would kill the JVM
 * at the end, and a killed JVM writes no archive.
 */
final class RuntimeApi implements AutoCloseable {
    /** The runtime's answer to one event; a fault of its start has the number 0. */
    record Answer(int number, boolean fault, byte[] body) {}

    /** Ten minutes for one event, so that deadlines look as they do in Lambda. */
    private static final long DEADLINE_MS = 600_000;

    final BlockingQueue<Answer> answers = new LinkedBlockingQueue<>();
    private final ServerSocket server;
    private final List<Exemplar> exemplars;
    private int next;

    RuntimeApi(List<Exemplar> exemplars) throws IOException {
        this.exemplars = exemplars;
        server = new ServerSocket(0, 16, InetAddress.getByName("127.0.0.1"));
        thread("accepting", this::accept);
    }

    String address() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    private void accept() {
        while (true) {
            try {
                Socket socket = server.accept();
                thread("connection", () -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private static void thread(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            while (true) {
                String request = line(in);
                if (request.isEmpty()) {
                    return;
                }
                respond(
                        socket.getOutputStream(),
                        request.split(" ")[1],
                        body(in, socket.getOutputStream()));
            }
        } catch (IOException closed) {
            // The runtime ended; what it answered is in the queue.
        }
    }

    private void respond(OutputStream out, String path, byte[] body) throws IOException {
        String call = path.replaceFirst("^/[^/]+/runtime/", "");
        if (call.equals("invocation/next")) {
            event(out);
            return;
        }
        if (call.equals("restore/next")) {
            write(out, "200 OK", "", new byte[0]);
            return;
        }
        if (call.equals("init/error")) {
            answers.add(new Answer(0, true, body));
        } else if (call.startsWith("invocation/")) {
            String[] parts = call.split("/");
            answers.add(new Answer(number(parts[1]), parts[2].equals("error"), body));
        }
        write(out, "202 Accepted", "", "{\"status\":\"OK\"}".getBytes(StandardCharsets.UTF_8));
    }

    /** The last call stays open: in Lambda, too, the next event may take a long time. */
    private void event(OutputStream out) throws IOException {
        Exemplar exemplar;
        synchronized (this) {
            exemplar = next < exemplars.size() ? exemplars.get(next++) : null;
        }
        if (exemplar == null) {
            wait(out);
            return;
        }
        String headers =
                "Lambda-Runtime-Aws-Request-Id: 00000000-0000-4000-8000-%012d\r\n"
                                .formatted(exemplar.number())
                        + "Lambda-Runtime-Deadline-Ms: "
                        + (System.currentTimeMillis() + DEADLINE_MS)
                        + "\r\n"
                        + "Lambda-Runtime-Trace-Id:"
                        + " Root=1-00000000-000000000000000000000000;Sampled=0\r\n"
                        + "Lambda-Runtime-Invoked-Function-Arn:"
                        + " arn:aws:lambda:us-east-1:000000000000:function:exemplar\r\n";
        write(out, "200 OK", headers, exemplar.event());
    }

    private static void wait(OutputStream out) throws IOException {
        try {
            Thread.sleep(Long.MAX_VALUE);
        } catch (InterruptedException ended) {
            out.close();
        }
    }

    private static int number(String request) {
        return Integer.parseInt(request.substring(request.lastIndexOf('-') + 1));
    }

    private static void write(OutputStream out, String status, String headers, byte[] body)
            throws IOException {
        String head =
                "HTTP/1.1 "
                        + status
                        + "\r\n"
                        + headers
                        + "Content-Type: application/json\r\n"
                        + "Content-Length: "
                        + body.length
                        + "\r\n\r\n";
        out.write(head.getBytes(StandardCharsets.ISO_8859_1));
        out.write(body);
        out.flush();
    }

    private static byte[] body(InputStream in, OutputStream out) throws IOException {
        int length = 0;
        boolean chunked = false;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            String header = line.toLowerCase(Locale.ROOT);
            if (header.startsWith("content-length:")) {
                length = Integer.parseInt(header.substring(15).strip());
            } else if (header.startsWith("transfer-encoding:")) {
                chunked = header.contains("chunked");
            } else if (header.startsWith("expect:")) {
                out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.ISO_8859_1));
            }
        }
        return chunked ? chunks(in) : in.readNBytes(length);
    }

    private static byte[] chunks(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int size = Integer.parseInt(line(in).split(";")[0].strip(), 16);
        while (size > 0) {
            body.write(in.readNBytes(size));
            line(in);
            size = Integer.parseInt(line(in).split(";")[0].strip(), 16);
        }
        while (!line(in).isEmpty()) {
            // Trailers say nothing that is needed.
        }
        return body.toByteArray();
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int b = in.read(); b >= 0 && b != '\n'; b = in.read()) {
            line.write(b);
        }
        return line.toString(StandardCharsets.ISO_8859_1).stripTrailing();
    }
}
