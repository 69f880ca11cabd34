package jot.runtime;

import com.amazonaws.services.lambda.crac.Context;
import com.amazonaws.services.lambda.crac.Core;
import com.amazonaws.services.lambda.crac.Resource;
import com.amazonaws.services.lambda.runtime.api.client.EventHandlerLoader;
import com.amazonaws.services.lambda.runtime.api.client.HandlerInfo;
import com.amazonaws.services.lambda.runtime.api.client.LambdaRequestHandler;
import com.amazonaws.services.lambda.runtime.api.client.runtimeapi.dto.InvocationRequest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Has the tests' arguments answered before SnapStart takes its snapshot:
 * https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-java.html.
 */
public final class Rehearsal implements Resource {
    /** The client's list of resources does not keep them alive. */
    private static Rehearsal resource;

    private final String handler;

    /**
     * The arguments, as in the build: {@code 0001.json}, with their handlers: {@code
     * 0001.handler}.
     */
    private final Path exemplars;

    private Rehearsal(String handler, Path exemplars) {
        this.handler = handler;
        this.exemplars = exemplars;
    }

    /** Called while the function is initialised; does nothing unless a snapshot will be taken. */
    public static void of(String handler, Path exemplars) {
        if ("snap-start".equals(System.getenv("AWS_LAMBDA_INITIALIZATION_TYPE"))) {
            resource = new Rehearsal(handler, exemplars);
            Core.getGlobalContext().register(resource);
        }
    }

    /** With a client of another version, the snapshot is taken without a rehearsal. */
    @Override
    public void beforeCheckpoint(Context<? extends Resource> context) throws Exception {
        try {
            rehearse();
        } catch (LinkageError fault) {
            System.err.println("jot: no exemplars answered before the snapshot: " + fault);
        }
    }

    /** Answers are dropped. An exception of the handler may be what a test expects. */
    private void rehearse() throws Exception {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        LambdaRequestHandler loaded =
                EventHandlerLoader.loadEventHandler(HandlerInfo.fromString(handler, loader));
        int answered = 0;
        for (Path event : events()) {
            try {
                loaded.call(request(event));
                answered++;
            } catch (Exception | LinkageError fault) {
                System.err.println(
                        "jot: " + event.getFileName() + " before the snapshot: " + fault);
            }
        }
        System.out.println("jot: " + answered + " exemplars answered before the snapshot");
    }

    @Override
    public void afterRestore(Context<? extends Resource> context) {
        // Nothing of the rehearsal is kept.
    }

    private List<Path> events() throws IOException {
        if (!Files.isDirectory(exemplars)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(exemplars)) {
            return files.filter(this::isMine).sorted().toList();
        }
    }

    /** Of functions that share an image each answers its own. */
    private boolean isMine(Path file) {
        String name = file.getFileName().toString();
        Path answers = file.resolveSibling(name.replace(".json", ".handler"));
        try {
            return name.endsWith(".json")
                    && (Files.exists(answers)
                            ? Files.readString(answers).strip().equals(handler)
                            : first().equals(handler));
        } catch (IOException unreadable) {
            return false;
        }
    }

    private String first() throws IOException {
        return Files.readAllLines(exemplars.resolve("handlers")).get(0).strip();
    }

    private static InvocationRequest request(Path event) throws IOException {
        InvocationRequest request = new InvocationRequest();
        request.setId("00000000-0000-4000-8000-000000000000");
        request.setInvokedFunctionArn("arn:aws:lambda:us-east-1:000000000000:function:rehearsal");
        request.setDeadlineTimeInMs(System.currentTimeMillis() + TimeUnit.MINUTES.toMillis(10));
        request.setContent(Files.readAllBytes(event));
        return request;
    }
}
