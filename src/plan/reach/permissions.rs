//! jot's statements in a function's policy: those with the id prefix of this project, target and
//! function.
//!
//! The id contains a hash of the content, so that a new statement exists before the old one is
//! removed. All others stay unchanged.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::model::{
    Action, Cause, Change, Slot, StepId,
    reach::{Statement, statement_name as name},
    value::Shown,
};

use super::shared::{Intent, intent, step};
use crate::plan::{builder::PlanBuilder, context::FunctionContext, managed::Key, record};

/// The step that adds missing statements, and replaces those with a wanted id and other content.
pub(super) fn add(
    context: &FunctionContext,
    after: &[StepId],
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    let Intent::Set(wanted) = intent(
        context,
        Key::Permissions,
        context.wanted.reach.permissions.as_ref(),
    ) else {
        return None;
    };
    let existing = &context.found.reach.statements;
    let known = |id: &str| is_known(context, name(&context.wanted.reach.prefix, id));
    let missing = wanted
        .iter()
        .filter(|(id, one)| existing.get(*id) != Some(one) && known(id));
    let statements: BTreeMap<String, Statement> =
        missing.map(|(id, one)| (id.clone(), one.clone())).collect();
    if statements.is_empty() {
        return None;
    }
    let replace = statements.keys().filter(|id| existing.contains_key(*id));
    let replace: Vec<String> = replace.cloned().collect();
    let changes = statements
        .iter()
        .map(|(id, one)| change(context, id, existing.get(id), Some(one)))
        .collect();
    let action = Action::AddPermissions {
        function: context.wanted.key.clone(),
        statements,
        replace,
    };
    Some(builder.add(step(context, "permit", action, (after.to_vec(), changes))))
}

/// The step that removes statements that are no longer wanted.
pub(super) fn remove(
    context: &FunctionContext,
    after: &[StepId],
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    let nothing = BTreeMap::new();
    let wanted = match intent(
        context,
        Key::Permissions,
        context.wanted.reach.permissions.as_ref(),
    ) {
        Intent::Leave => return None,
        Intent::Reset => &nothing,
        Intent::Set(wanted) => wanted,
    };
    let stale: Vec<(&String, &Statement)> = ours(context)
        .filter(|(id, _)| !wanted.contains_key(*id))
        // A statement with an unknown successor stays until that is known.
        .filter(|(id, _)| is_known(context, name(&context.wanted.reach.prefix, id)))
        .collect();
    if stale.is_empty() {
        return None;
    }
    let changes = stale
        .iter()
        .map(|(id, one)| change(context, id, Some(one), None))
        .collect();
    let action = Action::RemovePermissions {
        function: context.wanted.key.clone(),
        ids: stale.into_iter().map(|(id, _)| id.clone()).collect(),
    };
    Some(builder.add(step(context, "forbid", action, (after.to_vec(), changes))))
}

fn ours<'a>(context: &FunctionContext<'a>) -> impl Iterator<Item = (&'a String, &'a Statement)> {
    let (reach, found) = (&context.wanted.reach, &context.found.reach.statements);
    let of_jot = |id: &String| reach.prefixes().any(|prefix| id.starts_with(prefix));
    found.iter().filter(move |(id, _)| of_jot(id))
}

fn change(
    context: &FunctionContext,
    id: &str,
    old: Option<&Statement>,
    new: Option<&Statement>,
) -> Change {
    let cause = cause(context);
    let shown = |one: Option<&Statement>| {
        one.map_or(Shown::Absent, |one| Shown::Value(json!(in_words(one))))
    };
    let mut prefixes = context.wanted.reach.prefixes();
    let prefix = prefixes.find(|prefix| id.starts_with(prefix));
    let name = name(prefix.unwrap_or_default(), id);
    let field = format!("{}.{name}", Key::Permissions.word());
    Change::new(field, shown(old), shown(new)).because(cause)
}

/// The cause of a change of statements.
///
/// If some refer to values elsewhere only since the last apply, the record has them in full.
fn cause(context: &FunctionContext) -> Cause {
    let existing: BTreeMap<&String, &Statement> = ours(context).collect();
    let cause_of = |text: String| {
        let text = Some(text).filter(|_| !existing.is_empty());
        context.attribution().key(Key::Permissions, text)
    };
    match cause_of(record::permissions(context.wanted, &existing)) {
        Cause::Both => cause_of(record::text(&json!(existing))),
        cause => cause,
    }
}

/// Whether all references of the statements of this name are resolved; others are not compared.
fn is_known(context: &FunctionContext, name: &str) -> bool {
    let mut references = context.wanted.references.iter();
    references.all(|one| match &one.slot {
        Slot::Principal(of) | Slot::SourceArn(of) => of != name || one.unknown().is_none(),
        _ => true,
    })
}

/// A statement in few words: `123456789012 lambda:InvokeFunction`.
pub(super) fn in_words(one: &Statement) -> String {
    let Statement {
        principal,
        action,
        source_arn,
        source_account,
        organization,
        url_auth,
        via_url,
        foreign,
    } = one;
    let who = match organization {
        Some(organization) => organization,
        None if principal == "*" => "anyone",
        None => principal,
    };
    let auth = url_auth.map(|auth| format!("with auth {}", json!(auth)));
    let conditions = [
        source_arn.as_ref().map(|arn| format!("for {arn}")),
        source_account
            .as_ref()
            .map(|id| format!("for account {id}")),
        auth,
        via_url.then(|| "by the URL".to_owned()),
        foreign.then(|| "changed outside jot".to_owned()),
    ];
    let words: BTreeSet<String> = conditions.into_iter().flatten().collect();
    let words: Vec<String> = words.into_iter().collect();
    match words.is_empty() {
        true => format!("{who}, {action}"),
        false => format!("{who}, {action} {}", words.join(" ")),
    }
}
