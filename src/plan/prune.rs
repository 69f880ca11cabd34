//! Images of the repository that nothing refers to any more.
//!
//! What cannot be read counts as referred to.

use std::collections::{BTreeMap, BTreeSet};

use super::{Error, ownership::foreign_repository};
use crate::model::{
    Digest,
    prune::{Parts, PruneCause, Pruned, Rule, Stored, StoredImage},
};

const DAY_S: i64 = 24 * 60 * 60;

/// What to do with each image, in the order in which they may be deleted.
///
/// An index comes before the images that it names, and a signature before its subject, because ECR
/// keeps what an index names.
///
/// # Errors
///
/// [`Error::ForeignRepository`]
pub fn prune(stored: &Stored, rule: Rule) -> Result<Vec<Pruned>, Error> {
    if let Some(why) = foreign_repository(&stored.project, &stored.tags) {
        return Err(Error::ForeignRepository {
            name: stored.repository.clone(),
            why,
        });
    }
    let mut reasons: Vec<Option<Reason>> = stored
        .images
        .iter()
        .map(|image| own_reason(image, stored, rule))
        .collect();
    spread(&stored.images, &mut reasons);
    let blind = blind(stored, rule);
    let mut order: Vec<usize> = (0..stored.images.len()).collect();
    order.sort_by_key(|&at| rank(&stored.images[at]));
    let each = order.into_iter().map(|at| {
        let image = &stored.images[at];
        let reason = reasons[at].clone().or_else(|| blind.clone());
        let goes = reason.is_none();
        let (cause, why) = reason.unwrap_or_else(|| (PruneCause::Unreached, unused(image, stored)));
        Pruned {
            digest: image
                .digest
                .as_ref()
                .map_or_else(String::new, |one| one.as_str().to_owned()),
            tags: image.tags.clone(),
            bytes: image.bytes,
            goes,
            cause,
            why,
        }
    });
    Ok(each.collect())
}

/// Why an image stays.
type Reason = (PruneCause, String);

/// Why an image stays, without regard to other images.
fn own_reason(image: &StoredImage, stored: &Stored, rule: Rule) -> Option<Reason> {
    let Some(digest) = &image.digest else {
        return Some((
            PruneCause::Unknown,
            "its digest was not reported".to_owned(),
        ));
    };
    let code = match &image.parts {
        Some(Parts::Archive(code)) => code,
        _ => digest,
    };
    if let Some(versions) = stored.running.get(code).and_then(some) {
        return Some((PruneCause::Runs, format!("{versions} runs it")));
    }
    if let Some(tag) = image.tags.iter().find(|tag| !is_jots(tag)) {
        return Some((
            PruneCause::Tagged,
            format!("it has the tag `{tag}`, which is not jot's"),
        ));
    }
    let by_tag = |all: &BTreeMap<String, BTreeSet<String>>| {
        let mut found = image.tags.iter().filter_map(|tag| all.get(tag));
        found.next().and_then(some)
    };
    if let Some(keys) = by_tag(&stored.held) {
        return Some((PruneCause::Held, format!("it is held for {keys}")));
    }
    if let Some(keys) = by_tag(&stored.wanted) {
        return Some((PruneCause::Wanted, format!("jot.toml asks for it: {keys}")));
    }
    if image.parts.is_none() {
        return Some((
            PruneCause::Unknown,
            "its manifest could not be read".to_owned(),
        ));
    }
    let Some(pushed) = image.pushed_s else {
        return Some((
            PruneCause::Unknown,
            "ECR does not say when it was pushed".to_owned(),
        ));
    };
    let age = |then: i64| stored.now_s - then;
    let times = [("pushed", Some(pushed)), ("pulled", image.pulled_s)];
    let recent = times.into_iter().find_map(|(what, then)| {
        let age = age(then?);
        (age < rule.older_than_s).then(|| format!("it was {what} {}", ago(age)))
    });
    recent.map(|why| (PruneCause::Recent, why))
}

/// Why no image at all may be deleted.
fn blind(stored: &Stored, rule: Rule) -> Option<Reason> {
    if !stored.unseen.is_empty() {
        let why = format!("not everything could be read: {}", stored.unseen.join("; "));
        return Some((PruneCause::Unseen, why));
    }
    if !stored.others.is_empty() && !rule.other_accounts_unused {
        let why = format!("{} may run it", stored.others.join(" and "));
        return Some((PruneCause::OtherAccounts, why));
    }
    None
}

