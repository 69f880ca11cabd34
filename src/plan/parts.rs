//! The tag that holds the short digests of a recipe's parts.

use std::collections::BTreeMap;

use crate::model::recipe::INPUT_REFERENCE;

use crate::model::pairs::LIMIT;

/// Short digests of the recipe's parts, and the parts that are recorded in plain text.
pub(super) const INPUTS: &str = "jot:inputs";

/// The part of a recipe that is the user's source.
pub(super) const SOURCE: &str = "source";

/// The value of [`INPUTS`]: `part=digest`, separated by spaces.
///
/// A pair that does not fit is omitted, which only a long reference can cause.
pub(super) fn encode(inputs: &BTreeMap<String, String>) -> String {
    let mut text = String::new();
    let is_reference = |part: &&String| *part == INPUT_REFERENCE;
    let (last, first): (Vec<_>, Vec<_>) = inputs.keys().partition(is_reference);
    for part in first.into_iter().chain(last) {
        let pair = format!("{}={}", clean(part), clean(&inputs[part]));
        let gap = usize::from(!text.is_empty());
        if text.len() + gap + pair.len() > LIMIT {
            continue;
        }
        if gap == 1 {
            text.push(' ');
        }
        text.push_str(&pair);
    }
    text
}

/// The parts in a value of [`INPUTS`].
pub(super) fn decode(text: &str) -> BTreeMap<String, String> {
    let pairs = text.split(' ').filter_map(|pair| pair.split_once('='));
    let part = |part: &str| match part {
        // The name in jot 0.1.
        "responder" => SOURCE.to_owned(),
        part => part.to_owned(),
    };
    pairs
        .map(|(name, digest)| (part(name), digest.to_owned()))
        .collect()
}

/// Replaces characters that a tag may not contain, spaces and `=` by `_`.
fn clean(text: &str) -> String {
    let keep = |c: char| c.is_ascii_alphanumeric() || "-_.:/@+".contains(c);
    text.chars()
        .map(|c| if keep(c) { c } else { '_' })
        .collect()
}

/// Whether Lambda accepts this as the value of a tag.
#[cfg(test)]
pub(super) fn fits(value: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || " +-=._:/@".contains(c);
    value.chars().count() <= LIMIT && value.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Digest, Fingerprint};

    proptest! {
        #[test]
        fn any_inputs_fit_into_one_tag(
            inputs in proptest::collection::btree_map(".{0,40}", ".{0,40}", 0..12),
        ) {
            let text = encode(&inputs);
            prop_assert!(fits(&text), "{text}");
        }

        #[test]
        fn digests_and_fingerprints_fit_into_one_tag(hex in "[0-9a-f]{64}") {
            let digest = Digest::parse(&format!("sha256:{hex}")).unwrap();
            prop_assert!(fits(digest.as_str()));
            prop_assert!(fits(Fingerprint::parse(&hex).unwrap().tag()));
        }
    }

    #[test]
    fn the_parts_that_recipes_have_all_fit_and_come_back() {
        let parts = [
            "source",
            "dependencies",
            "runtime",
            "base",
            "exemplar",
            "args",
        ];
        let inputs: BTreeMap<String, String> = parts
            .map(|part| (part.to_owned(), "0123abcd".to_owned()))
            .into();
        assert_eq!(decode(&encode(&inputs)), inputs);
    }
}
