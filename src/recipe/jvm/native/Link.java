package jot;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Makes the binary: {@code link OPTIONS METADATA OUT [GLIBC]} runs native-image on the class path
 * of /opt/jot, with the user's OPTIONS, one per line. GLIBC is the newest version that the
 * binary may need.
 */
final class Link {
    private static final String MAIN = "jot.runtime.Bootstrap";
    private static final String INIT = "__init.class";

    /**
     * Exit statuses of native-image without enough memory: the JVM that builds ends with 3
     * (-XX:+ExitOnOutOfMemoryError), and a killed one with 128 + 9.
     */
    private static final Set<Integer> OUT_OF_MEMORY = Set.of(3, 137);

    /** SHT_STRTAB and SHF_ALLOC of an ELF file. */
    private static final int STRINGS = 3;

    private static final long LOADED = 2;

    private Link() {}

    static void main(String[] arguments) throws IOException, InterruptedException {
        Path out = Path.of(arguments[2]);
        Files.createDirectories(out.getParent());
        String path = Arguments.classPath(Path.of("/opt/jot/jvm.args"));
        List<String> command = new ArrayList<>();
        command.add(program().toString());
        command.add("--no-fallback");
        // Everything but libc is in the binary, so that AWS's client can load its own library.
        command.add("--static-nolibc");
        // AWS's client loads it at every start: https://openjdk.org/jeps/472
        command.add("--enable-native-access=ALL-UNNAMED");
        // It sends errors by java.net.URL, and all else by its library.
        command.add("--enable-url-protocols=http");
        command.addAll(List.of("-cp", path + ":" + arguments[1]));
        command.addAll(List.of("-o", out.toString()));
        Set<String> namespaces = namespaces(path);
        if (!namespaces.isEmpty()) {
            command.add("--initialize-at-build-time=" + String.join(",", namespaces));
        }
        Files.readAllLines(Path.of(arguments[0])).stream()
                .filter(line -> !line.isBlank())
                .forEach(command::add);
        command.add(MAIN);
        int status = new ProcessBuilder(command).inheritIO().start().waitFor();
        if (OUT_OF_MEMORY.contains(status)) {
            throw Stop.because(
                    "native-image ran out of memory (status "
                            + status
                            + "): give Docker more memory, or let native-image do less at once with"
                            + " \"--parallelism=1\" in native.args");
        }
        if (status != 0 || !Files.isExecutable(out)) {
            throw Stop.because(
                    "native-image ended with status " + status + "; see its output above");
        }
        if (arguments.length > 3) {
            requireGlibc(out, arguments[3]);
        }
        System.out.println("jot: the binary has " + Files.size(out) + " bytes");
    }

    private static Path program() {
        Path program = Path.of(System.getProperty("java.home"), "bin", "native-image");
        if (!Files.isExecutable(program)) {
            throw Stop.because(
                    program + " does not exist: native.builder_image must contain GraalVM with"
                            + " native-image");
        }
        return program;
    }

    /**
     * The packages of Clojure's namespaces, which must be initialised during the build: otherwise
     * Clojure compiles at run time, which a binary cannot. Classes of a namespace without a package
     * are named one by one. https://github.com/clj-easy/graal-build-time does the same.
     */
    static Set<String> namespaces(String path) throws IOException {
        Set<String> names = new TreeSet<>();
        for (String jar : path.split(":")) {
            Set<String> entries = new Jar(Path.of(jar)).entries.keySet();
            for (String entry : entries) {
                if (!entry.endsWith(INIT) || entry.startsWith("META-INF/")) {
                    continue;
                }
                int slash = entry.lastIndexOf('/');
                if (slash > 0) {
                    names.add(entry.substring(0, slash).replace('/', '.'));
                } else {
                    String stem = entry.substring(0, entry.length() - INIT.length());
                    entries.stream()
                            .filter(name -> name.equals(entry) || name.startsWith(stem + "$"))
                            .map(name -> name.substring(0, name.length() - ".class".length()))
                            .forEach(names::add);
                }
            }
        }
        if (!names.isEmpty()) {
            names.add("clojure");
        }
        return names;
    }

    /** The versions of glibc's symbols are among the strings of the loader, such as GLIBC_2.34. */
    static void requireGlibc(Path binary, String newest) throws IOException {
        Matcher matcher =
                Pattern.compile("\\bGLIBC_2\\.(\\d{1,3})\\b").matcher(loaderStrings(binary));
        int found = 0;
        while (matcher.find()) {
            found = Math.max(found, Integer.parseInt(matcher.group(1)));
        }
        if (found > Integer.parseInt(newest.substring("2.".length()))) {
            throw Stop.because(
                    "the binary needs glibc 2."
                            + found
                            + ", but AWS's runtime has "
                            + newest
                            + ": set native.builder_image to an image for that version, such as"
                            + " one with a tag that ends in -ol9");
        }
    }

    /**
     * The tables of strings of a 64-bit ELF file that are loaded with it:
     * https://refspecs.linuxfoundation.org/elf/gabi4+/ch4.sheader.html
     */
    private static String loaderStrings(Path binary) throws IOException {
        ByteBuffer file =
                ByteBuffer.wrap(Files.readAllBytes(binary)).order(ByteOrder.LITTLE_ENDIAN);
        StringBuilder strings = new StringBuilder();
        for (int i = 0; i < file.getShort(60); i++) {
            int at = (int) file.getLong(40) + i * file.getShort(58);
            boolean loaded = (file.getLong(at + 8) & LOADED) != 0;
            if (file.getInt(at + 4) == STRINGS && loaded) {
                byte[] table = new byte[(int) file.getLong(at + 32)];
                file.get((int) file.getLong(at + 24), table);
                strings.append(new String(table, StandardCharsets.ISO_8859_1));
            }
        }
        return strings.toString();
    }
}
