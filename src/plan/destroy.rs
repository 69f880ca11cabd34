//! The plan of `jot destroy`: it deletes what belongs to this project and target, and keeps
//! everything else.

use serde::{Deserialize, Serialize};

use crate::model::{
    Action, Desired, Function, Observed, Plan, Reference, RoleChoice, Step, StepId,
    observed::{self, Other},
    plan::Purpose,
};

use super::{
    Error,
    builder::{PlanBuilder, id},
    found::found,
    moved, ownership, reach,
    removal::{self, LOGS_GO, Removal},
    scheduler,
    undeclared::{adopted, undeclared},
    unknown,
};

/// What to delete in addition to the functions that jot made and that `Desired` names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// Functions that existed before jot as well: `--adopted`.
    pub adopted: bool,
    /// Undeclared functions to delete, by key or by name, with a selection; without a
    /// selection all are deleted.
    pub named: Vec<String>,
}

/// The steps that delete what `desired` and `scope` name and jot owns.
///
/// Without a selection they delete all that belongs to this project and target. Resources of others
/// and adopted functions are skipped and noted. Recipes are not needed.
///
/// # Errors
///
/// [`Error::Protected`]: the manifest forbids deleting an existing function.
pub fn destroy(desired: &Desired, observed: &Observed, scope: &Scope) -> Result<Plan, Error> {
    let desired = &*desired.with_values(&observed.references);
    let mut end = End {
        desired,
        observed,
        scope,
        reason: reason(desired),
        builder: PlanBuilder::default(),
        borrowers: Vec::new(),
    };
    for (key, wanted) in &desired.functions {
        end.function(wanted, found(observed, key))?;
        if let Some(old) = moved::origin(desired, observed, wanted) {
            if old.exists() {
                ownership::unprotected(wanted, &old.name)?;
            }
            end.other(old, &[]);
        }
    }
    for other in undeclared(desired, observed) {
        let named = |name: &String| *name == other.function || *name == other.name;
        if desired.whole || scope.named.iter().any(named) {
            end.other(other, &["not in jot.toml"]);
        }
    }
    let goal = scheduler::Goal::Nothing(&end.reason);
    scheduler::end(desired, observed, goal, &mut end.builder);
    end.objects();
    end.repository();
    end.builder.notes.extend(staying(desired, observed));
    if !desired.whole && end.builder.steps.is_empty() {
        let note = "nothing of the selection was found";
        end.builder.notes.push(note.to_owned());
    }
    Ok(end.builder.finish(desired, observed, Purpose::Destroy))
}

/// The reason of every deletion in this plan.
fn reason(desired: &Desired) -> String {
    match &desired.target {
        _ if !desired.whole => "named on the command line".to_owned(),
        Some(target) => format!("target {target} is destroyed"),
        None => "the project is destroyed".to_owned(),
    }
}

/// Resources with the project's tags that stay, and what could not be read.
fn staying(desired: &Desired, observed: &Observed) -> Vec<String> {
    let leftovers = &observed.leftovers;
    let unknown = leftovers.unknown.iter().map(|arn| {
        format!(
            "{arn} stays: it has the tags of {}, but jot does not make resources of this kind",
            desired.project
        )
    });
    let unseen = leftovers
        .unseen
        .iter()
        .map(|what| format!("not read: {what}; it may contain more of the project"));
    unknown.chain(unseen).collect()
}

/// A destroy plan under construction.
struct End<'a> {
    desired: &'a Desired,
    observed: &'a Observed,
    scope: &'a Scope,
    reason: String,
    builder: PlanBuilder,
    /// Functions that stay and need the repository, described in words.
    borrowers: Vec<String>,
}

