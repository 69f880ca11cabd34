package jot;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The shared libraries that programs need, as the system's own loader finds them. */
final class Libraries {
    private static final Pattern FOUND = Pattern.compile("(?:=> )?(/\\S+) \\(0x");
    private static final int PROGRAM_INTERPRETER = 3;

    private Libraries() {}

    /** The libraries of {@code programs}, and the loader, which the first program names. */
    static Set<Path> of(Iterable<Path> programs) throws IOException, InterruptedException {
        Path loader = loader(programs.iterator().next());
        Set<Path> found = new TreeSet<>();
        found.add(loader);
        for (Path program : programs) {
            Process process =
                    new ProcessBuilder(loader.toString(), "--list", program.toString())
                            .redirectErrorStream(true)
                            .start();
            String text =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            process.waitFor();
            Matcher matcher = FOUND.matcher(text);
            while (matcher.find()) {
                found.add(Path.of(matcher.group(1)));
            }
        }
        return found;
    }

    /**
     * PT_INTERP of a 64-bit ELF file:
     * https://refspecs.linuxfoundation.org/elf/gabi4+/ch5.pheader.html
     */
    static Path loader(Path program) throws IOException {
        ByteBuffer file =
                ByteBuffer.wrap(Files.readAllBytes(program)).order(ByteOrder.LITTLE_ENDIAN);
        int headers = (int) file.getLong(32);
        int size = file.getShort(54);
        int count = file.getShort(56);
        for (int i = 0; i < count; i++) {
            int at = headers + i * size;
            if (file.getInt(at) == PROGRAM_INTERPRETER) {
                byte[] path = new byte[(int) file.getLong(at + 32) - 1];
                file.get((int) file.getLong(at + 8), path);
                return Path.of(new String(path, StandardCharsets.UTF_8));
            }
        }
        throw Stop.because(program + " names no loader");
    }
}