/// Keeps all images that belong to kept ones.
///
/// These are images that they are built on, those that an index names, an index that names one, the
/// subject of a signature, and the signature.
fn spread(images: &[StoredImage], reasons: &mut [Option<Reason>]) {
    let links = links(images);
    let mut open: Vec<usize> = (0..images.len())
        .filter(|&at| reasons[at].is_some())
        .collect();
    while let Some(at) = open.pop() {
        for (other, link) in &links[at] {
            if reasons[*other].is_none() {
                let why = format!("{} {}", link.words(), name(&images[at]));
                reasons[*other] = Some((PruneCause::Belongs, why));
                open.push(*other);
            }
        }
    }
}

/// Relation of an image to one that stays.
#[derive(Clone, Copy)]
enum Link {
    Base,
    Named,
    Names,
    Subject,
    About,
}

impl Link {
    fn words(self) -> &'static str {
        match self {
            Self::Base => "it is the base of",
            Self::Named => "it is named by the index",
            Self::Names => "it is the index of",
            Self::Subject => "it is the subject of",
            Self::About => "it is about",
        }
    }
}

/// For each image, the others that stay with it.
fn links(images: &[StoredImage]) -> Vec<Vec<(usize, Link)>> {
    let by_digest: BTreeMap<&Digest, usize> = images
        .iter()
        .enumerate()
        .filter_map(|(at, image)| Some((image.digest.as_ref()?, at)))
        .collect();
    // Images by their layers: a base has the lowest layers of what is built on it.
    let mut by_layers: BTreeMap<&[Digest], Vec<usize>> = BTreeMap::new();
    for (at, image) in images.iter().enumerate() {
        if let Some(Parts::Layers(layers)) = &image.parts {
            by_layers.entry(layers).or_default().push(at);
        }
    }
    let mut links = vec![Vec::new(); images.len()];
    for (at, image) in images.iter().enumerate() {
        match &image.parts {
            Some(Parts::Layers(layers)) => {
                // Includes a base with exactly the same layers: an image built on it may have added
                // only settings.
                let lower = (1..=layers.len()).filter_map(|count| by_layers.get(&layers[..count]));
                let bases = lower.flatten().filter(|&&base| base != at);
                links[at].extend(bases.map(|&base| (base, Link::Base)));
            }
            Some(Parts::Index(named)) => {
                for &child in named.iter().filter_map(|digest| by_digest.get(digest)) {
                    links[at].push((child, Link::Named));
                    links[child].push((at, Link::Names));
                }
            }
            Some(Parts::Archive(_)) | None => {}
        }
        if let Some(&subject) = image.subject.as_ref().and_then(|one| by_digest.get(one)) {
            links[at].push((subject, Link::Subject));
            links[subject].push((at, Link::About));
        }
    }
    links
}

/// The order of deletion.
fn rank(image: &StoredImage) -> u8 {
    match (&image.subject, &image.parts) {
        (Some(_), _) => 0,
        (None, Some(Parts::Index(_))) => 1,
        _ => 2,
    }
}

/// Whether a tag is the first 16 hex digits of a fingerprint.
fn is_jots(tag: &str) -> bool {
    tag.len() == 16
        && tag
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Name of an image in a sentence.
fn name(image: &StoredImage) -> String {
    let digest = image.digest.as_ref().map_or("", Digest::short);
    image.tags.first().map_or(digest, String::as_str).to_owned()
}

/// The first of several, and how many more exist.
fn some(all: &BTreeSet<String>) -> Option<String> {
    let first = all.first()?;
    Some(match all.len() {
        1 => first.clone(),
        count => format!("{first} and {} more", count - 1),
    })
}

/// Why an image is deleted.
fn unused(image: &StoredImage, stored: &Stored) -> String {
    let since = |then: i64| ago(stored.now_s - then);
    let pushed = image
        .pushed_s
        .map(|then| format!(", pushed {}", since(then)));
    let pulled = match image.pulled_s {
        Some(then) => format!(", last pulled {}", since(then)),
        None => ", never pulled".to_owned(),
    };
    format!("nothing runs it{}{pulled}", pushed.unwrap_or_default())
}

/// Age in whole days.
fn ago(seconds: i64) -> String {
    match seconds / DAY_S {
        ..=0 => "less than a day ago".to_owned(),
        1 => "1 day ago".to_owned(),
        days => format!("{days} days ago"),
    }
}
