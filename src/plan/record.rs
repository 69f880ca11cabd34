//! The record of an apply in a function's tags: what jot writes, and what it reads later.
//!
//! It explains and never decides.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use crate::model::{
    Config, Function, Origin, RecursiveLoop, RoleChoice, RuntimeUpdate, Slot,
    desired::{LogGroup, Repository, Role},
    json::sorted,
    observed::FunctionState,
    pairs::{self, LIMIT, Pairs},
    reach::{Destination, Statement},
    value::EnvValue,
};

use super::{
    diff,
    managed::{self, Key},
    ownership, parts, taken,
};

/// The digest of the last applied configuration, and after a space [`Pairs`] of its fields.
pub(super) const CONFIG: &str = pairs::TAG_CONFIG;
/// [`Pairs`] for fields with several entries: variables, tags, policies.
pub(super) const ENTRIES: &str = "jot:entries";
/// [`Pairs`] of the source's files.
pub(super) const FILES: &str = "jot:files";

/// Name in [`CONFIG`] of a field that jot manages without a key in the manifest.
pub(super) const ROLE: &str = "role";
/// As [`ROLE`]: the name of the alias.
pub(super) const ALIAS: &str = pairs::ALIAS;
/// As [`ROLE`]: the trust policy of jot's role.
pub(super) const TRUST: &str = "trust";
/// As [`ROLE`]: policy, lifecycle and mutability of the repository.
pub(super) const REPOSITORY: &str = "repository";
/// As [`ROLE`]: the repository's tags.
pub(super) const REPOSITORY_TAGS: &str = "repository.tags";

/// As [`ROLE`]: everything that the manifest has of [`SHARED`], in one field.
pub(super) const REST: &str = "rest";
/// The keys that share one field of [`CONFIG`]: a tag has no space for a field of each.
pub(super) const SHARED: [Key; 4] = [
    Key::SystemLogLevel,
    Key::LogGroup,
    Key::Layers,
    Key::RecursiveLoop,
];

/// What the tags of a function record of the last successful apply.
#[derive(Clone, Debug, Default)]
pub(super) struct Record {
    /// The first 16 hex digits of the digest over all settings.
    pub config: Option<String>,
    /// Digests of single fields, by key code.
    pub fields: Option<Pairs>,
    /// Digests of variables, tags and policies.
    pub entries: Option<Pairs>,
    /// Digests of the source's files.
    pub files: Option<Pairs>,
    /// Short digests of the recipe's parts.
    pub inputs: Option<BTreeMap<String, String>>,
    /// The keys that the manifest had.
    pub managed: BTreeSet<Key>,
    /// Whether the function existed before jot.
    pub adopted: bool,
}

impl Record {
    /// The record of a function, if it exists.
    pub fn of(latest: Option<&FunctionState>) -> Self {
        latest.map_or_else(Self::default, |latest| Self::read(&latest.tags))
    }

    /// The record in these tags; an older jot recorded less.
    pub fn read(tags: &BTreeMap<String, String>) -> Self {
        let whole = tags.get(CONFIG).map(|text| match text.split_once(' ') {
            Some((digest, _)) => digest.to_owned(),
            None => text.clone(),
        });
        let pairs = |key: &str| tags.get(key).map(|text| Pairs::decode(text, LIMIT));
        Self {
            config: whole,
            fields: pairs::fields(tags),
            entries: pairs(ENTRIES),
            files: pairs(FILES),
            inputs: tags.get(parts::INPUTS).map(|text| parts::decode(text)),
            managed: tags
                .get(managed::TAG)
                .map(|text| managed::decode(text))
                .unwrap_or_default(),
            adopted: ownership::adopted(tags),
        }
    }
}

