package jot.runtime;

import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;

import java.nio.file.Path;

/** Starts AWS's client after a {@link Rehearsal}, in an image that Lambda takes a snapshot of. */
public final class Primed {
    private Primed() {}

    public static void main(String[] arguments) throws Throwable {
        String name = arguments.length > 0 ? arguments[0] : System.getenv("_HANDLER");
        Rehearsal.of(name, Path.of("/opt/jot/exemplar"));
        AWSLambda.main(arguments);
    }
}
