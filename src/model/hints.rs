//! Knowledge about a source's language for plan, apply, verify and report, as data: what to look
//! for in output and what to report. They interpret it without knowing any language.

use serde::{Deserialize, Serialize};

/// What jot knows about a language. The default is for a source in an unknown language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hints {
    /// The releases of the language that its own base images are named by.
    pub release: Option<Release>,
    /// Where code that was compiled at run time is found.
    pub stale_cache: Option<StaleCache>,
    /// How to list what is compiled at run time.
    pub trace: Option<Trace>,
    /// A variable with its value: with it, a container fails if it would not use what its build
    /// prepared, or writes that to its log ([`StaleCache::line`]).
    #[serde(default)]
    pub proof: Option<(String, String)>,
    /// Prefixes of log lines that only report the variables above.
    #[serde(default)]
    pub notices: Vec<String>,
    /// Texts in a log or an error with their explanations; the first match counts.
    pub symptoms: Vec<Symptom>,
    /// What to do about an error that shows no symptom.
    #[serde(default)]
    pub otherwise: Option<String>,
    /// What happened, and what to do, if a program never asks for its first invocation.
    pub idle: Option<(String, String)>,
    /// What makes a start faster, after `load and compute less before the first call, set`.
    pub faster_start: Option<String>,
    /// Causes of a crash other than too little memory.
    pub crash: Option<String>,
    /// How the exemplar session of a build differs from Lambda, for a build that failed on a wrong
    /// answer.
    pub session: Option<String>,
    /// What to set so that nothing is compiled for one platform alone.
    pub portable: Option<String>,
    /// How much memory a build needs.
    #[serde(default)]
    pub build_memory: Option<BuildMemory>,
    /// The folder of the built image with what its build collected, for users to review.
    #[serde(default)]
    pub collected: Option<String>,
    /// The user's own files in the image, so that errors name them as the user does.
    #[serde(default)]
    pub sources: Option<Sources>,
    /// How to load changed files into a running container, for a language that can do so.
    #[serde(default)]
    pub reload: Option<Reload>,
}

/// The same folder in an image and here, both with `/` at their end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sources {
    /// The last part of its path in an image.
    pub image: String,
    /// Its path from the manifest's folder; empty for that folder itself.
    pub here: String,
    /// The prefix of the user's names in an image, which errors of the language show.
    #[serde(default)]
    pub scope: String,
    /// The suffix of the user's files in frames of errors, if the function itself uses the user's
    /// paths; empty: it uses the paths in the image.
    #[serde(default)]
    pub suffix: String,
}

impl Sources {
    /// Whether a frame's file is the user's, by the path that the user knows.
    pub fn is_own(&self, file: &str) -> bool {
        let named = !self.suffix.is_empty() && file.ends_with(&self.suffix);
        let below = match self.here.is_empty() {
            true => !file.starts_with(['/', '.']),
            false => file.starts_with(&self.here),
        };
        named && below
    }
}

/// How a running container loads changed files of a context, without a new image. They are the
/// argument of an invocation: `{"token": ..., "main": [...], "files": [{"path": ..., "bytes": HEX},
/// ...]}`. The answer is `true`, or the error of the loaded code; then the previous code continues
/// to answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reload {
    /// The container's variable with the token that identifies such an invocation.
    pub variable: String,
    /// The folder of the context with the files to send, with a `/` at its end.
    pub folder: String,
    /// The files that load the others, in this order; the last one defines what answers.
    pub main: Vec<String>,
    /// Whether the container refuses exactly what a build refuses; if `false`, the code is built
    /// instead.
    pub decides: bool,
    /// SHA-256 of everything else in the image: if it differs, a new image is needed.
    pub rest: String,
}

/// Memory without which a build is not begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildMemory {
    /// Least memory of the daemon's machine, in MB of 1,000,000 bytes.
    pub mb: u64,
    /// What needs it, the subject of the message, such as the tool `native-image`.
    pub what: String,
    /// What to do if it is less.
    pub help: String,
}

/// How base images are named by a language's release, such as `name:1.12`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// The part of the reference before the release.
    pub prefix: String,
    /// What users call it.
    pub name: String,
}

/// How to detect code that was compiled at run time although the image should contain it: a path
/// that exists after the tests, or a log line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaleCache {
    /// The path in the container.
    pub path: String,
    /// Prefix of the log lines that name what was loaded without its cache, for a release that then
    /// compiles nothing at run time; empty: none.
    #[serde(default)]
    pub line: String,
    /// What happened, a sentence.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

/// How a container lists what is compiled at run time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// The variable that asks for it, and its value.
    pub variable: (String, String),
    /// How a line of the log begins that names one.
    pub prefix: String,
    /// What of that beginning is no part of the name.
    #[serde(default)]
    pub mark: String,
    /// What follows the name in such a line, if anything does.
    pub separator: String,
    /// Text in such a line that does not count, because nothing had to be compiled or only the gate
    /// needs it; empty: none.
    #[serde(default)]
    pub prepared: String,
    /// Modules of the language and of jot's runtime: a line that names no other module is not about
    /// the user's code. Empty: all lines are.
    #[serde(default)]
    pub beside: Vec<String>,
    /// What is listed, one and several: `method`, `methods`.
    pub unit: (String, String),
    /// The key of the manifest that holds the budget.
    pub budget: String,
    /// What happened to those that are counted: `compiled at run time`.
    pub happened: String,
    /// What to do about too many.
    pub help: String,
}

