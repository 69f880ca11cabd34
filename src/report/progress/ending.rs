//! The closing text: what is done, what failed, what was not started, and what to do next.

use crate::model::{
    Action, StepId, Summary,
    plan::{Purpose, Step},
};

use super::{
    super::{
        Counts, Style,
        style::Ink,
        wording::{count, duration, plain},
    },
    ledger::Ledger,
};

/// The closing text of a plan; one line after success.
pub(super) fn ending(summary: &Summary, ledger: &Ledger, style: &Style) -> String {
    if summary.complete() {
        return success(summary, ledger, style);
    }
    if only_tests_failed(summary, ledger) {
        return String::new();
    }
    let mut text = format!("\n{}\n", style.paint(Ink::Bold, &verdict(summary)));
    // The end of each step was already reported; only an interruption lists them.
    if !summary.interrupted {
        return text + &kept(summary, ledger) + &advice(summary, ledger);
    }
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

/// Whether only tests failed, and the plan had only tests: their results follow.
fn only_tests_failed(summary: &Summary, ledger: &Ledger) -> bool {
    let ran_tests = |id: &StepId| ledger.step(id).is_some_and(|step| is_test(&step.action));
    let whole = !summary.interrupted && !summary.error && summary.tests_failed;
    whole && tests_only(&ledger.steps) && summary.failed.iter().all(ran_tests)
}

/// Whether these are the steps of `jot test`, which prints a table of the results at the end.
pub(super) fn tests_only(steps: &[Step]) -> bool {
    command(steps, None) == Some("jot test")
}

/// New resources that are kept but not in use; empty if all of them are in use.
fn kept(summary: &Summary, ledger: &Ledger) -> String {
    let kept = summary.left_behind(&ledger.steps);
    if kept.is_empty() {
        return String::new();
    }
    let kept: Vec<String> = kept.iter().map(|one| plain(one)).collect();
    format!(
        "\nCreated and kept: {}: `jot apply` continues from there, `jot destroy` removes them.\n",
        kept.join(", ")
    )
}

fn success(summary: &Summary, ledger: &Ledger, style: &Style) -> String {
    let steps = summary.done.iter().filter_map(|id| ledger.step(id));
    let Counts {
        build,
        push,
        copy,
        create,
        update,
        destroy,
    } = Counts::of_steps(steps);
    let parts = [
        (build, "built"),
        (push, "pushed"),
        (copy, "copied"),
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
        // Their results follow, or the plan was empty: both are reported elsewhere.
        true if summary.done.iter().all(tested) => return String::new(),
        true => format!("Done{}.", took(ledger)),
        false => format!("Done{}: {}.", took(ledger), parts.join(", ")),
    };
    let before = if style.quiet { "" } else { "\n" };
    format!("{before}{}\n", style.paint(Ink::Bold, &words))
}

/// ` in 1 min 12 s`; empty if it took almost no time.
fn took(ledger: &Ledger) -> String {
    match ledger.millis() {
        0..1000 => String::new(),
        millis => format!(" in {}", duration(millis)),
    }
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

/// The present state, and the next command.
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
            "A version that fails its tests in Lambda takes no traffic: traffic stays where it was."
                .to_owned(),
        );
    }
    let again = match command(&ledger.steps, ledger.purpose) {
        Some(command) => format!("run `{command}` again: it continues from here."),
        None => "run the command again.".to_owned(),
    };
    sentences.push(match summary.interrupted && summary.failed.is_empty() {
        true => format!("To finish, {again}"),
        false => format!("Fix the cause and {again}"),
    });
    sentences.join("\n") + "\n"
}

/// The command that runs such steps; `None` without a plan.
fn command(steps: &[Step], purpose: Option<Purpose>) -> Option<&'static str> {
    let all = |wanted: fn(&Action) -> bool| steps.iter().all(|step| wanted(&step.action));
    match purpose {
        _ if steps.is_empty() => None,
        // An apply can also delete in a later run of itself.
        Some(Purpose::Destroy) => Some("jot destroy"),
        Some(Purpose::Adopt) => Some("jot adopt"),
        Some(Purpose::Apply) | None if all(is_build) => Some("jot build"),
        _ if all(|action| is_build(action) || is_test(action)) => Some("jot test"),
        _ => Some("jot apply"),
    }
}

fn is_build(action: &Action) -> bool {
    matches!(action, Action::Pull { .. } | Action::Build { .. })
}

fn is_test(action: &Action) -> bool {
    matches!(action, Action::TestLocal { .. } | Action::TestRemote { .. })
}
