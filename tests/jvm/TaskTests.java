package jot;

import java.io.File;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** What an archive for AWS's runtime holds, and the classes that are called before a snapshot. */
final class TaskTests {
    private final Path folder = Files.createTempDirectory("task");

    TaskTests() throws Exception {}

    private Path task(Built built) throws Exception {
        Path code = Files.createTempDirectory("code");
        new Own(new Project(built.folder, built.folder.resolve("packages")), built.out).write(code);
        Task.main(new String[] {built.out + "", code + "", folder + ""});
        return folder.resolve("lib");
    }

    private static List<String> names(Path lib) throws Exception {
        try (Stream<Path> files = Files.list(lib)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }

    /** AWS's runtime takes jars in the order of their names. */
    void jarsAreNumberedInTheOrderOfTheClassPath() throws Exception {
        Built built =
                new Built()
                        .own("a/A.class", "a")
                        .jar("given", "zebra.jar", "z/Z.class", "z")
                        .jar("given", "ant.jar", "n/N.class", "n")
                        .base();
        Tests.same(List.of("0001-zebra.jar", "0002-ant.jar", "own.jar"), names(task(built)));
    }

    /** So that the archive around them is compressed across entries. */
    void entriesAreStoredWithTheTimesThatTheyHad() throws Exception {
        Built built =
                new Built()
                        .own("a/A.class", "a")
                        .jar("given", "b.jar", "z/Z.class", "zzzzzzzz",
                                "META-INF/MANIFEST.MF", "M");
        Path given = built.folder.resolve("given/1002/b.jar");
        Path stored = task(built.base()).resolve("0001-b.jar");
        try (ZipFile before = new ZipFile(given.toFile());
                ZipFile after = new ZipFile(stored.toFile())) {
            List<String> order = new ArrayList<>();
            before.stream().map(ZipEntry::getName).forEach(order::add);
            Tests.same(order, after.stream().map(ZipEntry::getName).toList());
            for (String name : order) {
                ZipEntry entry = after.getEntry(name);
                Tests.same(ZipEntry.STORED, entry.getMethod());
                Tests.same(before.getEntry(name).getTimeLocal(), entry.getTimeLocal());
                Tests.same(before.getEntry(name).getCrc(), entry.getCrc());
            }
        }
    }

    /** The class file of this final class, which says so behind its constants. */
    void theFlagsOfAClassAreFound() throws Exception {
        String name = "/" + TaskTests.class.getName().replace('.', '/') + ".class";
        try (var in = TaskTests.class.getResourceAsStream(name)) {
            ByteBuffer file = ByteBuffer.wrap(in.readAllBytes());
            int flags = file.getShort(Primers.accessFlags(file));
            // ACC_FINAL and ACC_SUPER.
            Tests.same(0x0030, flags);
        }
    }

    /** Made of classes of the tests' own class path. */
    void aHandlerOfADependencyMustNotBeFinal() throws Exception {
        Path list = Files.writeString(folder.resolve("handlers"), "jot.TaskTests\n");
        Path own = folder.resolve("own.jar");
        Write.jar(own, new java.util.TreeMap<>());
        Path classes = Path.of(System.getProperty("java.class.path").split(File.pathSeparator)[0]);
        Path jars = Files.createDirectories(folder.resolve("jars"));
        Write.jar(jars.resolve("all.jar"), new Jar(classes).entries);
        String[] arguments = {list + "", folder + "/out", own + "", jars + ""};
        String said = Tests.stopped(() -> Primers.main(arguments));
        Tests.holds(said.startsWith("jot.TaskTests is final and in a dependency"), said);
    }
}
