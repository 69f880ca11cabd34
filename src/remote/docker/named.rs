//! Names of build steps: titles for jot's own Dockerfiles, instructions for the user's.

use super::excerpt::{NAME, one_line};
use crate::model::recipe::{BUILD_NAMES, StepTitle};

/// How to name a build's steps and its base.
#[derive(Default)]
pub(super) struct Names {
    /// The base's name for users, instead of its temporary name.
    base: Option<String>,
    titles: Vec<StepTitle>,
}

/// The name of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Named {
    /// `compiling packages`, or `[2/5] RUN make`.
    pub text: String,
    /// Whether it is a title.
    pub titled: bool,
}

impl Names {
    pub(super) fn new(base: Option<&str>, titles: &[StepTitle]) -> Self {
        Self {
            base: base.map(str::to_owned),
            titles: titles.to_vec(),
        }
    }

    /// The name of a step that the builder calls `[build 2/5] RUN --mount=type=cache,target=/c
    /// make`.
    pub(super) fn step(&self, name: &str) -> Named {
        let name = self.shown(name);
        let place = match name.starts_with('[') {
            true => name.find("] ").map_or(0, |end| end + 2),
            false => 0,
        };
        let (place, instruction) = name.split_at(place);
        let titles = || self.titles.iter();
        match titles().find(|title| !place.is_empty() && title.is_of(instruction)) {
            Some(title) => Named {
                text: title.title.clone(),
                titled: true,
            },
            None => Named {
                text: one_line(&format!("{place}{}", without_flags(instruction)), NAME),
                titled: false,
            },
        }
    }

    /// A text of the builder's with the base's name as users know it.
    ///
    /// It may also contain the base's name in another build on it: concurrent builds share common
    /// steps.
    pub(super) fn shown(&self, text: &str) -> String {
        let (Some(base), mut rest) = (&self.base, text) else {
            return text.to_owned();
        };
        let mut shown = String::new();
        while let Some(start) = rest.find(BUILD_NAMES) {
            shown.push_str(&rest[..start]);
            shown.push_str(base);
            rest = &rest[start..];
            let in_name = |c: char| c.is_ascii_alphanumeric() || "._-/:".contains(c);
            rest = rest.trim_start_matches(in_name);
        }
        shown + rest
    }
}

impl Named {
    /// Where a build failed: `while compiling packages`, or `at [2/5] RUN make`.
    pub(super) fn place(&self) -> String {
        match self.titled {
            true => format!("while {}", self.text),
            false => format!("at {}", self.text),
        }
    }
}

/// An instruction without its flags.
fn without_flags(instruction: &str) -> String {
    let mut words = instruction.split_whitespace();
    let first = words.next().unwrap_or_default();
    let rest = words.skip_while(|word| word.starts_with("--"));
    std::iter::once(first)
        .chain(rest)
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let title = |instruction: &str, words: &[&str], title: &str| StepTitle {
            instruction: instruction.to_owned(),
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            title: title.to_owned(),
        };
        Names::new(
            None,
            &[
                title("RUN ", &["/jot/base/compile"], "compiling packages"),
                title("COPY ", &[], "copying files"),
            ],
        )
    }

    #[test]
    fn an_instruction_of_jots_own_is_reported_in_words() {
        let compile = "[base 3/4] RUN \
                       --mount=type=bind,from=build,source=/jot/base,target=/jot/base \
                       [\"/opt/jot/bin/tool\", \"/jot/base/compile\"]";
        let named = names().step(compile);
        assert_eq!(named.place(), "while compiling packages");
        assert_eq!(names().step("[2/2] COPY env/ /env/").text, "copying files");
    }

    #[test]
    fn an_instruction_of_the_users_stays_but_for_its_flags() {
        let named =
            names().step("[2/5] RUN --mount=type=cache,target=/c --network=none make --all");
        assert_eq!(named.place(), "at [2/5] RUN make --all");
        let long = names()
            .step(&format!("[2/5] RUN echo {}", "x".repeat(300)))
            .text;
        assert!(long.starts_with("[2/5] RUN echo xxx") && long.ends_with("..."));
        assert_eq!(long.chars().count(), NAME + 3);
        // BuildKit's internal steps are not in the Dockerfile.
        assert!(!names().step("COPY of something").titled);
    }
}
