import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.constant.ClassDesc;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A stand-in for GraalVM's native-image. It has the real one's command line and refuses options
 * that GraalVM for JDK 25 does not have. What differs:
 *
 * <p>The executable is linked by gcc, and holds a JRE with the libraries that it needs and the
 * class path behind its code: it puts them below /tmp and starts the JVM. It is larger, and starts
 * slower. Nothing is compiled, and no class is initialised before it runs. Of the metadata only
 * types are looked at: Class.forName finds no other class of the class path, as in a binary.
 * Methods, fields, resources, proxies and JNI need no metadata. Files of arguments (@file) and the
 * Args of native-image.properties are not read.
 */
public final class NativeImage {
    /** https://www.graalvm.org/jdk25/reference-manual/native-image/overview/Options/ */
    private static final Set<String> OPTIONS =
            Set.of(
                    "--add-exports", "--add-modules", "--add-opens", "--add-reads", "--color",
                    "--configurations-path", "--diagnostics-mode", "--emit",
                    "--enable-all-security-services", "--enable-http", "--enable-https",
                    "--enable-monitoring", "--enable-native-access", "--enable-preview",
                    "--enable-sbom", "--enable-url-protocols", "--exact-reachability-metadata",
                    "--exact-reachability-metadata-path", "--exclude-config", "--features",
                    "--future-defaults", "--gc", "--initialize-at-build-time",
                    "--initialize-at-run-time", "--install-exit-handlers", "--libc",
                    "--link-at-build-time", "--link-at-build-time-paths",
                    "--native-compiler-options", "--native-compiler-path", "--native-image-info",
                    "--no-fallback", "--parallelism", "--silent", "--static", "--static-nolibc",
                    "--strict-image-heap", "--target", "--trace-object-instantiation",
                    "--verbose", "-da", "-ea", "-g", "-march");
    private static final List<String> PREFIXES =
            List.of("-H:", "-R:", "-J", "-D", "-O", "-E", "-V");

    private String classPath = "";
    private Path out;
    private String main;
    private boolean exact;
    private String protocols = "file";

    public static void main(String[] arguments) throws Exception {
        NativeImage image = new NativeImage();
        image.read(arguments);
        image.write();
    }

    private void read(String[] arguments) {
        for (int i = 0; i < arguments.length; i++) {
            String argument = arguments[i];
            String name = argument.split("=")[0];
            if (List.of("-cp", "-classpath", "--class-path").contains(argument)) {
                classPath = arguments[++i];
            } else if (argument.equals("-o")) {
                out = Path.of(arguments[++i]);
            } else if (OPTIONS.contains(name)) {
                exact |= name.equals("--exact-reachability-metadata");
                if (name.equals("--enable-url-protocols")) {
                    protocols += "," + argument.substring(name.length() + 1);
                }
            } else if (!argument.startsWith("-")) {
                main = argument;
            } else if (PREFIXES.stream().noneMatch(argument::startsWith)) {
                fail("Unrecognized option(s): '" + argument + "'");
            }
        }
        if (main == null || out == null) {
            fail("Please specify class containing the main entry point method. (see --help)");
        }
    }

