package jot;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The Runtime API that the exemplar session has. */
final class SessionTests {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static HttpResponse<String> call(
            RuntimeApi api, String path, HttpRequest.BodyPublisher body) throws Exception {
        URI address = URI.create("http://" + api.address() + "/2018-06-01/runtime/" + path);
        HttpRequest.Builder request = HttpRequest.newBuilder(address);
        return HTTP.send(
                body == null ? request.build() : request.POST(body).build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    void eventsAreHandedOutByTheirNumbers() throws Exception {
        List<Exemplar> exemplars =
                List.of(new Exemplar(3, "a", bytes("[1]")), new Exemplar(7, "a", bytes("{}")));
        try (RuntimeApi api = new RuntimeApi(exemplars)) {
            for (Exemplar exemplar : exemplars) {
                HttpResponse<String> event = call(api, "invocation/next", null);
                Tests.same(new String(exemplar.event(), StandardCharsets.UTF_8), event.body());
                String id =
                        event.headers().firstValue("Lambda-Runtime-Aws-Request-Id").orElseThrow();
                // Of unknown length: the client sends it in chunks.
                call(
                        api,
                        "invocation/" + id + "/response",
                        HttpRequest.BodyPublishers.ofInputStream(
                                () -> new java.io.ByteArrayInputStream(bytes("\"ok\""))));
                RuntimeApi.Answer answer = api.answers.take();
                Tests.same(exemplar.number(), answer.number());
                Tests.same("\"ok\"", new String(answer.body(), StandardCharsets.UTF_8));
            }
        }
    }

    void aFaultOfTheStartHasNoNumber() throws Exception {
        try (RuntimeApi api = new RuntimeApi(List.of())) {
            call(api, "init/error", HttpRequest.BodyPublishers.ofString("{\"errorType\":\"X\"}"));
            RuntimeApi.Answer answer = api.answers.take();
            Tests.holds(answer.fault() && answer.number() == 0, answer.toString());
        }
    }
}
