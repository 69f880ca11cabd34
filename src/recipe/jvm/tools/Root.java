package jot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Assembles the base's file system: {@code root JRE ROOT} gives ROOT what the JRE and native
 * libraries in jars need of the system that the JRE was taken from; {@code root PROGRAM ROOT} what
 * a program needs. It has no shell and no package manager.
 */
final class Root {
    /**
     * Common needs of native libraries in jars, including AWS's client's, and what glibc loads by
     * name.
     */
    private static final List<String> BESIDE =
            List.of(
                    "libm.so.6",
                    "librt.so.1",
                    "libdl.so.2",
                    "libpthread.so.0",
                    "libgcc_s.so.1",
                    "libstdc++.so.6",
                    "libresolv.so.2",
                    "libz.so.1",
                    "libnss_files.so.2",
                    "libnss_dns.so.2");

    private static final List<String> FILES =
            List.of(
                    "/etc/nsswitch.conf",
                    "/etc/ssl/certs/ca-certificates.crt",
                    "/etc/pki/tls/certs/ca-bundle.crt",
                    "/usr/lib/locale/C.utf8",
                    "/usr/lib/locale/C.UTF-8");
    private static final FileTime TIME = FileTime.from(Instant.parse("2000-01-01T00:00:00Z"));

    private Root() {}

    static void main(String[] arguments) throws Exception {
        Path jre = Path.of(arguments[0]);
        Path root = Path.of(arguments[1]);
        boolean program = Files.isRegularFile(jre);
        if (!program) {
            certificates(jre);
        }
        for (Path library : program ? libraries(List.of(jre)) : libraries(programs(jre))) {
            if (!library.startsWith(jre)) {
                copy(library, root);
            }
        }
        for (String file : FILES) {
            copyTree(Path.of(file), root);
        }
        Files.createDirectories(root.resolve("etc"));
        Files.writeString(
                root.resolve("etc/passwd"),
                "root:x:0:0:root:/root:/sbin/nologin\n"
                        + "nobody:x:65534:65534:nobody:/:/sbin/nologin\n");
        Files.writeString(root.resolve("etc/group"), "root:x:0:\nnobody:x:65534:\n");
        Files.createDirectories(root.resolve("var/task"));
        Path temporary = Files.createDirectories(root.resolve("tmp"));
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxrwxrwx"));
        settle(root);
    }

    /** The certificates that the JDK trusts: distributions store them where jlink does not copy. */
    private static void certificates(Path jre) throws IOException {
        Path file = Path.of("lib/security/cacerts");
        Path trusted = Path.of(System.getProperty("java.home")).resolve(file);
        if (Files.exists(trusted)) {
            Files.createDirectories(jre.resolve(file).getParent());
            Files.copy(
                    trusted.toRealPath(), jre.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static List<Path> programs(Path jre) throws IOException {
        List<Path> programs = new ArrayList<>(List.of(jre.resolve("bin/java")));
        try (Stream<Path> files = Files.walk(jre.resolve("lib"))) {
            files.filter(file -> file.toString().endsWith(".so")).sorted().forEach(programs::add);
        }
        return programs;
    }

    /** Of programs and libraries; the first is a program. */
    private static Set<Path> libraries(List<Path> programs)
            throws IOException, InterruptedException {
        Set<Path> found = new TreeSet<>(Libraries.of(programs));
        Path libc =
                found.stream()
                        .filter(path -> path.endsWith("libc.so.6"))
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        Stop.because(
                                                programs.get(0)
                                                    + " does not run on glibc, which AWS's client"
                                                    + " needs: use the image of a JDK that is not"
                                                    + " Alpine's"));
        for (String name : BESIDE) {
            Path beside = libc.resolveSibling(name);
            if (Files.exists(beside)) {
                found.addAll(Libraries.of(List.of(programs.get(0), beside)));
                found.add(beside);
            }
        }
        return found;
    }

    /** Under the name that the loader looks for, with links resolved. */
    private static void copy(Path file, Path root) throws IOException {
        Path to = root.resolve(file.toString().substring(1));
        Files.createDirectories(to.getParent());
        Files.copy(file.toRealPath(), to, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void copyTree(Path from, Path root) throws IOException {
        if (!Files.exists(from)) {
            return;
        }
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                copy(file, root);
            }
        }
    }

    private static void settle(Path root) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : (Iterable<Path>) files.sorted((a, b) -> b.compareTo(a))::iterator) {
                if (!Files.isSymbolicLink(file) && Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                    Files.setLastModifiedTime(file, TIME);
                }
            }
        }
    }
}
