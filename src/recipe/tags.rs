//! Tags of resources: their owner, and the user's own.

use std::collections::BTreeMap;

use super::error::Error;
use crate::model::desired::{
    TAG_FUNCTION as FUNCTION, TAG_PROJECT as PROJECT, TAG_TARGET as TARGET,
};

pub type Tags = BTreeMap<String, String>;

/// Returns the tag that says which project a resource belongs to.
pub fn of_project(project: &str) -> Result<Tags, Error> {
    checked([(PROJECT, project)])
}

/// Returns the tags that say which project, function and target a resource belongs to.
pub fn of_function(project: &str, function: &str, target: Option<&str>) -> Result<Tags, Error> {
    checked([
        (PROJECT, project),
        (FUNCTION, function),
        (TARGET, target.unwrap_or_default()),
    ])
}

/// Returns the tags that say which project and target a resource belongs to.
pub fn of_target(project: &str, target: Option<&str>) -> Result<Tags, Error> {
    checked([(PROJECT, project), (TARGET, target.unwrap_or_default())])
}

fn checked<const N: usize>(tags: [(&'static str, &str); N]) -> Result<Tags, Error> {
    let checked = tags.map(|(tag, value)| match taggable(value) {
        true => Ok((tag.to_owned(), value.to_owned())),
        false => Err(Error::Tag {
            tag,
            value: value.to_owned(),
        }),
    });
    checked.into_iter().collect()
}

/// Whether every service accepts it as a tag's value: at most 256 letters, digits, spaces and `+ -
/// = . _ : / @`.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html>
fn taggable(value: &str) -> bool {
    value.chars().count() <= 256
        && value
            .chars()
            .all(|c| c.is_alphanumeric() || " +-=._:/@".contains(c))
}

/// Returns the user's tags for a function; its own override those of the project. `None` without
/// any, so that tags are not managed.
pub fn of_user(project: &Tags, function: Option<&Tags>) -> Option<Tags> {
    if function.is_none() && project.is_empty() {
        return None;
    }
    let mut all = project.clone();
    all.extend(
        function
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.clone())),
    );
    Some(all)
}

/// Returns both together; the user cannot override ownership.
pub fn all(ownership: &Tags, user: Option<&Tags>) -> Tags {
    let mut all = user.cloned().unwrap_or_default();
    all.extend(ownership.clone());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(pairs: &[(&str, &str)]) -> Tags {
        pairs
            .iter()
            .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn no_target_is_an_empty_tag() {
        let expected = tags(&[(PROJECT, "numerics"), (FUNCTION, "f"), (TARGET, "")]);
        assert_eq!(of_function("numerics", "f", None).unwrap(), expected);
    }

    #[test]
    fn a_value_is_at_most_256_characters_of_those_that_lambda_takes() {
        assert!(of_project(&"p".repeat(256)).is_ok());
        assert!(of_project(&"p".repeat(257)).is_err());
        assert!(of_project("a b+c-d=e.f_g:h/i@j").is_ok());
        for bad in ["a#b", "a\nb", "a*b", "a,b"] {
            assert!(matches!(of_project(bad), Err(Error::Tag { .. })), "{bad:?}");
        }
    }

    #[test]
    fn the_function_overrides_the_project_and_ownership_both() {
        let user = of_user(
            &tags(&[("a", "1"), ("b", "1")]),
            Some(&tags(&[("b", "2"), (PROJECT, "x")])),
        );
        let all = all(&tags(&[(PROJECT, "numerics")]), user.as_ref());
        assert_eq!(all, tags(&[("a", "1"), ("b", "2"), (PROJECT, "numerics")]));
    }

    #[test]
    fn without_tags_in_the_manifest_they_are_not_managed() {
        assert_eq!(of_user(&Tags::new(), None), None);
        assert_eq!(of_user(&Tags::new(), Some(&Tags::new())), Some(Tags::new()));
    }
}
