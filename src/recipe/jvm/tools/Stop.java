package jot;

/** What ends a build with a message and without a stack trace. */
final class Stop extends RuntimeException {
    private static final long serialVersionUID = 1;

    private Stop(String message) {
        super(message);
    }

    static Stop because(String message) {
        return new Stop(message);
    }
}
