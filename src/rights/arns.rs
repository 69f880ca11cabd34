//! The ARNs of the resources that a row is about.

use std::collections::BTreeSet;

use super::{needs::own_role, place::Place, row::On};
use crate::model::{
    Desired, Function, Origin, Push, RoleChoice,
    desired::Role,
    push::{DEFAULT_BUS, bucket_of},
};

/// Wildcards for the hex digits at the end of the name of a role of jot, which depend on the
/// region.
const DIGITS: &str = "????????";

/// A manifest, as ARNs are made of it.
pub(super) struct Arns<'a> {
    pub desired: &'a Desired,
    pub place: Place<'a>,
    /// Whether one pattern replaces names that begin with the project's, so that the policy is
    /// shorter.
    pub short: bool,
}

impl On {
    /// The ARNs, of these functions; none where the manifest has none of it.
    pub(super) fn arns(self, functions: &[&Function], arns: &Arns) -> BTreeSet<String> {
        let (desired, place) = (arns.desired, &arns.place);
        let each = |arns: &dyn Fn(&Function) -> Vec<String>| -> BTreeSet<String> {
            functions.iter().flat_map(|one| arns(one)).collect()
        };
        let one = |arn: String| BTreeSet::from([arn]);
        match self {
            Self::Account => one("*".to_owned()),
            Self::Functions => {
                let named = |name: &str| both(place.arn("lambda", &format!("function:{name}")));
                arns.names(functions, |one| &one.name, &named)
            }
            Self::Aliases => {
                let named = |name: &str| vec![place.arn("lambda", &format!("function:{name}:*"))];
                arns.names(functions, |one| &one.name, &named)
            }
            Self::Undeclared => one(place.arn("lambda", "function:*")),
            Self::Mappings => one(place.arn("lambda", "event-source-mapping:*")),
            Self::Repository => {
                let name = &desired.repository.name;
                one(place.arn("ecr", &format!("repository/{name}")))
            }
            Self::SourceRepository => {
                let source = desired.supply.target();
                let arn = |source: &Desired| {
                    let name = &source.repository.name;
                    Place::of(source).arn("ecr", &format!("repository/{name}"))
                };
                source.map(arn).into_iter().collect()
            }
            Self::GivenRepositories => {
                each(&|one| given_repository(one, place).into_iter().collect())
            }
            Self::ProjectRoles => one(place.role(&format!("/jot/{}/*", desired.project))),
            Self::OwnRoles => arns.own_roles(functions),
            Self::GivenRoles => each(&|one| given_roles(one, place)),
            Self::SchedulerRole => {
                let scheduler = &desired.scheduler;
                one(arns.role(&scheduler.path, &scheduler.role))
            }
            Self::LogGroups => {
                let named = |name: &str| log_group(name, place);
                arns.names(functions, |one| &one.log_group.name, &named)
            }
            Self::UndeclaredLogs => one(place.arn("logs", "log-group:/aws/lambda/*")),
            Self::WrittenLogs => {
                let unknown =
                    |one: &Function| one.config.log_group.is_none() && one.takes("logging.group");
                match functions.iter().any(|one| unknown(one)) {
                    true => one(place.arn("logs", "log-group:*")),
                    false => arns.names(functions, Function::writes_to, &|name| {
                        log_group(name, place)
                    }),
                }
            }
            Self::Archives => {
                let bucket = desired.aws.bucket.iter();
                let project = &desired.project;
                bucket
                    .map(|bucket| place.bucket(&format!("{bucket}/jot/{project}/*")))
                    .collect()
            }
            Self::CodeBucket => desired
                .aws
                .bucket
                .iter()
                .map(|one| place.bucket(one))
                .collect(),
            Self::NotifyingBuckets => each(&|one| {
                of_pushes(one, |push, _| match push {
                    Push::Notification(one) => Some(place.bucket(&one.bucket)),
                    _ => None,
                })
            }),
            Self::SendingBuckets => each(&|one| {
                of_pushes(one, |push, _| match push {
                    Push::Rule(rule) => Some(place.bucket(&bucket_of(&rule.pattern)?)),
                    _ => None,
                })
            }),
            Self::Topics => each(&|one| {
                of_pushes(one, |push, _| match push {
                    Push::Subscription(one) => Some(one.topic.clone()),
                    _ => None,
                })
            }),
            Self::Rules => each(&|function| {
                of_pushes(function, |push, _| match push {
                    Push::Rule(rule) => {
                        let bus = match rule.bus.as_str() {
                            DEFAULT_BUS => String::new(),
                            bus => format!("{bus}/"),
                        };
                        let prefix = &function.reach.push_prefix;
                        Some(place.arn("events", &format!("rule/{bus}{prefix}*")))
                    }
                    _ => None,
                })
            }),
            Self::Schedules => {
                let group = &desired.scheduler.group;
                one(place.arn("scheduler", &format!("schedule/{group}/*")))
            }
            Self::ScheduleGroup => {
                let group = &desired.scheduler.group;
                one(place.arn("scheduler", &format!("schedule-group/{group}")))
            }
            Self::Keys => each(&|one| keys(one, place)),
            Self::Layers => each(&|one| match &one.config.layers {
                Some(layers) => layers.clone(),
                None => vec![format!(
                    "arn:{}:lambda:{}:*:layer:*",
                    place.partition, place.region
                )],
            }),
            Self::Alarms => each(&|one| match &one.deploy.traffic {
                Some(traffic) => {
                    let alarms = traffic.alarms.iter();
                    alarms
                        .map(|alarm| place.arn("cloudwatch", &format!("alarm:{alarm}")))
                        .collect()
                }
                None => Vec::new(),
            }),
            Self::FileSystems => {
                let mut all = each(&|one| match &one.config.file_systems {
                    Some(mounted) => mounted.iter().map(|one| one.arn.clone()).collect(),
                    None => vec![place.arn("elasticfilesystem", "access-point/*")],
                });
                all.insert(place.arn("elasticfilesystem", "file-system/*"));
                all
            }
            Self::KeysElsewhere => match holders(desired).is_empty() {
                true => BTreeSet::new(),
                false => one(place.arn("kms", "key/*")),
            },
            Self::Parameters | Self::Secrets | Self::Stacks | Self::Exports | Self::States => {
                let origins = desired.origins().into_iter();
                origins
                    .filter_map(|origin| self.holding(origin, place))
                    .collect()
            }
        }
    }

