package jot;

import java.io.IOException;
import java.lang.reflect.Modifier;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Checks that handlers exist: {@code handlers LIST OWN JAR-FOLDER...}, with the project's own jar.
 * A missing one is reported together with those that exist.
 */
final class Handlers {
    private static final String PACKAGE = "com.amazonaws.services.lambda.runtime.";
    private final ClassLoader loader;
    private final Path own;

    private Handlers(ClassLoader loader, Path own) {
        this.loader = loader;
        this.own = own;
    }

    static void main(String[] arguments) throws IOException {
        String[] jars = Arrays.copyOfRange(arguments, 1, arguments.length);
        try (URLClassLoader loader = loader(jars)) {
            Handlers handlers = new Handlers(loader, Path.of(arguments[1]));
            for (String line : Files.readAllLines(Path.of(arguments[0]))) {
                if (!line.isBlank()) {
                    handlers.require(line.strip());
                }
            }
        }
    }

    /** Of a jar, and of those in the folders behind it. */
    static URLClassLoader loader(String[] paths) throws IOException {
        List<URL> jars = new ArrayList<>(List.of(Path.of(paths[0]).toUri().toURL()));
        for (int i = 1; i < paths.length; i++) {
            try (var files = Files.list(Path.of(paths[i]))) {
                for (Path file :
                        files.filter(path -> path.toString().endsWith(".jar")).sorted().toList()) {
                    jars.add(file.toUri().toURL());
                }
            }
        }
        return new URLClassLoader(
                jars.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    /** In the two forms that AWS's client takes: a class, or class::method. */
    private void require(String handler) throws IOException {
        String[] parts = handler.split("::");
        Class<?> found = load(parts[0]);
        if (found == null) {
            throw Stop.because("no class " + parts[0] + " is in the jars" + advice());
        }
        if (parts.length > 1 && !methods(found).contains(parts[1])) {
            throw Stop.because(parts[0] + " has no public method " + parts[1]);
        }
        if (parts.length == 1 && !isHandler(found)) {
            throw Stop.because(
                    parts[0]
                            + " implements neither RequestHandler nor RequestStreamHandler: name a"
                            + " method as in "
                            + parts[0]
                            + "::handle, or another class"
                            + advice());
        }
    }

    private String advice() throws IOException {
        List<String> names = new ArrayList<>();
        for (String entry : new Jar(own).entries.keySet()) {
            if (entry.endsWith(".class") && !entry.startsWith("META-INF/")) {
                String name =
                        entry.substring(0, entry.length() - ".class".length()).replace('/', '.');
                Class<?> found = load(name);
                if (found != null
                        && isHandler(found)
                        && !Modifier.isAbstract(found.getModifiers())) {
                    names.add(name);
                }
            }
        }
        return names.isEmpty()
                ? "; no class of the project implements RequestHandler or RequestStreamHandler. In"
                      + " Clojure a namespace needs :gen-class and ahead-of-time compilation (:aot)"
                : "; these handlers exist: " + String.join(", ", names);
    }

    private Class<?> load(String name) {
        try {
            return Class.forName(name, false, loader);
        } catch (ClassNotFoundException | LinkageError missing) {
            return null;
        }
    }

    private boolean isHandler(Class<?> found) {
        for (String name : List.of("RequestHandler", "RequestStreamHandler")) {
            Class<?> type = load(PACKAGE + name);
            if (type != null && type.isAssignableFrom(found)) {
                return true;
            }
        }
        return false;
    }

    private static List<String> methods(Class<?> found) {
        try {
            return List.of(found.getMethods()).stream().map(method -> method.getName()).toList();
        } catch (LinkageError missing) {
            throw Stop.because(
                    found.getName()
                            + " needs a class that is not in the jars: "
                            + missing.getMessage());
        }
    }
}
