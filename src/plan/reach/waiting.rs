//! Triggers with a source that is not resolved: nothing is created for them, and nothing is deleted
//! that may belong to them.

use crate::model::{Function, MappingState, Push, TriggerKey, push::Wanted};

/// Whether the trigger's source is unknown.
pub(super) fn is_waiting(wanted: &Function, trigger: &str) -> bool {
    wanted.unknown_of(trigger).any(TriggerKey::is_source)
}

/// The triggers of other services with known sources, by their names.
pub(super) fn known<'a>(
    wanted: &'a Function,
    pushes: impl IntoIterator<Item = (&'a String, &'a Wanted)>,
) -> impl Iterator<Item = (&'a String, &'a Wanted)> {
    let pushes = pushes.into_iter();
    pushes.filter(|(name, _)| !is_waiting(wanted, name))
}

/// Whether a mapping may belong to a trigger with an unknown source: one of the same service.
pub(super) fn may_be_mapped(wanted: &Function, existing: &MappingState) -> bool {
    let service = existing.mapping.source.split(':').nth(2);
    let mut waiting = sources(wanted).map(|(_, key)| key.word());
    waiting.any(|word| Some(word) == service)
}

/// Whether an event source of this service may belong to a trigger with an unknown source.
pub(super) fn may_be_of(wanted: &Function, service: &str) -> bool {
    let pushes = &wanted.reach.pushes;
    let mut waiting = sources(wanted).filter_map(|(name, _)| pushes.get(name));
    waiting.any(|one| one.push.service() == service)
}

/// Whether an existing event source may belong to a trigger with an unknown source.
pub(super) fn may_be(wanted: &Function, existing: &Push) -> bool {
    may_be_of(wanted, existing.service())
}

fn sources(wanted: &Function) -> impl Iterator<Item = (&str, TriggerKey)> {
    wanted.unknown_triggers().filter(|(_, key)| key.is_source())
}
