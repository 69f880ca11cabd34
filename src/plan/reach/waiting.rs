//! Triggers whose source stands elsewhere and is not known: nothing is made of them, and nothing goes that may be theirs.

use crate::model::{Function, MappingState, Push, TriggerKey, push::Wanted};

/// Whether what a trigger is of is not known.
pub(super) fn is_waiting(wanted: &Function, trigger: &str) -> bool {
    wanted.unknown_of(trigger).any(TriggerKey::is_source)
}

/// The triggers of other services that the manifest has and whose source is known, by their names.
pub(super) fn known<'a>(
    wanted: &'a Function,
    pushes: impl IntoIterator<Item = (&'a String, &'a Wanted)>,
) -> impl Iterator<Item = (&'a String, &'a Wanted)> {
    let pushes = pushes.into_iter();
    pushes.filter(|(name, _)| !is_waiting(wanted, name))
}

/// Whether a mapping may be of a trigger whose source is not known: it is of the same service.
pub(super) fn may_be_mapped(wanted: &Function, there: &MappingState) -> bool {
    let service = there.mapping.source.split(':').nth(2);
    let mut waiting = sources(wanted).map(|(_, key)| key.word());
    waiting.any(|word| Some(word) == service)
}

/// Whether what this service carries out may be of a trigger whose source is not known.
pub(super) fn may_be_of(wanted: &Function, service: &str) -> bool {
    let pushes = &wanted.reach.pushes;
    let mut waiting = sources(wanted).filter_map(|(name, _)| pushes.get(name));
    waiting.any(|one| one.push.service() == service)
}

/// Whether what is there may be of a trigger whose source is not known.
pub(super) fn may_be(wanted: &Function, there: &Push) -> bool {
    may_be_of(wanted, there.service())
}

fn sources(wanted: &Function) -> impl Iterator<Item = (&str, TriggerKey)> {
    wanted.unknown_triggers().filter(|(_, key)| key.is_source())
}
