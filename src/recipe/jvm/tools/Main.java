package jot;

import java.util.Arrays;

/** The steps of jot's builds of JVM functions: the first argument names one. */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws Exception {
        String[] rest = Arrays.copyOfRange(arguments, 1, arguments.length);
        try {
            switch (arguments[0]) {
                case "client" -> Client.main(rest);
                case "pack" -> Pack.main(rest);
                case "root" -> Root.main(rest);
                case "arguments" -> Arguments.main(rest);
                case "handlers" -> Handlers.main(rest);
                case "primers" -> Primers.main(rest);
                case "split" -> Split.main(rest);
                case "task" -> Task.main(rest);
                case "train" -> Train.main(rest);
                default -> throw Stop.because("unknown step: " + arguments[0]);
            }
        } catch (Stop stop) {
            System.out.flush();
            System.err.println("jot: " + stop.getMessage());
            System.exit(1);
        }
    }
}
