package jot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * An argument of a test, by the number in its file's name: {@code 0001.json}. If functions share
 * one build, {@code 0001.handler} names its handler, else it is the first of the file {@code
 * handlers}.
 */
record Exemplar(int number, String handler, byte[] event) {
    static List<String> handlers(Path folder) throws IOException {
        return Files.readAllLines(folder.resolve("handlers")).stream()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .toList();
    }

    static List<Exemplar> all(Path folder) throws IOException {
        String first = handlers(folder).get(0);
        List<Exemplar> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".json")).sorted().toList()) {
                String number = file.getFileName().toString().replace(".json", "");
                Path handler = folder.resolve(number + ".handler");
                found.add(
                        new Exemplar(
                                Integer.parseInt(number),
                                Files.exists(handler) ? Files.readString(handler).strip() : first,
                                Files.readAllBytes(file)));
            }
        }
        return found;
    }

    static List<Exemplar> of(List<Exemplar> all, String handler) {
        return all.stream().filter(exemplar -> exemplar.handler().equals(handler)).toList();
    }
}
