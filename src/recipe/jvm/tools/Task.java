package jot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Lays out /var/task for AWS's runtime: {@code task BASE OUT TASK} puts the jars of BASE
 * and OUT/own/own.jar into TASK/lib; a folder of jot's own classes may follow.
 *
 * <p>The runtime takes the jars of lib in the order of their names, so their number in class path
 * order comes first: https://docs.aws.amazon.com/lambda/latest/dg/java-package.html
 */
final class Task {
    /**
     * Lambda takes archives of less than 250 MB unpacked. Stored jars are larger than compressed
     * ones, so above this size they stay compressed.
     */
    private static final long ROOM = 150L * 1024 * 1024;

    private Task() {}

    static void main(String[] arguments) throws IOException {
        Path base = Path.of(arguments[0]);
        Path own = Path.of(arguments[1]).resolve("own/own.jar");
        Path lib = Files.createDirectories(Path.of(arguments[2]).resolve("lib"));
        List<Path> jars = Arguments.dependencies(base, base.resolve("lib"));
        long size = Files.size(own);
        for (Path jar : jars) {
            size += new Jar(jar).size();
        }
        List<String> names = new ArrayList<>();
        for (Path jar : jars) {
            String name = String.format("%04d-%s", names.size() + 1, jar.getFileName());
            names.add(name);
            if (size <= ROOM) {
                Write.stored(jar, lib.resolve(name));
            } else {
                Files.copy(jar, lib.resolve(name));
            }
        }
        Files.copy(own, lib.resolve("own.jar"));
        if (arguments.length > 3) {
            Write.jar(lib.resolve("jot.jar"), new Jar(Path.of(arguments[3])).entries);
        }
        System.out.printf("jot: %d jars and the project's own%n", jars.size());
    }
}
