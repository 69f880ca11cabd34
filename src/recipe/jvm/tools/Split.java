package jot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Splits a built project: {@code split base PROJECT PACKAGES OUT} writes the dependencies' jars to
 * OUT/lib; {@code split code PROJECT PACKAGES OUT BASE} writes OUT/own/own.jar, for a base with
 * BASE/lib.
 */
final class Split {
    /** The folder for classes that Clojure generated from dependencies in the project's build. */
    static final String GENERATED = "generated-by-clojure.jar";

    private final Project project;
    private final Path out;

    private Split(Project project, Path out) {
        this.project = project;
        this.out = out;
    }

    static void main(String[] arguments) throws IOException {
        Project project = new Project(Path.of(arguments[1]), Path.of(arguments[2]));
        Path out = Path.of(arguments[3]);
        if (arguments[0].equals("base")) {
            new Split(project, out).base();
        } else {
            new Own(project, Path.of(arguments[4])).write(out);
        }
    }

    private void base() throws IOException {
        List<Jar> jars = project.dependencies();
        StringBuilder list = new StringBuilder();
        Set<String> names = new TreeSet<>();
        for (Jar jar : jars) {
            String name = names.add(jar.name()) ? jar.name() : names.size() + "-" + jar.name();
            names.add(name);
            list.append(jar.hash()).append(' ').append(name).append('\n');
            copy(jar, out.resolve("lib").resolve(name));
        }
        TreeMap<String, byte[]> generated = generated(jars);
        if (!generated.isEmpty()) {
            Write.jar(out.resolve("lib").resolve(GENERATED), generated);
        }
        Write.text(out.resolve("dependencies.list"), list.toString());
        Write.settle(out);
        System.out.printf(
                "jot: %d dependencies, %d classes that Clojure generated of them%n",
                jars.size(), generated.size());
    }

    /** As it is, except for entries that the project's own jar replaces. */
    private void copy(Jar jar, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        TreeMap<String, byte[]> kept = new TreeMap<>(jar.entries);
        kept.keySet().removeIf(name -> project.replaces(jar, name));
        if (kept.size() < jar.entries.size() || Files.isDirectory(jar.path)) {
            Write.jar(to, kept);
        } else {
            Files.copy(jar.path, to);
            Write.stamp(to);
        }
    }

    private TreeMap<String, byte[]> generated(List<Jar> jars) {
        Namespaces namespaces = new Namespaces(jars, project.entries.keySet());
        TreeMap<String, byte[]> generated = new TreeMap<>();
        project.entries.forEach(
                (name, bytes) -> {
                    boolean brought = jars.stream().anyMatch(jar -> jar.holds(name, bytes));
                    if (!brought && !project.isOwnPackage(name) && namespaces.generated(name)) {
                        generated.put(name, bytes);
                    }
                });
        return generated;
    }
}
