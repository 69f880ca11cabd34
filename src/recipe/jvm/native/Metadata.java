package jot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Reachability metadata, which says what a binary looks up by name:
 * https://www.graalvm.org/jdk25/reference-manual/native-image/metadata/
 */
final class Metadata {
    static final String FILE = "reachability-metadata.json";

    private Metadata() {}

    /** The folder of one part in an entry of the class path. */
    static Path folder(Path entry, String part) throws IOException {
        Path own = entry.resolve("META-INF/native-image/dev.jot");
        return Files.createDirectories(own.resolve(part));
    }

    /** Such as {@code 120 types and 4 resources}. */
    static String counts(Path file) throws IOException {
        String text = Files.readString(file);
        return count(text, "type", "type") + " and " + count(text, "glob", "resource");
    }

    private static String count(String text, String key, String word) {
        long count = Pattern.compile("\"" + key + "\"\\s*:").matcher(text).results().count();
        return count + " " + word + (count == 1 ? "" : "s");
    }

    /**
     * Metadata that needs no session: AWS's client looks handlers up by name, and loads its library
     * for this processor from the jar.
     */
    static void write(Path file, List<String> handlers) throws IOException {
        List<String> types = new ArrayList<>();
        for (String handler : handlers) {
            types.add(
                    "    {\"type\": \""
                            + handler.split("::")[0]
                            + "\", \"allPublicConstructors\": true, \"allPublicMethods\": true}");
        }
        String processor = System.getProperty("os.arch").equals("aarch64") ? "aarch_64" : "x86_64";
        String library = "jni/libaws-lambda-jni.linux-" + processor + ".so";
        Files.writeString(
                file,
                "{\n  \"reflection\": [\n"
                        + String.join(",\n", types)
                        + "\n  ],\n  \"resources\": [\n    {\"glob\": \""
                        + library
                        + "\"}\n  ]\n}\n");
    }
}
