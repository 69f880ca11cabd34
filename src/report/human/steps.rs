//! The steps of a plan: several functions are groups; one line per step with its reason next to it
//! and its fields below.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Action, Change, Plan, Step, value::Shown};

use super::{
    super::{
        Style,
        counts::{Resource, resource},
        naming::{Kind, owner, part, subject},
        style::Ink,
        wording::{plain, wrap},
    },
    field,
};

/// Columns before a field.
const FIELD_INDENT: usize = 6;
/// Widest column of subjects, and the narrowest column of reasons next to it.
const WIDEST_SUBJECT: usize = 48;
const LEAST_REASON: usize = 28;

/// Lines that belong together, and their steps.
pub(in super::super) struct Block<'a> {
    /// The lines, each with a newline.
    pub(in super::super) text: String,
    /// The steps: one, or the housekeeping of a function.
    pub(in super::super) steps: Vec<&'a Step>,
}

/// The lines of each step, in display order.
pub(in super::super) fn step_blocks<'a>(plan: &'a Plan, style: &'a Style) -> Vec<Block<'a>> {
    let layout = Layout::of(plan, style);
    let mut blocks: Vec<Block> = Vec::new();
    let mut signed = BTreeSet::new();
    for (heading, steps) in groups(plan) {
        let first = blocks.len();
        let (housekeeping, shown): (Vec<&Step>, Vec<&Step>) = steps
            .into_iter()
            .partition(|step| layout.is_housekeeping(step));
        for step in shown {
            let sign = layout.sign(step, &mut signed);
            let text = ended(&layout.lines(step, sign));
            blocks.push(Block {
                text,
                steps: vec![step],
            });
        }
        if !housekeeping.is_empty() {
            let text = ended(&layout.housekeeping(&housekeeping));
            blocks.push(Block {
                text,
                steps: housekeeping,
            });
        }
        if let (Some(heading), Some(block)) = (heading, blocks.get_mut(first)) {
            let before = if first == 0 { "" } else { "\n" };
            let heading = style.paint(Ink::Bold, &plain(heading));
            block.text.insert_str(0, &format!("{before}{heading}\n"));
        }
    }
    blocks
}

fn ended(lines: &[String]) -> String {
    let lines = lines.iter();
    lines
        .map(|line| line.trim_end().to_owned() + "\n")
        .collect()
}

/// A heading, and the steps below it.
type Group<'a> = (Option<&'a str>, Vec<&'a Step>);

/// The steps by function, if several functions have some: first steps without a function, then each
/// function's, last deletions of undeclared functions.
fn groups(plan: &Plan) -> Vec<Group<'_>> {
    let mut each: Vec<Group> = Vec::new();
    let mut places = BTreeMap::new();
    for function in plan.steps.iter().filter_map(|step| step.action.function()) {
        places.entry(function).or_insert_with(|| {
            each.push((Some(function), Vec::new()));
            each.len() - 1
        });
    }
    if each.len() < 2 {
        return vec![(None, plan.steps.iter().collect())];
    }
    let mut first: Group = (None, Vec::new());
    let mut last: Group = (Some("not in jot.toml"), Vec::new());
    for step in &plan.steps {
        let place = owner(step).and_then(|function| places.get(function));
        let group = match place.and_then(|place| each.get_mut(*place)) {
            Some(group) => group,
            None if Kind::of(&step.action) == Kind::Delete => &mut last,
            None => &mut first,
        };
        group.1.push(step);
    }
    let all = std::iter::once(first).chain(each).chain([last]);
    all.filter(|(_, steps)| !steps.is_empty()).collect()
}

/// Whether the step only records or cleans up.
fn keeps_house(step: &Step) -> bool {
    match step.action {
        Action::RetireVersions { .. } => true,
        Action::TagFunction { .. } => step.changes.is_empty(),
        _ => false,
    }
}

/// The columns of a plan.
struct Layout<'a> {
    style: &'a Style,
    plan: &'a Plan,
    /// The effect on each resource with steps other than housekeeping.
    resources: BTreeMap<Resource<'a>, Kind>,
    symbol: usize,
    subject: usize,
}