    /// The place of a value, if it is in this kind of resource.
    fn holding(self, origin: &Origin, place: &Place) -> Option<String> {
        let whole = |name: &str| name.starts_with("arn:").then(|| name.to_owned());
        match (self, origin) {
            (Self::Parameters, Origin::Ssm(path)) => Some(whole(path).unwrap_or_else(|| {
                // A version or label follows the name.
                let name = path.split(':').next().unwrap_or_default();
                place.arn(
                    "ssm",
                    &format!("parameter/{}", name.trim_start_matches('/')),
                )
            })),
            (Self::Secrets, Origin::Secret { name, .. }) => {
                Some(whole(name).unwrap_or_else(|| {
                    // Secrets Manager adds six characters of its own.
                    place.arn("secretsmanager", &format!("secret:{name}-??????"))
                }))
            }
            (Self::Stacks, Origin::Output { stack, .. }) => {
                Some(place.arn("cloudformation", &format!("stack/{stack}/*")))
            }
            (Self::Exports, Origin::Export(_)) => Some("*".to_owned()),
            (Self::States, Origin::Terraform { file, .. }) => {
                Some(place.bucket(file.strip_prefix("s3://")?))
            }
            _ => None,
        }
    }
}

impl Arns<'_> {
    /// The ARNs of what has these names, of functions.
    fn names(
        &self,
        functions: &[&Function],
        name: impl Fn(&Function) -> &str,
        arns: &dyn Fn(&str) -> Vec<String>,
    ) -> BTreeSet<String> {
        let project = format!("{}-", self.desired.project);
        let shortened = |one: &&Function| self.short && one.name.starts_with(&project);
        let named = functions.iter().flat_map(|one| match shortened(one) {
            // The text before and after the function's name stays.
            true => vec![arns(&name(one).replacen(&one.name, &format!("{project}*"), 1)).remove(0)],
            false => arns(name(one)),
        });
        named.collect()
    }

    /// jot's roles of these functions: their path, if it matches no other function of the manifest.
    fn own_roles(&self, functions: &[&Function]) -> BTreeSet<String> {
        let owning = |one: &&Function| own_role(one).is_some();
        let all = self.desired.functions.values().filter(owning).count();
        let roles = functions.iter().filter_map(|one| own_role(one));
        let named = |one: &Role| self.role(&one.path, &one.name);
        match functions.len() == all && all > 1 {
            true => roles
                .map(|one| self.place.role(&format!("{}*", one.path)))
                .collect(),
            false => roles.map(named).collect(),
        }
    }

    /// A role of jot; its last digits are known if the region is.
    fn role(&self, path: &str, name: &str) -> String {
        let kept = name.len().saturating_sub(DIGITS.len());
        match &self.desired.aws.region {
            Some(_) => self.place.role(&format!("{path}{name}")),
            None => self.place.role(&format!("{path}{}{DIGITS}", &name[..kept])),
        }
    }
}

