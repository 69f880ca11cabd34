package jot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.stream.Stream;

/**
 * A built project: the entries of its own jars, and its given and resolved jars.
 */
final class Project {
    /** Entries that may be in all jars and are read from all of them, or never read. */
    private static final Set<String> READ_FROM_ALL =
            Set.of("data_readers.clj", "data_readers.cljc", "module-info.class");

    /** Entries of all own jars; an uberjar's include the dependencies'. */
    final TreeMap<String, byte[]> entries = new TreeMap<>();

    private final List<Jar> given;
    private final List<Jar> resolved;
    private final List<String> packages;

    /**
     * {@code packages} is a file of packages, one per line, that are always the project's own.
     */
    Project(Path folder, Path packages) throws IOException {
        List<Jar> jars = jars(folder.resolve("own"));
        for (Jar jar : jars) {
            Nested.refuse(jar);
            jar.entries.forEach((name, bytes) -> entries.merge(name, bytes, joined(name)));
        }
        entries.keySet().removeIf(Project::isSignature);
        given = jars(folder.resolve("given"));
        resolved = jars(folder.resolve("resolved"));
        resolved.removeIf(jar -> jars.stream().anyMatch(own -> own.name().equals(jar.name())));
        this.packages =
                Files.readAllLines(packages).stream()
                        .filter(line -> !line.isBlank())
                        .map(line -> line.strip().replace('.', '/') + "/")
                        .toList();
    }

    /** An uberjar contains its dependencies; a thin jar needs everything that was resolved. */
    List<Jar> dependencies() {
        List<Jar> inside = resolved.stream().filter(jar -> jar.isInside(entries)).toList();
        List<Jar> found = new ArrayList<>(given);
        found.addAll(inside.isEmpty() && given.isEmpty() ? resolved : inside);
        return found;
    }

    /**
     * Whether the project replaces an entry of a jar. Its own jar comes later on the
     * class path, so the jar's must go.
     */
    boolean replaces(Jar jar, String name) {
        byte[] bytes = entries.get(name);
        return bytes != null
                && jar.entries.containsKey(name)
                && !jar.holds(name, bytes)
                && !name.startsWith("META-INF/")
                && !READ_FROM_ALL.contains(name);
    }

    boolean isOwnPackage(String entry) {
        return packages.stream().anyMatch(entry::startsWith);
    }

    /** The first of equal names is used, as on a class path; lists of providers are joined. */
    private static BinaryOperator<byte[]> joined(String name) {
        return (first, other) ->
                name.startsWith("META-INF/services/") ? Services.joined(first, other) : first;
    }

    private static boolean isSignature(String name) {
        return name.matches("META-INF/(SIG-[^/]*|[^/]*\\.(SF|RSA|DSA|EC)|INDEX\\.LIST)");
    }

    /** Each jar is in a folder of its own; the number is its place on the class path. */
    private static List<Jar> jars(Path folder) throws IOException {
        List<Jar> jars = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return jars;
        }
        try (Stream<Path> found = Files.walk(folder, 2)) {
            for (Path path : found.sorted().toList()) {
                if (folder.relativize(path).getNameCount() == 2) {
                    jars.add(new Jar(path));
                }
            }
        }
        return jars;
    }
}
