package jot;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The Clojure sources of dependencies. Compiling a project compiles the namespaces that it requires
 * as well, and names what it generates after them; two builds of one source number such classes
 * differently, so they are the base's and not the project's.
 */
final class Namespaces {
    private final Set<String> sources = new TreeSet<>();
    private final Set<String> own = new TreeSet<>();

    /**
     * {@code all} are the entries of the uberjar: a source outside of dependencies is the project's
     * own.
     */
    Namespaces(List<Jar> jars, Set<String> all) {
        jars.forEach(jar -> addSources(jar.entries.keySet(), sources));
        addSources(all, own);
        own.removeAll(sources);
    }

    private static void addSources(Set<String> entries, Set<String> to) {
        for (String name : entries) {
            if (name.endsWith(".clj") || name.endsWith(".cljc")) {
                to.add(name.substring(0, name.lastIndexOf('.')));
            }
        }
    }

    boolean generated(String entry) {
        return namespace(entry) != null;
    }

    /** The source that a class was generated from, without its ending; none for other entries. */
    String namespace(String entry) {
        if (!entry.endsWith(".class")) {
            return null;
        }
        String stem = entry.substring(0, entry.length() - ".class".length());
        int slash = stem.lastIndexOf('/') + 1;
        int dollar = stem.indexOf('$', slash);
        stem = dollar > slash ? stem.substring(0, dollar) : stem;
        stem =
                stem.endsWith("__init")
                        ? stem.substring(0, stem.length() - "__init".length())
                        : stem;
        while (!stem.isEmpty() && !own.contains(stem)) {
            if (sources.contains(stem)) {
                return stem;
            }
            // A type or a protocol is a class in a package named after its namespace.
            stem = slash > 0 ? stem.substring(0, slash - 1) : "";
            slash = stem.lastIndexOf('/') + 1;
        }
        return null;
    }

    Set<String> namespaces(Set<String> entries) {
        return entries.stream()
                .map(this::namespace)
                .filter(name -> name != null)
                .collect(Collectors.toCollection(TreeSet::new));
    }
}
