//! Checks jot's command lines in the documents against the definition of the command line.

use clap::{CommandFactory, error::ErrorKind};
use jot::cli::Cli;

use crate::{
    assert_none,
    markdown::{self, Block},
};

/// Words that may be before a command.
const BEFORE: [&str; 9] = [
    "if", "then", "else", "do", "while", "until", "!", "exec", "time",
];

/// The commands of a script, each as its words, without redirections and assignments.
fn commands(script: &str) -> Vec<Vec<String>> {
    let mut reader = Reader::default();
    let mut rest = script.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\\' => match rest.next() {
                Some('\n') | None => {}
                Some(other) => reader.add(other),
            },
            '\'' => {
                reader.begin();
                rest.by_ref()
                    .take_while(|c| *c != '\'')
                    .for_each(|c| reader.add(c));
            }
            '"' => {
                reader.begin();
                while let Some(c) = rest.next().filter(|c| *c != '"') {
                    reader.add(if c == '\\' {
                        rest.next().unwrap_or(c)
                    } else {
                        c
                    });
                }
            }
            '#' if reader.word.is_none() => {
                rest.by_ref().take_while(|c| *c != '\n').for_each(drop);
                reader.end_command();
            }
            '\n' | ';' | '|' | '(' | ')' => reader.end_command(),
            // Two of them, or one at the end of a command.
            '&' => reader.end_command(),
            '>' | '<' => {
                while rest.next_if(|c| ['>', '&'].contains(c)).is_some() {}
                assert!(
                    rest.peek() != Some(&'<'),
                    "here-documents are not read: {script}"
                );
                reader.redirect();
            }
            c if c.is_whitespace() => reader.end_word(),
            c => reader.add(c),
        }
    }
    reader.end_command();
    reader.commands
}

/// What was read of a script.
#[derive(Default)]
struct Reader {
    commands: Vec<Vec<String>>,
    command: Vec<String>,
    word: Option<String>,
    /// Whether the next word is the file of a redirection.
    file: bool,
}

impl Reader {
    fn begin(&mut self) {
        self.word.get_or_insert_default();
    }

    fn add(&mut self, c: char) {
        self.word.get_or_insert_default().push(c);
    }

    fn end_word(&mut self) {
        let Some(word) = self.word.take() else { return };
        match self.file {
            true => self.file = false,
            false => self.command.push(word),
        }
    }

    /// In `2>file` the number is not a word.
    fn redirect(&mut self) {
        let is_number = |word: &String| word.chars().all(|c| c.is_ascii_digit());
        if self.word.as_ref().is_some_and(is_number) {
            self.word = None;
        }
        self.end_word();
        self.file = true;
    }

    fn end_command(&mut self) {
        self.end_word();
        self.file = false;
        let words = std::mem::take(&mut self.command).into_iter();
        let command: Vec<String> = words.skip_while(|word| is_before(word)).collect();
        if !command.is_empty() {
            self.commands.push(command);
        }
    }
}

/// Whether a command comes after this word: a keyword, or a variable for the command.
fn is_before(word: &str) -> bool {
    let is_name = |name: &str| {
        let mut letters = name.chars();
        letters.all(|c| c == '_' || c.is_ascii_uppercase() || c.is_ascii_digit())
    };
    let assigned = word.split_once('=').is_some_and(|(name, _)| is_name(name));
    assigned || BEFORE.contains(&word)
}

/// The script of a block: for a session, the lines that were typed.
fn script(block: &Block) -> Option<String> {
    match block.language() {
        "sh" | "bash" | "shell" => Some(block.text.clone()),
        "console" => {
            let typed = block
                .text
                .lines()
                .filter_map(|line| line.strip_prefix("$ "));
            Some(typed.map(|line| format!("{line}\n")).collect())
        }
        _ => None,
    }
}

/// What is wrong with a command.
fn fault(command: &[String]) -> Option<String> {
    let program = command.first()?;
    if program == "jot" {
        let error = Cli::command().try_get_matches_from(command).err()?;
        let asked = [ErrorKind::DisplayHelp, ErrorKind::DisplayVersion];
        return (!asked.contains(&error.kind())).then(|| error.to_string());
    }
    let own = ["scripts/", "ci/"]
        .iter()
        .any(|folder| program.starts_with(folder));
    (own && !markdown::root().join(program).is_file()).then(|| "no such file".to_owned())
}

#[test]
fn commands_in_blocks_are_commands_of_jot() {
    let mut wrong = Vec::new();
    let mut held = 0;
    for document in markdown::documents() {
        for block in document.blocks() {
            let commands = script(&block).map_or_else(Vec::new, |text| commands(&text));
            for command in commands {
                held += usize::from(command[0] == "jot");
                if let Some(fault) = fault(&command) {
                    let place = format!("{}:{}", document.path.display(), block.line);
                    wrong.push(format!("{place}: {}: {fault}", command.join(" ")));
                }
            }
        }
    }
    assert_none(&wrong);
    assert!(held >= 100, "only {held} commands were found");
}

#[test]
fn commands_in_the_text_exist_with_their_options() {
    let mut wrong = Vec::new();
    for document in markdown::documents() {
        for (line, code) in document.codes() {
            // The placeholder of a text: `jot <fingerprint16>`, `jot …`.
            if !code.starts_with("jot ") || code.contains(['<', '…', '|', '{']) {
                continue;
            }
            let Some(command) = commands(&code).into_iter().next() else {
                continue;
            };
            let Err(error) = Cli::command().try_get_matches_from(&command) else {
                continue;
            };
            // A text leaves out what is clear, and names values in words.
            let unknown = [ErrorKind::InvalidSubcommand, ErrorKind::UnknownArgument];
            if unknown.contains(&error.kind()) {
                let place = format!("{}:{line}", document.path.display());
                wrong.push(format!("{place}: `{code}`: {error}"));
            }
        }
    }
    assert_none(&wrong);
}

#[test]
fn a_script_is_read_as_its_commands() {
    let script = "A=b jot plan 'x y' \"z\\\"\" > out 2>/dev/null && jot apply --yes # c\n\
                  # jot no\njot logs \\\n  f | head\nexport X=y; jot invoke '' &\n";
    let read = commands(script);
    let words: Vec<Vec<&str>> = read
        .iter()
        .map(|command| command.iter().map(String::as_str).collect())
        .collect();
    let expected: Vec<Vec<&str>> = vec![
        vec!["jot", "plan", "x y", "z\""],
        vec!["jot", "apply", "--yes"],
        vec!["jot", "logs", "f"],
        vec!["head"],
        vec!["export", "X=y"],
        vec!["jot", "invoke", ""],
    ];
    assert_eq!(words, expected);
    let told = |line: &str| fault(&commands(line)[0]);
    assert_eq!(told("jot apply --yes"), None);
    assert!(told("jot apply --yess").is_some());
    assert!(told("jot aply").is_some());
    assert!(told("scripts/nothing").is_some());
}
