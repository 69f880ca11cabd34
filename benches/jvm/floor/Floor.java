import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
  * The minimum that answers invocations: a loop over Lambda's Runtime API on a plain socket, around
 * one stream handler. With a second argument, the handler answers that file twice and the JVM
 * exits: the training of the archive.
 */
public final class Floor {
    private static final Context NONE = null;
    private static String id;

    public static void main(String[] arguments) throws Exception {
        RequestStreamHandler handler =
                (RequestStreamHandler)
                        Class.forName(arguments[0]).getDeclaredConstructor().newInstance();
        if (arguments.length > 1) {
            byte[] event = Files.readAllBytes(Path.of(arguments[1]));
            for (int call = 0; call < 2; call++) {
                System.out.println(new String(answer(handler, event), StandardCharsets.UTF_8));
            }
            return;
        }
        String[] api = System.getenv("AWS_LAMBDA_RUNTIME_API").split(":");
        try (Socket socket = new Socket(api[0], Integer.parseInt(api[1]))) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            while (true) {
                byte[] event =
                        exchange(socket, in, "GET", "invocation/next", new byte[0]);
                String path = "invocation/" + id + "/response";
                exchange(socket, in, "POST", path, answer(handler, event));
            }
        }
    }

    private static byte[] answer(RequestStreamHandler handler, byte[] event) throws IOException {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        handler.handleRequest(new ByteArrayInputStream(event), output, NONE);
        return output.toByteArray();
    }

    private static byte[] exchange(
            Socket socket, InputStream in, String method, String path, byte[] body)
            throws IOException {
        String head =
                method + " /2018-06-01/runtime/" + path + " HTTP/1.1\r\nHost: runtime\r\n"
                        + "Content-Length: " + body.length + "\r\n\r\n";
        OutputStream out = socket.getOutputStream();
        byte[] first = head.getBytes(StandardCharsets.ISO_8859_1);
        byte[] whole = new byte[first.length + body.length];
        System.arraycopy(first, 0, whole, 0, first.length);
        System.arraycopy(body, 0, whole, first.length, body.length);
        out.write(whole);
        int length = 0;
        boolean chunked = false;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            String lower = line.toLowerCase();
            if (lower.startsWith("content-length:")) {
                length = Integer.parseInt(line.substring(15).trim());
            } else if (lower.startsWith("lambda-runtime-aws-request-id:")) {
                id = line.substring(30).trim();
            } else if (lower.startsWith("transfer-encoding:")) {
                chunked = lower.contains("chunked");
            }
        }
        return chunked ? chunks(in) : in.readNBytes(length);
    }

    private static byte[] chunks(InputStream in) throws IOException {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        for (int size = -1; size != 0; ) {
            size = Integer.parseInt(line(in), 16);
            whole.write(in.readNBytes(size));
            line(in);
        }
        return whole.toByteArray();
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int read = in.read(); read != '\n'; read = in.read()) {
            if (read < 0) {
                throw new IOException("the Runtime API has gone");
            }
            if (read != '\r') {
                text.append((char) read);
            }
        }
        return text.toString();
    }
}
