package jot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Makes class-data archives: {@code train base EXEMPLARS OWN} the static one of JDK, client and
 * dependencies, {@code train code EXEMPLARS OUT} the dynamic one of the project's own classes on
 * top. Both run in the file system that they are for: an archive identifies jars by path,
 * size and time.
 */
final class Train {
    private static final Path BASE_ARCHIVE = Path.of("/opt/jot/base.jsa");
    private static final Path CODE_ARCHIVE = Path.of("/opt/jot/code.jsa");

    /**
     * A heap of over 32 GB, the default on a large build machine, has other references than
     * Lambda's, and its archive would be useless: 70% of the most memory that a function can
     * have.
     */
    private static final String MOST_HEAP = "-Xmx7g";

    /** Warnings name each class that no archive can hold, which is expected. */
    private static final List<String> QUIET = List.of("-Xlog:disable", "-Xlog:all=error:stderr");

    private final List<Exemplar> exemplars;
    private final List<String> handlers;

    private Train(Path folder) throws IOException {
        exemplars = Exemplar.all(folder);
        handlers = Exemplar.handlers(folder);
    }

    static void main(String[] arguments) throws Exception {
        Train train = new Train(Path.of(arguments[1]));
        switch (arguments[0]) {
            case "base" -> train.base(Path.of(arguments[2]));
            case "code" -> train.code(Path.of(arguments[2]));
            default -> throw Stop.because("unknown training: " + arguments[0]);
        }
    }

    /**
     * The class list needs the handler, but the archive must not contain it: it is on the class
     * path before it.
     */
    private void base(Path own) throws IOException, InterruptedException {
        Set<String> lines = new LinkedHashSet<>();
        String path = Arguments.classPath(Path.of("/opt/jot/jvm.args")) + ":" + own;
        for (String handler : handlers) {
            Path list = Files.createTempFile("classes", ".list");
            try {
                new Session(handler, exemplars, false)
                        .run(
                                List.of(
                                        "-Xshare:off",
                                        "-XX:DumpLoadedClassList=" + list,
                                        "-cp",
                                        path));
            } catch (Stop stop) {
                say(
                        "the archive of the dependencies contains the classes loaded until then: "
                                + stop.getMessage());
            }
            Files.readAllLines(list).stream()
                    .filter(line -> !line.contains(" source: "))
                    .map(line -> line.replaceFirst(" id: \\d+$", ""))
                    .forEach(lines::add);
        }
        Set<String> mine = new Jar(own).entries.keySet();
        lines.removeIf(line -> mine.contains(className(line) + ".class"));
        Path list = Files.createTempFile("all", ".list");
        Files.write(list, lines);
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Session.JAVA,
                                "@/opt/jot/jvm.args",
                                "-Xshare:dump",
                                "-XX:SharedClassListFile=" + list,
                                "-XX:SharedArchiveFile=" + BASE_ARCHIVE,
                                MOST_HEAP));
        command.addAll(QUIET);
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (status != 0 || !Files.exists(BASE_ARCHIVE)) {
            throw Stop.because("the JVM created no archive of the dependencies, status " + status);
        }
        Write.stamp(BASE_ARCHIVE);
        say("archive of the dependencies: " + Files.size(BASE_ARCHIVE) + " bytes");
    }

    private void code(Path out) throws IOException, InterruptedException {
        String handler = handlers.get(0);
        List<String> options = new ArrayList<>(QUIET);
        options.add("-XX:SharedArchiveFile=" + BASE_ARCHIVE);
        options.add("-XX:ArchiveClassesAtExit=" + CODE_ARCHIVE);
        options.add(MOST_HEAP);
        new Session(handler, exemplars, true).run(options);
        if (!Files.exists(CODE_ARCHIVE)) {
            throw Stop.because(
                    "the JVM wrote no class-data archive at its end; compile = \"none\" works"
                            + " without one");
        }
        say("archive of the code: " + Files.size(CODE_ARCHIVE) + " bytes");
        List<String> lines = new ArrayList<>();
        for (Path file : List.of(BASE_ARCHIVE, CODE_ARCHIVE)) {
            lines.add(Write.hash(Files.readAllBytes(file)) + " " + file);
        }
        for (String jar : Arguments.classPath(Path.of("/opt/jot/jvm.args")).split(":")) {
            lines.add(Write.hash(Files.readAllBytes(Path.of(jar))) + " " + jar);
        }
        Path list = out.resolve("archive.list");
        Write.text(list, String.join("\n", lines) + "\n");
        Files.copy(CODE_ARCHIVE, out.resolve("code.jsa"));
        Write.stamp(out.resolve("code.jsa"));
        Write.settle(out);
        for (String other : handlers.subList(1, handlers.size())) {
            new Session(other, exemplars, true).run(List.of());
        }
        Used.require(handler, exemplars);
    }

    /**
     * A line of a class list begins with a class, or with an option before it: {@code @cp name 1
     * 2}.
     */
    private static String className(String line) {
        String[] words = line.split(" ");
        return words[0].startsWith("@") && words.length > 1 ? words[1] : words[0];
    }

    private static void say(String text) {
        System.out.println("jot: " + text);
    }
}
