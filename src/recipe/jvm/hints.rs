//! Hints for plan, apply, verify and report about the JVM.

use crate::model::hints::{Hints, Place, Release, Symptom, Trace};

/// The launcher reads options from it:
/// <https://docs.oracle.com/en/java/javase/25/docs/specs/man/java.html#using-the-jdk_java_options-launcher-environment-variable>
const OPTIONS: &str = "JDK_JAVA_OPTIONS";
/// A JVM that cannot use its archives ends then, instead of starting slowly.
const PROOF: &str = "-Xshare:on";
/// Logs each class that is loaded, with its origin.
const LISTED: &str = "-Xlog:class+load:stderr:tags";
/// How each of these lines begins.
const CLASS: &str = "[class,load] ";

/// Returns the hints for the JVM; `archive`: whether the image has class-data archives, `zip`:
/// whether AWS's own runtime starts it.
pub fn hints(archive: bool, zip: bool) -> Hints {
    let mut symptoms = vec![unbound(), no_class(), no_method(), memory()];
    symptoms.extend(archive.then(stale));
    Hints {
        release: Some(Release {
            prefix: "eclipse-temurin:".to_owned(),
            name: "Java".to_owned(),
        }),
        stale_cache: None,
        trace: Some(trace(archive)),
        proof: archive.then(|| (OPTIONS.to_owned(), PROOF.to_owned())),
        notices: texts(&[
            "NOTE: Picked up JDK_JAVA_OPTIONS:",
            "Picked up JAVA_TOOL_OPTIONS:",
        ]),
        symptoms,
        idle: None,
        faster_start: Some(match (archive, zip) {
            (true, _) => "set `snapstart = true`".to_owned(),
            (false, false) => "set `jvm.compile = \"archive\"` or `snapstart = true`".to_owned(),
            (false, true) => "set `snapstart = true` or `jvm.package = \"image\"`".to_owned(),
        }),
        crash: Some("a crash in the native code of a dependency".to_owned()),
        session: Some("it has none of the variables of `environment`".to_owned()),
        portable: Some("set `jvm.compile = \"none\"`".to_owned()),
        ..Hints::default()
    }
}

fn trace(archive: bool) -> Trace {
    let value = match archive {
        true => format!("{PROOF} {LISTED}"),
        false => LISTED.to_owned(),
    };
    Trace {
        variable: (OPTIONS.to_owned(), value),
        prefix: CLASS.to_owned(),
        mark: CLASS.to_owned(),
        separator: " source: ".to_owned(),
        beside: Vec::new(),
        prepared: " source: shared objects file".to_owned(),
        unit: ("class".to_owned(), "classes".to_owned()),
        happened: "loaded from outside the archives".to_owned(),
        budget: "jit_budget".to_owned(),
        help: "`jot test --jit-debt` lists them: cover them by a test with `exemplar = true`, or \
               raise jvm.jit_budget"
            .to_owned(),
    }
}

/// A symptom with words alone.
pub fn symptom(place: Place, words: &[&str], help: &str) -> Symptom {
    Symptom {
        place,
        words: texts(words),
        also: Vec::new(),
        but: Vec::new(),
        message: None,
        line: None,
        name: Vec::new(),
        help: help.to_owned(),
    }
}

/// A Clojure handler with a namespace that is not loaded:
/// <https://clojure.org/reference/compilation>, `gen-class` and `deftype`.
pub fn unbound() -> Symptom {
    symptom(
        Place::Message,
        &["attempting to call unbound fn"],
        "the handler's namespace was not loaded: make the class with `:gen-class`, or add \
         `:load-ns true` to its `deftype`",
    )
}

fn no_class() -> Symptom {
    symptom(
        Place::Message,
        &[
            "class not found",
            "classnotfoundexception",
            "noclassdeffounderror",
        ],
        "the jars do not contain this class: check that the build packages it, and that `handler` \
         is its name with the package",
    )
}

fn no_method() -> Symptom {
    symptom(
        Place::Message,
        &["no public method named", "is not a valid handler"],
        "name a method of the class as `class::method`, or implement RequestHandler or \
         RequestStreamHandler",
    )
}

fn memory() -> Symptom {
    symptom(
        Place::Message,
        &["outofmemoryerror", "java heap space", "metaspace"],
        "the heap has 70% of memory_mb: raise memory_mb, or set `-XX:MaxRAMPercentage` in \
         `jvm.flags`",
    )
}

/// The JVM's error with [`PROOF`] if the archives do not fit its class path or options.
fn stale() -> Symptom {
    Symptom {
        message: Some("the JVM refused the class-data archives of the image ({how})".to_owned()),
        ..symptom(
            Place::Log,
            &["shared archive", "shared class paths", "archive file"],
            "Lambda would start without them, slowly: remove JVM options from `environment`, keep \
             files of /opt/jot as they are, or set `jvm.compile = \"none\"`",
        )
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}
