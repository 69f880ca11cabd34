package jot;

import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.TreeMap;

/**
 * Generates the classes that Lambda starts before it takes a snapshot of an archive's function:
 * {@code primers LIST OUT OWN JAR-FOLDER...} writes to OUT the source of a class for each handler
 * of LIST, which extends the handler's and announces a rehearsal.
 *
 * <p>A subclass, so that calls do not go through code of jot. The class of handler {@code a.B} is
 * {@code jot.primed.a.B}, that of {@code a.B::c} is {@code jot.primed.a.B$c}.
 */
final class Primers {
    private static final int FINAL = 0x0010;

    private final Path out;
    private final Path own;

    private Primers(Path out, Path own) {
        this.out = out;
        this.own = own;
    }

    static void main(String[] arguments) throws IOException {
        Primers primers = new Primers(Path.of(arguments[1]), Path.of(arguments[2]));
        String[] jars = Arrays.copyOfRange(arguments, 2, arguments.length);
        try (var loader = Handlers.loader(jars)) {
            for (String line : Files.readAllLines(Path.of(arguments[0]))) {
                if (!line.isBlank()) {
                    primers.write(line.strip(), loader);
                }
            }
        }
    }

    private void write(String handler, ClassLoader loader) throws IOException {
        String[] parts = handler.split("::");
        Class<?> target;
        try {
            target = Class.forName(parts[0], false, loader);
        } catch (ClassNotFoundException | LinkageError fault) {
            throw Stop.because(parts[0] + " cannot be loaded: " + fault);
        }
        if (Modifier.isFinal(target.getModifiers())) {
            open(target);
        }
        int dot = parts[0].lastIndexOf('.');
        String name = parts[0].substring(dot + 1) + (parts.length > 1 ? "$" + parts[1] : "");
        String within = "jot.primed" + (dot < 0 ? "" : "." + parts[0].substring(0, dot));
        boolean isStatic = parts.length > 1 && isStatic(target, parts[1]);
        String announces =
                "jot.runtime.Rehearsal.of(\""
                        + handler
                        + "\", java.nio.file.Path.of(\"/var/task/jot/exemplar\"));";
        // Hooks run in the reverse order of their registration: the rehearsal before the handler's.
        String text =
                "package "
                        + within
                        + ";\npublic class "
                        + name
                        + " extends "
                        + target.getCanonicalName()
                        + " {\n"
                        + (isStatic ? "static { " + announces + " }\n" : "")
                        + "public "
                        + name
                        + "() throws Throwable { "
                        + (isStatic ? "" : announces)
                        + " }\n}\n";
        Path folder = Files.createDirectories(out.resolve(within.replace('.', '/')));
        Files.writeString(folder.resolve(name + ".java"), text);
    }

    private static boolean isStatic(Class<?> target, String name) {
        for (Method method : target.getMethods()) {
            if (method.getName().equals(name) && !Modifier.isStatic(method.getModifiers())) {
                return false;
            }
        }
        return true;
    }

    /** Lets a class of the project's be extended. */
    private void open(Class<?> target) throws IOException {
        TreeMap<String, byte[]> entries = new Jar(own).entries;
        byte[] bytes = entries.get(target.getName().replace('.', '/') + ".class");
        if (bytes == null) {
            throw Stop.because(
                    target.getName()
                            + " is final and in a dependency: extend or call it in a class of the"
                            + " project that is the handler, or remove snapstart");
        }
        ByteBuffer file = ByteBuffer.wrap(bytes);
        int at = accessFlags(file);
        file.putShort(at, (short) (file.getShort(at) & ~FINAL));
        Write.jar(own, entries);
    }

    /** After the constants: https://docs.oracle.com/javase/specs/jvms/se25/html/jvms-4.html */
    static int accessFlags(ByteBuffer file) {
        int constants = Short.toUnsignedInt(file.getShort(8));
        int at = 10;
        for (int i = 1; i < constants; i++) {
            switch (file.get(at)) {
                case 1 -> at += 3 + Short.toUnsignedInt(file.getShort(at + 1));
                case 7, 8, 16, 19, 20 -> at += 3;
                case 15 -> at += 4;
                case 5, 6 -> {
                    at += 9;
                    i++;
                }
                default -> at += 5;
            }
        }
        return at;
    }
}
