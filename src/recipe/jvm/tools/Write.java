package jot;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * Writes reproducible jars, and files with a time derived from their
 * content.
 */
final class Write {
    /** Of everything but classes. */
    private static final LocalDateTime OTHERS = LocalDateTime.of(2000, 1, 1, 0, 0, 0);

    /**
     * The time of classes. Clojure loads a class only if it is newer than its source, which may be
     * in another jar with its own times.
     */
    private static final LocalDateTime CLASSES = LocalDateTime.of(2099, 1, 1, 0, 0, 2);

    private static final Instant FIRST = Instant.parse("2000-01-01T00:00:00Z");
    private static final Pattern KEPT =
            Pattern.compile(
                    "(Implementation|Specification|Bundle)-(Title|Version|Vendor.*)"
                            + "|Multi-Release|Automatic-Module-Name|Main-Class");
    private static final String MANIFEST = "META-INF/MANIFEST.MF";

    private Write() {}

    /** A jar of stored entries, which the JVM reads faster; the layer around it is compressed. */
    static void jar(Path path, Map<String, byte[]> entries) throws IOException {
        Files.createDirectories(path.getParent());
        try (OutputStream file = Files.newOutputStream(path);
                ZipOutputStream zip = new ZipOutputStream(file)) {
            if (entries.containsKey(MANIFEST)) {
                put(zip, MANIFEST, manifest(entries.get(MANIFEST)));
            }
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                if (entry.getKey().endsWith("/pom.properties")) {
                    put(zip, entry.getKey(), withoutComments(entry.getValue()));
                } else if (!entry.getKey().equals(MANIFEST)) {
                    put(zip, entry.getKey(), entry.getValue());
                }
            }
        }
        stamp(path);
    }

    /** The same jar with its entries stored, in their order and with their times. */
    static void stored(Path jar, Path to) throws IOException {
        Set<String> names = new HashSet<>();
        try (ZipFile from = new ZipFile(jar.toFile());
                OutputStream file = Files.newOutputStream(to);
                ZipOutputStream zip = new ZipOutputStream(file)) {
            for (ZipEntry entry : Collections.list(from.entries())) {
                if (names.add(entry.getName())) {
                    try (InputStream in = from.getInputStream(entry)) {
                        put(zip, entry.getName(), in.readAllBytes(), entry.getTimeLocal());
                    }
                }
            }
        }
    }

    /**
     * A class-data archive identifies a jar only by its size and time, so equal times of
     * different jars would run old classes: 28 bits of the SHA-256, in seconds from 2000 on.
     */
    static void stamp(Path path) throws IOException {
        long seconds = Long.parseLong(hash(Files.readAllBytes(path)).substring(0, 7), 16);
        Files.setLastModifiedTime(path, FileTime.from(FIRST.plusSeconds(seconds)));
    }

    /** Folders of a layer have one fixed time, so that equal content gives equal layers. */
    static void settle(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path path : files.filter(Files::isDirectory).toList()) {
                Files.setLastModifiedTime(path, FileTime.from(FIRST));
            }
        }
    }

    static void text(Path path, String text) throws IOException {
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
        stamp(path);
    }

    static String hash(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException fault) {
            throw new IllegalStateException(fault);
        }
    }

    private static void put(ZipOutputStream zip, String name, byte[] bytes) throws IOException {
        put(zip, name, bytes, name.endsWith(".class") ? CLASSES : OTHERS);
    }

    private static void put(ZipOutputStream zip, String name, byte[] bytes, LocalDateTime time)
            throws IOException {
        ZipEntry entry = new ZipEntry(name);
        CRC32 crc = new CRC32();
        crc.update(bytes);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(bytes.length);
        entry.setCrc(crc.getValue());
        entry.setTimeLocal(time);
        zip.putNextEntry(entry);
        zip.write(bytes);
        zip.closeEntry();
    }

    /** The parts of a manifest for programs at run time, without times and tools of the build. */
    private static byte[] manifest(byte[] bytes) throws IOException {
        Manifest all = new Manifest(new ByteArrayInputStream(bytes));
        Manifest kept = new Manifest();
        kept.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        all.getMainAttributes()
                .forEach(
                        (key, value) -> {
                            if (KEPT.matcher(key.toString()).matches()) {
                                kept.getMainAttributes().put(key, value);
                            }
                        });
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        kept.write(out);
        return out.toByteArray();
    }

    private static byte[] withoutComments(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1)
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line + "\n")
                .collect(Collectors.joining())
                .getBytes(StandardCharsets.ISO_8859_1);
    }
}
