//! `jot prune`.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::ExitCode,
};

use clap::Args;

use super::{
    Error, Global,
    apply::agreed,
    logs::since::{Since, parse},
    output,
    patience::patient,
    session::Session,
    wanted,
};
use crate::{
    manifest,
    model::prune::{PruneCause, Pruned, Rule},
    observe, plan,
    report::{self, json, wording},
};

/// Deletes unused images and archives from the project's repository.
///
/// An image goes, by its digest, only if no version of any function in this region runs it, no
/// other account may pull it, nothing replicates the repository, it was neither pushed nor pulled
/// recently, it has only jot's tags, it is not held, no target of jot.toml asks for it, and no
/// remaining image is built on it. What cannot be observed counts as used. jot checks all of this
/// again right before it deletes.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Prune {
    /// Keep what was pushed or pulled within this time: a number and a unit, such as 36h or 30d
    #[arg(long, value_name = "TIME", default_value = "14d", value_parser = span)]
    older_than: i64,
    /// Assume that no other account and no replica of the repository uses these images: ignore its
    /// policy and replication rules
    #[arg(long)]
    other_accounts_unused: bool,
    /// Do not ask for confirmation
    #[arg(short, long)]
    yes: bool,
}

const EXAMPLES: &str = "\
Examples:
  jot prune
  jot prune --older-than 90d --yes
  jot prune --target prod --format json --yes";

/// Shows what goes and what stays, each with its reason, asks, checks again, and deletes.
pub async fn prune(global: &Global, arguments: &Prune) -> Result<ExitCode, Error> {
    let session = Session::open(global).await?;
    let print = &session.print;
    let rule = Rule {
        older_than_s: arguments.older_than,
        other_accounts_unused: arguments.other_accounts_unused,
    };
    let wanted = wanted_of_all(&session)?;
    let (repository, images) = look(&session, &wanted, rule).await?;
    if !print.json() {
        output::print(&report::human::pruned(&repository, &images, &print.out))?;
    }
    let going: BTreeSet<&str> = digests(&images).collect();
    if going.is_empty() {
        if print.json() {
            output::print(&json::pruned(&repository, &images))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    agreed(
        "prune",
        report::human::pruning(&images),
        arguments.yes,
        print,
    )?;
    let (_, mut images) = look(&session, &wanted, rule).await?;
    // Delete only what was shown, whatever has changed since.
    images.retain(|one| !one.goes || going.contains(one.digest.as_str()));
    let going: Vec<&str> = digests(&images).collect();
    let kept = session.aws.delete_images(&repository, &going).await?;
    for (digest, why) in &kept {
        print.note(&format!("ECR keeps {digest}: {why}"));
        if let Some(image) = images.iter_mut().find(|one| one.digest == *digest) {
            (image.goes, image.cause, image.why) = (false, PruneCause::Belongs, why.clone());
        }
    }
    match print.json() {
        true => output::print(&json::pruned(&repository, &images))?,
        false => print.note(&format!("Deleted {}.", report::human::pruning(&images))),
    }
    if kept.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    Err(Error::Usage {
        message: format!("ECR keeps {}", wording::count(kept.len(), "image")),
        help: "run `jot prune` again once nothing refers to them".to_owned(),
    })
}

/// The digests of images to delete, in a permitted order.
fn digests(images: &[Pruned]) -> impl Iterator<Item = &str> {
    let going = images.iter().filter(|one| one.goes);
    going.map(|one| one.digest.as_str())
}

/// Titles of images, by the tag that each function asks for.
type Wanted = BTreeMap<String, BTreeSet<String>>;

/// The repository's name, and the decision for each image in it.
async fn look(
    session: &Session,
    wanted: &Wanted,
    rule: Rule,
) -> Result<(String, Vec<Pruned>), Error> {
    let names = session.names(&[])?;
    let asked = observe::prunable(&names, &session.aws);
    let waiting = format!(
        "Reading the deployed functions in {}.",
        session.aws.region()
    );
    let stored = patient(&session.print, &waiting, asked).await?;
    let name = names.repository.name.clone();
    let Some(mut stored) = stored else {
        return Ok((name, Vec::new()));
    };
    stored.wanted = wanted.clone();
    Ok((name, plan::prune(&stored, rule)?))
}

/// The images that jot.toml needs in all its targets; a note names those that cannot be computed
/// without fetching sources.
fn wanted_of_all(session: &Session) -> Result<Wanted, Error> {
    let mut all = Wanted::new();
    let loaded = &session.loaded;
    for target in std::iter::once(None).chain(loaded.targets.iter().map(Some)) {
        let read = manifest::load(&loaded.path, target.map(String::as_str)).map_err(Box::new)?;
        let unknown = match wanted::desired_at_hand(&read, &[]) {
            Ok((desired, absent)) => {
                let recipes = desired.iter().flat_map(|desired| desired.recipes.values());
                for recipe in recipes {
                    let tag = recipe.fingerprint.tag().to_owned();
                    all.entry(tag).or_default().insert(recipe.title.clone());
                }
                (!absent.is_empty())
                    .then(|| format!("the source of {} is not on this machine", absent.join(", ")))
            }
            Err(error) => Some(error.to_string()),
        };
        if let Some(why) = unknown {
            let of = target.map_or_else(String::new, |target| format!(" for target `{target}`"));
            session.print.note(&format!(
                "The images of jot.toml{of} are unknown, so they are not kept: {why}."
            ));
        }
    }
    Ok(all)
}

/// Seconds of a span such as `14d`.
fn span(word: &str) -> Result<i64, String> {
    let unit = word.ends_with(|last: char| last.is_ascii_alphabetic());
    match parse(word) {
        Ok(Since::Span { millis, .. }) if unit => Ok(millis / 1000),
        Err(why) if why.starts_with("must be at most") => Err(why),
        _ => Err("must be a number and a unit, such as 90m, 36h or 14d".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn a_span_has_a_unit() {
        assert_eq!(span("14d"), Ok(14 * 24 * 60 * 60));
        assert_eq!(span("0d"), Ok(0));
        for word in ["14", "2026-05-01T10:00:00Z", "d", "-1d", "1w"] {
            assert!(span(word).unwrap_err().contains("36h or 14d"), "{word}");
        }
        assert!(span("9999d").unwrap_err().contains("at most"));
    }
}
