//! Plans as comments on pull requests.

use crate::model::Plan;

use super::{Style, human, wording};

/// The longest comment that GitHub takes, in characters; a byte is never more than one.
const LONGEST: usize = 65_536;
/// Room kept for everything but the folded text.
const FRAME: usize = 1_536;

/// The plan: where and how much, and the steps folded away; at most 65,536 characters (the limit of a GitHub comment).
pub fn plan(plan: &Plan) -> String {
    let style = Style::plain();
    let title = human::title(plan);
    let conclusion = human::conclusion(plan);
    let body = human::steps_and_notes(plan, &style);
    let head = format!("### jot plan: {title}\n\n**{conclusion}**\n");
    if body.is_empty() {
        return head;
    }
    let summary = match plan.steps.len() {
        0 => wording::count(plan.notes.len(), "note"),
        steps => wording::count(steps, "step"),
    };
    let body = fenced(&shorten(&body, LONGEST - FRAME));
    format!("{head}\n<details><summary>{summary}</summary>\n\n{body}\n</details>\n")
}

/// The text in a code fence that nothing in it can close.
pub fn fenced(text: &str) -> String {
    let longest = text.split(|character| character != '`').map(str::len).max();
    let fence = "`".repeat(longest.unwrap_or(0).max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", text.trim_end())
}

/// As many whole lines as fit in so many bytes, and how many more there were.
fn shorten(text: &str, room: usize) -> String {
    if text.len() <= room {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut left_out = 0;
    for line in text.lines() {
        if left_out == 0 && kept.len() + line.len() < room {
            kept.push_str(line);
            kept.push('\n');
        } else {
            left_out += 1;
        }
    }
    kept + &format!(
        "... {} more; `jot plan` shows all\n",
        wording::count(left_out, "line")
    )
}

#[cfg(test)]
mod cases {
    use insta::assert_snapshot;

    use super::super::fixture;
    use super::*;

    #[test]
    fn changes_are_folded() {
        assert_snapshot!("plan", plan(&fixture::change()));
    }

    #[test]
    fn no_changes_are_short() {
        assert_snapshot!("empty_plan", plan(&fixture::nothing()));
    }

    #[test]
    fn a_huge_plan_still_fits_in_a_comment() {
        let mut huge = fixture::change();
        for _ in 0..8 {
            huge.steps.extend(huge.steps.clone());
        }
        let text = plan(&huge);
        assert!(text.chars().count() <= LONGEST, "{}", text.len());
        assert!(text.contains("lines more; `jot plan` shows all"));
        assert!(text.ends_with("</details>\n"));
    }

    #[test]
    fn content_cannot_close_the_fence() {
        let text = fenced("a\n````\nb");
        assert_eq!(text, "`````text\na\n````\nb\n`````\n");
    }
}
