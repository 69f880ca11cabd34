//! The end of the events.

use super::*;

#[test]
fn without_a_summary_the_account_so_far_is_given() {
    let plan = fixture::replace();
    let mut reporter = Reporter::to(&lines(), &plan.steps, Box::new(Paper::default()));
    reporter.event(&started("delete"));
    let summary = reporter.finish();
    assert_eq!(summary.stopped, [id("delete")]);
    assert_eq!(summary.not_started, [id("create")]);
}

#[tokio::test]
async fn driving_ends_with_the_summary_though_senders_remain() {
    let plan = fixture::first();
    let paper = Paper::default();
    let reporter = Reporter::to(&lines(), &plan.steps, Box::new(paper.clone()));
    let (sender, events) = tokio::sync::mpsc::unbounded_channel();
    for event in success(&plan) {
        sender.send(event).unwrap();
    }
    let summary = drive(events, reporter).await;
    assert_eq!(summary.done, names(&plan));
    assert_eq!(paper.text(), rendered(&lines(), &plan, &success(&plan)));
    drop(sender);
}

#[tokio::test]
async fn driving_ends_when_no_sender_is_left() {
    let reporter = Reporter::to(&bars(), &[], Box::new(Paper::default()));
    let (sender, events) = tokio::sync::mpsc::unbounded_channel();
    sender.send(started("build:1")).unwrap();
    drop(sender);
    let summary = drive(events, reporter).await;
    assert_eq!(summary.stopped, [id("build:1")]);
}

#[test]
fn the_advice_names_the_command_that_has_such_steps() {
    let advice = |wanted: fn(&Action) -> bool| {
        let mut plan = fixture::first();
        plan.steps.retain(|step| wanted(&step.action));
        let summary = Summary {
            failed: vec![id(BUILD)],
            ..Summary::default()
        };
        let text = rendered(&lines(), &plan, &[Event::Summary(summary)]);
        text.lines().last().unwrap_or_default().to_owned()
    };
    let build = |action: &Action| matches!(action, Action::Build { .. });
    let test = |action: &Action| matches!(action, Action::Build { .. } | Action::TestLocal { .. });
    assert!(advice(build).contains("`jot build`"));
    assert!(advice(test).contains("`jot test`"));
    assert!(advice(|_| true).contains("`jot apply`"));
    assert_eq!(
        advice(|_| false),
        "Fix the cause and run the command again."
    );
}

#[test]
fn what_an_apply_deletes_is_no_destroy() {
    let advice = |purpose: Purpose| {
        let mut plan = fixture::replace();
        plan.purpose = purpose;
        for step in &mut plan.steps {
            step.action = Action::DeleteMapping {
                function: "sum".to_owned(),
                uuid: "0123".to_owned(),
            };
        }
        let summary = Summary {
            failed: vec![id("delete")],
            ..Summary::default()
        };
        rendered(&lines(), &plan, &[Event::Summary(summary)])
    };
    assert!(advice(Purpose::Apply).contains("run `jot apply` again"));
    assert!(advice(Purpose::Destroy).contains("run `jot destroy` again"));
    assert!(advice(Purpose::Adopt).contains("run `jot adopt` again"));
}

#[test]
fn the_result_of_a_trial_is_shown_with_its_reason() {
    let tried = |problem| Event::Tried {
        function: "sum".to_owned(),
        way: "compile = \"other\"".to_owned(),
        problem,
    };
    let text = rendered(&lines(), &fixture::nothing(), &[tried(None)]);
    assert!(
        text.contains("sum can be built with `compile = \"other\"`."),
        "{text}"
    );
    let text = rendered(
        &lines(),
        &fixture::nothing(),
        &[tried(Some(tests_failed()))],
    );
    assert!(
        text.contains("sum cannot be built with `compile = \"other\"`:"),
        "{text}"
    );
    assert!(text.contains("1 of 2 tests failed"), "{text}");
}
