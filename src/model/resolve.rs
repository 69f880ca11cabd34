//! Puts values that were read into what is desired.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use super::{
    Config, Desired, FileSystem, Function, Reach, RoleChoice, Vpc,
    desired::Aws,
    observed::Reading,
    reach::{Destination, statement_name},
    reference::{Given, Origin, Reference, Slot, TriggerKey},
    value::EnvValue,
};

impl Desired {
    /// The origins of values that are not known yet and that AWS or a file may contain.
    pub fn origins(&self) -> BTreeSet<&Origin> {
        let functions = self.functions.values();
        let origins = functions.flat_map(|function| {
            let variables = function
                .variables()
                .filter_map(|(_, value)| value.unknown());
            let settings = function.references.iter().filter_map(Reference::unknown);
            variables.chain(settings)
        });
        let bucket = self.aws.reference.iter().filter_map(Reference::unknown);
        let origins = origins.chain(bucket);
        let asked = origins.filter(|origin| !matches!(origin, Origin::Env(_)));
        asked.collect()
    }

    /// The values of environments that may be shown: those in the manifest itself, and those from
    /// elsewhere that are not secret.
    pub fn shown_values(&self) -> BTreeSet<&str> {
        let variables = self.functions.values().flat_map(Function::variables);
        variables
            .filter_map(|(_, value)| match value {
                EnvValue::Plain(text) => Some(text.as_str()),
                EnvValue::From {
                    value: Some(Given::Shown(text)),
                    ..
                } => Some(text.as_str()),
                _ => None,
            })
            .collect()
    }

    /// The same with the values that were read; borrowed if that changes nothing.
    pub fn with_values(&self, read: &BTreeMap<String, Reading>) -> Cow<'_, Self> {
        let known = |origin: &&Origin| value(read, origin).is_some();
        if !self.origins().iter().any(known) {
            return Cow::Borrowed(self);
        }
        let mut whole = self.clone();
        for function in whole.functions.values_mut() {
            for (_, variable) in function.config.environment.iter_mut().flatten() {
                if let EnvValue::From {
                    origin,
                    value: unread @ None,
                } = variable
                {
                    *unread = value(read, origin);
                }
            }
            for reference in &mut function.references {
                reference.read(read);
            }
            function.settle();
        }
        if let Some(reference) = &mut whole.aws.reference {
            reference.read(read);
        }
        whole.aws.settle();
        Cow::Owned(whole)
    }
}

impl Reference {
    /// Sets the value that was read. Only the environment may have a secret: AWS shows every other
    /// setting.
    fn read(&mut self, read: &BTreeMap<String, Reading>) {
        if let Some(origin) = self.unknown() {
            self.value = value(read, origin).filter(|value| matches!(value, Given::Shown(_)));
        }
    }
}

impl Aws {
    /// Sets the name of the bucket, if known. Idempotent.
    pub fn settle(&mut self) {
        let value = self.reference.as_ref().and_then(|one| one.value.as_ref());
        if let Some(value) = value {
            self.bucket = Some(value.reveal().to_owned());
        }
    }
}

fn value(read: &BTreeMap<String, Reading>, origin: &Origin) -> Option<Given> {
    match read.get(&origin.to_string())? {
        Reading::Shown(text) => Some(Given::Shown(text.clone())),
        Reading::Secret(secret) => Some(Given::Secret(secret.clone())),
        Reading::Missing | Reading::Unreadable(_) => None,
    }
}

impl Function {
    /// Sets every known value of [`Function::references`] in its setting; a list only once all its
    /// entries are known. Idempotent.
    pub fn settle(&mut self) {
        self.settle_reach();
        self.settle_triggers();
        for reference in &self.references {
            let Some(text) = reference.value.as_ref().map(Given::reveal) else {
                continue;
            };
            single(&reference.slot, text, &mut self.config, &mut self.role);
        }
        let list = |of: fn(&Slot) -> bool| known(&self.references, of);
        let subnets = list(|slot| matches!(slot, Slot::Subnet(_)));
        let groups = list(|slot| matches!(slot, Slot::SecurityGroup(_)));
        let mounts = list(|slot| matches!(slot, Slot::FileSystem { .. }));
        if let (Some(subnets), Some(groups)) = (subnets, groups)
            && self.takes("vpc")
        {
            let ipv6 = self.references.iter().any(|one| one.slot == Slot::Ipv6);
            self.config.vpc = Some(Vpc::new(ids(subnets), ids(groups)).with_ipv6(ipv6));
        }
        let layers = known(&self.references, |slot| matches!(slot, Slot::Layer(_)));
        if let Some(layers) = layers
            && self.takes("layers")
        {
            self.config.layers = Some(ids(layers));
        }
        if self.config.log_group.as_ref() == Some(&self.log_group.name) {
            // It is the function's own.
            self.config.log_group = Some(String::new());
        }
        if let Some(mounts) = mounts
            && self.takes("file_systems")
        {
            let mounted = mounts.into_iter().filter_map(|(slot, arn)| match slot {
                Slot::FileSystem { mount, .. } => Some(FileSystem {
                    arn: arn.to_owned(),
                    mount: mount.clone(),
                }),
                _ => None,
            });
            self.config.file_systems = Some(mounted.collect());
        }
    }

