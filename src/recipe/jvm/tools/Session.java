package jot;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The exemplar session: events go through AWS's client and the real handler, in a JVM started as in
 * Lambda.
 */
final class Session {
    static final String JAVA = System.getProperty("java.home") + "/bin/java";
    static final String CLIENT = "com.amazonaws.services.lambda.runtime.api.client.AWSLambda";

    /** What a JVM ends with that SIGTERM ended: 128 + 15. */
    private static final int TERMINATED = 143;

    private static final int ENDS_WITHIN_S = 180;

    /** The longest answer that is printed for jot: BuildKit cuts a step's output at 1 MiB. */
    private static final int LONGEST = 16 * 1024;

    private final String handler;
    private final List<Exemplar> exemplars;
    private final boolean reported;

    /**
     * The handler's {@code exemplars}; {@code reported}: whether jot gets the answers
     * to compare.
     */
    Session(String handler, List<Exemplar> exemplars, boolean reported) {
        this.handler = handler;
        this.exemplars = Exemplar.of(exemplars, handler);
        this.reported = reported;
    }

    /**
     * Starts the JVM with {@code options}, has it answer every event, and ends it as Lambda would.
     */
    void run(List<String> options) throws IOException, InterruptedException {
        try (RuntimeApi api = new RuntimeApi(exemplars)) {
            Process process = start(options, api.address());
            try {
                for (int i = 0; i < exemplars.size(); i++) {
                    report(answer(api, process));
                }
                if (exemplars.isEmpty()) {
                    // The client loads the handler before it asks for an event.
                    process.waitFor(3, TimeUnit.SECONDS);
                }
                end(process);
            } finally {
                process.destroyForcibly();
            }
        }
    }

    private Process start(List<String> options, String address) throws IOException {
        List<String> command = new ArrayList<>(List.of(JAVA, "@/opt/jot/jvm.args"));
        command.addAll(options);
        command.add(CLIENT);
        command.add(handler);
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment()
                .putAll(
                        Map.of(
                                "AWS_LAMBDA_RUNTIME_API",
                                address,
                                "_HANDLER",
                                handler,
                                "LAMBDA_TASK_ROOT",
                                "/var/task",
                                "AWS_LAMBDA_FUNCTION_NAME",
                                "exemplar",
                                "AWS_LAMBDA_FUNCTION_VERSION",
                                "$LATEST",
                                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                                "3008",
                                "AWS_LAMBDA_LOG_GROUP_NAME",
                                "/aws/lambda/exemplar",
                                "AWS_LAMBDA_LOG_STREAM_NAME",
                                "$LATEST",
                                "AWS_LAMBDA_INITIALIZATION_TYPE",
                                "on-demand"));
        builder.environment().putIfAbsent("AWS_REGION", "us-east-1");
        return builder.start();
    }

    private static RuntimeApi.Answer answer(RuntimeApi api, Process process)
            throws InterruptedException {
        while (true) {
            RuntimeApi.Answer answer = api.answers.poll(100, TimeUnit.MILLISECONDS);
            if (answer != null && answer.number() == 0) {
                throw Stop.because("the handler cannot be loaded: " + text(answer));
            }
            if (answer != null) {
                return answer;
            }
            if (!process.isAlive()) {
                throw Stop.because(
                        "the JVM ended with status "
                                + process.exitValue()
                                + " before it answered all exemplars");
            }
        }
    }

    private void report(RuntimeApi.Answer answer) {
        if (!reported) {
            return;
        }
        String text = text(answer);
        if (answer.body().length <= LONGEST) {
            System.out.println("jot-answer " + answer.number() + " " + text);
        } else {
            System.out.println(
                    "jot: exemplar "
                            + answer.number()
                            + " answered "
                            + answer.body().length
                            + " bytes");
        }
        System.out.flush();
    }

    /**
     * On one line: a line break between JSON's tokens becomes a blank, and strings contain none.
     */
    private static String text(RuntimeApi.Answer answer) {
        return new String(answer.body(), StandardCharsets.UTF_8)
                .replace('\n', ' ')
                .replace('\r', ' ');
    }

    private static void end(Process process) throws InterruptedException {
        process.destroy();
        if (!process.waitFor(ENDS_WITHIN_S, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw Stop.because("the JVM did not end " + ENDS_WITHIN_S + " s after SIGTERM");
        }
        int status = process.exitValue();
        if (status != TERMINATED && status != 0) {
            throw Stop.because(
                    "the JVM ended with status " + status + " after the exemplar session");
        }
    }
}
