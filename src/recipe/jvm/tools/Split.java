package jot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Parts a built project into dependency jars and what is the project's own.
 *
 * <p>{@code split base PROJECT PACKAGES OUT} writes the base's jars to OUT/lib; {@code split code PROJECT
 * PACKAGES OUT BASE} writes OUT/own/own.jar, for the jars that the base has in BASE/lib.
 */
final class Split {
    static final String GENERATED = "generated-by-clojure.jar";
    /** Entries that all jars may have and that are read from all of them, or by nobody. */
    private static final Set<String> READ_FROM_ALL =
            Set.of("data_readers.clj", "data_readers.cljc", "module-info.class");

    private final TreeMap<String, byte[]> own = new TreeMap<>();
    private final List<Jar> given;
    private final List<Jar> resolved;
    private final List<String> packages;

    private Split(Path project, Path packages) throws IOException {
        List<Jar> jars = jars(project.resolve("own"));
        for (Jar jar : jars) {
            Nested.refuse(jar);
            jar.entries.forEach(own::putIfAbsent);
        }
        own.keySet().removeIf(Split::isSignature);
        given = jars(project.resolve("given"));
        resolved = jars(project.resolve("resolved"));
        resolved.removeIf(jar -> jars.stream().anyMatch(other -> other.entries.size() == jar.entries.size()
                && other.name().equals(jar.name())));
        this.packages = Files.readAllLines(packages).stream()
                .filter(line -> !line.isBlank())
                .map(line -> line.strip().replace('.', '/') + "/")
                .toList();
    }

    static void main(String[] arguments) throws IOException {
        Split split = new Split(Path.of(arguments[1]), Path.of(arguments[2]));
        Path out = Path.of(arguments[3]);
        if (arguments[0].equals("base")) {
            split.base(out);
        } else {
            split.code(out, Path.of(arguments[4]));
        }
    }

    private void base(Path out) throws IOException {
        List<Jar> jars = dependencies();
        Namespaces sources = new Namespaces(jars, own.keySet());
        StringBuilder list = new StringBuilder();
        Set<String> names = new TreeSet<>();
        for (Jar jar : jars) {
            String name = names.add(jar.name()) ? jar.name() : names.size() + "-" + jar.name();
            names.add(name);
            Path to = out.resolve("lib").resolve(name);
            list.append(Write.hash(Files.readAllBytes(jar.path))).append(' ').append(name).append('\n');
            copy(jar, to);
        }
        TreeMap<String, byte[]> generated = new TreeMap<>(own);
        generated.entrySet().removeIf(entry -> isOwnPackage(entry.getKey())
                || !sources.generated(entry.getKey())
                || jars.stream().anyMatch(jar -> jar.holds(entry.getKey(), entry.getValue())));
        if (!generated.isEmpty()) {
            Write.jar(out.resolve("lib").resolve(GENERATED), generated);
        }
        Write.text(out.resolve("dependencies.list"), list.toString());
        say(jars.size() + " dependencies, " + generated.size() + " classes that Clojure generated of them");
    }

    /** Kept as it is, but for entries that the project's own jar replaced: those come later on the class path. */
    private void copy(Jar jar, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        TreeMap<String, byte[]> kept = new TreeMap<>(jar.entries);
        kept.keySet().removeIf(name -> isReplaced(jar, name));
        if (kept.size() < jar.entries.size() || Files.isDirectory(jar.path)) {
            Write.jar(to, kept);
        } else {
            Files.copy(jar.path, to);
            Write.stamp(to);
        }
    }

    private boolean isReplaced(Jar jar, String name) {
        byte[] bytes = own.get(name);
        return bytes != null && jar.entries.containsKey(name) && !jar.holds(name, bytes)
                && !name.startsWith("META-INF/") && !READ_FROM_ALL.contains(name);
    }

    private void code(Path out, Path base) throws IOException {
        List<Jar> jars = new ArrayList<>();
        for (String line : Files.readAllLines(base.resolve("dependencies.list"))) {
            jars.add(new Jar(base.resolve("lib").resolve(line.substring(line.indexOf(' ') + 1))));
        }
        compare(base);
        Namespaces sources = new Namespaces(jars, own.keySet());
        Path settled = base.resolve("lib").resolve(GENERATED);
        Set<String> compiled = Files.exists(settled)
                ? sources.namespaces(new Jar(settled).entries.keySet()) : Set.of();
        TreeMap<String, byte[]> mine = new TreeMap<>();
        for (Map.Entry<String, byte[]> entry : own.entrySet()) {
            String name = entry.getKey();
            boolean settledThere = !isOwnPackage(name) && sources.generated(name)
                    && compiled.contains(sources.namespace(name));
            boolean there = jars.stream().anyMatch(jar -> jar.holds(name, entry.getValue()));
            if (there || settledThere) {
                continue;
            }
            jars.stream().filter(jar -> isReplaced(jar, name)).findFirst().ifPresent(jar -> {
                throw differs(name + " replaces the one of " + jar.name());
            });
            byte[] bytes = name.startsWith("META-INF/services/")
                    ? Services.without(jars, name, entry.getValue()) : entry.getValue();
            boolean shared = name.startsWith("META-INF/") && bytes.length == 0;
            boolean license = name.matches("META-INF/[^/]*") && !name.endsWith("MANIFEST.MF")
                    && jars.stream().anyMatch(jar -> jar.entries.containsKey(name));
            if (!shared && !license) {
                mine.put(name, bytes);
            }
        }
        Write.jar(out.resolve("own/own.jar"), mine);
        say(mine.size() + " entries are the project's own");
    }

    /** The base is settled by its first build: what this build resolved must be what is there. */
    private void compare(Path base) throws IOException {
        Set<String> there = new TreeSet<>();
        for (String line : Files.readAllLines(base.resolve("dependencies.list"))) {
            there.add(line.substring(0, line.indexOf(' ')));
        }
        for (Jar jar : dependencies()) {
            if (!there.remove(Write.hash(Files.readAllBytes(jar.path)))) {
                throw differs("this build resolved " + jar.name() + ", which the base does not hold");
            }
        }
    }

    private static Stop differs(String why) {
        System.out.println("jot-base-differs " + why);
        return Stop.because("the base image no longer fits the project: " + why);
    }

    /** An uberjar holds its dependencies; beside a thin jar all that was resolved is needed. */
    private List<Jar> dependencies() {
        List<Jar> inside = resolved.stream().filter(jar -> jar.isInside(own)).collect(Collectors.toList());
        List<Jar> found = new ArrayList<>(given);
        found.addAll(inside.isEmpty() && given.isEmpty() ? resolved : inside);
        return found;
    }

    private boolean isOwnPackage(String entry) {
        return packages.stream().anyMatch(entry::startsWith);
    }

    private static boolean isSignature(String name) {
        return name.matches("META-INF/(SIG-[^/]*|[^/]*\\.(SF|RSA|DSA|EC)|INDEX\\.LIST)");
    }

    private static List<Jar> jars(Path folder) throws IOException {
        List<Jar> jars = new ArrayList<>();
        if (!Files.isDirectory(folder)) {
            return jars;
        }
        try (Stream<Path> found = Files.walk(folder, 2)) {
            for (Path path : found.filter(path -> folder.relativize(path).getNameCount() == 2).sorted().toList()) {
                jars.add(new Jar(path));
            }
        }
        return jars;
    }

    private static void say(String text) {
        System.out.println("jot: " + text);
    }
}
