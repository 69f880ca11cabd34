package jot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The file of arguments for creating archives and starting functions: one option per line,
 * the class path last. {@code arguments FLAGS OUT base} writes it for the jars of /opt/jot, {@code
 * arguments FLAGS OUT code} with the project's own jar after them.
 */
final class Arguments {
    private static final Path JOT = Path.of("/opt/jot");
    static final String OWN = JOT + "/own/own.jar";

    private Arguments() {}

    /** {@code jot} is the folder that becomes /opt/jot. */
    static void main(String[] arguments) throws IOException {
        Path jot = Path.of(arguments[1]);
        List<String> jars = new ArrayList<>();
        for (String name : Files.readAllLines(jot.resolve("client.list"))) {
            jars.add(JOT + "/client/" + name);
        }
        for (Path jar : dependencies(jot, JOT.resolve("lib"))) {
            jars.add(jar.toString());
        }
        if (arguments[3].equals("code")) {
            jars.add(OWN);
        }
        String[] endings = {"", "-tiered"};
        for (String ending : endings) {
            StringBuilder text = new StringBuilder();
            for (String flag : Files.readAllLines(Path.of(arguments[0]))) {
                if (!flag.isBlank()
                        && !(ending.equals("-tiered")
                                && flag.startsWith("-XX:TieredStopAtLevel="))) {
                    text.append(quoted(flag)).append('\n');
                }
            }
            if (!arguments[4].isEmpty()) {
                text.append("-XX:SharedArchiveFile=").append(arguments[4]).append('\n');
            }
            text.append("-cp\n").append(quoted(String.join(":", jars))).append('\n');
            Write.text(Path.of(arguments[2]).resolve("jvm" + ending + ".args"), text.toString());
        }
        Write.settle(Path.of(arguments[2]));
    }

    /** The jars of the dependencies in class path order, as files of the folder {@code lib}. */
    static List<Path> dependencies(Path jot, Path lib) throws IOException {
        List<Path> jars = new ArrayList<>();
        for (String line : Files.readAllLines(jot.resolve("dependencies.list"))) {
            jars.add(lib.resolve(line.substring(line.indexOf(' ') + 1)));
        }
        if (Files.exists(jot.resolve("lib").resolve(Split.GENERATED))) {
            jars.add(lib.resolve(Split.GENERATED));
        }
        return jars;
    }

    static String classPath(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        String path = lines.get(lines.indexOf("-cp") + 1);
        return path.startsWith("\"")
                ? path.substring(1, path.length() - 1).replace("\\\\", "\\")
                : path;
    }

    /** https://docs.oracle.com/en/java/javase/21/docs/specs/man/java.html, "argument files" */
    private static String quoted(String text) {
        boolean plain =
                text.chars().noneMatch(c -> Character.isWhitespace(c) || "\"'#\\".indexOf(c) >= 0);
        return plain ? text : "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
    }
}
