//! Statements of a policy, made of the rows that a manifest needs.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value as Json, json};

use super::{
    arns::Arns,
    only::several,
    place::Place,
    row::{Key, On, Only, Row, Stage},
    table::ROWS,
};
use crate::model::{Desired, Function};

/// The most characters of a managed policy, without white space.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>
pub const CHARACTERS: usize = 6144;

/// The least policy that a manifest needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// What it allows, in the order of the table.
    pub statements: Vec<Statement>,
}

/// One statement, which allows.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Its name: letters and digits.
    pub sid: String,
    /// Actions of IAM, such as `lambda:GetFunction`.
    pub actions: BTreeSet<String>,
    /// ARNs, sorted, with wildcards.
    pub resources: BTreeSet<String>,
    /// The `Condition` of the statement; `None`: it always allows.
    pub condition: Option<Json>,
}

impl Statement {
    fn json(&self) -> Json {
        let mut json = json!({
            "Sid": self.sid,
            "Effect": "Allow",
            "Action": several(self.actions.clone()),
            "Resource": several(self.resources.clone()),
        });
        if let Some(condition) = &self.condition {
            json["Condition"] = condition.clone();
        }
        json
    }
}

impl Policy {
    /// The policy document that IAM accepts, as JSON.
    pub fn document(&self) -> Json {
        let statements: Vec<Json> = self.statements.iter().map(Statement::json).collect();
        json!({ "Version": "2012-10-17", "Statement": statements })
    }

    /// How many characters IAM counts.
    pub fn characters(&self) -> usize {
        self.document().to_string().len()
    }

    /// Every action that it allows.
    pub fn actions(&self) -> BTreeSet<&str> {
        let statements = self.statements.iter();
        statements
            .flat_map(|one| one.actions.iter().map(String::as_str))
            .collect()
    }
}

/// The least policy for what the manifest asks for: `Plan` to observe, `Apply` to change as well.
/// Names of functions are listed, unless the policy would be too long and they begin with the
/// project's.
pub fn policy(desired: &Desired, stage: Stage) -> Policy {
    let whole = made(desired, stage, false);
    match whole.characters() > CHARACTERS {
        true => made(desired, stage, true),
        false => whole,
    }
}

fn made(desired: &Desired, stage: Stage, short: bool) -> Policy {
    let arns = Arns {
        desired,
        place: Place::of(desired),
        short,
    };
    let rows = ROWS.iter().copied().flatten();
    let rows = rows.filter(|row| row.stage <= stage);
    let grants = rows.flat_map(|row| grants(row, &arns));
    Policy {
        statements: gathered(grants.collect()),
    }
}

/// One action on resources under a condition.
struct Grant {
    row: &'static Row,
    action: &'static str,
    resources: BTreeSet<String>,
    condition: Option<Json>,
}

/// What the row allows: one grant for every condition of the functions.
fn grants(row: &'static Row, arns: &Arns) -> Vec<Grant> {
    let (Some(action), Some(functions)) = (row.action, row.key.functions(arns.desired)) else {
        return Vec::new();
    };
    let grant = |functions: &[&Function]| Grant {
        row,
        action,
        resources: row.on.arns(functions, arns),
        condition: row.only.condition(functions, arns),
    };
    let all = match row.only.is_shared() {
        true => vec![grant(&functions)],
        false => alike(row.only, functions, arns)
            .iter()
            .map(|functions| grant(functions))
            .collect(),
    };
    let some = |one: &Grant| !one.resources.is_empty();
    all.into_iter().filter(some).collect()
}

/// The functions by their condition.
fn alike<'a>(only: Only, functions: Vec<&'a Function>, arns: &Arns) -> Vec<Vec<&'a Function>> {
    let mut all: BTreeMap<String, Vec<&Function>> = BTreeMap::new();
    for function in functions {
        let condition = only.condition(&[function], arns);
        let text = condition.map(|one| one.to_string()).unwrap_or_default();
        all.entry(text).or_default().push(function);
    }
    all.into_values().collect()
}

/// One statement, with a name of its own, for everything that is allowed on the same resources
/// under the same condition.
fn gathered(grants: Vec<Grant>) -> Vec<Statement> {
    let mut groups: Vec<Vec<Grant>> = Vec::new();
    for grant in grants {
        let same = |group: &&mut Vec<Grant>| {
            let first = &group[0];
            first.resources == grant.resources && first.condition == grant.condition
        };
        match groups.iter_mut().find(same) {
            Some(group) => group.push(grant),
            None => groups.push(vec![grant]),
        }
    }
    let mut named: BTreeMap<String, usize> = BTreeMap::new();
    groups
        .into_iter()
        .map(|group| {
            let mut sid = sid(&group);
            let count = named.entry(sid.clone()).or_default();
            *count += 1;
            if *count > 1 {
                sid.push_str(&count.to_string());
            }
            Statement {
                sid,
                actions: group.iter().map(|one| one.action.to_owned()).collect(),
                resources: group[0].resources.clone(),
                condition: group[0].condition.clone(),
            }
        })
        .collect()
}

/// The kind of resources, with the manifest's keys if not all functions need them: `FunctionsUrl`.
fn sid(group: &[Grant]) -> String {
    let first = group[0].row;
    let plain = group
        .iter()
        .any(|one| matches!(one.row.key, Key::Always | Key::Each));
    let mut keys: Vec<Key> = group.iter().map(|one| one.row.key).collect();
    keys.dedup();
    let of = match first.on {
        On::Functions if !plain => keys.iter().map(|key| format!("{key:?}")).collect(),
        _ => String::new(),
    };
    let way = match first.only {
        _ if group[0].condition.is_none() => "",
        Only::PassedTo(_) => "PassedOn",
        Only::Bounded => "Bounded",
        Only::Policies | Only::AnyPolicy => "Policies",
        Only::Principals => "Principals",
        Only::UrlAuth => "Auth",
        _ => "",
    };
    format!("{:?}{of}{way}", first.on)
}
