package jot;

import java.util.Arrays;

/** The steps of a build that makes a native binary: the first argument names one. */
public final class Native {
    private Native() {}

    public static void main(String[] arguments) throws Exception {
        String[] rest = Arrays.copyOfRange(arguments, 1, arguments.length);
        try {
            switch (arguments[0]) {
                case "trace" -> Trace.main(rest);
                case "link" -> Link.main(rest);
                default -> throw Stop.because("unknown step: " + arguments[0]);
            }
        } catch (Stop stop) {
            System.out.flush();
            System.err.println("jot: " + stop.getMessage());
            System.exit(1);
        }
    }
}
