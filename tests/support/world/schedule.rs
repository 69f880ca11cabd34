//! The effects of steps on what schedules share, and what `observe` sees of it.

use std::collections::{BTreeMap, BTreeSet};

use jot::model::{
    Action, Desired, Push, PushState,
    observed::{Role, Scheduler},
    push::{Schedule, push_prefix},
    scheduler::functions,
};

use super::{Lambda, World, reach::is_recorded, run::Run};

impl Run<'_> {
    /// Whether the action is one of these; if so, executes it.
    pub fn schedules(&mut self, action: &Action) -> bool {
        let wanted = self.desired.scheduler.clone();
        let (region, account) = (self.world.region.clone(), self.world.account.clone());
        let trust = wanted.trust(&region, &account);
        match action {
            Action::CreateScheduleGroup { name } => {
                assert_eq!(*name, wanted.group);
                assert!(!self.world.schedule_group, "the group exists");
                self.world.schedule_group = true;
            }
            Action::CreateSchedulerRole { name, policy } => {
                let role = Role {
                    arn: wanted.role_arn(&region, &account),
                    trust,
                    policies: Vec::new(),
                    inline: Some(policy.clone()),
                    boundary: None,
                    tags: wanted.tags,
                };
                assert_eq!(*name, wanted.role);
                assert!(self.world.roles.insert(name.clone(), role).is_none());
            }
            Action::UpdateSchedulerRole {
                name,
                trust: trusts,
                tags,
                policy,
            } => {
                let role = self.world.roles.get_mut(name).expect("there is no role");
                if *trusts {
                    role.trust = trust;
                }
                if *tags {
                    role.tags.extend(wanted.tags);
                }
                role.inline = policy.clone().or(role.inline.take());
            }
            Action::DeleteSchedule { name, .. } => {
                let neighbour = self.world.schedules.remove(name);
                assert!(neighbour || self.world.pushes.remove(name).is_some());
            }
            Action::DeleteScheduleGroup { .. } => {
                assert_eq!(self.world.scheduled(), BTreeSet::new(), "it is not empty");
                assert!(std::mem::take(&mut self.world.schedule_group));
            }
            Action::DeleteRole { name, .. } if *name == wanted.role => {
                let pushes = self.world.pushes.values();
                let mut left = pushes.filter(|one| matches!(one.push, Push::Schedule(_)));
                assert!(left.next().is_none(), "a schedule has the role {name}");
                assert!(self.world.roles.remove(name).is_some());
            }
            _ => return false,
        }
        true
    }

    /// As the Scheduler does: a schedule has a group, and a role that it may assume and that may
    /// call the function.
    pub fn assert_may_schedule(&self, arn: &str, schedule: &Schedule) {
        let world = &self.world;
        assert!(world.schedule_group, "there is no group");
        let role = world.roles.get(&schedule.role).expect("there is no role");
        let trust = self.desired.scheduler.trust(&world.region, &world.account);
        assert_eq!(role.trust, trust);
        let calls = role.inline.as_ref().map(functions).unwrap_or_default();
        assert!(calls.contains(arn), "{} may not call {arn}", schedule.role);
        assert!(!schedule.foreign);
    }
}

impl World {
    /// Replaces what schedules share with what was observed.
    pub fn add_scheduler(&mut self, desired: &Desired, found: &Scheduler) {
        self.schedule_group = found.group;
        let role = found.role.clone();
        self.roles
            .extend(role.map(|role| (desired.scheduler.role.clone(), role)));
        let pushes = &self.pushes;
        let others = found
            .schedules
            .iter()
            .filter(|name| !pushes.contains_key(*name));
        self.schedules = others.cloned().collect();
    }

    /// The names of all schedules in the group.
    fn scheduled(&self) -> BTreeSet<String> {
        let pushes = self.pushes.iter();
        let ours = pushes.filter(|(_, one)| matches!(one.push, Push::Schedule(_)));
        let ours = ours.map(|(name, _)| name.clone());
        ours.chain(self.schedules.clone()).collect()
    }

    /// As `observe` does: requested if a schedule is declared, or if tags name one.
    pub fn observe_scheduler(&self, desired: &Desired) -> Option<Scheduler> {
        let mut declared = desired
            .functions
            .values()
            .flat_map(|one| one.reach.pushes.values());
        let declared = declared.any(|one| matches!(one.push, Push::Schedule(_)));
        let tagged = desired.whole && self.schedule_group;
        let mut recorded = self.functions.iter().filter(|(name, lambda)| {
            let mut wanted = desired.functions.values();
            let tag = |key: &str| lambda.latest.tags.get(key).map_or("", String::as_str);
            let ours = tag("jot:project") == desired.project
                && tag("jot:target") == desired.target.as_deref().unwrap_or_default();
            let moved = desired
                .functions
                .values()
                .any(|one| one.lifecycle.moved_from.as_deref() == Some(tag("jot:function")));
            let looked = ours && (desired.whole || moved);
            (looked || wanted.any(|one| one.name == **name)) && is_recorded(lambda, "sched")
        });
        let asked = declared || tagged || recorded.next().is_some();
        asked.then(|| Scheduler {
            group: self.schedule_group,
            schedules: match self.schedule_group {
                true => self.scheduled(),
                false => BTreeSet::new(),
            },
            // Its managed policies are not requested.
            role: self.roles.get(&desired.scheduler.role).map(|role| Role {
                policies: Vec::new(),
                ..role.clone()
            }),
        })
    }

    /// As `observe` does: the schedules of a function by their names, if what they share is
    /// requested.
    pub fn schedules_of(
        &self,
        desired: &Desired,
        (key, name): (&str, &str),
        alias: Option<&str>,
    ) -> BTreeMap<String, PushState> {
        let Some(scheduler) = self.observe_scheduler(desired) else {
            return BTreeMap::new();
        };
        let prefix = push_prefix(&desired.project, desired.target.as_deref(), key);
        let names = scheduler.schedules.into_iter();
        let found = names.filter(|id| id.starts_with(&prefix)).filter_map(|id| {
            let one = self.pushes.get(&id)?;
            let called = one.calls.split(":function:").nth(1).unwrap_or_default();
            let calls = match alias {
                Some(alias) => called == format!("{name}:{alias}"),
                None => called.split(':').next() == Some(name),
            };
            let push = one.push.clone();
            Some((id, PushState { push, calls }))
        });
        found.collect()
    }

    /// Refuses to delete a function that a schedule of jot's still calls.
    pub fn assert_unscheduled(&self, name: &str, lambda: &Lambda, desired: &Desired) {
        let key = lambda
            .latest
            .tags
            .get("jot:function")
            .map_or(name, String::as_str);
        let left = self.schedules_of(desired, (key, name), None);
        let left: Vec<&String> = left.keys().collect();
        assert!(left.is_empty(), "{left:?} would outlive {name}");
    }
}
