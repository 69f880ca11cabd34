import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.TreeSet;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/**
 * Lays out a Gradle in a folder: {@code Distribution JARS FOLDER}. Maven Central has Gradle only as
 * the jar that plugins are compiled against, which holds nearly all classes in one jar, while
 * Gradle looks for each of its modules in a jar of its own. So each gets one without classes that
 * leads to that jar.
 *
 * <p>Missing are the compilers of Kotlin scripts, and what lets Gradle compile Java itself: see
 * init.gradle.
 */
final class Distribution {
    private static final String VERSION = "8.9";
    private static final String ALL = "gradle-api-" + VERSION + ".jar";
    private static final String MODULE = "-classpath.properties";

    /** Modules whose classes are in the jar, though their properties are not. */
    private static final List<String> UNLISTED =
            List.of("gradle-gradle-cli", "gradle-daemon-server", "gradle-daemon-main");

    public static void main(String[] arguments) throws IOException {
        Path jars = Path.of(arguments[0]);
        Path lib = Path.of(arguments[1], "lib");
        Files.createDirectories(lib.resolve("plugins"));
        var own = new TreeSet<String>();
        try (Stream<Path> files = Files.list(jars)) {
            for (Path jar : files.filter(file -> file.toString().endsWith(".jar")).toList()) {
                Files.copy(jar, lib.resolve(jar.getFileName()));
                own.add(jar.getFileName().toString());
            }
        }
        var modules = new TreeSet<String>(UNLISTED);
        var libraries = new TreeSet<String>();
        try (FileSystem all = FileSystems.newFileSystem(lib.resolve(ALL))) {
            List<Path> files;
            try (Stream<Path> found = Files.list(all.getPath("/"))) {
                files = found.toList();
            }
            for (Path file : files) {
                String name = file.getFileName().toString();
                if (name.endsWith(MODULE)) {
                    modules.add(name.replace(MODULE, ""));
                    modules.addAll(listed(file, "projects"));
                    libraries.addAll(listed(file, "runtime"));
                } else if (name.endsWith("plugins.properties")) {
                    modules.addAll(listed(file, "plugins"));
                }
            }
            // A file system of a library's, which the JVM would load before Gradle is ready for it.
            Files.delete(all.getPath("META-INF/services/java.nio.file.spi.FileSystemProvider"));
        }
        for (String module : modules) {
            empty(lib.resolve(module + "-" + VERSION + ".jar"), own, module);
        }
        // The classes of most libraries are in the jar of all, under other names.
        var names = new TreeSet<>(own.stream().map(Distribution::artifact).toList());
        for (String library : libraries) {
            if (names.add(artifact(library))) {
                empty(lib.resolve(library), own, null);
            }
        }
    }

    private static List<String> listed(Path properties, String key) throws IOException {
        var read = new Properties();
        try (var input = Files.newInputStream(properties)) {
            read.load(input);
        }
        String value = read.getProperty(key, "");
        return value.isBlank() ? List.of() : List.of(value.split(","));
    }

    private static String artifact(String jar) {
        return jar.replaceFirst("-\\d[^/]*\\.jar$", "");
    }

    /** A jar without classes; of a module it leads to the jars that have them. */
    private static void empty(Path jar, TreeSet<String> own, String module) throws IOException {
        var manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        if (module != null) {
            manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, String.join(" ", own));
        }
        try (OutputStream file = Files.newOutputStream(jar);
                var out = new JarOutputStream(file, manifest)) {
            if (module != null) {
                out.putNextEntry(new ZipEntry(module + MODULE));
                out.write(("projects=\nruntime=" + String.join(",", own) + "\n").getBytes());
            }
        }
    }
}
