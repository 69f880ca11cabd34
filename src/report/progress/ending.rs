//! The last words: what is done, what failed, what never began, and what to do next.

use crate::model::{Action, StepId, Summary, plan::Step};

use super::{
    super::{
        Counts, Style,
        style::Ink,
        wording::{count, plain},
    },
    ledger::Ledger,
};

/// The last words about a plan, ended; nothing where all went well and the style is quiet.
pub(super) fn ending(summary: &Summary, ledger: &Ledger, style: &Style) -> String {
    if summary.complete() {
        return success(summary, ledger, style);
    }
    let mut text = format!("\n{}\n", style.paint(Ink::Bold, &verdict(summary)));
    let lists = [
        ("Done", &summary.done, Ink::Green),
        ("Failed", &summary.failed, Ink::Red),
        ("Stopped half-way", &summary.stopped, Ink::Red),
        ("Not started", &summary.not_started, Ink::Yellow),
    ];
    for (title, steps, ink) in lists {
        text.push_str(&list(&style.paint(ink, title), steps, ledger));
    }
    text + &kept(summary, ledger) + "\n" + &advice(summary, ledger)
}

/// What was created and stays, and what becomes of it; nothing where all that was created is in use.
fn kept(summary: &Summary, ledger: &Ledger) -> String {
    let kept = summary.left_behind(&ledger.steps);
    if kept.is_empty() {
        return String::new();
    }
    let kept: Vec<String> = kept.iter().map(|one| plain(one)).collect();
    format!(
        "\nCreated and kept: {}: `jot apply` goes on from there, `jot destroy` removes them.\n",
        kept.join(", ")
    )
}

fn success(summary: &Summary, ledger: &Ledger, style: &Style) -> String {
    if style.quiet {
        return String::new();
    }
    let steps = summary.done.iter().filter_map(|id| ledger.step(id));
    let Counts {
        build,
        push,
        create,
        update,
        destroy,
    } = Counts::of_steps(steps);
    let parts = [
        (build, "built"),
        (push, "pushed"),
        (create, "created"),
        (update, "updated"),
        (destroy, "destroyed"),
    ];
    let parts = parts.iter().filter(|(number, _)| *number > 0);
    let parts: Vec<String> = parts
        .map(|(number, verb)| format!("{number} {verb}"))
        .collect();
    let tested = |id: &StepId| ledger.step(id).is_some_and(|step| is_test(&step.action));
    let words = match parts.is_empty() {
        // Their results follow, or there was nothing to do: both are said elsewhere.
        true if summary.done.iter().all(tested) => return String::new(),
        true => "Done.".to_owned(),
        false => format!("Done: {}.", parts.join(", ")),
    };
    format!("\n{}\n", style.paint(Ink::Bold, &words))
}

/// `Interrupted: 2 steps done, 1 failed, 3 not started.`
fn verdict(summary: &Summary) -> String {
    let stopped = match summary.stopped.len() {
        0 => String::new(),
        number => format!("{number} stopped half-way, "),
    };
    let numbers = format!(
        "{} done, {} failed, {stopped}{} not started.",
        count(summary.done.len(), "step"),
        summary.failed.len(),
        summary.not_started.len()
    );
    match summary.interrupted {
        true => format!("Interrupted: {numbers}"),
        false => numbers,
    }
}

fn list(title: &str, steps: &[StepId], ledger: &Ledger) -> String {
    if steps.is_empty() {
        return String::new();
    }
    let lines = steps
        .iter()
        .map(|id| format!("  {}\n", ledger.sentence(id)));
    format!("{title}\n{}", lines.collect::<String>())
}

/// What the state of things is, and what to do.
fn advice(summary: &Summary, ledger: &Ledger) -> String {
    let failed: Vec<&Step> = summary
        .failed
        .iter()
        .filter_map(|id| ledger.step(id))
        .collect();
    let any = |wanted: fn(&Action) -> bool| failed.iter().any(|step| wanted(&step.action));
    let mut sentences = Vec::new();
    if summary.tests_failed && any(|action| matches!(action, Action::TestLocal { .. })) {
        sentences.push("An image that fails its tests is not pushed.".to_owned());
    }
    if summary.tests_failed && any(|action| matches!(action, Action::TestRemote { .. })) {
        sentences.push(
            "What fails its tests in Lambda takes no traffic: that stays where it was.".to_owned(),
        );
    }
    let again = match command(&ledger.steps) {
        Some(command) => format!("run `{command}` again: it goes on from here."),
        None => "run the command again.".to_owned(),
    };
    sentences.push(match summary.interrupted && summary.failed.is_empty() {
        true => format!("To finish, {again}"),
        false => format!("Repair the cause and {again}"),
    });
    sentences.join("\n") + "\n"
}

/// The command that carries out such steps; nothing where there is no plan to tell it from.
fn command(steps: &[Step]) -> Option<&'static str> {
    let all = |wanted: fn(&Action) -> bool| steps.iter().all(|step| wanted(&step.action));
    if steps.is_empty() {
        return None;
    }
    if all(is_delete) {
        return Some("jot destroy");
    }
    if all(is_build) {
        return Some("jot build");
    }
    if all(|action| is_build(action) || is_test(action)) {
        return Some("jot test");
    }
    Some("jot apply")
}

fn is_delete(action: &Action) -> bool {
    matches!(
        action,
        Action::DeleteFunction { .. }
            | Action::DeleteRole { .. }
            | Action::DeleteLogGroup { .. }
            | Action::DeleteRepository { .. }
    )
}

fn is_build(action: &Action) -> bool {
    matches!(action, Action::Pull { .. } | Action::Build { .. })
}

fn is_test(action: &Action) -> bool {
    matches!(action, Action::TestLocal { .. } | Action::TestRemote { .. })
}
