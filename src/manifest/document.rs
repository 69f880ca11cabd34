//! The merged document, kept for the values that are read later.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use super::{
    at::At,
    error::{Error, Problems},
    merge::Merged,
    node::{Content, Step},
    rules,
};

/// The merged document of one target with its text. Empty by default.
#[derive(Clone, Debug, Default)]
pub struct Document(Option<Arc<(Merged, String)>>);

impl Document {
    pub(super) fn new(merged: Merged, text: &str) -> Self {
        Self(Some(Arc::new((merged, text.to_owned()))))
    }

    /// Checks the document with these values in their places. Unknown values stay as written.
    ///
    /// # Errors
    /// [`Error::Invalid`] with every rule that the values break.
    pub fn with_values(&self, path: &Path, values: &BTreeMap<String, &str>) -> Result<(), Error> {
        let Some((merged, text)) = self.0.as_deref().filter(|_| !values.is_empty()) else {
            return Ok(());
        };
        let places = references(merged).into_iter().filter_map(|at| {
            let value = values.get(&at.path())?;
            Some((at.steps().to_vec(), (*value).to_owned()))
        });
        let places: Vec<(Vec<Step>, String)> = places.collect();
        let mut whole = merged.clone();
        for (steps, value) in places {
            if let Some(node) = whole.root.at_mut(&steps) {
                node.content = Content::Text(value);
            }
        }
        let mut problems = Problems::new(path, text, merged.target.as_deref());
        rules::values(&whole, &mut problems);
        match problems.is_empty() {
            true => Ok(()),
            false => Err(problems.into_error()),
        }
    }
}

/// Every place of a document where the value is read from elsewhere.
pub(super) fn references(merged: &Merged) -> Vec<At<'_>> {
    let document = At::root(merged);
    let functions = document.get("functions").map(|table| table.entries());
    let functions = functions.unwrap_or_default();
    let all = functions
        .iter()
        .flat_map(|(_, function)| rules::references::all(function));
    all.chain(rules::references::bucket(&document)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::{self, Loaded};

    const TEXT: &str = r#"
[project]
name = "numerics"
[aws]
region = "eu-west-1"
bucket = { from_ssm = "/code" }
[functions.load]
image_uri = """123456789012.dkr.ecr.eu-west-1.amazonaws.com/load@sha256:\
  0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"""
async = { on_success = { arn = { from_ssm = "/to" } } }
triggers.jobs = { sqs = { from_ssm = "/jobs" }, batch_size = 100, batch_window_s = 1 }
triggers.more = { sqs = "arn:aws:sqs:eu-west-1:123456789012:more" }
triggers.news.sns = "arn:aws:sns:eu-west-1:123456789012:news"
triggers.news.on_failure = { from_ssm = "/failed" }
triggers.arrivals = { s3 = { from_ssm = "/incoming" }, on = ["ObjectCreated:*"] }
triggers.uploads = { s3 = "incoming", on = ["ObjectCreated:Put"] }
"#;

    fn problems(loaded: &Loaded, values: &[(&str, &str)]) -> Vec<String> {
        let full = |key: &str| match key.starts_with("aws.") {
            true => key.to_owned(),
            false => format!("functions.load.{key}"),
        };
        let values = values.iter().map(|(key, value)| (full(key), *value));
        match loaded.document.with_values(&loaded.path, &values.collect()) {
            Ok(()) => Vec::new(),
            Err(Error::Invalid { problems, .. }) => {
                problems.into_iter().map(|one| one.message).collect()
            }
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn values_that_were_read_are_held_to_the_rules() {
        let loaded = manifest::read(Path::new("/project/jot.toml"), TEXT, None).unwrap();
        let fine = [
            (
                "triggers.jobs.sqs",
                "arn:aws:sqs:eu-west-1:123456789012:jobs",
            ),
            ("triggers.arrivals.s3", "arriving"),
            (
                "triggers.news.on_failure",
                "arn:aws:sqs:eu-west-1:123456789012:lost",
            ),
            (
                "async.on_success.arn",
                "arn:aws:sqs:eu-west-1:123456789012:done",
            ),
            ("aws.bucket", "code"),
        ];
        assert_eq!(problems(&loaded, &fine), Vec::<String>::new());
        for (key, value, expected) in [
            (
                "triggers.jobs.sqs",
                "arn:aws:sqs:us-east-1:123456789012:jobs",
                "in region us-east-1",
            ),
            (
                "triggers.jobs.sqs",
                "arn:aws:sqs:eu-west-1:123456789012:more",
                "source of another trigger",
            ),
            (
                "triggers.jobs.sqs",
                "arn:aws:sqs:eu-west-1:123456789012:j.fifo",
                "must be at most 10",
            ),
            (
                "triggers.news.on_failure",
                "arn:aws:sns:eu-west-1:123456789012:lost",
                "is not a queue",
            ),
            (
                "triggers.arrivals.s3",
                "incoming",
                "the same objects of bucket incoming",
            ),
            ("async.on_success.arn", "arn:aws:s3:::done", "is a bucket"),
        ] {
            let found = problems(&loaded, &[(key, value)]);
            let reported = found.iter().any(|one| one.contains(expected));
            assert!(reported, "{key} = {value}: {found:#?}");
        }
    }
}
