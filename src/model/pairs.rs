//! Names and values in a tag as short digests: four hex digits of a name, four of its value, pair
//! after pair. A tag has room for 32 pairs, which is enough to say what changed, and reveals no
//! value.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

/// The most characters in a tag's value.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html>
pub const LIMIT: usize = 256;

/// Hex digits of one digest.
const DIGITS: usize = 4;
/// Hex digits of a name and its value.
const PAIR: usize = 2 * DIGITS;

/// The content of a tag, by the digests of names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Pairs {
    /// `None` if two names have the same digest, so that the value is ambiguous.
    values: BTreeMap<String, Option<String>>,
    /// Whether more pairs may exist than fit.
    full: bool,
}

/// What was recorded under a name.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Entry<'a> {
    /// This digest, see [`short`].
    Digest(&'a str),
    /// The name was absent.
    Nothing,
    /// Unknown: another name has the same digest, or the tag was full.
    Unclear,
}

impl Pairs {
    /// Reads a tag with room for so many characters.
    pub fn decode(text: &str, room: usize) -> Self {
        let mut values = BTreeMap::new();
        let mut rest = text;
        while let Some((pair, after)) = rest.split_at_checked(PAIR) {
            let Some((name, value)) = pair.split_at_checked(DIGITS) else {
                break;
            };
            values
                .entry(name.to_owned())
                .and_modify(|digest| *digest = None)
                .or_insert_with(|| Some(value.to_owned()));
            rest = after;
        }
        Self {
            values,
            full: text.len() + PAIR > room,
        }
    }

    /// What was recorded under the name.
    pub fn of(&self, name: &str) -> Entry<'_> {
        match self.values.get(&short(name)) {
            Some(Some(digest)) => Entry::Digest(digest),
            Some(None) => Entry::Unclear,
            None if self.full => Entry::Unclear,
            None => Entry::Nothing,
        }
    }

    /// How many recorded names are none of these.
    pub fn beyond<'a>(&self, names: impl IntoIterator<Item = &'a String>) -> usize {
        let mut left = self.values.clone();
        for name in names {
            left.remove(&short(name));
        }
        left.len()
    }
}

/// The tag with the digest of the configuration that was applied last, and after a space [`Pairs`]
/// of its fields.
pub const TAG_CONFIG: &str = "jot:config";
/// The field that is the name of the alias.
pub const ALIAS: &str = "alias";

/// The fields of [`TAG_CONFIG`]; `None` if none are recorded.
pub fn fields(tags: &BTreeMap<String, String>) -> Option<Pairs> {
    let (digest, text) = tags.get(TAG_CONFIG)?.split_once(' ')?;
    Some(Pairs::decode(text, room_after(digest)))
}

/// The room that a digest leaves in a tag.
pub fn room_after(digest: &str) -> usize {
    LIMIT.saturating_sub(digest.len() + 1)
}

/// Whether the alias had this name at the last apply, according to tags; `None` if they do not say.
pub fn is_applied_alias(tags: &BTreeMap<String, String>, name: &str) -> Option<bool> {
    match fields(tags)?.of(ALIAS) {
        Entry::Digest(digest) => Some(digest == short(name)),
        Entry::Nothing | Entry::Unclear => None,
    }
}

/// The pairs of names and values, in the given order, as many as fit.
pub fn encode<'a>(items: impl IntoIterator<Item = (&'a str, &'a str)>, room: usize) -> String {
    items
        .into_iter()
        .take(room / PAIR)
        .map(|(name, value)| short(name) + &short(value))
        .collect()
}

/// The short digest of a text.
pub fn short(text: &str) -> String {
    hex::encode(&Sha256::digest(text)[..DIGITS / 2])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn whatever_is_recorded_fits_and_comes_back(
            items in proptest::collection::btree_map(".{0,60}", ".{0,60}", 0..60),
            room in 0..=256usize,
        ) {
            let pairs = items.iter().map(|(name, value)| (name.as_str(), value.as_str()));
            let text = encode(pairs, room);
            prop_assert!(text.len() <= room);
            prop_assert!(text.chars().all(|c| c.is_ascii_hexdigit()));
            let read = Pairs::decode(&text, room);
            let recorded = text.len() / PAIR;
            prop_assert_eq!(recorded, items.len().min(room / PAIR));
            for (name, value) in items.iter().take(recorded) {
                let digest = short(value);
                let of = read.of(name);
                prop_assert!(of == Entry::Digest(&digest) || of == Entry::Unclear, "{of:?}");
            }
        }

        #[test]
        fn any_text_is_read(text in ".{0,300}") {
            let _ = Pairs::decode(&text, 256).of("memory_mb");
        }
    }

    #[test]
    fn a_name_beyond_a_full_record_is_unclear() {
        let text = encode([("a", "1"), ("b", "2")], 23);
        assert_eq!(text.len(), 16);
        assert_eq!(Pairs::decode(&text, 23).of("c"), Entry::Unclear);
        assert_eq!(Pairs::decode(&text, 24).of("c"), Entry::Nothing);
        assert_eq!(Pairs::decode(&text, 24).of("b"), Entry::Digest(&short("2")));
    }

    #[test]
    fn names_with_one_digest_are_unclear() {
        let pair = encode([("a", "1")], 256);
        assert_eq!(
            Pairs::decode(&(pair.clone() + &pair), 256).of("a"),
            Entry::Unclear
        );
    }

    #[test]
    fn what_is_gone_is_counted() {
        let text = encode([("a", "1"), ("b", "2"), ("c", "3")], 256);
        let now = ["b".to_owned(), "d".to_owned()];
        assert_eq!(Pairs::decode(&text, 256).beyond(&now), 2);
    }
}
