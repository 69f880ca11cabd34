//! The row of a function.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{
    model::{
        Desired, Observed, Plan, Step,
        desired::{self, Function, RELEASE_LATEST, TAG_DIGEST, TAG_RELEASE},
        observed::{self, Alias, Docker, FunctionState, Other},
        push::Push,
        version,
    },
    report::{Counts, InSync, Share, StatusRow, wording},
};

/// Lambda's time format: `2026-11-28T02:30:11.000+0000`.
const TIME: &str = "%Y-%m-%dT%H:%M:%S%.f%z";

/// One row per declared function, by key, then one per undeclared function of the project and
/// target.
///
/// Undeclared functions are known only if all functions were observed.
pub fn rows(desired: &Desired, observed: &Observed, plan: &Result<Plan, String>) -> Vec<StatusRow> {
    let declared = desired.functions.values();
    let declared = declared.map(|one| row(one, desired, observed, plan));
    let target = desired.target.as_deref().unwrap_or_default();
    let others = observed.others.iter();
    let others = others.filter(|one| desired.whole && one.target == target && one.exists());
    declared.chain(others.map(undeclared)).collect()
}

fn row(
    function: &Function,
    desired: &Desired,
    observed: &Observed,
    plan: &Result<Plan, String>,
) -> StatusRow {
    let nothing = observed::Function::default();
    let found = observed.functions.get(&function.key).unwrap_or(&nothing);
    let latest = found.latest.as_ref();
    let running = found.live.as_ref().or(latest);
    let digest = running.and_then(|state| state.code());
    let alias = found.alias.as_ref();
    let release = latest.and_then(|latest| Release::of(&latest.tags));
    let recorded = release.as_ref().filter(|_| found.from_tags);
    let version = match alias {
        Some(alias) => alias.version.clone(),
        None => recorded.map(Release::number).unwrap_or_default(),
    };
    let here = Here::of(function, observed);
    let modified = running.map(|state| state.modified.clone());
    let reach = &found.reach;
    StatusRow {
        state: latest.map_or_else(|| "absent".to_owned(), |state| state.state.to_string()),
        traffic: shares(alias, &version),
        version,
        alias: function.deploy.alias.clone().unwrap_or_default(),
        image: digest
            .map(|digest| digest.short().to_owned())
            .unwrap_or_default(),
        digest: digest
            .map(|digest| digest.as_str().to_owned())
            .unwrap_or_default(),
        memory_mb: running.map(|state| state.config.memory_mb),
        timeout_s: running.map(|state| state.config.timeout_s),
        in_sync: in_sync(function, desired, plan, found),
        declared: true,
        from_tags: found.from_tags,
        digest_in_ecr: here.in_ecr,
        digest_here: here.digest,
        image_here: here.image,
        revision: revision(running, release),
        checkout: function.revision.clone().unwrap_or_default(),
        age_s: age(modified.as_deref(), observed.now.as_deref()),
        modified: modified.unwrap_or_default(),
        held: alias
            .and_then(|alias| alias.releases())
            .map(|record| record.held)
            .unwrap_or_default(),
        url: reach
            .url
            .as_ref()
            .map(|url| url.address.clone())
            .unwrap_or_default(),
        triggers: match found.from_tags {
            true => counted(declared_triggers(function)),
            false => counted(triggers(reach)),
        },
        function: function.key.clone(),
        name: function.name.clone(),
    }
}

/// A row for an undeclared function, from its tags.
fn undeclared(other: &Other) -> StatusRow {
    let tags = other.belongings.as_ref().and_then(|one| one.tags.as_ref());
    let release = tags.and_then(Release::of);
    let digest = tags.and_then(|tags| tags.get(TAG_DIGEST)).cloned();
    let digest = digest.unwrap_or_default();
    let hex = digest.strip_prefix("sha256:").unwrap_or_default();
    let version = release.as_ref().map(Release::number).unwrap_or_default();
    StatusRow {
        function: other.function.clone(),
        name: other.name.clone(),
        state: "undeclared".to_owned(),
        traffic: shares(None, &version),
        version,
        image: hex.chars().take(12).collect(),
        digest,
        in_sync: InSync::No("no: not in jot.toml".to_owned()),
        from_tags: true,
        revision: release.map(|one| one.revision).unwrap_or_default(),
        ..StatusRow::default()
    }
}

/// The content of the tag [`TAG_RELEASE`].
struct Release {
    version: String,
    revision: String,
    digest: Option<String>,
}

impl Release {
    fn of(tags: &BTreeMap<String, String>) -> Option<Self> {
        let tag = tags.get(TAG_RELEASE)?;
        let (version, revision) = tag.split_once(' ').unwrap_or((tag, ""));
        Some(Self {
            version: version.to_owned(),
            revision: revision.to_owned(),
            digest: tags.get(TAG_DIGEST).cloned(),
        })
    }

    /// The version's number; empty without an alias.
    fn number(&self) -> String {
        match self.version.as_str() {
            RELEASE_LATEST => String::new(),
            number => number.to_owned(),
        }
    }
}

/// The commit of the running code: from its version's description, else from tags that describe
/// that code.
fn revision(running: Option<&FunctionState>, release: Option<Release>) -> String {
    let Some(running) = running else {
        return String::new();
    };
    if let Some(described) = version::revision(&running.config.description) {
        return described.to_owned();
    }
    let runs = running.code().map(|code| code.as_str());
    let release = release.filter(|one| one.digest.as_deref() == runs);
    release.map(|one| one.revision).unwrap_or_default()
}

