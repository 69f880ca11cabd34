package jot;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Lists of service providers: an uberjar has one for all jars, but a class path reads each jar's.
 */
final class Services {
    private Services() {}

    static byte[] without(List<Jar> jars, String name, byte[] bytes) {
        Set<String> there =
                jars.stream()
                        .filter(jar -> jar.entries.containsKey(name))
                        .flatMap(jar -> lines(jar.entries.get(name)).stream())
                        .collect(Collectors.toSet());
        return lines(bytes).stream()
                .filter(line -> !there.contains(line))
                .map(line -> line + "\n")
                .collect(Collectors.joining())
                .getBytes(StandardCharsets.UTF_8);
    }

    static byte[] joined(byte[] first, byte[] other) {
        return Stream.concat(lines(first).stream(), lines(other).stream())
                .distinct()
                .map(line -> line + "\n")
                .collect(Collectors.joining())
                .getBytes(StandardCharsets.UTF_8);
    }

    private static List<String> lines(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.replaceFirst("#.*", "").strip())
                .filter(line -> !line.isEmpty())
                .toList();
    }
}