impl<'a> Layout<'a> {
    fn of(plan: &'a Plan, style: &'a Style) -> Self {
        let mut layout = Self {
            style,
            plan,
            resources: BTreeMap::new(),
            symbol: 1,
            subject: 0,
        };
        for step in plan.steps.iter().filter(|step| !keeps_house(step)) {
            if let Some(resource) = resource(&step.action) {
                let kind = layout.effect(step);
                let whole = layout.resources.entry(resource).or_insert(kind);
                if matches!(kind, Kind::Create | Kind::Replace) {
                    *whole = kind;
                }
            }
        }
        for step in &plan.steps {
            let length = subject(step).chars().count();
            if length <= WIDEST_SUBJECT && !layout.is_housekeeping(step) {
                layout.subject = layout.subject.max(length);
            }
            layout.symbol = layout.symbol.max(layout.kind(step).symbol().len());
        }
        layout
    }

    /// The effect of the step; a creation that follows a deletion in this plan is a replacement.
    fn kind(&self, step: &Step) -> Kind {
        let makes_room = |other: &Step| {
            matches!(other.action, Action::DeleteFunction { .. }) && other.resource == step.resource
        };
        match step.action {
            Action::CreateFunction { .. } if self.plan.steps.iter().any(makes_room) => {
                Kind::Replace
            }
            ref action => Kind::of(action),
        }
    }

    /// The step's effect on its resource; a new version or alias is a change of the function.
    fn effect(&self, step: &Step) -> Kind {
        match step.action {
            Action::PublishVersion { .. } | Action::SetAlias { .. } => Kind::Update,
            _ => self.kind(step),
        }
    }

    /// The sign of a step. Each resource has one sign, before its first step, so that signs and
    /// counts agree.
    fn sign(&self, step: &'a Step, signed: &mut BTreeSet<Resource<'a>>) -> Option<Kind> {
        let kind = self.kind(step);
        match resource(&step.action) {
            Some(resource) if kind != Kind::Delete => {
                let whole = self.resources.get(&resource).copied();
                signed.insert(resource).then(|| whole.unwrap_or(kind))
            }
            _ => Some(kind),
        }
    }

    /// Whether the step only records or cleans up, in addition to other steps of its resource.
    fn is_housekeeping(&self, step: &Step) -> bool {
        let resource = resource(&step.action);
        keeps_house(step) && resource.is_some_and(|one| self.resources.contains_key(&one))
    }

    /// One line for the housekeeping of a function: ` then old versions: 7, 5 are kept; tags`.
    fn housekeeping(&self, steps: &[&Step]) -> Vec<String> {
        let parts = steps.iter().map(|step| {
            let what = part(step).map_or_else(|| plain(&step.resource), str::to_owned);
            let reasons: Vec<String> = step.reasons.iter().map(|reason| plain(reason)).collect();
            match reasons.is_empty() {
                true => what,
                false => format!("{what}: {}", reasons.join(", ")),
            }
        });
        let indent = 2 + self.symbol + 1;
        let text = format!("then {}", parts.collect::<Vec<_>>().join("; "));
        let lines = wrap(&text, self.style.width - indent).into_iter();
        lines
            .map(|line| format!("{:indent$}{}", "", self.style.paint(Ink::Dim, &line)))
            .collect()
    }

    fn lines(&self, step: &Step, sign: Option<Kind>) -> Vec<String> {
        let symbol = sign.map_or("", Kind::symbol);
        let symbol = format!("{symbol:>width$}", width = self.symbol);
        let symbol = match sign {
            Some(kind) => self.style.paint(kind.ink(), &symbol),
            None => symbol,
        };
        let subject = format!("{:<width$}", subject(step), width = self.subject);
        let mut lines = vec![format!("  {symbol} {subject}")];
        self.add_reasons(step, subject.chars().count(), &mut lines);
        let kind = self.kind(step);
        let fields = step
            .changes
            .iter()
            .flat_map(|change| self.field(kind, change));
        lines.extend(fields.map(|line| format!("{:FIELD_INDENT$}{line}", "")));
        lines
    }