/// The tags that [`Record::read`] reads, except for those of the image.
pub(super) fn write(wanted: &Function, repository: &Repository) -> [(&'static str, String); 3] {
    let fields = fields(wanted, repository);
    let digest = &wanted.config_digest;
    let encoded = pairs::encode(
        fields.iter().map(|(name, value)| (*name, value.as_str())),
        pairs::room_after(digest),
    );
    let entries = entries(wanted);
    let files = &wanted.source.parts;
    [
        (CONFIG, format!("{digest} {encoded}")),
        (ENTRIES, encode(&entries)),
        (FILES, encode(files)),
    ]
}

fn encode(items: &BTreeMap<String, String>) -> String {
    let items = items
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    pairs::encode(items, LIMIT)
}

/// Every managed field, those of the manifest's keys first.
fn fields(wanted: &Function, repository: &Repository) -> Vec<(&'static str, String)> {
    let keys = Key::ALL
        .into_iter()
        .filter(|key| !SHARED.contains(key))
        .filter_map(|key| Some((key.code(), field(wanted, key)?)));
    let mut fields: Vec<_> = keys.collect();
    fields.extend(rest(&shared(wanted)).map(|text| (REST, text)));
    fields.push((ROLE, role(wanted)));
    fields.extend(wanted.deploy.alias.clone().map(|alias| (ALIAS, alias)));
    fields.extend(trust(wanted).map(|trust| (TRUST, trust)));
    fields.push((REPOSITORY, of_repository(repository)));
    fields.push((REPOSITORY_TAGS, repository_tags(repository)));
    fields
}

/// The wanted values of the manifest's keys in [`SHARED`], by their codes.
pub(super) fn shared(wanted: &Function) -> BTreeMap<&'static str, String> {
    SHARED
        .into_iter()
        .filter_map(|key| Some((key.code(), field(wanted, key)?)))
        .collect()
}

/// The value of [`REST`]; `None` if it is empty.
pub(super) fn rest(parts: &BTreeMap<&'static str, String>) -> Option<String> {
    (!parts.is_empty()).then(|| json!(parts).to_string())
}

/// The wanted value of a key, as a text that changes with it; `None` if the manifest does not
/// have the key.
pub(super) fn field(wanted: &Function, key: Key) -> Option<String> {
    if key == Key::Schedules {
        // Entry with the triggers.
        return None;
    }
    let includes_origins = matches!(key, Key::Async | Key::Permissions | Key::Triggers);
    if let Some(origins) = origins(wanted, key.word()).filter(|_| !includes_origins) {
        return Some(origins);
    }
    let LogGroup { retention_days, .. } = &wanted.log_group;
    match key {
        Key::Environment => wanted.config.environment.as_ref().map(environment),
        Key::Tags => wanted.tags.as_ref().map(|tags| json!(tags).to_string()),
        Key::LogRetention => retention_days.map(|days| json!(days).to_string()),
        Key::Concurrency => wanted.reserved_concurrency.map(|number| number.to_string()),
        Key::RuntimeUpdate => wanted.runtime_update.as_ref().map(RuntimeUpdate::to_string),
        Key::RecursiveLoop => wanted.recursive_loop.as_ref().map(RecursiveLoop::to_string),
        Key::PolicyFile => match &wanted.role {
            RoleChoice::Own(role) => role.inline.as_ref().map(text),
            RoleChoice::Given(_) | RoleChoice::From(_) => None,
        },
        Key::Boundary => match &wanted.role {
            RoleChoice::Own(role) => role.boundary.clone(),
            RoleChoice::Given(_) | RoleChoice::From(_) => None,
        },
        Key::Url => wanted.reach.url.as_ref().map(|url| text(&json!(url))),
        Key::Permissions => wanted
            .reach
            .permissions
            .as_ref()
            .map(|all| permissions(wanted, &all.iter().collect())),
        Key::Async => wanted
            .reach
            .asynchronous
            .as_ref()
            .map(|one| text(&json!(one.map(Destination::written)))),
        Key::Provisioned => wanted
            .reach
            .provisioned_concurrency
            .map(|number| number.to_string()),
        Key::Triggers => wanted.reach.triggers.as_ref().map(|mappings| {
            let mappings = mappings.iter();
            let pushes = wanted.reach.pushes.iter();
            taken::triggers(
                wanted,
                &mappings.map(|(name, one)| (name.clone(), one)).collect(),
                &pushes
                    .map(|(name, one)| (name.clone(), &one.push))
                    .collect(),
            )
        }),
        _ => setting(&wanted.config, key),
    }
}

/// Statements as a text that changes with them.
///
/// Where one contains references, its id represents it, which includes the origins.
pub(super) fn permissions(wanted: &Function, all: &BTreeMap<&String, &Statement>) -> String {
    match wanted.takes(Key::Permissions.word()) {
        true => json!(all.keys().collect::<Vec<_>>()).to_string(),
        false => text(&json!(all)),
    }
}

