package jot;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Arguments, libraries and what is said of handlers. */
final class ToolTests {
    private final Path folder = Files.createTempDirectory("tools");

    ToolTests() throws Exception {}

    void theFileOfArgumentsIsWhatJavaReads() throws Exception {
        Files.writeString(folder.resolve("client.list"), "client.jar\n");
        Files.writeString(folder.resolve("dependencies.list"), "00ff a b.jar\n");
        Path flags = folder.resolve("flags");
        Files.writeString(flags, "-XX:+UseSerialGC\n-Dwith=a \"b\" \\c\n-XX:TieredStopAtLevel=1\n");
        Arguments.main(new String[] {flags + "", folder + "", folder + "", "code", ""});
        Path file = folder.resolve("jvm.args");
        Tests.same(
                "/opt/jot/client/client.jar:/opt/jot/lib/a b.jar:/opt/jot/own/own.jar",
                Arguments.classPath(file));
        Process java =
                new ProcessBuilder(
                                Session.JAVA, "@" + file, "-XshowSettings:properties", "-version")
                        .redirectErrorStream(true)
                        .start();
        String text = new String(java.getInputStream().readAllBytes());
        Tests.holds(text.contains("with = a \"b\" \\c"), text);
        List<String> tiered = Files.readAllLines(folder.resolve("jvm-tiered.args"));
        Tests.holds(tiered.stream().noneMatch(line -> line.contains("Tiered")), tiered.toString());
    }

    void librariesOfJavaAreFound() throws Exception {
        var found = Libraries.of(List.of(Path.of(Session.JAVA)));
        Tests.holds(found.stream().anyMatch(path -> path.endsWith("libc.so.6")), found.toString());
        Tests.holds(found.stream().allMatch(Files::exists), found.toString());
    }

    void aHandlerThatIsNotThereIsToldWithThoseThatAre() throws Exception {
        Path own = folder.resolve("own.jar");
        Path empty = Files.createDirectories(folder.resolve("empty"));
        Write.jar(own, new java.util.TreeMap<>());
        Path list = folder.resolve("handlers");
        Files.writeString(list, "a.B\n");
        String said =
                Tests.stopped(() -> Handlers.main(new String[] {list + "", own + "", empty + ""}));
        Tests.holds(
                said.startsWith("no class a.B is in the jars; no class of the project implements"),
                said);
        Files.writeString(list, "java.lang.String::nowhere\n");
        said = Tests.stopped(() -> Handlers.main(new String[] {list + "", own + "", empty + ""}));
        Tests.same("java.lang.String has no public method nowhere", said);
    }

    void aRepositoryIsShownWithoutItsSecret() {
        Repository repository = new Repository("https://user:word@host/maven2/", "u", "p");
        Tests.same("https://host/maven2/", repository.shown());
        Tests.same(
                URI.create("https://user:word@host/maven2/a/b.jar"), repository.address("a/b.jar"));
        Tests.same("Basic dTpw", repository.authorization().orElseThrow());
    }
}
