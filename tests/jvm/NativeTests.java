package jot;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** What a native binary is linked with. */
final class NativeTests {
    private final Path folder = Files.createTempDirectory("native");

    NativeTests() throws Exception {}

    private String jar(String name, String... entries) throws Exception {
        TreeMap<String, byte[]> map = new TreeMap<>();
        for (String entry : entries) {
            map.put(entry, entry.getBytes(StandardCharsets.UTF_8));
        }
        Write.jar(folder.resolve(name), map);
        return folder.resolve(name).toString();
    }

    void packagesOfNamespacesAreInitialisedInTheBuild() throws Exception {
        String own =
                jar(
                        "own.jar",
                        "orders/core__init.class",
                        "orders/core$load.class",
                        "orders/Load.class");
        String library = jar("library.jar", "rates/api/v1__init.class", "plain/Java.class");
        Tests.same(Set.of("clojure", "orders", "rates.api"), Link.namespaces(own + ":" + library));
    }

    void classesWithoutAPackageAreNamedOneByOne() throws Exception {
        String jar = jar("own.jar", "loader__init.class", "loader$fn__1.class", "loaders.class");
        Tests.same(Set.of("clojure", "loader__init", "loader$fn__1"), Link.namespaces(jar));
    }

    void javaNeedsNoneOfThem() throws Exception {
        Tests.same(Set.of(), Link.namespaces(jar("own.jar", "orders/Load.class")));
    }

    /** The JDK's own launcher needs some glibc; what is appended to a file is no need of it. */
    void aBinaryForANewerGlibcIsRefused() throws Exception {
        Path binary = folder.resolve("bootstrap");
        Files.copy(Path.of(System.getProperty("java.home"), "bin", "java"), binary);
        Files.writeString(binary, "\0GLIBC_2.999\0", StandardOpenOption.APPEND);
        Link.requireGlibc(binary, "2.998");
        String why = Tests.stopped(() -> Link.requireGlibc(binary, "2.1"));
        Tests.holds(why.matches("the binary needs glibc 2\\.\\d+, but AWS's runtime .*"), why);
    }

    void handlersAreFoundByName() throws Exception {
        Path file = folder.resolve(Metadata.FILE);
        Metadata.write(file, List.of("orders.Load", "orders.Main::answer"));
        String text = Files.readString(file);
        for (String part :
                List.of("\"orders.Load\"", "\"orders.Main\"", "\"jni/libaws-lambda-jni.linux-")) {
            Tests.holds(text.contains(part), text);
        }
        Tests.same("2 types and 1 resource", Metadata.counts(file));
    }
}
