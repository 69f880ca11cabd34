package jot;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Puts jot's own classes after AWS's client: {@code pack CLASSES OUT}, next to OUT/client.list. */
final class Pack {
    private static final String NAME = "jot-runtime.jar";

    private Pack() {}

    static void main(String[] arguments) throws IOException {
        Path out = Path.of(arguments[1]);
        Write.jar(out.resolve("client").resolve(NAME), new Jar(Path.of(arguments[0])).entries);
        Path list = out.resolve("client.list");
        Write.text(list, Files.readString(list) + NAME + "\n");
    }
}
