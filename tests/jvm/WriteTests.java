package jot;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipFile;

/** Jars that jot writes. */
final class WriteTests {
    private final Path folder = Files.createTempDirectory("written");

    WriteTests() throws Exception {}

    private Path written(String name, String... entries) throws Exception {
        TreeMap<String, byte[]> map = new TreeMap<>();
        for (int i = 0; i < entries.length; i += 2) {
            map.put(entries[i], entries[i + 1].getBytes(StandardCharsets.UTF_8));
        }
        Path path = folder.resolve(name);
        Write.jar(path, map);
        return path;
    }

    void theSameEntriesAreTheSameFileAndTime() throws Exception {
        Path a = written("a.jar", "x/A.class", "A", "b.txt", "b");
        Path b = written("b.jar", "b.txt", "b", "x/A.class", "A");
        Tests.same(-1L, Files.mismatch(a, b));
        Tests.same(Files.getLastModifiedTime(a), Files.getLastModifiedTime(b));
    }

    /** A class-data archive knows a jar by size and time alone. */
    void anotherByteIsAnotherTime() throws Exception {
        Path a = written("a.jar", "x/A.class", "A");
        Path b = written("b.jar", "x/A.class", "B");
        Tests.same(Files.size(a), Files.size(b));
        Tests.holds(!Files.getLastModifiedTime(a).equals(Files.getLastModifiedTime(b)), "times");
        Tests.same(0L, Files.getLastModifiedTime(a).toMillis() % 1000);
    }

    /** Clojure compiles a source at start where its class is not strictly newer. */
    void classesAreNewerThanSources() throws Exception {
        try (ZipFile zip =
                new ZipFile(written("a.jar", "a.clj", "a", "a__init.class", "A").toFile())) {
            long source = zip.getEntry("a.clj").getTime();
            long compiled = zip.getEntry("a__init.class").getTime();
            Tests.holds(compiled > source, compiled + " after " + source);
            Tests.holds(
                    compiled > System.currentTimeMillis(), "newer than the source in another jar");
        }
    }

    void propertiesLoseTheirDate() throws Exception {
        Path jar =
                written("a.jar", "META-INF/maven/g/a/pom.properties", "#Mon Jan 01\nversion=1\n");
        Tests.same(Map.of("META-INF/maven/g/a/pom.properties", "version=1\n"), Built.entries(jar));
    }
}
