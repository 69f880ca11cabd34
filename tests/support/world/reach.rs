//! The effects of steps on what may call a function, and what `observe` sees of it.

use std::collections::BTreeMap;

use jot::model::{
    Action, Function, Mapping, MappingState, Push, RoleChoice,
    desired::owned,
    pairs::is_applied_alias,
    reach::{FormerAlias, Found, Provisioned, UrlState},
};

use super::{Lambda, World, run::Run};

/// The only URL in this world.
pub const ADDRESS: &str = "https://abcdefghijklmnopqrstuvwxyz012345.lambda-url.eu-west-1.on.aws/";

impl Run<'_> {
    /// Whether the action is one of these; if so, executes it.
    pub fn reach(&mut self, action: &Action) -> bool {
        match action {
            Action::AddPermissions {
                function,
                statements,
                replace,
            } => {
                let found = self.found(function);
                for id in replace {
                    assert!(found.statements.remove(id).is_some(), "{id} is not there");
                }
                for (id, statement) in statements {
                    let before = found.statements.insert(id.clone(), statement.clone());
                    assert_eq!(before, None, "Lambda takes no second {id}");
                }
            }
            Action::RemovePermissions { function, ids } => {
                let reach = self.wanted(function).reach;
                let prefixes: Vec<&str> = reach.prefixes().chain(reach.push_prefixes()).collect();
                let found = self.found(function);
                for id in ids {
                    let ours = prefixes.iter().any(|prefix| id.starts_with(*prefix));
                    assert!(ours, "{id} is not jot's");
                    assert!(found.statements.remove(id).is_some());
                }
            }
            Action::CreateUrl { function } | Action::UpdateUrl { function } => {
                let url = self.wanted(function).reach.url.unwrap();
                let creates = matches!(action, Action::CreateUrl { .. });
                let found = self.found(function);
                assert_eq!(found.url.is_none(), creates);
                let address = ADDRESS.to_owned();
                found.url = Some(UrlState { url, address });
            }
            Action::DeleteUrl { function } => {
                assert!(self.found(function).url.take().is_some());
            }
            Action::DeleteAlias { function, alias } => {
                let wanted = self.wanted(function);
                let serving = wanted.deploy.alias.as_ref();
                assert!(serving.is_some_and(|one| one != alias), "{alias} serves");
                let place = (wanted.name.clone(), alias.clone());
                let read = self.world.mappings.get(&place);
                let stays =
                    |one: &BTreeMap<_, MappingState>| one.values().any(|one| !one.is_going());
                assert!(!read.is_some_and(stays), "{read:?} would outlive it");
                let arn = self.world.alias_arn(&wanted.name, Some(alias));
                let calls = self.world.pushes.values().any(|one| one.calls == arn);
                assert!(!calls, "{arn} is still called");
                let lambda = self.world.functions.get_mut(&wanted.name).unwrap();
                assert!(serving.is_some_and(|one| lambda.aliases.contains_key(one)));
                assert!(lambda.aliases.remove(alias).is_some(), "no alias {alias}");
                lambda.reach.remove(alias);
            }
            Action::SetAsync { function, config } => {
                for to in config.destinations() {
                    self.assert_permitted(function, to);
                }
                self.found(function).asynchronous = Some(config.clone());
            }
            Action::ResetAsync { function } => {
                assert!(self.found(function).asynchronous.take().is_some());
            }
            Action::SetRolePolicy { function, policy } => {
                let RoleChoice::Own(role) = self.wanted(function).role else {
                    panic!("the role of {function} is not jot's");
                };
                assert!(self.world.roles.contains_key(&role.name));
                match policy {
                    Some(policy) => self.world.reaches.insert(role.name, policy.clone()),
                    None => self.world.reaches.remove(&role.name),
                };
            }
            Action::SetProvisioned { function, number } => {
                let alias = self.wanted(function).deploy.alias;
                assert!(alias.is_some(), "$LATEST has none");
                self.found(function).provisioned = number.map(|requested| Provisioned {
                    requested,
                    status: "READY".to_owned(),
                    reason: None,
                });
            }
            Action::CreateMapping {
                function,
                trigger,
                mapping,
            } => self.create_mapping(function, trigger, mapping),
            Action::UpdateMapping {
                function,
                uuid,
                mapping,
                tags,
            } => {
                let ownership = self.wanted(function).ownership;
                let there = self.mapping(uuid);
                if *tags {
                    there.tags.extend(ownership);
                }
                assert!(there.mapping.reads_as(mapping), "Lambda changes no {uuid}");
                let group = there.mapping.consumer_group.clone();
                there.mapping = mapping.clone();
                there.mapping.consumer_group = group;
                there.state = state(mapping);
            }
            Action::DeleteMapping { uuid, .. } => {
                self.mapping(uuid);
                for all in self.world.mappings.values_mut() {
                    all.remove(uuid);
                }
            }
            _ => return false,
        }
        true
    }

    fn create_mapping(&mut self, key: &str, trigger: &str, mapping: &Mapping) {
        let wanted = self.wanted(key);
        self.found(key);
        if let RoleChoice::Own(role) = &wanted.role {
            let policy = self.world.reaches.get(&role.name);
            let reads = policy.is_some_and(|policy| policy.to_string().contains(&mapping.source));
            assert!(reads, "the role of {key} may not read {}", mapping.source);
        }
        let place = (wanted.name, wanted.deploy.alias.unwrap_or_default());
        let all = self.world.mappings.entry(place.clone()).or_default();
        // One that was being deleted is gone by then: the step waits for it.
        all.retain(|_, one| !one.is_going());
        let second = all.values().any(|one| one.mapping.is_of(mapping));
        assert!(
            !second,
            "Lambda makes no second mapping of {}",
            mapping.source
        );
        let mut tags = wanted.ownership;
        tags.insert("jot:trigger".to_owned(), trigger.to_owned());
        let there = MappingState {
            mapping: mapping.clone(),
            state: state(mapping),
            tags,
        };
        let number = all.len();
        // Mappings of an alias with another name may have the same.
        let uuids = (number..).map(|number| format!("uuid of {key}/{trigger}/{number}"));
        let mut free = uuids.filter(|uuid| {
            self.world
                .mappings
                .values()
                .all(|all| !all.contains_key(uuid))
        });
        let uuid = free.next().unwrap();
        let all = self.world.mappings.entry(place).or_default();
        all.insert(uuid, there);
    }

    fn mapping(&mut self, uuid: &str) -> &mut MappingState {
        let mut all = self.world.mappings.values_mut();
        let found = all.find_map(|all| all.get_mut(uuid));
        found.unwrap_or_else(|| panic!("there is no mapping {uuid}"))
    }

    /// The reach of the function's alias, which exists.
    fn found(&mut self, key: &str) -> &mut Found {
        let wanted = self.wanted(key);
        let lambda = self.world.functions.get_mut(&wanted.name).unwrap();
        let alias = wanted.deploy.alias.unwrap_or_default();
        let exists = alias.is_empty() || lambda.aliases.contains_key(&alias);
        assert!(exists, "{key} has no alias {alias}");
        lambda.reach.entry(alias).or_default()
    }

    /// As Lambda does: the role may reach a destination before one is named. A function that is
    /// called exists.
    fn assert_permitted(&self, key: &str, arn: &str) {
        if let RoleChoice::Own(role) = self.wanted(key).role {
            let policy = self.world.reaches.get(&role.name);
            let permits = policy.is_some_and(|policy| policy.to_string().contains(arn));
            assert!(permits, "the role of {key} may not reach {arn}");
        }
        let called = arn.split(":function:").nth(1);
        if let Some((name, alias)) = called.and_then(|name| name.split_once(':')) {
            let lambda = self.world.functions.get(name);
            let declared = self.desired.functions.values().any(|one| one.name == name);
            let exists = lambda.is_some_and(|lambda| lambda.aliases.contains_key(alias));
            assert!(exists || !declared, "{arn} does not exist yet");
        }
    }
}

