import java.net.URL;
import java.util.Arrays;
import java.util.List;

/** Starts the main class of an executable, in which only URLs of enabled protocols can be made. */
public final class Start {
    private static final List<String> OPTIONAL = List.of("http", "https");

    private Start() {}

    public static void main(String[] arguments) throws Throwable {
        List<String> enabled = List.of(arguments[0].split(","));
        URL.setURLStreamHandlerFactory(
                protocol -> {
                    if (OPTIONAL.contains(protocol) && !enabled.contains(protocol)) {
                        throw new IllegalArgumentException(
                                "Accessing a URL protocol that was not enabled. The URL protocol "
                                        + protocol
                                        + " is supported but not enabled by default.");
                    }
                    return null;
                });
        Class.forName(arguments[1])
                .getMethod("main", String[].class)
                .invoke(null, (Object) Arrays.copyOfRange(arguments, 2, arguments.length));
    }
}
