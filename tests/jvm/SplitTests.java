package jot;

import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What is the project's own, and what the dependencies'. */
final class SplitTests {
    private static final String[] JSON = {
        "json/core.clj", "(ns json.core)", "json/Reader.class", "R"
    };

    private static Built project(String... own) throws Exception {
        return new Built().own(own).jar("resolved", "json-1.jar", JSON);
    }

    void anUberjarIsParted() throws Exception {
        Built built =
                project(
                                "json/core.clj",
                                "(ns json.core)",
                                "json/Reader.class",
                                "R",
                                "app/Main.class",
                                "M",
                                "app.properties",
                                "p")
                        .base();
        Tests.same(Set.of("json-1.jar"), built.libraries());
        Tests.same(Set.of("app/Main.class", "app.properties"), built.code(built).keySet());
        byte[] kept = Files.readAllBytes(built.out.resolve("lib/json-1.jar"));
        byte[] resolved = Files.readAllBytes(built.folder.resolve("resolved/1002/json-1.jar"));
        Tests.holds(
                java.util.Arrays.equals(kept, resolved), "a dependency stays the jar that it is");
    }

    void aDependencyThatTheUberjarLacksIsLeftOut() throws Exception {
        Built built =
                project(
                                "json/core.clj",
                                "(ns json.core)",
                                "json/Reader.class",
                                "R",
                                "app/Main.class",
                                "M")
                        .jar("resolved", "provided-1.jar", "provided/A.class", "A")
                        .base();
        Tests.same(Set.of("json-1.jar"), built.libraries());
    }

    void besideAThinJarEveryDependencyIsNeeded() throws Exception {
        Built built =
                project("app/Main.class", "M").jar("resolved", "b.jar", "b/B.class", "B").base();
        Tests.same(new TreeSet<>(Set.of("b.jar", "json-1.jar")), built.libraries());
        Tests.same(Set.of("app/Main.class"), built.code(built).keySet());
    }

    void whatWasGivenBehindTheOwnJarAreDependencies() throws Exception {
        Built built =
                new Built()
                        .own("app/Main.class", "M")
                        .jar("given", "z.jar", "z/Z.class", "Z")
                        .jar("given", "a.jar", "a/A.class", "A")
                        .base();
        List<String> lines = Files.readAllLines(built.out.resolve("dependencies.list"));
        Tests.holds(
                lines.get(0).endsWith(" z.jar") && lines.get(1).endsWith(" a.jar"),
                "order: " + lines);
    }

    void generatedClassesOfADependencyAreTheBases() throws Exception {
        String[] first = {
            "json/core.clj",
            "(ns json.core)",
            "json/Reader.class",
            "R",
            "app/core.clj",
            "(ns app.core)",
            "app/core__init.class",
            "I",
            "json/core__init.class",
            "1",
            "json/core$fn__1.class",
            "1",
            "json/core/Type.class",
            "1"
        };
        Built base = project(first).base();
        Tests.same(
                Set.of("json/core$fn__1.class", "json/core/Type.class", "json/core__init.class"),
                base.library(Split.GENERATED).keySet());
        // The next build numbers them otherwise.
        Built next =
                project(
                        "json/core.clj",
                        "(ns json.core)",
                        "json/Reader.class",
                        "R",
                        "app/core.clj",
                        "(ns app.core)",
                        "app/core__init.class",
                        "J",
                        "json/core__init.class",
                        "2",
                        "json/core$fn__2.class",
                        "2");
        Tests.same(Set.of("app/core.clj", "app/core__init.class"), next.code(base).keySet());
    }

    void aNamespaceThatTheBaseHasNotCompiledComesWithTheCode() throws Exception {
        Built base =
                project("json/core.clj", "(ns json.core)", "json/Reader.class", "R", "a.clj", "a")
                        .base();
        Built next =
                project(
                        "json/core.clj",
                        "(ns json.core)",
                        "json/Reader.class",
                        "R",
                        "a.clj",
                        "a",
                        "json/core__init.class",
                        "2",
                        "json/core$fn__2.class",
                        "2");
        Tests.same(
                Set.of("a.clj", "json/core$fn__2.class", "json/core__init.class"),
                next.code(base).keySet());
    }

    void aNamespaceBelowADependencysIsTheProjectsOwn() throws Exception {
        Built built =
                project(
                                "json/core.clj",
                                "(ns json.core)",
                                "json/Reader.class",
                                "R",
                                "json/core/mine.clj",
                                "m",
                                "json/core/mine__init.class",
                                "I")
                        .base();
        Tests.same(Set.of("json-1.jar"), built.libraries());
        Tests.same(
                Set.of("json/core/mine.clj", "json/core/mine__init.class"),
                built.code(built).keySet());
    }

