package jot;

/**
 * Jars within jars: only their own launcher can load them, and class-data archives cannot
 * contain them.
 */
final class Nested {
    private Nested() {}

    static void refuse(Jar jar) {
        for (String name : jar.entries.keySet()) {
            if (name.startsWith("BOOT-INF/")) {
                throw Stop.because(
                        jar.name()
                                + " is Spring Boot's executable jar, with jars inside it. Build a"
                                + " flat one with maven-shade-plugin or Gradle's shadow plugin, or"
                                + " use the plain jar and its dependencies: classpath ="
                                + " [\"target/*.jar.original\", \"target/lib/*.jar\"]");
            }
            if (name.startsWith("io/quarkus/bootstrap/runner/")) {
                throw Stop.because(
                        jar.name()
                                + " is Quarkus' runner; its jars are next to it. Set"
                                + " quarkus.package.jar.type=uber-jar");
            }
            if (name.matches("([^/]+\\.jar)|(.*/)?libs?/[^/]+\\.jar")) {
                throw Stop.because(
                        jar.name()
                                + " contains the jar "
                                + name
                                + ", which a class path cannot reach. Build a flat jar, or use jars"
                                + " and dependencies: classpath = [\"target/app.jar\","
                                + " \"target/lib/*.jar\"]");
            }
        }
    }
}
