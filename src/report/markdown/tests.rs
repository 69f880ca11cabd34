//! Pages fit, are well-formed, and their content is not interpreted as Markdown.

use insta::assert_snapshot;
use proptest::{collection::vec, prelude::*};

use super::{super::fixture, *};
use crate::model::{Change, value::Shown};

/// GitHub's limit, in characters.
const LIMIT: usize = 65_536;

/// The part of the page outside the fences; fails if a fence or a fold is not closed.
fn outside(page: &str) -> String {
    let mut outside = String::new();
    let mut fence: Option<String> = None;
    let mut folds = 0;
    for line in page.lines() {
        let ticks: String = line.chars().take_while(|one| *one == '`').collect();
        if let Some(open) = &fence {
            // With four or more spaces, a closing fence would be code.
            let inner = line.trim_start_matches(' ');
            let ticks = inner.trim_end_matches([' ', '\t']);
            let closes = line.len() - inner.len() < 4
                && ticks.len() >= open.len()
                && ticks.chars().all(|one| one == '`');
            if closes {
                fence = None;
            }
            continue;
        }
        if ticks.len() >= 3 {
            fence = Some(ticks);
            continue;
        }
        folds += line.matches("<details>").count();
        folds -= line.matches("</details>").count();
        assert!(folds < 2, "a fold in a fold");
        outside.push_str(line);
        outside.push('\n');
    }
    assert_eq!((fence, folds), (None, 0), "left open");
    outside
}

/// Asserts that a page fits and has only jot's own HTML outside its fences; returns the text
/// outside.
fn whole(page: &str) -> String {
    let length = page.chars().count();
    assert!(length < LIMIT, "{length} characters");
    let outside = outside(page);
    let tags = ["<details>", "</details>", "<summary>", "</summary>"];
    let rest = tags
        .iter()
        .fold(outside.clone(), |text, tag| text.replace(tag, ""));
    assert!(!rest.contains('<'), "{rest}");
    outside
}

#[test]
fn changes_are_folded() {
    assert_snapshot!("plan", plan(&fixture::change()));
}

#[test]
fn no_changes_are_short() {
    assert_snapshot!("empty_plan", plan(&fixture::nothing()));
}

#[test]
fn deletions_are_seen_without_unfolding() {
    let text = plan(&fixture::destroy());
    let seen = whole(&text);
    for one in ["- function increment-vector\n", "- repository numerics\n"] {
        assert!(seen.contains(one), "{seen}");
    }
    assert_eq!(
        whole(&plan(&fixture::first())).matches("deletes").count(),
        0
    );
}

#[test]
fn a_thousand_functions_fit_and_what_is_left_out_is_said() {
    let mut huge = fixture::change();
    let steps = huge.steps.clone();
    huge.steps = (0..1000).flat_map(|_| steps.clone()).collect();
    huge.notes = (0..1000)
        .map(|n| format!("function f{n} is not in the manifest"))
        .collect();
    let text = plan(&huge);
    let seen = whole(&text);
    assert!(seen.contains("<summary>13000 steps, the first "), "{seen}");
    assert!(seen.contains("<summary>1000 notes, the first "), "{seen}");
    assert!(seen.contains("jot plan --target prod shows all"), "{seen}");
    assert!(seen.contains(" to update, 0 to destroy) and "), "{seen}");
    assert!(text.chars().count() > LIMIT * 8 / 10, "room is wasted");
    assert_eq!(text, plan(&huge));
}

#[test]
fn one_huge_value_hides_no_other_step() {
    let mut huge = fixture::change();
    huge.steps[0].changes[0].new = Shown::Value("`".repeat(70_000).into());
    let text = plan(&huge);
    assert!(whole(&text).contains("<summary>13 steps</summary>"));
    assert!(
        text.contains("more") && text.contains("then old versions: 7 versions, 5 are kept; tags")
    );
}

#[test]
fn results_are_cut_too() {
    let line = "`".repeat(3) + "</details> @team\n";
    let text = page(&line.repeat(10_000));
    assert!(whole(&text).contains("lines left out"));
    assert_eq!(page("a\n````\nb"), "`````text\na\n````\nb\n`````\n");
}

#[test]
fn foreign_text_is_only_text() {
    assert_eq!(
        escaped("`a` | <b> @team #1 [x](y) *z* _w_ & \\"),
        "\\`a\\` \\| &lt;b&gt; @&#8203;team #&#8203;1 \\[x\\]\\(y\\) \\*z\\* \\_w\\_ &amp; \\\\"
    );
    assert_eq!(escaped("a\n\n# b"), "a  #&#8203; b");
}

#[test]
fn a_secret_is_no_part_of_a_page() {
    let text = plan(&fixture::change());
    assert!(
        text.contains("environment.DB_URL: (sensitive) -> (sensitive)"),
        "{text}"
    );
}

/// Text that imitates Markdown or HTML.
fn hostile() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("```\n".to_owned()),
        Just("</details>".to_owned()),
        Just("<details>\n\n".to_owned()),
        Just("@team #1 ".to_owned()),
        Just("~~~".to_owned()),
        Just("    ".to_owned()),
        "`{1,9}",
        "[ -~]{0,40}",
        "\\PC{0,20}",
        Just("é→".repeat(700)),
    ];
    vec(part, 0..6).prop_map(|parts| parts.concat())
}

prop_compose! {
    fn any_plan()(
        base in prop_oneof![
            Just(fixture::first()), Just(fixture::change()), Just(fixture::destroy()),
            Just(fixture::replace()), Just(fixture::nothing()),
        ],
        texts in vec(hostile(), 1..30),
        times in 1_usize..150,
    ) -> Plan {
        let mut plan = base;
        let mut texts = texts.into_iter().cycle();
        let mut next = || texts.next().unwrap_or_default();
        plan.region = next();
        plan.target = Some(next());
        plan.notes = (0..times).map(|_| next()).collect();
        let steps = plan.steps.clone();
        plan.steps = (0..times).flat_map(|_| steps.clone()).collect();
        for step in &mut plan.steps {
            step.resource.push_str(&next());
            step.reasons.push(next());
            let value = Shown::Value(next().into());
            step.changes.push(Change::new(next(), value.clone(), value));
        }
        plan
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_plan_makes_a_page_that_fits_and_is_whole(any in any_plan()) {
        let text = plan(&any);
        let seen = whole(&text);
        prop_assert!(!seen.contains("@team") && !seen.contains("#1"), "{}", seen);
    }
}
