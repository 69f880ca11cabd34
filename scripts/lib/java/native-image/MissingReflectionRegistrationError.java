package org.graalvm.nativeimage;

/** As GraalVM's, with the beginning of its words. */
public final class MissingReflectionRegistrationError extends Error {
    public MissingReflectionRegistrationError(String type) {
        super(
                "Cannot reflectively access the class '"
                        + type
                        + "'. To allow this operation, add the following to the 'reflection'"
                        + " section of 'reachability-metadata.json' and rebuild the native"
                        + " image:\n\n  {\n    \"type\": \""
                        + type
                        + "\"\n  }\n");
    }
}
