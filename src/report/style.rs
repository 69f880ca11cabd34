//! The style of output: decided once from options and environment, then passed to everything that
//! prints.

use std::io::IsTerminal;

/// Width if the terminal's is unknown, and the smallest width of the layout.
const USUAL_WIDTH: usize = 100;
const LEAST_WIDTH: usize = 40;

/// How to print on one of the two streams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether escape codes may be used.
    pub color: bool,
    /// Whether characters beyond ASCII may be used.
    pub unicode: bool,
    /// The width in columns.
    pub width: usize,
    /// Whether to print only errors and results.
    pub quiet: bool,
    /// The number of `-v`.
    pub verbosity: u8,
    /// Whether progress bars may be drawn.
    pub progress: bool,
    /// The format of documents and results.
    pub format: Format,
}

/// The format of documents and results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// For people at a terminal.
    #[default]
    Human,
    /// For programs: documents and lines of JSON.
    Json,
    /// For comments on pull requests.
    Markdown,
}

/// The value of `--color`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorChoice {
    /// On a terminal, unless the environment disables it.
    #[default]
    Auto,
    /// Always, whatever the environment says.
    Always,
    /// Never, whatever the environment says.
    Never,
}

/// A stream to print on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// The result of a command, which programs may read.
    Stdout,
    /// Progress, notes, questions and errors.
    Stderr,
}

/// The options of the command line that affect a [`Style`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// The value of `--color`, or `Never` with `--no-color`.
    pub color: ColorChoice,
    /// Whether `-q` was given.
    pub quiet: bool,
    /// How often `-v` was given.
    pub verbosity: u8,
    /// The value of `--format`, or `Json` with `--json`.
    pub format: Format,
}

/// The environment that affects a [`Style`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// `NO_COLOR` is set and not empty (<https://no-color.org>).
    pub no_color: bool,
    /// `FORCE_COLOR` or `CLICOLOR_FORCE` is set, and neither empty, `0` nor
    /// `false` (<https://force-color.org>, <https://bixense.com/clicolors>).
    pub force_color: bool,
    /// `CI` is set to something but `false`, `0` or nothing.
    pub ci: bool,
    /// `TERM` is `dumb`: the terminal has no escape codes.
    pub dumb: bool,
    /// The locale uses UTF-8.
    pub utf8: bool,
    /// The stream is a terminal.
    pub terminal: bool,
    /// Width of the terminal; `None` if it is not known.
    pub columns: Option<usize>,
}

/// The style for a stream in these surroundings.
pub fn style(flags: &Flags, around: &Surroundings) -> Style {
    let lively = around.terminal && !around.dumb && !around.ci;
    let color = match flags.color {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        ColorChoice::Auto => !around.no_color && (lively || around.force_color),
    };
    Style {
        color: color && flags.format == Format::Human,
        unicode: around.utf8 && !around.dumb,
        width: around.columns.unwrap_or(USUAL_WIDTH).max(LEAST_WIDTH),
        quiet: flags.quiet,
        verbosity: flags.verbosity,
        progress: lively && !flags.quiet && flags.format != Format::Json,
        format: flags.format,
    }
}

impl Style {
    /// The style for that stream of this process.
    pub fn here(flags: &Flags, stream: Stream) -> Self {
        style(flags, &surroundings(stream))
    }

    /// A style without colour, progress or characters beyond ASCII: for documents and files.
    pub fn plain() -> Self {
        style(&Flags::default(), &Surroundings::default())
    }

    /// The text in that colour; unchanged if colour is off.
    pub(crate) fn paint(&self, ink: Ink, text: &str) -> String {
        if !self.color || text.is_empty() {
            return text.to_owned();
        }
        format!("\u{1b}[{}m{text}\u{1b}[0m", ink.code())
    }
}

/// The colours that jot uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
    Cyan,
}

impl Ink {
    fn code(self) -> u8 {
        match self {
            Self::Bold => 1,
            Self::Dim => 2,
            Self::Red => 31,
            Self::Green => 32,
            Self::Yellow => 33,
            Self::Cyan => 36,
        }
    }
}

