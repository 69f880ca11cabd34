package jot;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A built project, as project.sh leaves it. */
final class Built {
    final Path folder = Files.createTempDirectory("built");
    final Path out = Files.createTempDirectory("out");
    private final Path packages = folder.resolve("packages");
    private int count = 1000;

    Built() throws IOException {
        Files.writeString(packages, "");
    }

    Built jar(String kind, String name, String... entries) throws IOException {
        Path path = folder.resolve(kind).resolve(String.valueOf(++count)).resolve(name);
        Files.createDirectories(path.getParent());
        try (OutputStream file = Files.newOutputStream(path);
                ZipOutputStream zip = new ZipOutputStream(file)) {
            for (int i = 0; i < entries.length; i += 2) {
                ZipEntry entry = new ZipEntry(entries[i]);
                // Two builds of the same content give the same bytes, however long they take.
                entry.setTime(0);
                zip.putNextEntry(entry);
                zip.write(entries[i + 1].getBytes(StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        }
        return this;
    }

    Built own(String... entries) throws IOException {
        return jar("own", "app.jar", entries);
    }

    Built packages(String text) throws IOException {
        Files.writeString(packages, text);
        return this;
    }

    Built base() throws IOException {
        Split.main(new String[] {"base", folder + "", packages + "", out + ""});
        return this;
    }

    /** The own jar on the base of an earlier build. */
    Map<String, String> code(Built base) throws IOException {
        Split.main(new String[] {"code", folder + "", packages + "", out + "", base.out + ""});
        return entries(out.resolve("own/own.jar"));
    }

    Map<String, String> library(String name) throws IOException {
        return entries(out.resolve("lib").resolve(name));
    }

    TreeSet<String> libraries() throws IOException {
        TreeSet<String> names = new TreeSet<>();
        try (var files = Files.list(out.resolve("lib"))) {
            files.forEach(file -> names.add(file.getFileName().toString()));
        }
        return names;
    }

    static Map<String, String> entries(Path jar) throws IOException {
        TreeMap<String, String> texts = new TreeMap<>();
        new Jar(jar)
                .entries.forEach(
                        (name, bytes) ->
                                texts.put(name, new String(bytes, StandardCharsets.UTF_8)));
        return texts;
    }
}