/// The services that store values for the manifest, and those that may encrypt them.
pub(super) fn holders(desired: &Desired) -> BTreeSet<&'static str> {
    let service = |origin: &Origin| match origin {
        Origin::Ssm(_) => Some("ssm"),
        Origin::Secret { .. } => Some("secretsmanager"),
        Origin::Terraform { file, .. } => file.starts_with("s3://").then_some("s3"),
        Origin::Env(_) | Origin::Output { .. } | Origin::Export(_) => None,
    };
    desired.origins().into_iter().filter_map(service).collect()
}

/// Itself, and what is qualified.
fn both(arn: String) -> Vec<String> {
    vec![format!("{arn}"), format!("{arn}:*")]
}

fn log_group(name: &str, place: &Place) -> Vec<String> {
    both(place.arn("logs", &format!("log-group:{name}")))
}

fn of_pushes(function: &Function, arn: impl Fn(&Push, &str) -> Option<String>) -> Vec<String> {
    let pushes = function.reach.pushes.values();
    pushes.filter_map(|one| arn(&one.push, &one.id)).collect()
}

/// ARN of the repository in `<account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:...`.
fn given_repository(function: &Function, place: &Place) -> Option<String> {
    let (host, rest) = function.code.image_uri()?.split_once('/')?;
    let name = rest.split('@').next()?;
    let mut parts = host.split('.');
    let (account, region) = match (parts.next(), parts.nth(2)) {
        (Some(account), Some(region)) if host.contains(".dkr.ecr.") => (account, region),
        _ => (place.account, place.region),
    };
    let partition = place.partition;
    Some(format!(
        "arn:{partition}:ecr:{region}:{account}:repository/{name}"
    ))
}

fn given_roles(function: &Function, place: &Place) -> Vec<String> {
    match &function.role {
        RoleChoice::Given(arn) if arn.starts_with("arn:") => vec![arn.clone()],
        // Its path is unknown.
        RoleChoice::Given(name) => vec![
            place.role(&format!("/{name}")),
            place.role(&format!("/*/{name}")),
        ],
        RoleChoice::From(_) => vec![place.role("/*")],
        RoleChoice::Own(_) => Vec::new(),
    }
}

fn keys(function: &Function, place: &Place) -> Vec<String> {
    let config = &function.config;
    let unknown = config.kms_key.is_none() && function.takes("kms_key");
    let unknown = unknown.then(|| place.arn("kms", "key/*"));
    let mappings = function.reach.triggers.iter().flatten();
    let mappings = mappings.filter_map(|(_, mapping)| mapping.kms_key.clone());
    let own = config
        .kms_key
        .clone()
        .into_iter()
        .chain(mappings)
        .chain(unknown);
    own.filter(|arn| !arn.is_empty()).collect()
}