fn state(mapping: &Mapping) -> String {
    let state = if mapping.enabled {
        "Enabled"
    } else {
        "Disabled"
    };
    state.to_owned()
}

/// Whether jot's tags say that it set this once.
pub fn is_recorded(lambda: &Lambda, code: &str) -> bool {
    let managed = lambda.latest.tags.get("jot:managed");
    managed.is_some_and(|words| words.split(' ').any(|word| word == code))
}

impl World {
    /// As `observe` does for a function that is not declared: all of its mappings, if its tags name
    /// triggers.
    pub fn mappings_of(
        &self,
        name: &str,
        lambda: Option<&Lambda>,
    ) -> BTreeMap<String, MappingState> {
        let recorded = lambda.is_some_and(|lambda| is_recorded(lambda, "trig"));
        let all = self
            .mappings
            .iter()
            .filter(|((of, _), _)| of == name && recorded);
        all.flat_map(|(_, all)| all.clone()).collect()
    }

    /// As `observe` does: tags are requested for what the manifest does not name.
    fn observe_mappings(&self, wanted: &Function) -> BTreeMap<String, MappingState> {
        let alias = wanted.deploy.alias.clone().unwrap_or_default();
        let place = (wanted.name.clone(), alias);
        let mut found = self.mappings.get(&place).cloned().unwrap_or_default();
        for one in found.values_mut() {
            let mut declared = wanted.reach.triggers.iter().flat_map(BTreeMap::values);
            if declared.any(|mapping| mapping.is_of(&one.mapping)) {
                one.tags.clear();
            }
        }
        found
    }

