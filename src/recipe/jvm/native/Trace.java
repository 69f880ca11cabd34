package jot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The exemplar session under GraalVM's tracing agent: {@code trace EXEMPLARS METADATA} writes what
 * the agent collects of all handlers, and what jot knows itself, below METADATA, which is an entry
 * of the class path that native-image reads:
 * https://www.graalvm.org/jdk25/reference-manual/native-image/metadata/AutomaticMetadataCollection/
 */
final class Trace {
    private static final String AGENT = "native-image-agent";

    private Trace() {}

    static void main(String[] arguments) throws IOException, InterruptedException {
        Path exemplars = Path.of(arguments[0]);
        Path metadata = Path.of(arguments[1]);
        List<String> handlers = Exemplar.handlers(exemplars);
        requireAgent();
        Path collected = Metadata.folder(metadata, "collected");
        String option = "config-output-dir=";
        for (String handler : handlers) {
            new Session(handler, Exemplar.all(exemplars), true)
                    .run(List.of("-agentlib:" + AGENT + "=" + option + collected));
            option = "config-merge-dir=";
        }
        Path file = collected.resolve(Metadata.FILE);
        if (!Files.exists(file)) {
            throw Stop.because(
                    "the tracing agent wrote no " + Metadata.FILE + ": native.builder_image must"
                            + " contain GraalVM for JDK 25 or later");
        }
        System.out.println("jot: the tracing agent collected " + Metadata.counts(file));
        Metadata.write(Metadata.folder(metadata, "start").resolve(Metadata.FILE), handlers);
    }

    private static void requireAgent() {
        Path home = Path.of(System.getProperty("java.home"));
        Path library = home.resolve("lib/lib" + AGENT + ".so");
        if (!Files.exists(library)) {
            throw Stop.because(
                    library + " does not exist: native.builder_image must contain GraalVM with its"
                            + " tracing agent, not another JDK");
        }
    }
}