    void ownPackagesOverride() throws Exception {
        Built built =
                project(
                                "json/core.clj",
                                "(ns json.core)",
                                "json/Reader.class",
                                "R",
                                "json/core__init.class",
                                "1")
                        .packages("json\n")
                        .base();
        Tests.same(Set.of("json-1.jar"), built.libraries());
        Tests.same(Set.of("json/core__init.class"), built.code(built).keySet());
    }

    void whatTheProjectReplacesGoesFromTheDependency() throws Exception {
        String[] own = {
            "json/core.clj", "(ns json.core :patched)", "json/Reader.class", "R", "a", "a"
        };
        Built built = project(own).base();
        Tests.same(Set.of("json/Reader.class"), built.library("json-1.jar").keySet());
        Tests.same("(ns json.core :patched)", built.code(built).get("json/core.clj"));
    }

    void aBaseThatNoLongerFitsIsNamed() throws Exception {
        Built base =
                project("json/core.clj", "(ns json.core)", "json/Reader.class", "R", "a", "a")
                        .base();
        Built replaced = project("json/core.clj", "(ns other)", "json/Reader.class", "R", "a", "a");
        String why = Tests.stopped(() -> replaced.code(base));
        Tests.holds(why.contains("json/core.clj replaces"), why);
        Built updated =
                new Built()
                        .own("json/core.clj", "2", "json/Reader.class", "R")
                        .jar(
                                "resolved",
                                "json-2.jar",
                                "json/core.clj",
                                "2",
                                "json/Reader.class",
                                "R");
        Tests.holds(
                Tests.stopped(() -> updated.code(base)).contains("resolved json-2.jar"), "updated");
    }

    void mergedServicesKeepTheProjectsAlone() throws Exception {
        Built built =
                new Built()
                        .own(
                                "META-INF/services/x.Y",
                                "dep.A\nown.B\n",
                                "META-INF/services/x.Z",
                                "dep.A\n",
                                "d/A.class",
                                "A",
                                "META-INF/LICENSE",
                                "all",
                                "META-INF/mine.txt",
                                "m")
                        .jar(
                                "resolved",
                                "d.jar",
                                "META-INF/services/x.Y",
                                "dep.A # first\n",
                                "META-INF/services/x.Z",
                                "dep.A\n",
                                "d/A.class",
                                "A",
                                "META-INF/LICENSE",
                                "one")
                        .base();
        var own = built.code(built);
        Tests.same(Set.of("META-INF/services/x.Y", "META-INF/mine.txt"), own.keySet());
        Tests.same("own.B\n", own.get("META-INF/services/x.Y"));
    }

    void jarsOfSeveralModulesAreOneOwnJar() throws Exception {
        String services = "META-INF/services/x.Y";
        Built base = new Built().own("app/A.class", "a").jar("resolved", "d.jar", "d/D.class", "d");
        Built code = new Built().own("app/A.class", "a", services, "app.A\n");
        code.jar("own", "core.jar", "app/A.class", "b", "core/C.class", "c", services, "core.C\n");
        code.jar("resolved", "d.jar", "d/D.class", "d");
        var own = code.code(base.base());
        Tests.same(Set.of("app/A.class", "core/C.class", services), own.keySet());
        Tests.same("a", own.get("app/A.class"));
        Tests.same("app.A\ncore.C\n", own.get(services));
    }

    void signaturesGoAndReleasesStay() throws Exception {
        Built built =
                new Built()
                        .own(
                                "META-INF/X.SF",
                                "s",
                                "META-INF/X.RSA",
                                "r",
                                "META-INF/versions/21/a/A.class",
                                "A",
                                "META-INF/MANIFEST.MF",
                                "Manifest-Version: 1.0\nMulti-Release: true\nBuild-Time: now\n\n")
                        .base();
        var own = built.code(built);
        Tests.same(Set.of("META-INF/MANIFEST.MF", "META-INF/versions/21/a/A.class"), own.keySet());
        Tests.same(
                "Manifest-Version: 1.0\r\nMulti-Release: true\r\n\r\n",
                own.get("META-INF/MANIFEST.MF"));
    }

    void jarsWithinJarsAreRefusedByName() throws Exception {
        for (String[] pair :
                new String[][] {
                    {"BOOT-INF/lib/a.jar", "Spring Boot"},
                    {"io/quarkus/bootstrap/runner/A.class", "uber-jar"},
                    {"lib/a.jar", "lib/a.jar"}
                }) {
            Built built = new Built().own(pair[0], "x");
            Tests.holds(Tests.stopped(built::base).contains(pair[1]), pair[1]);
        }
    }
}
