//! Everything that jot prints: plans, progress, results, errors and questions.
//!
//! Functions that produce text are pure: data and a [`Style`] in, a `String` out. Only [`output`],
//! [`prompt`], [`problem::show`] and the [`Reporter`], which turns events into progress, write.
//! stdout is for data (plans, tables, results), stderr for the rest (progress, questions, errors).

pub mod annotation;
pub mod counts;
pub mod html;
pub mod human;
pub mod json;
pub mod markdown;
pub mod output;
pub mod problem;
pub mod progress;
pub mod prompt;
pub mod releases;
pub mod status;
pub mod style;
pub mod wording;

mod contender;
mod excerpt;
mod naming;

#[cfg(test)]
mod fixture;

pub use counts::Counts;
pub use naming::sentence;
pub use output::{Audience, line, out};
pub use progress::{Reporter, drive};
pub use prompt::confirm;
pub use releases::{ReleaseRow, ReleaseState};
pub use status::{InSync, Share, StatusRow};
pub use style::{ColorChoice, Flags, Format, Stream, Style};

use crate::model::{Bench, Plan, SavedPlan, TestResult};

/// The plan in the style's format.
pub fn plan(plan: &Plan, style: &Style) -> String {
    match style.format {
        Format::Human => human::plan(plan, style),
        Format::Json => json::plan(plan),
        Format::Markdown => markdown::plan(plan),
    }
}

/// A saved plan in the style's format, with its time, place and use.
pub fn saved(saved: &SavedPlan, style: &Style) -> String {
    match style.format {
        Format::Human => human::saved(saved, style),
        Format::Json => json::saved(saved),
        Format::Markdown => markdown::saved(saved),
    }
}

/// The conclusion of a plan that is not shown: one sentence if it is empty, otherwise nothing,
/// because its steps follow.
pub fn result(plan: &Plan, style: &Style) -> String {
    match plan.is_empty() {
        true => style.paint(style::Ink::Bold, &human::conclusion(plan)) + "\n",
        false => String::new(),
    }
}

/// Test results: a table for people (in a code fence for Markdown), or JSON.
pub fn tests(results: &[TestResult], style: &Style) -> String {
    match style.format {
        Format::Human => human::tests(results, style),
        Format::Json => json::tests(results),
        Format::Markdown => markdown::page(&human::tests(results, &Style::plain())),
    }
}

/// Benchmark results: tables and charts for people (in a code fence for Markdown), or JSON. `rule`
/// describes how the knee was found.
pub fn bench(bench: &Bench, rule: &str, style: &Style) -> String {
    match style.format {
        Format::Human => human::bench(bench, rule, style),
        Format::Json => json::bench(bench),
        Format::Markdown => markdown::page(&human::bench(bench, rule, &Style::plain())),
    }
}

/// Published versions: a table for people (in a code fence for Markdown), or JSON.
pub fn releases(rows: &[ReleaseRow], style: &Style) -> String {
    match style.format {
        Format::Human => human::releases(rows, style),
        Format::Json => json::releases(rows),
        Format::Markdown => markdown::page(&human::releases(rows, &Style::plain())),
    }
}

/// Deployed functions: a table for people (in a code fence for Markdown), or JSON.
///
/// People get all details, one block per function, if the list has one function or `all` is set.
pub fn status(rows: &[StatusRow], all: bool, style: &Style) -> String {
    match style.format {
        Format::Human if all || rows.len() == 1 => human::inventory(rows, style),
        Format::Human => human::status(rows, style),
        Format::Json => json::status(rows),
        Format::Markdown => markdown::page(&human::status(rows, &Style::plain())),
    }
}
