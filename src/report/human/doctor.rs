//! Results of `jot doctor`, one line each, with help.

use super::super::{Style, style::Ink, wording};
use crate::model::doctor::{Check, Diagnosis, Health};

/// Width of the names.
const NAMES: usize = 11;

/// All results, and a conclusion.
pub fn diagnosis(diagnosis: &Diagnosis, style: &Style) -> String {
    let mut text: String = diagnosis
        .checks
        .iter()
        .map(|one| check(one, style))
        .collect();
    text.push('\n');
    text + &match diagnosis.broken {
        0 => "No problems found.\n".to_owned(),
        1 => style.paint(Ink::Bold, "1 problem found.") + "\n",
        broken => style.paint(Ink::Bold, &format!("{broken} problems found.")) + "\n",
    }
}

fn check(check: &Check, style: &Style) -> String {
    let (mark, ink) = match (check.health, style.unicode) {
        (Health::Good, true) => ("✓", Ink::Green),
        (Health::Good, false) => ("ok", Ink::Green),
        (Health::Doubtful, _) => ("!", Ink::Yellow),
        (Health::Broken, true) => ("✗", Ink::Red),
        (Health::Broken, false) => ("NO", Ink::Red),
        (Health::Unknown, _) => ("-", Ink::Dim),
    };
    let mark = style.paint(ink, &format!("{mark:<2}"));
    let indent = NAMES + 4;
    let width = style.width.saturating_sub(indent);
    let lines = |text: &str| wording::wrap(&wording::plain_lines(text), width);
    let mut said = lines(&check.message).into_iter();
    let first = said.next().unwrap_or_default();
    let mut text = format!("{mark} {:<NAMES$} {first}\n", check.name);
    for line in said {
        text.push_str(&format!("{:indent$}{line}\n", ""));
    }
    for line in check.help.iter().flat_map(|help| lines(help)) {
        text.push_str(&format!(
            "{:indent$}{}\n",
            "",
            style.paint(Ink::Cyan, &line)
        ));
    }
    text
}

#[cfg(test)]
mod cases {
    use super::*;

    #[test]
    fn each_check_says_what_to_do() {
        let found = Diagnosis::of(vec![
            Check::good("docker", "29.7.2 at unix:///var/run/docker.sock"),
            Check::broken(
                "region",
                "no AWS region is set",
                "set `aws.region` in jot.toml",
            ),
            Check::doubtful(
                "disk",
                "4.0 GB are free",
                "`jot clean` removes what nothing needs",
            ),
            Check::unknown("rights", "no credentials found"),
        ]);
        let text = "ok docker      29.7.2 at unix:///var/run/docker.sock\n\
                    NO region      no AWS region is set\n               set `aws.region` in \
                    jot.toml\n\
                    !  disk        4.0 GB are free\n               `jot clean` removes what \
                    nothing needs\n\
                    -  rights      no credentials found\n\n1 problem found.\n";
        assert_eq!(diagnosis(&found, &Style::plain()), text);
        let narrow = Style {
            width: 40,
            ..Style::plain()
        };
        let wrapped = diagnosis(&found, &narrow);
        // A word is not broken.
        let longest = "               unix:///var/run/docker.sock".chars().count();
        let widest = wrapped.lines().map(|line| line.chars().count()).max();
        assert_eq!(widest, Some(longest), "{wrapped}");
    }
}