impl<'a> End<'a> {
    /// Deletes the function, then its log group (a running function would create it again), then
    /// its role.
    fn function(&mut self, wanted: &Function, found: &observed::Function) -> Result<(), Error> {
        let mut deleted = None;
        if let Some(latest) = &found.latest {
            let adopted = !self.scope.adopted && ownership::adopted(&latest.tags);
            let foreign = ownership::foreign(wanted, &latest.tags);
            if let Some(why) = foreign.or_else(|| adopted.then(|| kept(&wanted.key))) {
                let name = &wanted.name;
                let note = format!("function {name} stays with its log group: {why}");
                self.builder.notes.push(note);
                if self.borrows(found) {
                    let borrower = format!("function {name}, which stays, runs one of its images");
                    self.borrowers.push(borrower);
                }
                self.role(wanted, found, None);
                return Ok(());
            }
            ownership::unprotected(wanted, &wanted.name)?;
            let place = (wanted.key.as_str(), wanted.name.as_str());
            let declared = wanted.reach.triggers.as_ref();
            let mappings = reach::theirs(&found.reach.mappings, &wanted.ownership, declared);
            let read: Vec<StepId> = mappings
                .into_iter()
                .map(|(uuid, one)| {
                    let step = reach::delete(place, (uuid, one), &self.reason, &[]);
                    self.builder.add(step)
                })
                .collect();
            let mut pushes = found.reach.pushes.clone();
            // Lambda also keeps mappings of a deleted alias.
            let former = found.reach.former.iter().map(|former| &former.reach);
            let mut read = read;
            for former in former {
                pushes.extend(former.pushes.clone());
                let mappings = reach::theirs(&former.mappings, &wanted.ownership, declared);
                for (uuid, one) in mappings {
                    let step = reach::delete(place, (uuid, one), &self.reason, &[]);
                    read.push(self.builder.add(step));
                }
            }
            let ended = reach::end(place, &pushes, (&self.reason, &[]), &mut self.builder);
            let read = read.into_iter().chain(ended);
            let action = Action::DeleteFunction {
                name: wanted.name.clone(),
            };
            let resource = format!("function {}", wanted.name);
            deleted = Some(self.delete(("delete", &wanted.key), resource, action, None, None));
            // Lambda keeps mappings of a function that is deleted.
            if let Some(step) = self.builder.steps.last_mut() {
                step.after.extend(read);
            }
        }
        let name = wanted.log_group.name.clone();
        if let Some(why) = stays_with_logs(wanted, found) {
            let note = format!("log group {name} stays: {why}");
            self.builder.notes.push(note);
        } else if found.log_group.is_some() {
            let resource = format!("log group {name}");
            let action = Action::DeleteLogGroup { name };
            let step = ("delete-logs", wanted.key.as_str());
            self.delete(step, resource, action, deleted.clone(), Some(LOGS_GO));
        }
        self.role(wanted, found, deleted);
        Ok(())
    }

    /// Whether a function may run an image in the repository: another owner's of this name, or an
    /// adopted one.
    fn borrows(&self, found: &observed::Function) -> bool {
        let path = format!("/{}", self.desired.repository.name);
        let states = found.latest.iter().chain(&found.live);
        let mut uris = states.filter_map(|state| state.image_uri.as_deref());
        uris.any(|uri| {
            let name = uri.split('@').next();
            name.is_some_and(|name| name.ends_with(&path))
        })
    }

    fn role(&mut self, wanted: &Function, found: &observed::Function, after: Option<StepId>) {
        let (RoleChoice::Own(role), Some(existing)) = (&wanted.role, &found.role) else {
            return;
        };
        let lent = found
            .latest
            .as_ref()
            .filter(|latest| after.is_none() && latest.role == existing.arn);
        let foreign = ownership::foreign(wanted, &existing.tags);
        let lent = lent.map(|_| "a function that stays uses it".to_owned());
        if let Some(why) = foreign.or(lent) {
            let note = format!("role {} stays: {why}", role.name);
            self.builder.notes.push(note);
            return;
        }
        let action = Action::DeleteRole {
            name: role.name.clone(),
            policies: existing.policies.clone(),
        };
        let resource = format!("role {}", role.name);
        self.delete(("delete-role", &wanted.key), resource, action, after, None);
    }

    /// Deletes a function that the manifest does not declare, with what belongs to it.
    fn other(&mut self, other: &Other, reasons: &[&str]) {
        if adopted(other) && !self.scope.adopted {
            let (name, why) = (&other.name, kept(&other.function));
            let note = format!("function {name} stays with its role and log group: {why}");
            self.builder.notes.push(note);
            self.may_borrow(other);
            return;
        }
        let mut all = vec![self.reason.as_str()];
        all.extend(reasons);
        let removal = Removal {
            other,
            after: Vec::new(),
            reasons: &all,
        };
        let deleted = removal::remove(removal, self.desired, &mut self.builder);
        if deleted.is_none() && other.exists() {
            self.may_borrow(other);
        }
    }