    private void write() throws Exception {
        List<Path> entries = Stream.of(classPath.split(":")).map(Path::of).toList();
        List<URL> urls = new ArrayList<>();
        for (Path entry : entries) {
            urls.add(entry.toUri().toURL());
        }
        ClassLoader platform = ClassLoader.getPlatformClassLoader();
        ClassLoader loader = new URLClassLoader(urls.toArray(URL[]::new), platform);
        if (loader.getResource(main.replace('.', '/') + ".class") == null) {
            fail("Main entry point class '" + main + "' not found on the classpath.");
        }
        Set<String> types = new TreeSet<>();
        Path work = Files.createTempDirectory("image");
        StringBuilder path = new StringBuilder("names");
        for (int i = 0; i < entries.size(); i++) {
            if (Files.isDirectory(entries.get(i))) {
                types(entries.get(i), types);
                continue;
            }
            String name = i + ".jar";
            Files.copy(entries.get(i), work.resolve(name));
            try (FileSystem jar = FileSystems.newFileSystem(work.resolve(name))) {
                types(jar.getPath("/"), types);
                rewrite(jar.getPath("/"), loader);
            }
            path.append(':').append(name);
        }
        Path launcher = Path.of("/opt/stand-in/launcher.c");
        String[] named = {text("MAIN", main), text("PATHS", path), text("PROTOCOLS", protocols)};
        run("gcc", "-O1", named[0], named[1], named[2], "-o", out.toString(), launcher.toString());
        long start = Files.size(out);
        try (OutputStream file = Files.newOutputStream(out, StandardOpenOption.APPEND)) {
            append(file, Path.of("/opt/stand-in/runtime"), "runtime/");
            append(file, Path.of("/opt/stand-in/libraries"), "libraries/");
            append(file, Path.of("/opt/stand-in/names"), "names/");
            append(file, work, "");
            String text = (exact ? "exact\n" : "lenient\n") + String.join("\n", types) + "\n";
            one(file, "names/types", false, text.getBytes(StandardCharsets.UTF_8));
            file.write(ByteBuffer.allocate(8).putLong(start).array());
        }
        System.out.println("Finished generating '" + out.getFileName() + "'.");
    }

    private static String text(String name, Object value) {
        return "-D" + name + "=\"" + value + "\"";
    }

    private static void types(Path root, Set<String> types) throws IOException {
        Path folder = root.resolve("META-INF/native-image");
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            Pattern type = Pattern.compile("\"type\"\\s*:\\s*\"([^\"]+)\"");
            for (Path file :
                    files.filter(one -> one.endsWith("reachability-metadata.json")).toList()) {
                Matcher matcher = type.matcher(Files.readString(file));
                while (matcher.find()) {
                    types.add(matcher.group(1));
                }
            }
        }
    }

    /** Has Class.forName look into the list of types first. */
    private static void rewrite(Path root, ClassLoader loader) throws IOException {
        ClassHierarchyResolver known =
                ClassHierarchyResolver.ofClassLoading(loader)
                        .orElse(ClassHierarchyResolver.defaultResolver());
        ClassFile format = ClassFile.of(ClassFile.ClassHierarchyResolverOption.of(known));
        CodeTransform calls =
                (code, element) -> {
                    if (element instanceof InvokeInstruction call && isForName(call)) {
                        code.invokestatic(ClassDesc.of("Names"), "forName", call.typeSymbol());
                    } else {
                        code.with(element);
                    }
                };
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(one -> one.toString().endsWith(".class")).toList()) {
                byte[] bytes = Files.readAllBytes(file);
                String text = new String(bytes, StandardCharsets.ISO_8859_1);
                if (text.contains("forName") && text.contains("java/lang/Class")) {
                    ClassTransform all = ClassTransform.transformingMethodBodies(calls);
                    Files.write(file, format.transformClass(format.parse(bytes), all));
                }
            }
        }
    }

    private static boolean isForName(InvokeInstruction call) {
        return call.owner().asInternalName().equals("java/lang/Class")
                && call.name().equalsString("forName")
                && call.typeSymbol().parameterType(0).equals(ClassDesc.of("java.lang.String"));
    }

    private static void append(OutputStream file, Path folder, String prefix) throws IOException {
        try (Stream<Path> found = Files.walk(folder)) {
            for (Path path : found.filter(Files::isRegularFile).sorted().toList()) {
                String name = prefix + folder.relativize(path);
                one(file, name, Files.isExecutable(path), Files.readAllBytes(path));
            }
        }
    }

    private static void one(OutputStream file, String name, boolean executable, byte[] bytes)
            throws IOException {
        byte[] path = name.getBytes(StandardCharsets.UTF_8);
        ByteBuffer head = ByteBuffer.allocate(17);
        head.put((byte) (executable ? 1 : 0)).putLong(path.length).putLong(bytes.length);
        file.write(head.array());
        file.write(path);
        file.write(bytes);
    }

    private static void run(String... command) throws IOException, InterruptedException {
        if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
            fail("the linker failed");
        }
    }

    private static void fail(String why) {
        System.err.println("Error: " + why);
        System.exit(20);
    }
}