/// The origins of a key's values, as a text that changes with them; `None` if all values are
/// literal.
///
/// Values are never recorded.
pub(super) fn origins(wanted: &Function, word: &str) -> Option<String> {
    let origins: Vec<Json> = wanted.taken(word).map(Origin::written).collect();
    (!origins.is_empty()).then(|| json!(origins).to_string())
}

/// As [`field`], for settings with a single value.
pub(super) fn setting(config: &Config, key: Key) -> Option<String> {
    diff::scalars(config).get(&key).map(text)
}

/// The value as a text, independent of the order of its names.
pub(super) fn text(value: &Json) -> String {
    sorted(value).to_string()
}

/// The table of variables, without variables that are not in the manifest.
fn environment(variables: &BTreeMap<String, EnvValue>) -> String {
    let unvalued = |value: &EnvValue| value.source().unwrap_or_else(|| json!(value.reveal()));
    let variables: BTreeMap<_, _> = variables
        .iter()
        .map(|(name, value)| (name, unvalued(value)))
        .collect();
    json!(variables).to_string()
}

/// Variables, tags and policies, each by its name.
///
/// A value that is not in the manifest counts by its source alone, under a special name, so that it
/// is never recorded.
pub(super) fn entries(wanted: &Function) -> BTreeMap<String, String> {
    let variables = wanted.config.environment.iter().flatten();
    let variables = variables.map(|(name, value)| match value.source() {
        Some(source) => (sourced(&variable(name)), source.to_string()),
        None => (
            variable(name),
            value.reveal().unwrap_or_default().to_owned(),
        ),
    });
    let tags = wanted.tags.iter().flatten();
    let tags = tags.map(|(key, value)| (tag(key), value.clone()));
    let policies = match &wanted.role {
        RoleChoice::Own(role) => role.policies.as_slice(),
        RoleChoice::Given(_) | RoleChoice::From(_) => &[],
    };
    let policies = policies.iter().filter(|arn| !is_taken(wanted, arn));
    let policies = policies.map(|arn| (policy(arn), String::new()));
    variables.chain(tags).chain(policies).collect()
}

/// The name of a variable among the entries; also its field in a plan.
pub(super) fn variable(name: &str) -> String {
    format!("{}.{name}", Key::Environment.word())
}

/// The name of a variable with a value outside the manifest.
pub(super) fn sourced(variable: &str) -> String {
    format!("{variable} from")
}

/// The name of a tag among the entries; also its field in a plan.
pub(super) fn tag(key: &str) -> String {
    format!("{}.{key}", Key::Tags.word())
}

/// The name of a role's policy among the entries.
pub(super) fn policy(arn: &str) -> String {
    format!("policies.{arn}")
}

/// Whether a policy's ARN is a reference.
pub(super) fn is_taken(wanted: &Function, arn: &str) -> bool {
    let policies = wanted.references.iter();
    let mut policies = policies.filter(|one| matches!(one.slot, Slot::Policy(_)));
    policies.any(|one| {
        let value = one.value.as_ref();
        value.is_some_and(|value| value.reveal() == arn)
    })
}

/// A role's name, which is unique in an account, also from its ARN; or the origin, if it is a
/// reference.
pub(super) fn role(wanted: &Function) -> String {
    if let Some(origins) = origins(wanted, ROLE) {
        return origins;
    }
    match &wanted.role {
        RoleChoice::Own(role) => role.name.clone(),
        RoleChoice::Given(role) => last(role).to_owned(),
        RoleChoice::From(origin) => origin.written().to_string(),
    }
}

/// The last part of an ARN.
pub(super) fn last(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
}

/// The trust policy of jot's role.
pub(super) fn trust(wanted: &Function) -> Option<String> {
    match &wanted.role {
        RoleChoice::Own(Role { trust, .. }) => Some(text(trust)),
        RoleChoice::Given(_) | RoleChoice::From(_) => None,
    }
}

pub(super) fn repository_tags(repository: &Repository) -> String {
    json!(repository.tags).to_string()
}

/// What jot sets of the repository, except for its tags.
pub(super) fn of_repository(repository: &Repository) -> String {
    let Repository {
        name: _,
        tags: _,
        policy,
        lifecycle,
        mutable_tags,
    } = repository;
    text(&json!([policy, lifecycle, mutable_tags]))
}
