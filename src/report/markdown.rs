//! Comments on pull requests: a short summary, and the rest folded in code fences.
//!
//! GitHub and GitLab do not interpret Markdown, HTML or mentions in a code fence. Text from the
//! user outside a fence always passes through [`escaped`].

use crate::model::{Plan, SavedPlan, Step};

use super::{Counts, Style, human, wording};

/// Most bytes of a page. GitHub allows 65,536 characters of at least one byte each; the difference
/// leaves room for a line or two around the page. GitLab allows a million.
/// <https://docs.github.com/rest/issues/comments#create-an-issue-comment> (its error 422 names the
/// number).
const LONGEST: usize = 64_000;
/// Most bytes of the notes.
const NOTES: usize = 12_000;
/// Bytes reserved for fences and the text around them.
const FRAME: usize = 6_000;
/// Most characters of a line, so that one huge value does not displace later steps.
const WIDEST: usize = 1_000;
/// Most characters of a name outside the folds.
const NAME: usize = 200;
/// Most characters about the origin of a saved plan.
const ORIGIN: usize = 600;
/// Most items listed outside the folds.
const LISTED: usize = 10;

/// The plan: place and size, deletions, and the folded steps and notes.
pub fn plan(plan: &Plan) -> String {
    let title = escaped(&narrow(&human::title(plan), NAME));
    let conclusion = escaped(&narrow(&human::conclusion(plan), NAME));
    let mut page = format!("### jot plan: {title}\n\n**{conclusion}**\n");
    page.push_str(&deletions(plan));
    let notes = fitting(human::note_lines(plan), NOTES);
    let room = LONGEST.saturating_sub(page.len() + notes.text.len() + FRAME);
    let plain = Style::plain();
    let blocks = human::step_blocks(plan, &plain);
    let numbers: Vec<usize> = blocks.iter().map(|block| block.steps.len()).collect();
    let left = |from: usize| blocks[from..].iter().flat_map(|block| block.steps.clone());
    let mut steps = fitting(
        blocks.iter().map(|block| block.text.clone()).collect(),
        room,
    );
    let counts = Counts::of_steps(left(steps.count));
    steps.count = numbers[..steps.count].iter().sum();
    steps.all = plan.steps.len();
    page.push_str(&folded(&steps, "step"));
    page.push_str(&folded(&notes, "note"));
    page.push_str(&left_out(plan, (&steps, counts), &notes));
    page
}

/// A saved plan, before a line with its time, place and use.
pub fn saved(saved: &SavedPlan) -> String {
    let origin = escaped(&narrow(&human::origin(saved), ORIGIN));
    format!("{}\n{origin}\n", plan(&saved.plan))
}

/// A text in a code fence, cut to the size of a comment.
pub fn page(text: &str) -> String {
    let lines = text.lines().map(|line| format!("{line}\n")).collect();
    let shown = fitting(lines, LONGEST - FRAME);
    let left_out = match shown.left_out() {
        0 => String::new(),
        lines => format!(
            "\n{} left out to fit in a comment.\n",
            wording::count(lines, "line")
        ),
    };
    fenced(&shown.text) + &left_out
}

/// The part that fits.
struct Shown {
    text: String,
    count: usize,
    all: usize,
}

impl Shown {
    fn left_out(&self) -> usize {
        self.all - self.count
    }
}

/// As many whole blocks as fit into this many bytes, from the first on, so that the output is
/// reproducible.
fn fitting(blocks: Vec<String>, room: usize) -> Shown {
    let all = blocks.len();
    let mut text = String::new();
    let mut count = 0;
    for block in blocks {
        let block: String = block
            .lines()
            .map(|line| narrow(line, WIDEST) + "\n")
            .collect();
        if text.len() + block.len() > room {
            break;
        }
        text.push_str(&block);
        count += 1;
    }
    Shown { text, count, all }
}

/// The line, or its beginning and the number of omitted characters.
fn narrow(line: &str, most: usize) -> String {
    let length = line.chars().count();
    if length <= most {
        return line.to_owned();
    }
    let start: String = line.chars().take(most).collect();
    format!(
        "{start} ... and {} more",
        wording::count(length - most, "character")
    )
}

/// The deletions of the plan, visible without unfolding.
fn deletions(plan: &Plan) -> String {
    let deletes = |step: &&Step| Counts::of_steps([*step]).destroy > 0;
    let deleted: Vec<&Step> = plan.steps.iter().filter(deletes).collect();
    if deleted.is_empty() {
        return String::new();
    }
    let lines = deleted.iter().take(LISTED);
    let lines = lines.map(|step| {
        format!(
            "- {}\n",
            escaped(&narrow(&wording::plain(&step.resource), NAME))
        )
    });
    let more = match deleted.len().saturating_sub(LISTED) {
        0 => String::new(),
        more => format!("- and {more} more\n"),
    };
    format!("\nIt deletes:\n\n{}{more}", lines.collect::<String>())
}

/// `<details>` with the blocks; empty without blocks.
fn folded(shown: &Shown, noun: &str) -> String {
    if shown.all == 0 {
        return String::new();
    }
    let mut summary = wording::count(shown.all, noun);
    if shown.left_out() > 0 {
        summary.push_str(&format!(", the first {} shown", shown.count));
    }
    let body = fenced(&shown.text);
    format!("\n<details><summary>{summary}</summary>\n\n{body}\n</details>\n")
}

/// The omitted parts, and how to see them.
fn left_out(plan: &Plan, (steps, counts): (&Shown, Counts), notes: &Shown) -> String {
    let mut parts = Vec::new();
    if steps.left_out() > 0 {
        let number = wording::count(steps.left_out(), "step");
        parts.push(format!("{number} ({counts})"));
    }
    if notes.left_out() > 0 {
        parts.push(wording::count(notes.left_out(), "note"));
    }
    if parts.is_empty() {
        return String::new();
    }
    let target = plan.target.as_ref();
    let target = target.map_or_else(String::new, |name| {
        format!(" --target {}", escaped(&narrow(name, NAME)))
    });
    format!(
        "\n**Left out** to fit in a comment: {}. The command jot plan{target} shows all.\n",
        wording::list(&parts)
    )
}

/// The text in a code fence that nothing in it can close.
fn fenced(text: &str) -> String {
    let runs = text.split(|character| character != '`').map(str::len);
    let fence = "`".repeat(runs.max().unwrap_or(0).max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", text.trim_end())
}

/// The text, escaped so that Markdown, HTML, tables, mentions and references are shown literally.
///
/// CommonMark allows a backslash before every ASCII punctuation character
/// (<https://spec.commonmark.org/0.31.2/#backslash-escapes>). GitHub looks for `@name` and `#1`
/// afterwards, so a zero-width space separates their parts.
fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '@' | '#' => {
                safe.push(character);
                safe.push_str("&#8203;");
            }
            '\\' | '`' | '*' | '_' | '~' | '|' | '[' | ']' | '(' | ')' | '!' => {
                safe.push('\\');
                safe.push(character);
            }
            other if other.is_control() => safe.push(' '),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests;
