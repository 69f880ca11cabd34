//! The schemas, ready to check documents.

use std::sync::{LazyLock, OnceLock};

use jsonschema::{Draft, Keyword, PatternOptions, ValidationError, Validator, paths::Location};
use serde_json::{Map, Value, json};

use super::schema;

/// A schema that is ready to check documents.
pub(super) struct Checker {
    pub schema: Value,
    /// What checks documents against it.
    pub validator: Validator,
}

/// Checks the file as written. An error is a bug in jot, which a test rules out.
pub(super) static WRITTEN: LazyLock<Result<Checker, String>> =
    LazyLock::new(|| checker(schema::WRITTEN));

/// Checks the merged document.
pub(super) static MERGED: LazyLock<Result<Checker, String>> =
    LazyLock::new(|| checker(schema::MERGED));

fn checker(schema: &str) -> Result<Checker, String> {
    let schema = serde_json::from_str(schema).map_err(|error| error.to_string())?;
    let options = jsonschema::options()
        .with_draft(Draft::Draft7)
        .with_keyword("pattern", Pattern::keyword);
    let validator = options.build(&schema).map_err(|error| error.to_string())?;
    Ok(Checker { schema, validator })
}

/// The validator of a pattern.
///
/// No pattern here uses lookaround, so the engine without backtracking is used.
pub(super) fn pattern(pattern: &str) -> Result<Validator, String> {
    jsonschema::options()
        .with_draft(Draft::Draft7)
        .with_pattern_options(PatternOptions::regex())
        .build(&json!({ "pattern": pattern }))
        .map_err(|error| error.to_string())
}

/// The keyword `pattern`, compiled for the first text that it checks: a manifest uses few of the
/// patterns, and to compile all of them took most of the time of `jot check`.
struct Pattern {
    pattern: String,
    validator: OnceLock<Result<Validator, String>>,
}

impl Pattern {
    fn keyword<'a>(
        _: &'a Map<String, Value>,
        value: &'a Value,
        _: Location,
    ) -> Result<Box<dyn for<'i> Keyword<'i>>, ValidationError<'a>> {
        let pattern = value.as_str().unwrap_or_default().to_owned();
        Ok(Box::new(Self {
            pattern,
            validator: OnceLock::new(),
        }))
    }

    fn validator(&self) -> &Result<Validator, String> {
        self.validator.get_or_init(|| pattern(&self.pattern))
    }
}

impl<'i> Keyword<'i> for Pattern {
    fn validate(&self, instance: &'i Value) -> Result<(), ValidationError<'i>> {
        match self.validator() {
            Ok(validator) => validator.validate(instance),
            Err(error) => Err(ValidationError::custom(error.clone())),
        }
    }

    fn is_valid(&self, instance: &'i Value) -> bool {
        let validator = self.validator().as_ref();
        validator.is_ok_and(|validator| validator.is_valid(instance))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All patterns of a schema.
    fn patterns<'a>(schema: &'a Value, found: &mut Vec<&'a str>) {
        match schema {
            Value::Object(entries) => {
                found.extend(entries.get("pattern").and_then(Value::as_str));
                entries.values().for_each(|value| patterns(value, found));
            }
            Value::Array(items) => items.iter().for_each(|value| patterns(value, found)),
            _ => {}
        }
    }

    #[test]
    fn every_pattern_compiles() {
        for checker in [&*WRITTEN, &*MERGED] {
            let mut found = Vec::new();
            patterns(&checker.as_ref().unwrap().schema, &mut found);
            assert!(found.len() > 50, "{}", found.len());
            for text in found {
                pattern(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            }
        }
    }
}