/// The versions that answer, the one with most traffic first.
fn shares(alias: Option<&Alias>, version: &str) -> Vec<Share> {
    let share = |version: &str, percent| Share {
        version: version.to_owned(),
        percent,
    };
    let mut all: Vec<Share> = match alias {
        Some(alias) => {
            let versions = alias.versions();
            let shares = versions.map(|version| share(version, alias.percent(version)));
            shares.filter(|one| one.percent > 0).collect()
        }
        None if version.is_empty() => Vec::new(),
        None => vec![share(version, 100)],
    };
    all.sort_by_key(|one| std::cmp::Reverse(one.percent));
    all
}

/// The location of the code for the present sources.
#[derive(Default)]
struct Here {
    in_ecr: String,
    digest: String,
    image: Option<String>,
}

impl Here {
    fn of(function: &Function, observed: &Observed) -> Self {
        let images = match &observed.docker {
            Docker::Present { images, .. } => Some(images),
            Docker::Absent(_) => None,
        };
        let Some(recipe) = function.code.recipe() else {
            return Self {
                image: images.map(|_| String::new()),
                ..Self::default()
            };
        };
        let tag = recipe.tag();
        let archive = observed.archives.get(tag).map(|one| &one.code);
        let in_ecr = archive.or(observed.images.get(tag).map(|one| &one.digest));
        let local = images.and_then(|images| images.get(recipe));
        let pushed = in_ecr.filter(|digest| local.is_some_and(|local| local.is(digest)));
        let pushed = pushed.map(|digest| digest.as_str().to_owned());
        let other = || {
            let (_, digest) = local?.repo_digests.first()?.rsplit_once('@')?;
            Some(digest.to_owned())
        };
        Self {
            in_ecr: in_ecr
                .map(|one| one.as_str().to_owned())
                .unwrap_or_default(),
            digest: pushed.or_else(other).unwrap_or_default(),
            image: images.map(|_| local.map(|local| local.id.clone()).unwrap_or_default()),
        }
    }
}

/// Seconds between two times; `None` if either is unknown.
fn age(modified: Option<&str>, now: Option<&str>) -> Option<u64> {
    let then = Timestamp::strptime(TIME, modified?).ok()?;
    let now: Timestamp = now?.parse().ok()?;
    // The clocks of two services may differ slightly.
    Some(u64::try_from(now.as_second() - then.as_second()).unwrap_or(0))
}

fn counted(kinds: impl IntoIterator<Item = &'static str>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for kind in kinds {
        *counts.entry(kind.to_owned()).or_default() += 1;
    }
    counts
}

fn triggers(reach: &crate::model::reach::Found) -> Vec<&'static str> {
    let mappings = reach.mappings.values().filter(|one| !one.is_going());
    let mappings = mappings.map(|one| one.mapping.kind());
    let pushes = reach.pushes.values().filter(|one| one.calls);
    mappings.chain(pushes.map(|one| kind(&one.push))).collect()
}

fn declared_triggers(function: &Function) -> Vec<&'static str> {
    let mappings = function.reach.triggers.iter().flat_map(BTreeMap::values);
    let mappings = mappings.map(|one| one.kind());
    let pushes = function.reach.pushes.values();
    mappings.chain(pushes.map(|one| kind(&one.push))).collect()
}

/// The trigger's kind as the manifest names it.
fn kind(push: &Push) -> &'static str {
    match push {
        Push::Notification(_) => "s3",
        Push::Rule(_) => "event_pattern",
        Push::Subscription(_) => "sns",
        Push::Schedule(_) => "schedule",
    }
}

fn in_sync(
    function: &desired::Function,
    desired: &Desired,
    plan: &Result<Plan, String>,
    found: &observed::Function,
) -> InSync {
    let plan = match plan {
        Ok(plan) => plan,
        Err(why) => return InSync::No(why.clone()),
    };
    if let Some(held) = plan.held.get(&function.key) {
        return InSync::No(format!("no: held by {}", held.by.words()));
    }
    if plan.shifting.contains_key(&function.key) {
        return InSync::No("no: an apply moves its traffic".to_owned());
    }
    let image = function
        .code
        .recipe()
        .and_then(|recipe| desired.recipes.get(recipe));
    let concerns = |step: &&Step| {
        let action = &step.action;
        let mine = action.function().is_some_and(|key| key == function.key);
        let made = action.image().is_some_and(|made| {
            Some(made) == function.code.recipe()
                || image.is_some_and(|one| one.base.as_ref() == Some(made))
        });
        mine || made || action.is_repository()
    };
    let steps: Vec<_> = plan.steps.iter().filter(concerns).collect();
    match (steps.len(), Counts::of_steps(steps).all()) {
        (0, _) => InSync::Yes,
        // The number is known once the function itself was observed.
        (_, 1..) if found.from_tags => InSync::No("no: changes to go".to_owned()),
        // Steps that change nothing, such as an interrupted test.
        (_, 0) => InSync::No("no: tests to run".to_owned()),
        (_, changes) => InSync::No(format!("no: {} to go", wording::count(changes, "change"))),
    }
}
