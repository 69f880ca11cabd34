package jot;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Fetches AWS's client: {@code client LIST OUT} checks each jar's SHA-256. The repository is
 * JOT_MAVEN_REPOSITORY, or the mirror of Maven Central in Maven's settings, or Maven
 * Central.
 */
final class Client {
    private static final int TRIES = 4;

    private Client() {}

    static void main(String[] arguments) throws Exception {
        Path out = Path.of(arguments[1]);
        Files.createDirectories(out);
        Repository repository = Repository.found();
        HttpClient http = http();
        List<String> names = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of(arguments[0]))) {
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            String[] parts = line.split(" +");
            Path to = out.resolve(parts[1].substring(parts[1].lastIndexOf('/') + 1));
            byte[] bytes = fetched(http, repository, parts[1]);
            String hash = Write.hash(bytes);
            if (!hash.equals(parts[0])) {
                throw Stop.because(
                        repository.shown()
                                + " has another "
                                + to.getFileName()
                                + " than jot expects: SHA-256 "
                                + hash);
            }
            Files.write(to, bytes);
            Write.stamp(to);
            names.add(to.getFileName().toString());
        }
        Write.text(out.resolveSibling("client.list"), String.join("\n", names) + "\n");
    }

    private static byte[] fetched(HttpClient http, Repository repository, String path)
            throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(repository.address(path)).timeout(Duration.ofSeconds(120));
        repository.authorization().ifPresent(value -> request.header("Authorization", value));
        String last = "";
        for (int attempt = 1; attempt <= TRIES; attempt++) {
            try {
                HttpResponse<byte[]> response =
                        http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
                if (response.statusCode() == 200) {
                    return response.body();
                }
                last = "status " + response.statusCode();
                if (response.statusCode() < 500 && response.statusCode() != 429) {
                    break;
                }
            } catch (IOException fault) {
                last = fault.toString();
            }
            Thread.sleep(500L << attempt);
        }
        throw Stop.because(
                "AWS's Java client cannot be fetched from "
                        + repository.shown()
                        + ": "
                        + last
                        + ". Set another Maven repository with build.args = { JOT_MAVEN_REPOSITORY"
                        + " = \"...\" }, or Maven's settings.xml with a mirror in build.secrets");
    }

    /** Java does not read the variables that Docker sets for proxies. */
    private static HttpClient http() {
        HttpClient.Builder builder =
                HttpClient.newBuilder()
                        .followRedirects(HttpClient.Redirect.NORMAL)
                        .connectTimeout(Duration.ofSeconds(30));
        for (String name : List.of("https_proxy", "HTTPS_PROXY", "http_proxy", "HTTP_PROXY")) {
            String value = System.getenv(name);
            if (value != null && !value.isBlank()) {
                URI proxy = URI.create(value.contains("://") ? value : "http://" + value);
                int port = proxy.getPort() < 0 ? 80 : proxy.getPort();
                return builder.proxy(ProxySelector.of(new InetSocketAddress(proxy.getHost(), port)))
                        .build();
            }
        }
        return builder.build();
    }
}
