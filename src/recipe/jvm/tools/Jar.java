package jot;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** A jar, or a folder of classes, with the bytes of its entries; folders are no entries. */
final class Jar {
    final Path path;
    final TreeMap<String, byte[]> entries = new TreeMap<>();

    Jar(Path path) throws IOException {
        this.path = path;
        if (Files.isDirectory(path)) {
            readFolder();
        } else {
            readZip();
        }
    }

    String name() {
        return path.getFileName().toString();
    }

    /** The SHA-256 of the file, or of a folder's entries. */
    String hash() throws IOException {
        if (!Files.isDirectory(path)) {
            return Write.hash(Files.readAllBytes(path));
        }
        StringBuilder all = new StringBuilder();
        entries.forEach((name, bytes) -> all.append(Write.hash(bytes)).append(name).append('\n'));
        return Write.hash(all.toString().getBytes(StandardCharsets.UTF_8));
    }

    /** The bytes of its entries. */
    long size() {
        return entries.values().stream().mapToLong(bytes -> bytes.length).sum();
    }

    boolean holds(String entry, byte[] bytes) {
        byte[] own = entries.get(entry);
        return own != null && Arrays.equals(own, bytes);
    }

    /** Whether most of this jar is inside another, byte for byte. */
    boolean isInside(Map<String, byte[]> other) {
        long all = 0;
        long inside = 0;
        for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
            if (entry.getKey().startsWith("META-INF/")) {
                continue;
            }
            all++;
            byte[] bytes = other.get(entry.getKey());
            inside += bytes != null && Arrays.equals(bytes, entry.getValue()) ? 1 : 0;
        }
        return all > 0 && inside * 2 >= all;
    }

    private void readZip() throws IOException {
        try (ZipFile zip = new ZipFile(path.toFile())) {
            for (ZipEntry entry :
                    (Iterable<ZipEntry>) zip.stream().map(e -> (ZipEntry) e)::iterator) {
                if (!entry.isDirectory()) {
                    try (InputStream in = zip.getInputStream(entry)) {
                        entries.putIfAbsent(entry.getName(), in.readAllBytes());
                    }
                }
            }
        } catch (java.util.zip.ZipException fault) {
            throw Stop.because(name() + " is not a jar: " + fault.getMessage());
        }
    }

    private void readFolder() throws IOException {
        try (Stream<Path> files = Files.walk(path)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                String name = path.relativize(file).toString().replace('\\', '/');
                entries.put(name, Files.readAllBytes(file));
            }
        }
    }
}
