//! What a function's role needs to reach the destinations of its outcomes: the inline policy `jot-reach` of a role
//! that jot made. Of a role that the manifest gives it is said.

use serde_json::{Value as Json, json};

use crate::model::{
    Action, Change, RoleChoice, Step, StepId,
    reach::{Asynchronous, ROLE_POLICY},
    value::Shown,
};

use crate::plan::{
    draft::{Draft, id},
    policy,
    site::Site,
};

/// Which actions let a function reach a destination, by the service of its ARN.
/// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html#invocation-async-destinations>
const ACTIONS: [(&str, &str); 6] = [
    ("sqs", "sqs:SendMessage"),
    ("sns", "sns:Publish"),
    ("lambda", "lambda:InvokeFunction"),
    ("events", "events:PutEvents"),
    ("s3", "s3:PutObject"),
    ("s3", "s3:ListBucket"),
];

/// The policy that is wanted, and the one that is there.
pub(super) struct Policy<'a> {
    site: &'a Site<'a>,
    /// Statements, sorted.
    wanted: Vec<Json>,
    there: Vec<Json>,
}

impl<'a> Policy<'a> {
    /// The policy for these destinations.
    pub fn new(site: &'a Site<'a>, wanted: Option<&Asynchronous<String>>) -> Self {
        let destinations = wanted.into_iter().flat_map(Asynchronous::destinations);
        let mut wanted: Vec<Json> = destinations.flat_map(|arn| needed(arn)).collect();
        wanted.sort_by_key(Json::to_string);
        wanted.dedup();
        let there = site.found.reach.role_policy.as_ref();
        Self {
            site,
            wanted,
            there: there.map(statements).unwrap_or_default(),
        }
    }

    /// The step that adds what is missing, and takes nothing away.
    pub fn grow(&self, settled: &[StepId], draft: &mut Draft) -> Option<StepId> {
        let has = |one: &&Json| self.there.iter().any(|other| is_same(one, other));
        let missing: Vec<&Json> = self.wanted.iter().filter(|one| !has(one)).collect();
        if missing.is_empty() || self.role().is_none() {
            return None;
        }
        let all: Vec<Json> = self.there.iter().chain(missing).cloned().collect();
        let mut after = settled.to_vec();
        after.extend(self.site.role.ready.clone());
        Some(self.write("reach", Some(all), after, draft))
    }

    /// The step that takes away what is no longer needed.
    pub fn shrink(&self, after: &[StepId], draft: &mut Draft) -> Option<StepId> {
        let wanted = |one: &&Json| self.wanted.iter().any(|other| is_same(one, other));
        if self.there.iter().all(|one| wanted(&one)) || self.role().is_none() {
            return None;
        }
        let rest = (!self.wanted.is_empty()).then(|| self.wanted.clone());
        Some(self.write("unreach", rest, after.to_vec(), draft))
    }

    /// Says what a role that jot does not manage needs.
    pub fn note(&self, draft: &mut Draft) {
        let wanted = self.site.wanted;
        // A name that stands elsewhere may be secret.
        let role = match (&wanted.role, wanted.taken("role").next()) {
            (RoleChoice::Own(_), _) => return,
            (RoleChoice::Given(role), None) => role.clone(),
            (RoleChoice::From(origin), _) | (_, Some(origin)) => format!("of {origin}"),
        };
        let needs = self.wanted.iter().filter_map(|one| {
            let (action, resource) = (one["Action"].as_str()?, one["Resource"].as_str()?);
            Some(format!("{action} on {resource}"))
        });
        let needs: Vec<String> = needs.collect();
        if !needs.is_empty() {
            let name = &wanted.name;
            draft.notes.push(format!(
                "function {name}: role {role} is not jot's, and needs {}",
                needs.join(", ")
            ));
        }
    }

    fn role(&self) -> Option<&str> {
        match &self.site.wanted.role {
            RoleChoice::Own(role) => Some(&role.name),
            RoleChoice::Given(_) | RoleChoice::From(_) => None,
        }
    }

    fn write(
        &self,
        verb: &str,
        statements: Option<Vec<Json>>,
        after: Vec<StepId>,
        draft: &mut Draft,
    ) -> StepId {
        let document = |all: &[Json]| json!({ "Version": "2012-10-17", "Statement": all });
        let policy = statements.as_deref().map(document);
        let old = (!self.there.is_empty()).then(|| document(&self.there));
        let shown = |json: Option<Json>| json.map_or(Shown::Absent, Shown::Value);
        let why = match verb {
            "reach" => "its outcomes go to other destinations",
            _ => "it needs no more",
        };
        draft.add(Step {
            id: id(verb, &self.site.wanted.key),
            resource: format!("role {}", self.role().unwrap_or_default()),
            action: Action::SetRolePolicy {
                function: self.site.wanted.key.clone(),
                policy: policy.clone(),
            },
            after,
            reasons: vec![why.to_owned()],
            changes: vec![Change::new(ROLE_POLICY, shown(old), shown(policy))],
        })
    }
}

/// What permits to reach this destination alone.
fn needed(arn: &str) -> Vec<Json> {
    let service = arn.split(':').nth(2).unwrap_or_default();
    let actions = ACTIONS.iter().filter(|(name, _)| *name == service);
    let statement = |(_, action): &(&str, &str)| {
        let resource = match *action {
            "s3:PutObject" => format!("{arn}/*"),
            _ => arn.to_owned(),
        };
        json!({ "Effect": "Allow", "Action": action, "Resource": resource })
    };
    actions.map(statement).collect()
}

fn statements(policy: &Json) -> Vec<Json> {
    match &policy["Statement"] {
        Json::Array(all) => all.clone(),
        Json::Null => Vec::new(),
        one => vec![one.clone()],
    }
}

fn is_same(one: &Json, other: &Json) -> bool {
    let alone = |statement: &Json| json!({ "Statement": [statement] });
    policy::same(&alone(one), &alone(other))
}
