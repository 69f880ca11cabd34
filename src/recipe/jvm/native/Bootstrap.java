package jot.runtime;

import com.amazonaws.services.lambda.runtime.api.client.AWSLambda;

/**
 * The main class of a native binary. An image passes the handler as its argument, an
 * archive's bootstrap passes none:
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-build
 */
public final class Bootstrap {
    private Bootstrap() {}

    public static void main(String[] arguments) throws Throwable {
        String handler = arguments.length > 0 ? arguments[0] : System.getenv("_HANDLER");
        AWSLambda.main(new String[] {handler});
    }
}
