//! The table `native` of a function for the JVM, and the rules of `compile = "native"`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::manifest::{at::At, error::Problems, limits::pattern};

/// How `native-image` makes a binary.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Native {
    /// The image that has GraalVM for JDK 25 or later, with `native-image` and its tracing agent.
    /// Default: `ghcr.io/graalvm/native-image-community:<java>-ol9`. The binary needs the glibc of
    /// this image; AWS's runtime for zips has 2.34.
    #[schemars(regex(pattern = pattern::IMAGE))]
    pub builder_image: Option<String>,
    /// Options of `native-image`, after jot's own, such as `--enable-url-protocols=https` or
    /// `-R:MaxHeapSize=256m`.
    #[serde(default)]
    #[schemars(inner(regex(pattern = pattern::EXPRESSION)))]
    pub args: Vec<String>,
}

/// The first release with the metadata format (one file) that jot brings and collects, and with
/// long-term support.
/// <https://www.graalvm.org/release-notes/JDK_24/>
const OLDEST: u32 = 25;

/// Keys that have no effect on a binary, as paths below the function, and what to do instead.
const NOT_USED: [(&str, &str); 6] = [
    (
        "jvm.flags",
        "a binary has no JVM: pass options of `native-image` in `jvm.native.args`, such as \
            \"-R:MaxHeapSize=256m\"",
    ),
    (
        "jvm.default_flags",
        "a binary has no JVM: pass options of `native-image` in `jvm.native.args`",
    ),
    (
        "jvm.modules",
        "a binary contains the code that it reaches, without a JRE",
    ),
    (
        "jvm.jit_budget",
        "all classes of a binary are compiled during the build",
    ),
    (
        "build.base_image",
        "name the image that has `native-image` in `jvm.native.builder_image`",
    ),
    (
        "build.dockerfile_extra",
        "the image contains the binary only: use `compile = \"archive\"`, or your own Dockerfile \
            with `dockerfile`",
    ),
];

/// Options of `native-image` that jot sets itself.
/// <https://www.graalvm.org/jdk25/reference-manual/native-image/overview/Options/>
const OWN_OPTIONS: [&str; 9] = [
    "-cp",
    "-classpath",
    "--class-path",
    "-jar",
    "-o",
    "--no-fallback",
    "--shared",
    "--static",
    "--libc",
];

/// Adds the keys that the mode of the table `jvm` does not allow.
pub(super) fn check(function: &At, table: &At, problems: &mut Problems) {
    let mode = table.text("compile").filter(|(_, mode)| *mode == "native");
    let Some((mode, _)) = mode else {
        if let Some(at) = table.get("native") {
            let message = format!(
                "`{}` has no effect without `compile = \"native\"`",
                at.name()
            );
            let help = "set `compile = \"native\"`, or remove the table";
            problems.add(at.wrong_key(message, "not used").help(help));
        }
        return;
    };
    let mut wrong = |at: &At, what: &str, label: &str, help: &'static str| {
        let message = format!("`{}` {what}: `{}` is \"native\"", at.name(), mode.name());
        problems.add(at.wrong_key(message, label).help(help));
    };
    for (path, help) in NOT_USED {
        let mut at = Some(function.clone());
        for key in path.split('.') {
            at = at.and_then(|at| at.get(key));
        }
        if let Some(at) = at {
            wrong(&at, "has no effect", "not used", help);
        }
    }
    if let Some(at) = function
        .get("snapstart")
        .filter(|at| at.node.to_json() == serde_json::json!(true))
    {
        let help = "remove it: a binary starts in milliseconds, and is not notified of a snapshot";
        wrong(&at, "needs a JVM", "not with a binary", help);
    }
    let old = |(_, java): &(At, &str)| java.parse::<u32>().is_ok_and(|java| java < OLDEST);
    if let Some((at, java)) = table.text("java").filter(old) {
        let message = format!(
            "`{}` must be at least {OLDEST} with `compile = \"native\"`, got {java}",
            at.name()
        );
        let help = "older releases of GraalVM have another format of reachability metadata: remove \
            `java`, or use `compile = \"archive\"`";
        problems.add(at.wrong(message, "too old").help(help));
    }
    arguments(table, problems);
}

fn arguments(table: &At, problems: &mut Problems) {
    let arguments = table.get("native").and_then(|native| native.get("args"));
    for (_, item) in arguments.map(|at| at.items()).unwrap_or_default() {
        let text = item.node.text().unwrap_or_default();
        let name = text.split(['=', ' ']).next().unwrap_or_default();
        if OWN_OPTIONS.contains(&name) {
            let message = format!("`{}` sets `{name}`, which jot sets itself", item.name());
            let help = "remove it: the class path comes from `classpath`, and the binary is linked \
                        statically, except for the glibc that AWS's client needs";
            problems.add(item.wrong(message, "set by jot").help(help));
        } else if !text.starts_with('-') && !text.is_empty() {
            let message = format!("`{}` is not an option of `native-image`", item.name());
            let help = "write each option as one string that begins with `-`, such as \
                \"--enable-url-protocols=https\"";
            problems.add(item.wrong(message, "not an option").help(help));
        }
    }
}
