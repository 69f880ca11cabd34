//! Settings with values from elsewhere.

use super::environment::{self, Environment};
use crate::{
    manifest::types::{self, Function, Text},
    model::{Given, Reference, Slot, TriggerKey},
};

/// Returns the text of a setting where the manifest itself holds it.
pub fn plain(text: &Text) -> Option<String> {
    match text {
        Text::Plain(text) => Some(text.clone()),
        Text::From(_) => None,
    }
}

/// Returns the text of a setting, empty if it comes from elsewhere.
pub fn or_empty(text: &Text) -> String {
    plain(text).unwrap_or_default()
}

/// Returns the texts of a list, if the manifest holds all of them.
pub fn all_plain(list: &[Text]) -> Option<Vec<String>> {
    list.iter().map(plain).collect()
}

/// Returns the settings of a function that come from elsewhere, with the values of this machine's
/// environment. A list with such an entry is included with all its entries.
pub fn of(function: &Function, environment: &Environment) -> Vec<Reference> {
    let mut all = References {
        environment,
        found: Vec::new(),
    };
    all.single(Slot::Role, function.role.as_ref());
    for (index, policy) in function.policies.iter().flatten().enumerate() {
        all.single(Slot::Policy(index), Some(policy));
    }
    all.single(Slot::Boundary, function.permissions_boundary.as_ref());
    all.single(Slot::KmsKey, function.kms_key.as_ref());
    all.single(Slot::DeadLetter, function.dead_letter.as_ref());
    let logging = function.logging.as_ref();
    all.single(
        Slot::LogGroup,
        logging.and_then(|logging| logging.group.as_ref()),
    );
    if let Some(outcomes) = &function.asynchronous {
        let arn = |to: &'_ Option<types::Destination>| to.as_ref()?.arn.clone();
        all.single(Slot::OnSuccess, arn(&outcomes.on_success).as_ref());
        all.single(Slot::OnFailure, arn(&outcomes.on_failure).as_ref());
    }
    for (name, permission) in function.permissions.iter().flatten() {
        all.single(Slot::Principal(name.clone()), permission.principal.as_ref());
        all.single(
            Slot::SourceArn(name.clone()),
            permission.source_arn.as_ref(),
        );
    }
    for (name, trigger) in function.triggers.iter().flatten() {
        for (key, text) in in_trigger(trigger) {
            all.single(Slot::Trigger(name.clone(), key), text);
        }
    }
    let layers = function.layers.iter().flatten().enumerate();
    let layers = layers.map(|(index, arn)| (Slot::Layer(index), arn));
    all.list(layers.collect());
    if let Some(vpc) = &function.vpc {
        let subnets = vpc.subnets.iter().enumerate();
        let subnets = subnets.map(|(index, id)| (Slot::Subnet(index), id));
        let groups = vpc.security_groups.iter().enumerate();
        let groups = groups.map(|(index, id)| (Slot::SecurityGroup(index), id));
        all.list(subnets.chain(groups).collect());
        if vpc.ipv6
            && all
                .found
                .iter()
                .any(|one| one.slot.word() == Slot::Ipv6.word())
        {
            all.found.push(Reference {
                slot: Slot::Ipv6,
                origin: None,
                value: Some(Given::Shown("true".to_owned())),
            });
        }
    }
    let mounts = function.file_systems.iter().flatten().enumerate();
    let mounts = mounts.map(|(index, mounted)| {
        let mount = mounted.mount.clone();
        (Slot::FileSystem { index, mount }, &mounted.arn)
    });
    all.list(mounts.collect());
    all.found
}

/// Returns the bucket for large archives, if its name comes from elsewhere.
pub fn of_bucket(aws: &types::Aws, environment: &Environment) -> Option<Reference> {
    let mut all = References {
        environment,
        found: Vec::new(),
    };
    all.single(Slot::Archives, aws.bucket.as_ref());
    all.found.pop()
}

fn in_trigger(trigger: &types::Trigger) -> [(TriggerKey, Option<&Text>); 8] {
    [
        (TriggerKey::S3, trigger.s3.as_ref()),
        (TriggerKey::Sns, trigger.sns.as_ref()),
        (TriggerKey::Sqs, trigger.sqs.as_ref()),
        (TriggerKey::Kinesis, trigger.kinesis.as_ref()),
        (TriggerKey::Dynamodb, trigger.dynamodb.as_ref()),
        (TriggerKey::Kafka, trigger.kafka.as_ref()),
        (TriggerKey::KmsKey, trigger.kms_key.as_ref()),
        (TriggerKey::OnFailure, trigger.on_failure.as_ref()),
    ]
}

struct References<'a> {
    environment: &'a Environment,
    found: Vec<Reference>,
}

impl References<'_> {
    fn single(&mut self, slot: Slot, text: Option<&Text>) {
        if let Some(text @ Text::From(_)) = text {
            self.add(slot, text);
        }
    }

    fn list(&mut self, entries: Vec<(Slot, &Text)>) {
        if entries.iter().any(|(_, text)| plain(text).is_none()) {
            for (slot, text) in entries {
                self.add(slot, text);
            }
        }
    }

    fn add(&mut self, slot: Slot, text: &Text) {
        let (origin, value) = match text {
            Text::Plain(text) => (None, Some(Given::Shown(text.clone()))),
            Text::From(reference) => {
                let origin = environment::origin(reference);
                let value = environment::known(&origin, self.environment);
                (Some(origin), value)
            }
        };
        self.found.push(Reference {
            slot,
            origin,
            value,
        });
    }
}
