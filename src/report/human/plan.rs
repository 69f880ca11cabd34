//! A plan for people: one line per step with its reason next to it and its fields below.

use crate::model::{Plan, SavedPlan, plan::Purpose};

use super::{
    super::{
        Counts, Style,
        style::Ink,
        wording::{plain, wrap},
    },
    steps::step_blocks,
};

/// The plan: title, steps, notes, and the counts as the last line; or one sentence if it is empty.
pub fn plan(plan: &Plan, style: &Style) -> String {
    let conclusion = style.paint(Ink::Bold, &conclusion(plan));
    if plan.is_empty() {
        return format!("{}{conclusion}\n", notes(plan, style));
    }
    let title = style.paint(Ink::Bold, &title(plan));
    format!("{title}\n\n{}{conclusion}\n", steps_and_notes(plan, style))
}

/// A saved plan, after a line with its time, place and use.
pub fn saved(saved: &SavedPlan, style: &Style) -> String {
    let lines = wrap(&plain(&origin(saved)), style.width);
    let origin: String = lines.iter().map(|line| format!("{line}\n")).collect();
    format!("{origin}\n{}", plan(&saved.plan, style))
}

/// The time, place and use of a saved plan.
pub(in super::super) fn origin(saved: &SavedPlan) -> String {
    let SavedPlan {
        saved_at,
        used_at,
        plan,
    } = saved;
    let used = match used_at {
        Some(at) => format!("It was applied at {at} and cannot be applied again."),
        None => "It was not applied yet: `jot apply --plan FILE` applies it.".to_owned(),
    };
    let (maker, place) = (&plan.jot_version, place(plan));
    format!("Saved at {saved_at} by jot {maker}, for {place}. {used}")
}

/// The place of a plan: `numerics, target prod, in account 123456789012, eu-west-1`.
fn place(plan: &Plan) -> String {
    let Plan {
        project,
        account,
        region,
        ..
    } = plan;
    plain(&match &plan.target {
        Some(target) => format!("{project}, target {target}, in account {account}, {region}"),
        None => format!("{project} in account {account}, {region}"),
    })
}

/// The title of a plan: its place, and its purpose.
pub(in super::super) fn title(plan: &Plan) -> String {
    match plan.purpose {
        Purpose::Apply => place(plan),
        Purpose::Destroy => format!("{}: to be destroyed", place(plan)),
        Purpose::Adopt => format!("{}: to be adopted", place(plan)),
        Purpose::Rollback => format!("{}: to be rolled back", place(plan)),
    }
}

/// The last line: the counts, or that the plan is empty.
pub(in super::super) fn conclusion(plan: &Plan) -> String {
    match (plan.is_empty(), plan.purpose) {
        (false, _) => format!("Plan: {}.", Counts::of(plan)),
        (true, Purpose::Apply) if !plan.held.is_empty() => format!(
            "No changes. {} at an earlier release: see the notes.",
            match plan.held.len() {
                1 => "1 function stays".to_owned(),
                many => format!("{many} functions stay"),
            }
        ),
        (true, Purpose::Apply) => format!("No changes. {} matches jot.toml.", place(plan)),
        (true, Purpose::Destroy) if plan.notes.is_empty() => format!(
            "Nothing to destroy. jot manages nothing in {}.",
            place(plan)
        ),
        (true, Purpose::Destroy) => {
            format!("Nothing to destroy in {}: see the notes.", place(plan))
        }
        (true, Purpose::Rollback) => "Nothing to roll back: see the notes.".to_owned(),
        (true, Purpose::Adopt) => {
            let project = plain(&plan.project);
            format!("Nothing to adopt. It already belongs to {project}.")
        }
    }
}

/// All steps and notes, each block followed by an empty line.
fn steps_and_notes(plan: &Plan, style: &Style) -> String {
    let blocks = step_blocks(plan, style).into_iter();
    let mut page: String = blocks.map(|block| block.text).collect();
    if !plan.is_empty() {
        page.push('\n');
    }
    page + &notes(plan, style)
}

/// Each note as a line.
pub(in super::super) fn note_lines(plan: &Plan) -> Vec<String> {
    let line = |note: &String| plain(note) + "\n";
    plan.notes.iter().map(line).collect()
}

fn notes(plan: &Plan, style: &Style) -> String {
    if plan.notes.is_empty() {
        return String::new();
    }
    let mut page = format!("{}\n", style.paint(Ink::Bold, "Notes"));
    for note in &plan.notes {
        for line in wrap(&plain(note), style.width - 2) {
            page.push_str(&format!("  {line}\n"));
        }
    }
    page + "\n"
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::super::super::fixture;
    use super::*;

    fn shown(plan: &Plan) -> String {
        super::plan(plan, &Style::plain())
    }

    #[test]
    fn a_saved_plan_says_when_it_was_made_and_whether_it_was_used() {
        let saved = fixture::saved();
        assert_snapshot!("saved", super::saved(&saved, &Style::plain()));
        let used = SavedPlan {
            used_at: Some("2026-11-28T07:10:00Z".to_owned()),
            ..saved
        };
        assert!(origin(&used).ends_with("at 2026-11-28T07:10:00Z and cannot be applied again."));
    }

    #[test]
    fn nothing_to_do_is_one_sentence() {
        let nothing = fixture::nothing();
        assert_eq!(
            shown(&nothing),
            "No changes. numerics in account 123456789012, eu-west-1 matches jot.toml.\n"
        );
        let target = Plan {
            target: Some("prod".to_owned()),
            notes: vec!["DB_URL: unknown here, not compared".to_owned()],
            ..nothing
        };
        assert_snapshot!("nothing_but_a_note", shown(&target));
    }

    #[test]
    fn nothing_to_destroy_is_one_sentence() {
        let nothing = Plan {
            purpose: Purpose::Destroy,
            ..fixture::nothing()
        };
        assert_eq!(
            shown(&nothing),
            "Nothing to destroy. jot manages nothing in numerics in account 123456789012, \
                eu-west-1.\n"
        );
    }

    #[test]
    fn what_stays_is_not_called_nothing() {
        let stays = Plan {
            purpose: Purpose::Destroy,
            notes: vec!["repository numerics stays: its tag jot:project is other".to_owned()],
            ..fixture::nothing()
        };
        assert_eq!(
            shown(&stays),
            "Notes\n  repository numerics stays: its tag jot:project is other\n\n\
             Nothing to destroy in numerics in account 123456789012, eu-west-1: see the notes.\n"
        );
    }

    #[test]
    fn first_plan() {
        assert_snapshot!(shown(&fixture::first()));
    }

    #[test]
    fn change() {
        assert_snapshot!(shown(&fixture::change()));
    }

    #[test]
    fn destroy() {
        assert_snapshot!(shown(&fixture::destroy()));
    }

    #[test]
    fn replace() {
        assert_snapshot!(shown(&fixture::replace()));
    }

    #[test]
    fn narrow_terminal() {
        let style = Style {
            width: 60,
            ..Style::plain()
        };
        assert_snapshot!(super::plan(&fixture::change(), &style));
    }

    #[test]
    fn coloured() {
        let style = Style {
            color: true,
            ..Style::plain()
        };
        assert_snapshot!(super::plan(&fixture::change(), &style).replace('\u{1b}', "ESC"));
    }
}