/// The environment of this process, and of that stream.
fn surroundings(stream: Stream) -> Surroundings {
    let terminal = match stream {
        Stream::Stdout => std::io::stdout().is_terminal(),
        Stream::Stderr => std::io::stderr().is_terminal(),
    };
    Surroundings {
        no_color: !variable("NO_COLOR").is_empty(),
        force_color: ["FORCE_COLOR", "CLICOLOR_FORCE"]
            .iter()
            .any(|name| !matches!(variable(name).as_str(), "" | "0" | "false")),
        ci: !matches!(variable("CI").as_str(), "" | "0" | "false"),
        dumb: variable("TERM") == "dumb",
        utf8: is_utf8(["LC_ALL", "LC_CTYPE", "LANG"].map(variable)),
        terminal,
        columns: if terminal { columns(stream) } else { None },
    }
}

/// The environment variable; empty if it is not set.
pub(super) fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// Whether the first of these locale variables that is set names UTF-8, in the order of POSIX.
fn is_utf8(locale: [String; 3]) -> bool {
    let chosen = locale.into_iter().find(|value| !value.is_empty());
    chosen.is_some_and(|name| {
        let name = name.to_lowercase();
        name.contains("utf-8") || name.contains("utf8")
    })
}

fn columns(stream: Stream) -> Option<usize> {
    let mut table = comfy_table::Table::new();
    if stream == Stream::Stderr {
        table.use_stderr();
    }
    table.width().map(usize::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terminal() -> Surroundings {
        Surroundings {
            utf8: true,
            terminal: true,
            columns: Some(120),
            ..Surroundings::default()
        }
    }

    #[test]
    fn a_terminal_gets_colour_and_progress() {
        let style = style(&Flags::default(), &terminal());
        assert!(style.color && style.unicode && style.progress);
        assert_eq!(style.width, 120);
    }

    #[test]
    fn a_pipe_gets_neither() {
        let style = style(&Flags::default(), &Surroundings::default());
        assert!(!style.color && !style.unicode && !style.progress);
        assert_eq!(style.width, USUAL_WIDTH);
    }

    #[test]
    fn ci_and_dumb_terminals_get_plain_lines() {
        for around in [
            Surroundings {
                ci: true,
                ..terminal()
            },
            Surroundings {
                dumb: true,
                ..terminal()
            },
        ] {
            let style = style(&Flags::default(), &around);
            assert!(!style.color && !style.progress, "{around:?}");
        }
    }

    #[test]
    fn no_color_yields_to_the_flag_only() {
        let around = Surroundings {
            no_color: true,
            ..terminal()
        };
        let flags = |color| Flags {
            color,
            ..Flags::default()
        };
        assert!(!style(&flags(ColorChoice::Auto), &around).color);
        assert!(style(&flags(ColorChoice::Always), &around).color);
        assert!(!style(&flags(ColorChoice::Never), &terminal()).color);
        assert!(style(&flags(ColorChoice::Auto), &around).progress);
    }

    #[test]
    fn colour_is_forced_without_a_terminal_if_nothing_forbids_it() {
        let around = Surroundings {
            force_color: true,
            ..Surroundings::default()
        };
        let of = |color, around: &Surroundings| {
            let flags = Flags {
                color,
                ..Flags::default()
            };
            style(&flags, around).color
        };
        assert!(of(ColorChoice::Auto, &around));
        assert!(!of(ColorChoice::Never, &around));
        let forbidden = Surroundings {
            no_color: true,
            ..around
        };
        assert!(!of(ColorChoice::Auto, &forbidden));
        assert!(!style(&Flags::default(), &around).progress);
    }

    #[test]
    fn json_is_never_coloured_and_quiet_never_moves() {
        let json = Flags {
            color: ColorChoice::Always,
            format: Format::Json,
            ..Flags::default()
        };
        let style_of = |flags: &Flags| style(flags, &terminal());
        assert!(!style_of(&json).color && !style_of(&json).progress);
        let quiet = Flags {
            quiet: true,
            ..Flags::default()
        };
        assert!(!style_of(&quiet).progress && style_of(&quiet).color);
    }

    #[test]
    fn the_locale_is_read_in_posix_order() {
        let locale = |values: [&str; 3]| is_utf8(values.map(str::to_owned));
        assert!(locale(["", "", "en_GB.UTF-8"]));
        assert!(locale(["", "C.utf8", "C"]));
        assert!(!locale(["C", "", "en_GB.UTF-8"]));
        assert!(!locale(["", "", ""]));
    }
}
