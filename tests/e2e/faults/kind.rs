//! The kinds of faults, and the requests that each can affect.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use nix::sys::signal::Signal;
use serde_json::Value;

use super::victim::Victim;
use crate::proxy::{Fault, Hook};

/// A kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    Throttled,
    Conflict,
    ServerError,
    Slow,
    Cut,
    Lost,
    Half,
    FailedUpdate,
    RoleNotYet,
    Registry,
    Daemon,
    Kill,
    Interrupt,
}

impl Kind {
    pub const ALL: [Kind; 13] = [
        Kind::Throttled,
        Kind::Conflict,
        Kind::ServerError,
        Kind::Slow,
        Kind::Cut,
        Kind::Lost,
        Kind::Half,
        Kind::FailedUpdate,
        Kind::RoleNotYet,
        Kind::Registry,
        Kind::Daemon,
        Kind::Kill,
        Kind::Interrupt,
    ];

    /// Those that can affect a run that needs no Docker.
    pub fn without_docker() -> Vec<Kind> {
        let docker = [Kind::Registry, Kind::Daemon];
        let all = Kind::ALL.into_iter();
        all.filter(|kind| !docker.contains(kind)).collect()
    }

    /// The kind with that name.
    pub fn named(name: &str) -> Option<Kind> {
        Kind::ALL
            .into_iter()
            .find(|kind| format!("{kind:?}") == name)
    }

    pub fn words(self) -> &'static str {
        match self {
            Kind::Throttled => "throttling",
            Kind::Conflict => "another change in progress",
            Kind::ServerError => "5xx",
            Kind::Slow => "slow answer",
            Kind::Cut => "cut before it is carried out",
            Kind::Lost => "carried out, answer lost",
            Kind::Half => "cut within the answer",
            Kind::FailedUpdate => "update `Failed`",
            Kind::RoleNotYet => "role not assumable yet",
            Kind::Registry => "registry cuts the push",
            Kind::Daemon => "Docker daemon dies",
            Kind::Kill => "kill -9",
            Kind::Interrupt => "SIGINT or SIGTERM",
        }
    }

    /// The part of a rate at which it occurs: a fault that ends the process would always affect its
    /// first few requests.
    pub fn share(self) -> f64 {
        match self {
            Kind::Kill | Kind::Interrupt => 0.1,
            _ => 1.0,
        }
    }

    /// The fault for a request of this operation, if this kind affects it.
    pub fn fault(self, operation: &str, dice: &mut Dice, arena: &Hooks) -> Option<Fault> {
        let (service, name) = operation.split_once(':')?;
        let aws = !matches!(service, "registry" | "docker" | "other");
        // What Lambda reads from the registry while it pulls does not concern jot.
        let push =
            service == "registry" && !matches!(name, "GetManifest" | "GetBlob" | "HeadManifest");
        match self {
            Kind::Throttled => {
                aws.then(|| Fault::Status(if service == "lambda" { 429 } else { 400 }))
            }
            Kind::Conflict => conflict(service, name),
            Kind::ServerError => aws.then(|| Fault::Status(dice.one_of(&[500, 502, 503, 504]))),
            Kind::Slow => (aws || service == "docker")
                .then(|| Fault::Slow(Duration::from_millis(dice.one_of(&[50, 300, 1000])))),
            Kind::Cut => aws.then_some(Fault::Cut),
            Kind::Lost => aws.then_some(Fault::Lost),
            Kind::Half => aws.then_some(Fault::Half),
            Kind::FailedUpdate => {
                (operation == "lambda:GetFunction").then_some(Fault::Rewritten(failed))
            }
            Kind::RoleNotYet => {
                let strikes = matches!(name, "CreateFunction" | "UpdateFunctionConfiguration");
                strikes.then_some(Fault::Refused(
                    400,
                    "InvalidParameterValueException",
                    "The role defined for the function cannot be assumed by Lambda.",
                ))
            }
            Kind::Registry => {
                push.then(|| dice.one_of(&[Fault::Cut, Fault::Lost, Fault::Status(503)]))
            }
            Kind::Daemon => {
                (service == "docker").then(|| dice.one_of(&[Fault::Cut, Fault::Lost, Fault::Half]))
            }
            Kind::Kill => Some(dice.one_of(&[
                Fault::Instead(arena.kill.clone()),
                Fault::After(arena.kill.clone()),
            ])),
            Kind::Interrupt => Some(dice.one_of(&[
                Fault::Beside(arena.interrupt.clone()),
                Fault::Beside(arena.terminate.clone()),
            ])),
        }
    }
}

/// What the kinds do to jot itself.
#[derive(Clone)]
pub struct Hooks {
    kill: Hook,
    interrupt: Hook,
    terminate: Hook,
}

impl Hooks {
    pub fn of(victim: &Victim) -> Hooks {
        Hooks {
            kill: victim.signal(Signal::SIGKILL),
            interrupt: victim.signal(Signal::SIGINT),
            terminate: victim.signal(Signal::SIGTERM),
        }
    }
}

/// The services' own words for a resource that is being changed.
fn conflict(service: &str, name: &str) -> Option<Fault> {
    let changes = [
        "Create", "Update", "Put", "Publish", "Attach", "Tag", "Delete",
    ];
    if !changes.iter().any(|verb| name.starts_with(verb)) {
        return None;
    }
    match service {
        "lambda" => Some(Fault::Refused(
            409,
            "ResourceConflictException",
            "The operation cannot be performed at this time. An update is in progress for \
             resource: injected",
        )),
        "iam" => Some(Fault::Refused(409, "ConcurrentModification", "injected")),
        "logs" => Some(Fault::Refused(400, "OperationAbortedException", "injected")),
        _ => None,
    }
}

/// GetFunction's answer for a function with a failed last update.
fn failed(text: &str) -> String {
    let Ok(mut answer) = serde_json::from_str::<Value>(text) else {
        return text.to_owned();
    };
    if let Some(configuration) = answer.get_mut("Configuration") {
        configuration["LastUpdateStatus"] = "Failed".into();
        configuration["LastUpdateStatusReasonCode"] = "ImageAccessDenied".into();
        configuration["LastUpdateStatusReason"] =
            "Lambda does not have permission to access the ECR image.".into();
    }
    answer.to_string()
}

/// Chance that a seed decides: the same for the same request of the same run in any interleaving of
/// requests.
pub struct Dice(u64);

impl Dice {
    pub fn for_request(seed: u64, operation: &str, nth: u64) -> Dice {
        let mut hasher = DefaultHasher::new();
        (seed, operation, nth).hash(&mut hasher);
        Dice(hasher.finish())
    }

    fn next(&mut self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.0.hash(&mut hasher);
        self.0 = hasher.finish();
        self.0
    }

    /// Whether an event of this probability happens.
    pub fn strikes(&mut self, rate: f64) -> bool {
        // 53 bits, the precision of a double.
        ((self.next() >> 11) as f64) < rate * (1_u64 << 53) as f64
    }

    pub fn one_of<T: Clone>(&mut self, all: &[T]) -> T {
        let index = usize::try_from(self.next() % all.len() as u64).unwrap_or_default();
        all[index].clone()
    }
}
