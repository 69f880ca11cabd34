//! A function's URL.
//! <https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html>

use serde_json::json;

use crate::model::{
    Action, Change, StepId,
    reach::{Url, UrlAuth},
    value::Shown,
};

use super::shared::{Intent, intent, step};
use crate::plan::{builder::PlanBuilder, context::FunctionContext, managed::Key, record};

/// The step that creates, changes or deletes the URL.
pub(super) fn plan(
    context: &FunctionContext,
    after: &[StepId],
    builder: &mut PlanBuilder,
) -> Option<StepId> {
    let found = context.found.reach.url.as_ref();
    let current = found.map(|found| &found.url);
    let function = context.wanted.key.clone();
    let (action, wanted) = match (
        intent(context, Key::Url, context.wanted.reach.url.as_ref()),
        current,
    ) {
        (Intent::Leave, _) | (Intent::Reset, None) => return None,
        (Intent::Set(url), Some(current)) if url == current => return None,
        (Intent::Reset, Some(_)) => (Action::DeleteUrl { function }, None),
        (Intent::Set(url), None) => (Action::CreateUrl { function }, Some(url)),
        (Intent::Set(url), Some(_)) => (Action::UpdateUrl { function }, Some(url)),
    };
    let is_public = |url: Option<&Url>| url.is_some_and(|url| url.auth == UrlAuth::None);
    if is_public(wanted) && !is_public(current) {
        let name = &context.wanted.name;
        builder.notes.push(format!(
            "function {name}: anyone who knows its URL can call it, because url.auth is \"none\""
        ));
    }
    let changes = changes(context, current, wanted);
    let mut step = step(context, "url", action, (after.to_vec(), changes));
    step.resource = format!("URL of {}", context.wanted.name);
    Some(builder.add(step))
}

/// Every field that differs, with its cause.
fn changes(context: &FunctionContext, current: Option<&Url>, wanted: Option<&Url>) -> Vec<Change> {
    let text = |url: &Url| record::text(&json!(url));
    let cause = context.attribution().key(Key::Url, current.map(text));
    let fields = |url: Option<&Url>| {
        let auth = url.map(|url| json!(url.auth));
        let streaming = url.filter(|url| url.streaming).map(|_| json!(true));
        let cors = url.and_then(|url| url.cors.as_ref());
        [auth, streaming, cors.map(|cors| json!(cors))]
    };
    let sides = fields(current).into_iter().zip(fields(wanted));
    let named = ["auth", "streaming", "cors"].into_iter().zip(sides);
    let shown = |value: Option<serde_json::Value>| value.map_or(Shown::Absent, Shown::Value);
    let differing = named.filter(|(_, (old, new))| old != new);
    differing
        .map(|(name, (old, new))| {
            let field = format!("{}.{name}", Key::Url.word());
            Change::new(field, shown(old), shown(new)).because(cause)
        })
        .collect()
}