    /// Records a function that stays and runs an unknown image.
    fn may_borrow(&mut self, other: &Other) {
        let name = &other.name;
        let borrower = format!("function {name}, which stays, may run one of its images");
        self.borrowers.push(borrower);
    }

    /// Deletes the archives in the bucket, if the repository may be deleted too: functions that
    /// stay may need them again.
    fn objects(&mut self) {
        let keys = &self.observed.leftovers.objects;
        let reference = self.desired.aws.reference.as_ref();
        if let Some(origin) = reference.and_then(Reference::unknown) {
            let why = unknown::unread_here(self.observed, origin);
            self.builder
                .notes
                .push(format!("any archives in `aws.bucket` stay: {why}"));
            return;
        }
        let (Some(bucket), false) = (&self.desired.aws.bucket, keys.is_empty()) else {
            return;
        };
        if self.needed().is_some() {
            let note = format!(
                "archives in bucket {bucket} stay: other functions of the project may need them"
            );
            self.builder.notes.push(note);
            return;
        }
        let after = self.builder.ends(|_| true);
        let cost = match keys.len() {
            1 => "1 archive is lost for good".to_owned(),
            count => format!("{count} archives are lost for good"),
        };
        self.builder.add(Step {
            id: id("delete-objects", bucket),
            resource: format!(
                "archives below jot/{}/ in bucket {bucket}",
                self.desired.project
            ),
            action: Action::DeleteObjects {
                bucket: bucket.clone(),
                keys: keys.clone(),
            },
            after,
            reasons: vec![self.reason.clone(), cost],
            changes: Vec::new(),
        });
    }

    /// Deletes the repository, after everything else.
    fn repository(&mut self) {
        let Some(existing) = &self.observed.repository else {
            return;
        };
        let name = &self.desired.repository.name;
        if let Some(why) = self.stays(existing) {
            let note = format!("repository {name} stays: {why}");
            self.builder.notes.push(note);
            return;
        }
        let images = self.observed.leftovers.images.map(|count| match count {
            0 => "it is empty".to_owned(),
            1 => "its 1 image is lost for good".to_owned(),
            count => format!("its {count} images are lost for good"),
        });
        let after = self.builder.ends(|_| true);
        self.builder.add(Step {
            id: id("delete-repository", name),
            resource: format!("repository {name}"),
            action: Action::DeleteRepository { name: name.clone() },
            after,
            reasons: [Some(self.reason.clone()), images]
                .into_iter()
                .flatten()
                .collect(),
            changes: Vec::new(),
        });
    }

    /// Why the repository cannot be deleted.
    fn stays(&self, existing: &observed::Repository) -> Option<String> {
        let foreign = ownership::foreign_repository(&self.desired.project, &existing.tags);
        foreign.or_else(|| self.needed())
    }

    /// Why what the functions of the project share cannot be deleted.
    fn needed(&self) -> Option<String> {
        if !self.desired.whole {
            return Some("other functions of the project may use it".to_owned());
        }
        if let Some(borrower) = self.borrowers.first() {
            return Some(borrower.clone());
        }
        let target = self.desired.target.as_deref().unwrap_or_default();
        let others = self.observed.others.iter();
        let others: Vec<&str> = others
            .filter(|other| other.target != target)
            .map(|other| other.name.as_str())
            .collect();
        (!others.is_empty()).then(|| format!("it holds the images of {}", others.join(", ")))
    }

    fn delete(
        &mut self,
        (verb, key): (&str, &str),
        resource: String,
        action: Action,
        after: Option<StepId>,
        cost: Option<&str>,
    ) -> StepId {
        let reasons = [Some(self.reason.as_str()), cost];
        self.builder.add(Step {
            id: id(verb, key),
            resource,
            action,
            after: after.into_iter().collect(),
            reasons: reasons.into_iter().flatten().map(str::to_owned).collect(),
            changes: Vec::new(),
        })
    }
}

/// Why an adopted function stays.
fn kept(key: &str) -> String {
    format!("it existed before jot, and was adopted; `jot destroy --adopted {key}` deletes it")
}

/// Why the log group of a missing function may not be deleted: another function may have written to
/// it.
fn stays_with_logs(wanted: &Function, found: &observed::Function) -> Option<String> {
    match (&found.latest, &found.log_group) {
        (None, Some(existing)) => ownership::foreign(wanted, &existing.tags),
        _ => None,
    }
}
