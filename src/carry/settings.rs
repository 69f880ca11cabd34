//! What the readers share: settings within Lambda's limits, and variables that may be secrets.

use std::collections::BTreeMap;

use super::carried::{Code, Function, Variable};
use crate::manifest::limits::RESERVED_VARIABLES;

/// Memory that Lambda takes, in MB.
pub const MEMORY_MB: (i64, i64) = (128, 10240);
/// Timeouts that Lambda takes, in seconds.
pub const TIMEOUT_S: (i64, i64) = (1, 900);
/// Sizes of /tmp that Lambda takes, in MB.
pub const STORAGE_MB: (i64, i64) = (512, 10240);

/// What to say of layers of an image.
pub const LAYERS: &str = "images have no layers: copy their content into the image.";

/// Whether Lambda supports layers for the function: only for zip archives.
pub fn takes_layers(function: &Function) -> bool {
    matches!(function.code, Code::Jvm { zip: true, .. })
}

/// Returns a number within a range, with a note where it was not.
pub fn within(
    place: &str,
    given: i64,
    (least, most): (i64, i64),
    notes: &mut Vec<String>,
) -> Option<i64> {
    let kept = given.clamp(least, most);
    if kept != given {
        notes.push(format!(
            "{place} {given} became {kept}: Lambda takes {least} to {most}."
        ));
    }
    Some(kept)
}

/// Words in the names of variables that usually hold secrets.
const SECRET_WORDS: [&str; 12] = [
    "PASSWORD",
    "PASSWD",
    "PASSPHRASE",
    "PWD",
    "SECRET",
    "TOKEN",
    "CREDENTIAL",
    "PRIVATE",
    "API_KEY",
    "APIKEY",
    "ACCESS_KEY",
    "AUTH",
];

/// Whether a variable's name or value looks like a secret.
pub fn looks_secret(name: &str, value: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let named = SECRET_WORDS.iter().any(|word| name.contains(word));
    let reference = name.ends_with("_ARN") || name.ends_with("_NAME") || value.starts_with("arn:");
    let credentials = value
        .split_once("://")
        .and_then(|(_, rest)| rest.split('/').next()?.split_once('@'))
        .is_some_and(|(user, _)| user.contains(':'));
    (named && !reference) || credentials || value.contains("-----BEGIN")
}

/// Environment variables on their way into a function.
pub struct Environment<'a> {
    /// What the notes call the source's variables, such as `Hello.Environment`.
    place: String,
    /// The function that takes them.
    function: &'a mut Function,
    /// Variables that are read from this machine's environment, each with the reason.
    from_env: Vec<String>,
    /// Variables that Lambda does not take.
    refused: Vec<String>,
}

impl<'a> Environment<'a> {
    pub fn new(place: String, function: &'a mut Function) -> Self {
        Self {
            place,
            function,
            from_env: Vec::new(),
            refused: Vec::new(),
        }
    }

    /// Adds a variable with a value that may be written, unless it looks like a secret.
    pub fn plain(&mut self, name: &str, value: &str) {
        if looks_secret(name, value) {
            self.local(name, "looks like a secret");
        } else {
            self.add(name, Variable::Plain(value.to_owned()));
        }
    }

    /// Adds a variable that is read from this machine's environment, for a reason.
    pub fn local(&mut self, name: &str, reason: &str) {
        if self.add(name, Variable::FromEnv(name.to_owned())) {
            self.from_env.push(format!("{name} ({reason})"));
        }
    }

    /// Adds a variable that is read from Parameter Store.
    pub fn parameter(&mut self, name: &str, parameter: &str) {
        self.add(name, Variable::FromSsm(parameter.to_owned()));
    }

    /// Adds a variable if Lambda takes its name.
    fn add(&mut self, name: &str, variable: Variable) -> bool {
        let mut letters = name.chars();
        let begins = letters.next().is_some_and(|c| c.is_ascii_alphabetic());
        let valid = begins
            && name.len() > 1
            && letters.all(|c| c.is_ascii_alphanumeric() || c == '_')
            && !RESERVED_VARIABLES.contains(&name);
        if valid {
            self.function.environment.insert(name.to_owned(), variable);
        } else {
            self.refused.push(printable(name));
        }
        valid
    }

    /// Reports what is not written as the source has it.
    pub fn finish(self, notes: &mut Vec<String>) {
        let place = &self.place;
        if !self.from_env.is_empty() {
            notes.push(format!(
                "{place}: jot reads these from the environment of the machine that runs it \
                    (`from_env`): {}.",
                self.from_env.join(", ")
            ));
        }
        if !self.refused.is_empty() {
            notes.push(format!(
                "{place}: Lambda sets these itself or does not take their names, left out: {}.",
                self.refused.join(", ")
            ));
        }
    }
}

/// A name of the source's as a terminal may show it.
pub fn printable(text: &str) -> String {
    let kept = text.chars().filter(|c| !c.is_control());
    kept.take(100).collect()
}

/// Tags that the manifest accepts: AWS reserves keys that begin with `aws:`.
pub fn tags(
    place: &str,
    given: impl IntoIterator<Item = (String, String)>,
    notes: &mut Vec<String>,
) -> BTreeMap<String, String> {
    let own = |key: &str| {
        let key = key.to_ascii_lowercase();
        key.starts_with("aws:") || key.starts_with("jot:")
    };
    let (left, kept): (Vec<_>, BTreeMap<_, _>) = given.into_iter().fold(
        (Vec::new(), BTreeMap::new()),
        |(mut left, mut kept), (key, value)| {
            if own(&key) {
                left.push(printable(&key));
            } else {
                kept.insert(key, value);
            }
            (left, kept)
        },
    );
    if !left.is_empty() {
        notes.push(format!("{place}: {} were left out.", left.join(", ")));
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_name_and_by_value() {
        for (name, value) in [
            ("DB_PASSWORD", "x"),
            ("STRIPE_API_KEY", "x"),
            ("githubToken", "x"),
            ("DATABASE_URL", "postgres://me:pw@db/x"),
            ("CERTIFICATE", "-----BEGIN PRIVATE KEY-----"),
        ] {
            assert!(looks_secret(name, value), "{name}");
        }
        for (name, value) in [
            ("TABLE", "orders"),
            ("SECRET_ARN", "arn:aws:secretsmanager:eu-west-1:1:secret:x"),
            ("SECRET_NAME", "orders"),
            ("URL", "https://example.org/a@b:c"),
        ] {
            assert!(!looks_secret(name, value), "{name}");
        }
    }

    #[test]
    fn lambda_takes_no_variable_of_a_reserved_or_odd_name() {
        let (mut function, mut notes) = (Function::default(), Vec::new());
        let mut environment = Environment::new("A.Environment".to_owned(), &mut function);
        environment.plain("AWS_REGION", "eu-west-1");
        environment.plain("a-b", "x");
        environment.plain("OK", "x");
        environment.local("TABLE", "`!Ref Table`");
        environment.finish(&mut notes);
        assert_eq!(function.environment.len(), 2);
        assert!(notes[0].ends_with("(`from_env`): TABLE (`!Ref Table`)."));
        assert!(notes[1].ends_with("left out: AWS_REGION, a-b."));
    }
}