    fn field(&self, kind: Kind, change: &Change) -> Vec<String> {
        let is_new = matches!(kind, Kind::Create | Kind::Replace) && change.old == Shown::Absent;
        match is_new {
            true => vec![field::of_new(change, self.style)],
            false => field::lines(change, self.style, FIELD_INDENT),
        }
    }

    /// Puts the reasons next to the subject, or below it if they do not fit.
    fn add_reasons(&self, step: &Step, subject: usize, lines: &mut Vec<String>) {
        let start = 2 + self.symbol + 1;
        let column = start + self.subject + 2;
        let reasons: Vec<String> = step.reasons.iter().map(|reason| plain(reason)).collect();
        let fits =
            |reason: &String| start + subject + 2 + reason.chars().count() <= self.style.width;
        let room = subject <= self.subject && self.style.width >= column + LEAST_REASON;
        let same_line = room || (reasons.len() == 1 && reasons.iter().all(fits));
        let indent = if same_line { column } else { FIELD_INDENT };
        let width = match same_line && !room {
            true => usize::MAX,
            false => self.style.width - indent,
        };
        let reasons = reasons.iter().flat_map(|reason| wrap(reason, width));
        for (row, reason) in reasons.enumerate() {
            let reason = self.style.paint(Ink::Dim, &reason);
            match lines.first_mut() {
                Some(first) if same_line && row == 0 => first.push_str(&format!("  {reason}")),
                _ => lines.push(format!("{:indent$}{reason}", "")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Counts, fixture};

    /// The fixture's change of one function, and a copy for another function.
    fn two() -> Plan {
        let mut plan = fixture::change();
        let own = |step: &&Step| {
            step.action.function().is_some() || step.resource == "image increment-vector"
        };
        let other: Vec<Step> = plan.steps.iter().filter(own).map(renamed).collect();
        plan.steps.extend(other);
        plan
    }

    fn renamed(step: &Step) -> Step {
        let text = serde_json::to_string(step).unwrap();
        serde_json::from_str(&text.replace("increment-vector", "sum")).unwrap()
    }

    fn shown(plan: &Plan) -> String {
        let style = Style::plain();
        let blocks = step_blocks(plan, &style);
        assert_eq!(
            blocks.iter().map(|block| block.steps.len()).sum::<usize>(),
            plan.steps.len()
        );
        blocks.into_iter().map(|block| block.text).collect()
    }

    #[test]
    fn several_functions_are_groups() {
        insta::assert_snapshot!(shown(&two()));
    }

    #[test]
    fn signs_are_as_many_as_what_is_counted() {
        for plan in [
            fixture::first(),
            fixture::change(),
            fixture::destroy(),
            two(),
        ] {
            let text = shown(&plan);
            let signed = |sign: &str| {
                let begin = format!("  {sign} ");
                text.lines().filter(|line| line.starts_with(&begin)).count()
            };
            let Counts {
                build,
                push,
                copy,
                create,
                update,
                destroy,
            } = Counts::of(&plan);
            let found = [
                signed("> build"),
                signed("> push"),
                signed("> copy"),
                signed("+"),
                signed("~"),
                signed("-"),
            ];
            assert_eq!(
                found,
                [build, push, copy, create, update, destroy],
                "{text}"
            );
        }
    }

    #[test]
    fn a_minus_stands_only_where_something_is_deleted() {
        let text = shown(&fixture::change());
        assert!(!text.lines().any(|line| line.starts_with("  - ")), "{text}");
        assert_eq!(
            text.matches("\n    then old versions: ").count(),
            1,
            "{text}"
        );
    }

    #[test]
    fn what_only_records_has_a_line_of_its_own_without_other_steps() {
        let mut plan = fixture::change();
        plan.steps.retain(keeps_house);
        let text = shown(&plan);
        assert!(
            text.starts_with("  ~ function increment-vector, old versions"),
            "{text}"
        );
        assert_eq!(text.matches('~').count(), 1, "{text}");
    }
}
