//! Comments on pull requests: few words to be seen, the rest folded away in code fences, in which GitHub and GitLab read neither
//! Markdown nor HTML nor mentions. Nothing of the user's stands outside a fence but through [`escaped`].

use crate::model::{Plan, SavedPlan, Step};

use super::{Counts, Style, human, wording};

/// The most bytes that a page has. GitHub takes 65,536 characters, a character being one byte at least; what is left is for
/// a line or two of the caller's around the page. GitLab takes a million.
/// <https://docs.github.com/rest/issues/comments#create-an-issue-comment> (its error 422 names the number).
const LONGEST: usize = 64_000;
/// The most of it that notes take.
const NOTES: usize = 12_000;
/// Room for the words around fences, and for the fences.
const FRAME: usize = 6_000;
/// The most characters of a line: one huge value is no reason to leave out the steps after it.
const WIDEST: usize = 1_000;
/// The most characters of a name outside the folds.
const NAME: usize = 200;
/// The most characters of what is said of a saved plan.
const ORIGIN: usize = 600;
/// The most things that are listed outside the folds.
const LISTED: usize = 10;

/// The plan: where and how much, what it deletes, and folded away the steps and the notes.
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

/// The plan of a file, before a line on when and for what it was made, and whether it was carried out.
pub fn saved(saved: &SavedPlan) -> String {
    let origin = escaped(&narrow(&human::origin(saved), ORIGIN));
    format!("{}\n{origin}\n", plan(&saved.plan))
}

/// A text in a code fence, cut to what a comment holds.
pub fn page(text: &str) -> String {
    let lines = text.lines().map(|line| format!("{line}\n")).collect();
    let shown = fitting(lines, LONGEST - FRAME);
    let left_out = match shown.left_out() {
        0 => String::new(),
        lines => format!(
            "\n{} left out: a comment holds no more.\n",
            wording::count(lines, "line")
        ),
    };
    fenced(&shown.text) + &left_out
}

/// The part of something that fits.
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

/// As many whole blocks as fit in so many bytes, from the first on, so that the same plan always shows the same.
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

/// The line, or its beginning and how much more there is.
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

/// What the plan deletes, to be seen without unfolding anything.
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

/// `<details>` with the blocks; nothing where there are none.
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

/// What did not fit, and how to see it.
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
        "\n**Left out**, since a comment holds no more: {}. The command jot plan{target} shows all.\n",
        wording::list(&parts)
    )
}

/// The text in a code fence that nothing in it can close.
fn fenced(text: &str) -> String {
    let runs = text.split(|character| character != '`').map(str::len);
    let fence = "`".repeat(runs.max().unwrap_or(0).max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", text.trim_end())
}

/// The text as it is read, whatever Markdown, HTML, table, mention or reference it looks like.
///
/// CommonMark lets every ASCII punctuation character be escaped (<https://spec.commonmark.org/0.31.2/#backslash-escapes>). GitHub
/// looks for `@name` and `#1` in what comes of that, so a zero-width space keeps their parts from one another.
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
