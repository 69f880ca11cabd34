package jot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Whether a start takes its classes from the archives. */
final class Used {
    private Used() {}

    /**
     * With {@code -Xshare:on}, a JVM that cannot use its archives ends. The origin of a class
     * is in its log, with the same first words for both archives and for an outdated
     * one.
     */
    static void require(String handler, List<Exemplar> exemplars)
            throws IOException, InterruptedException {
        Path log = Files.createTempFile("loaded", ".log");
        new Session(handler, exemplars, false)
                .run(List.of("-Xshare:on", "-Xlog:class+load:file=" + log + ":none"));
        List<String> lines =
                Files.readAllLines(log).stream()
                        .filter(line -> line.contains(" source: "))
                        .toList();
        long archived =
                lines.stream().filter(line -> line.contains("source: shared objects file")).count();
        long top =
                lines.stream()
                        .filter(line -> line.contains("source: shared objects file (top)"))
                        .count();
        System.out.println(
                "jot: "
                        + lines.size()
                        + " classes are loaded, "
                        + archived
                        + " of them from the archives, "
                        + top
                        + " from the one of the code");
        String name = handler.split("::")[0] + " source: ";
        String found = lines.stream().filter(line -> line.startsWith(name)).findFirst().orElse("");
        if (!found.contains("shared objects file (top)")) {
            throw Stop.because("the handler's class does not come from the archive: " + found);
        }
    }
}
