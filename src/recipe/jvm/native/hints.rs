//! Hints for plan, apply, verify and report about native binaries.

use super::super::hints::{symptom, unbound};
use crate::model::hints::{BuildMemory, Hints, Place, Symptom};

/// The least memory for `native-image`, in MB. Its driver refuses to begin with less than 512 MiB
/// for the heap, which is for a "hello world"; a small function in Clojure took 0.8 GB of heap and
/// 1.4 GB in all. Larger ones need more, which only their build shows.
/// <https://www.graalvm.org/jdk25/reference-manual/native-image/overview/BuildOutput/>
const MEMORY_MB: u64 = 1000;

/// How to add what a test reaches to the binary.
const AGAIN: &str = "a test with `exemplar = true` that reaches it makes the tracing agent collect \
                     it; `jot build --metadata DIR` writes what was collected, and a \
                     reachability-metadata.json in META-INF/native-image of the sources adds to it";

/// Returns the hints for a native binary.
pub fn hints() -> Hints {
    Hints {
        symptoms: vec![
            unbound(),
            unregistered(),
            unavailable(),
            unknown_protocol(),
            memory(),
            ended(),
        ],
        otherwise: Some(otherwise()),
        crash: Some("a crash in the native code of a dependency".to_owned()),
        session: Some(
            "it runs on GraalVM's JVM, without the variables of `environment`".to_owned(),
        ),
        portable: Some("set `jvm.compile = \"none\"`".to_owned()),
        build_memory: Some(BuildMemory {
            mb: MEMORY_MB,
            what: "`native-image`".to_owned(),
            help: "give Docker's machine more memory, or set `jvm.compile = \"archive\"`, which \
                   needs little"
                .to_owned(),
        }),
        collected: Some("/opt/jot/metadata".to_owned()),
        ..Hints::default()
    }
}

/// The text of `Missing...RegistrationError`, GraalVM's own errors for what was looked up and is
/// not registered.
/// <https://www.graalvm.org/jdk25/reference-manual/native-image/metadata/#missing-metadata>
fn unregistered() -> Symptom {
    Symptom {
        name: vec![(" '".to_owned(), "'".to_owned())],
        ..symptom(
            Place::Message,
            &["registrationerror", "'reachability-metadata.json'"],
            &format!("the binary has no metadata of {{name}}: {AGAIN}"),
        )
    }
}

/// The errors of a JVM for missing things, which a binary also reports for missing metadata.
fn unavailable() -> Symptom {
    let between = |before: &str, after: &str| (before.to_owned(), after.to_owned());
    Symptom {
        name: vec![
            between("Class not found: ", ""),
            between("ClassNotFoundException: ", ""),
            between("NoSuchMethodException: ", ""),
            between("NoSuchFieldException: ", ""),
            between(
                "MissingResourceException: Can't find bundle for base name ",
                ",",
            ),
            between("Could not locate ", " on classpath"),
        ],
        ..symptom(
            Place::Message,
            &[
                "classnotfoundexception",
                "class not found",
                "nosuchmethodexception",
                "nosuchfieldexception",
                "missingresourceexception",
                "could not locate ",
            ],
            &format!("the binary has no metadata of {{name}}, or the jars do not have it: {AGAIN}"),
        )
    }
}

/// Native Image leaves out most protocols of URLs by default:
/// <https://www.graalvm.org/jdk25/reference-manual/native-image/dynamic-features/URLProtocols/>
fn unknown_protocol() -> Symptom {
    symptom(
        Place::Message,
        &["url protocol"],
        "add \"--enable-url-protocols=http,https\" to `jvm.native.args`",
    )
}

fn memory() -> Symptom {
    symptom(
        Place::Message,
        &["outofmemoryerror", "garbage-collected heap size exceeded"],
        "the heap takes 80% of memory_mb: raise memory_mb, or add \"-R:MaxHeapSize=...\" to \
         `jvm.native.args`",
    )
}

/// For any other error: a failed lookup may appear as a null much later.
fn otherwise() -> String {
    format!(
        "if it succeeds on a JVM, metadata is missing: {AGAIN}; \"--exact-reachability-metadata\" \
         in `jvm.native.args` makes the binary report what is missing"
    )
}

/// The libraries are those that the binary and native code in jars need.
fn ended() -> Symptom {
    symptom(
        Place::Log,
        &[
            "error while loading shared libraries",
            "unsatisfiedlinkerror",
        ],
        "native code in a jar needs a library that is not in the image: use \
         `compile = \"archive\"`, or your own Dockerfile with `dockerfile`",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn help(said: &str) -> String {
        let hints = hints();
        let found = hints.symptom(Place::Message, said).unwrap();
        found.help_for(said)
    }

    #[test]
    fn what_is_missing_is_named() {
        for (said, named) in [
            (
                "it failed with org.graalvm.nativeimage.MissingReflectionRegistrationError: Cannot \
                 reflectively access class 'orders.Plugin'. To allow this operation, add the \
                 following to the 'reflection' section of 'reachability-metadata.json' and rebuild \
                 the native image:",
                "no metadata of orders.Plugin:",
            ),
            (
                "it failed with \
                 com.oracle.svm.core.jdk.resources.MissingResourceRegistrationError: Cannot access \
                 resource at path 'rates.csv'. To allow this operation, add the following to the \
                 'resources' section",
                "no metadata of rates.csv:",
            ),
            (
                "it failed with java.lang.ClassNotFoundException: orders.Plugin",
                "no metadata of orders.Plugin, or",
            ),
            (
                "it failed with java.lang.NoSuchMethodException: orders.Plugin.<init>()",
                "no metadata of orders.Plugin.<init>(), or",
            ),
            (
                "it failed with java.lang.ClassNotFoundException: Class not found: orders.Load",
                "no metadata of orders.Load, or",
            ),
            (
                "it failed with java.io.FileNotFoundException: Could not locate \
                 orders/rates__init.class, orders/rates.clj or orders/rates.cljc on classpath.",
                "no metadata of orders/rates__init.class, orders/rates.clj or orders/rates.cljc, \
                 or",
            ),
        ] {
            let help = help(said);
            assert!(help.contains(named), "{said}: {help}");
            assert!(help.contains("jot build --metadata DIR"), "{help}");
        }
        assert!(
            hints()
                .symptom(Place::Message, "java.lang.NullPointerException")
                .is_none()
        );
    }
}