    /// Sets known values in destinations and permissions.
    fn settle_reach(&mut self) {
        let Reach {
            asynchronous,
            permissions,
            prefix,
            ..
        } = &mut self.reach;
        for reference in &self.references {
            let Some(text) = reference.value.as_ref().map(Given::reveal) else {
                continue;
            };
            let outcomes = asynchronous.as_mut();
            let to = match &reference.slot {
                Slot::OnSuccess => outcomes.and_then(|one| one.on_success.as_mut()),
                Slot::OnFailure => outcomes.and_then(|one| one.on_failure.as_mut()),
                _ => None,
            };
            if let Some(Destination::From { arn, .. }) = to {
                *arn = Some(text.to_owned());
            }
            for (id, statement) in permissions.iter_mut().flatten() {
                let name = statement_name(prefix, id);
                match &reference.slot {
                    Slot::Principal(of) if of == name && statement.principal.is_empty() => {
                        text.clone_into(&mut statement.principal);
                    }
                    Slot::SourceArn(of) if of == name => match &mut statement.source_arn {
                        Some(arn) if arn.is_empty() => text.clone_into(arn),
                        _ => {}
                    },
                    _ => {}
                }
            }
        }
    }

    /// Sets known values in triggers.
    fn settle_triggers(&mut self) {
        let Reach {
            triggers,
            pushes,
            push_prefix,
            ..
        } = &mut self.reach;
        for reference in &self.references {
            let (Slot::Trigger(name, key), Some(value)) = (&reference.slot, &reference.value)
            else {
                continue;
            };
            let text = value.reveal();
            let mapping = triggers.as_mut().and_then(|all| all.get_mut(name));
            if let Some(mapping) = mapping {
                *mapping = mapping.clone().with(*key, text);
            }
            if let Some(wanted) = pushes.get_mut(name) {
                *wanted = wanted.clone().with((push_prefix, name), *key, text);
            }
        }
    }

    /// The keys of a trigger with unknown values from elsewhere.
    pub fn unknown_of(&self, trigger: &str) -> impl Iterator<Item = TriggerKey> {
        let unknown = self.unknown_triggers();
        unknown
            .filter(move |(name, _)| *name == trigger)
            .map(|(_, key)| key)
    }

    /// The triggers with unknown values from elsewhere, and those values.
    pub fn unknown_triggers(&self) -> impl Iterator<Item = (&str, TriggerKey)> {
        let unknown = self.references.iter().filter(|one| one.unknown().is_some());
        unknown.filter_map(|one| match &one.slot {
            Slot::Trigger(name, key) => Some((name.as_str(), *key)),
            _ => None,
        })
    }

    /// Whether a key of the manifest, or an entry of it, is taken from elsewhere.
    pub fn takes(&self, word: &str) -> bool {
        self.taken(word).next().is_some()
    }

    /// The origins of the values of a manifest's key, in the order of the manifest.
    pub fn taken(&self, word: &str) -> impl Iterator<Item = &Origin> {
        let references = self.references.iter();
        let of_key = references.filter(move |one| one.slot.word() == word);
        of_key.filter_map(|one| one.origin.as_ref())
    }
}

fn single(slot: &Slot, text: &str, config: &mut Config, role: &mut RoleChoice) {
    let text = text.to_owned();
    match (slot, role) {
        (Slot::Role, role @ RoleChoice::From(_)) => *role = RoleChoice::Given(text),
        (Slot::Boundary, RoleChoice::Own(own)) => own.boundary = Some(text),
        (Slot::Policy(_), RoleChoice::Own(own)) => {
            own.policies.push(text);
            own.policies.sort();
            own.policies.dedup();
        }
        (Slot::KmsKey, _) => config.kms_key = Some(text),
        (Slot::DeadLetter, _) => config.dead_letter = Some(text),
        (Slot::LogGroup, _) => config.log_group = Some(text),
        _ => {}
    }
}

fn ids(entries: Vec<(&Slot, &str)>) -> Vec<String> {
    entries.into_iter().map(|(_, id)| id.to_owned()).collect()
}

/// The entries of a list with their values, if all are known.
fn known(references: &[Reference], of: fn(&Slot) -> bool) -> Option<Vec<(&Slot, &str)>> {
    let entries = references.iter().filter(|one| of(&one.slot));
    entries
        .map(|one| Some((&one.slot, one.value.as_ref()?.reveal())))
        .collect()
}