    /// As `observe` does: it requests what the manifest or the tags name, and, if the alias has
    /// another name, what the tags name of that alias.
    pub fn observe_reach(&self, wanted: &Function, lambda: Option<&Lambda>) -> Found {
        let mut found = self.reach_of_alias(wanted, lambda);
        if let Some(mut former) = lambda.and_then(|lambda| self.former(wanted, lambda)) {
            let pushes = std::mem::take(&mut former.reach.pushes);
            for (id, mut one) in pushes {
                if matches!(one.push, Push::Subscription(_)) {
                    former.reach.pushes.insert(id, one);
                } else {
                    one.calls = false;
                    found.pushes.entry(id).or_insert(one);
                }
            }
            found.former = Some(Box::new(former));
        }
        found
    }

    fn former(&self, wanted: &Function, lambda: &Lambda) -> Option<FormerAlias> {
        let alias = wanted.deploy.alias.as_ref()?;
        let tags = &lambda.latest.tags;
        if !owned(tags, &wanted.ownership) || is_applied_alias(tags, alias) != Some(false) {
            return None;
        }
        let mut names = lambda.aliases.keys();
        let name = names.find(|name| is_applied_alias(tags, name) == Some(true))?;
        let mut before = wanted.clone();
        before.deploy.alias = Some(name.clone());
        let there = lambda.reach.get(name).cloned().unwrap_or_default();
        let (pushes, buckets) = self.observe_pushes(&before, &there.statements);
        let reach = Found {
            former: None,
            mappings: self.observe_mappings(&before),
            pushes,
            buckets,
            role_policy: self.reach_of_role(&before),
            ..there
        };
        Some(FormerAlias {
            name: name.clone(),
            reach,
        })
    }

    fn reach_of_alias(&self, wanted: &Function, lambda: Option<&Lambda>) -> Found {
        let Some(lambda) = lambda else {
            // The role may be left over.
            let triggers = wanted.reach.triggers.is_some();
            let asked = wanted.reach.asynchronous.is_some() || triggers;
            let (pushes, buckets) = match triggers {
                true => self.observe_pushes(wanted, &BTreeMap::new()),
                false => Default::default(),
            };
            return Found {
                pushes,
                buckets,
                mappings: match triggers {
                    true => self.observe_mappings(wanted),
                    false => BTreeMap::new(),
                },
                role_policy: self.reach_of_role(wanted).filter(|_| asked),
                ..Found::default()
            };
        };
        let recorded = |code: &str| is_recorded(lambda, code);
        let alias = wanted.deploy.alias.clone().unwrap_or_default();
        let there = lambda.reach.get(&alias).cloned().unwrap_or_default();
        let reach = &wanted.reach;
        let asynchronous = reach.asynchronous.is_some() || recorded("async");
        let triggers = reach.triggers.is_some() || recorded("trig");
        let permissions = triggers || reach.permissions.is_some() || recorded("perms");
        let (pushes, buckets) = match triggers {
            true => self.observe_pushes(wanted, &there.statements),
            false => Default::default(),
        };
        Found {
            former: None,
            url: there.url.filter(|_| reach.url.is_some() || recorded("url")),
            statements: match permissions {
                true => there.statements,
                false => BTreeMap::new(),
            },
            asynchronous: there.asynchronous.filter(|_| asynchronous),
            provisioned: there
                .provisioned
                .filter(|_| reach.provisioned_concurrency.is_some() || recorded("prov")),
            mappings: match triggers {
                true => self.observe_mappings(wanted),
                false => BTreeMap::new(),
            },
            pushes,
            buckets,
            role_policy: self
                .reach_of_role(wanted)
                .filter(|_| asynchronous || triggers),
        }
    }

    fn reach_of_role(&self, wanted: &Function) -> Option<serde_json::Value> {
        match &wanted.role {
            RoleChoice::Own(role) => self.reaches.get(&role.name).cloned(),
            RoleChoice::Given(_) | RoleChoice::From(_) => None,
        }
    }
}