/// Words in a log or an error, and what to say of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symptom {
    /// Where the words are looked for.
    pub place: Place,
    /// One of these is in the text, in lower case.
    pub words: Vec<String>,
    /// And one of these, in lower case, unless the list is empty.
    pub also: Vec<String>,
    /// What is taken out of the text first, in lower case.
    pub but: Vec<String>,
    /// What happened, if it replaces the function's message. `{how}` is how the process ended,
    /// `{line}` the text after [`Symptom::line`] in the log.
    pub message: Option<String>,
    /// Prefix of the log line with details, and the text without one.
    pub line: Option<(String, String)>,
    /// The texts before and after the name that replaces `{name}` in `help`; an empty second one is
    /// the next blank. The first pair that matches counts.
    #[serde(default)]
    pub name: Vec<(String, String)>,
    /// What to do about it.
    pub help: String,
}

/// Where a symptom shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// In the message of an error that the function answered with.
    Message,
    /// In the log of a process that ended.
    Log,
}

impl Symptom {
    /// Whether the words are in `text`.
    pub fn is_in(&self, text: &str) -> bool {
        let mut text = text.to_lowercase();
        for but in &self.but {
            text = text.replace(but.as_str(), "");
        }
        let any = |words: &[String]| words.iter().any(|word| text.contains(word.as_str()));
        any(&self.words) && (self.also.is_empty() || any(&self.also))
    }
}

impl Symptom {
    /// What to do about it if `text` shows it.
    pub fn help_for(&self, text: &str) -> String {
        let found = self.name.iter().find_map(|pair| between(text, pair));
        self.help
            .replace("{name}", found.unwrap_or("what it looks up"))
    }
}

/// What is between the first of the one text and the next of the other.
fn between<'a>(text: &'a str, (before, after): &(String, String)) -> Option<&'a str> {
    let (_, rest) = text.split_once(before.as_str())?;
    let end = match after.as_str() {
        "" => rest.find(char::is_whitespace).unwrap_or(rest.len()),
        after => rest.find(after)?,
    };
    Some(&rest[..end]).filter(|name| !name.is_empty())
}

impl Hints {
    /// A text in which the user's files and the names that they define appear as the user knows
    /// them.
    pub fn with_own_paths(&self, text: &str) -> String {
        let Some(sources) = &self.sources else {
            return text.to_owned();
        };
        let scope = sources.scope.as_str();
        let text = match scope {
            "" => text.to_owned(),
            scope => text.replace(scope, ""),
        };
        let mut parts = text.split(&sources.image);
        let mut made = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let path = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
            made.truncate(made.trim_end_matches(path).len());
            made.push_str(&sources.here);
            made.push_str(part);
        }
        made
    }

    /// The symptom that shows in this text.
    pub fn symptom(&self, place: Place, text: &str) -> Option<&Symptom> {
        let mut here = self.symptoms.iter().filter(|one| one.place == place);
        here.find(|one| one.is_in(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_image_are_the_users_again() {
        let hints = |here: &str| Hints {
            sources: Some(Sources {
                image: "env/R_1/src/".to_owned(),
                here: here.to_owned(),
                scope: "R_1.S_1.".to_owned(),
                suffix: ".jl".to_owned(),
            }),
            ..Hints::default()
        };
        let said = "/tmp/jot-reload/3/env/R_1/src/a.jl:2: no; \"/opt/jot/env/R_1/src/b/c.jl\" too";
        let own = hints("").with_own_paths(said);
        assert_eq!(own, "a.jl:2: no; \"b/c.jl\" too");
        let own = hints("sums/").with_own_paths(said);
        assert_eq!(own, "sums/a.jl:2: no; \"sums/b/c.jl\" too");
        let named = hints("").with_own_paths("no method f(::R_1.S_1.T)");
        assert_eq!(named, "no method f(::T)");
        assert_eq!(hints("").with_own_paths("nothing of it"), "nothing of it");
        assert_eq!(Hints::default().with_own_paths(said), said);
        let own = |file: &str| {
            hints("sums/")
                .sources
                .is_some_and(|sources| sources.is_own(file))
        };
        assert!(own("sums/a.jl"));
        for other in ["./reduce.jl", "/usr/share/julia/a.jl", "none", "other/a.jl"] {
            assert!(!own(other), "{other}");
        }
        let here = |file: &str| {
            hints("")
                .sources
                .is_some_and(|sources| sources.is_own(file))
        };
        assert!(here("a.jl") && !here("./reduce.jl"));
        let above = |file: &str| {
            hints("../sums/")
                .sources
                .is_some_and(|one| one.is_own(file))
        };
        assert!(above("../sums/a.jl") && !above("a.jl"));
    }
}
