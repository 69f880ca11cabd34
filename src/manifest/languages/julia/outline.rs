//! What a Julia source defines and exports, read without running it.

mod blank;
mod signature;
#[cfg(test)]
mod tests;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

pub use signature::Method;

use blank::blanked;
use signature::word;

/// What a source, with the files that it includes, defines at the top level of its own module.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outline {
    /// Its functions, in their order, each once.
    pub defined: Vec<Defined>,
    /// The names that it exports or declares public.
    pub exported: Vec<String>,
    /// Paths that it includes, relative to the file that includes them, with the text's own
    /// separators.
    pub includes: Vec<String>,
    /// Every word of it outside of comments and strings.
    pub words: BTreeSet<String>,
    /// The modules that export names to it, by `using Name` without a list of names.
    pub using: Vec<String>,
    /// Whether it may define more than this shows: by `eval`, or in a file that is unknown or
    /// missing.
    pub open: bool,
}

/// The module that the top level of a file belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// The top level of the file itself, as in a script.
    File,
    /// That of the module in it.
    Module,
}

/// A function of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Defined {
    /// Name as the source defines it, without its module.
    pub name: String,
    /// Its methods; none where it is defined otherwise, such as by `const f = g`.
    pub methods: Vec<Method>,
}

impl Defined {
    /// Whether one of its methods takes one argument, or one and the context.
    pub fn takes_one(&self) -> bool {
        self.methods.iter().any(Method::takes_one)
    }

    /// The type of the only argument, where the only method names one.
    pub fn argument_type(&self) -> Option<&str> {
        match self.methods.as_slice() {
            [method] => method.argument_type.as_deref(),
            _ => None,
        }
    }
}

impl Outline {
    /// Reads a script and the files that it includes. An unreadable file leaves the outline open.
    pub fn of_script(file: &Path) -> Self {
        Self::read(file, Scope::File)
    }

    /// Reads the main file of a package, which contains its module, and the files that it includes.
    pub fn of_package(file: &Path) -> Self {
        Self::read(file, Scope::Module)
    }

    fn read(file: &Path, scope: Scope) -> Self {
        let (mut outline, mut seen) = (Self::default(), BTreeSet::new());
        outline.add(file, scope, &mut seen);
        outline
    }

    fn add(&mut self, file: &Path, scope: Scope, seen: &mut BTreeSet<PathBuf>) {
        if !seen.insert(file.canonicalize().unwrap_or_else(|_| file.to_owned())) {
            return;
        }
        let Ok(text) = fs::read_to_string(file) else {
            self.open = true;
            return;
        };
        let own = Self::of(&text, scope);
        for included in &own.includes {
            let folder = file.parent().unwrap_or(Path::new(""));
            self.add(&folder.join(included), Scope::File, seen);
        }
        self.take(own);
    }

    /// The outline of one text, without what it includes.
    fn of(text: &str, scope: Scope) -> Self {
        let mut outline = Self::default();
        let blanked = blanked(text);
        Reader {
            text,
            scope,
            blanked: &blanked,
            outline: &mut outline,
            blocks: Vec::new(),
        }
        .read();
        outline
    }

    fn take(&mut self, other: Self) {
        for one in other.defined {
            self.define(one);
        }
        self.exported.extend(other.exported);
        self.includes.extend(other.includes);
        self.words.extend(other.words);
        self.using.extend(other.using);
        self.open |= other.open;
    }

    fn define(&mut self, one: Defined) {
        match self.defined.iter_mut().find(|known| known.name == one.name) {
            Some(known) => known.methods.extend(one.methods),
            None => self.defined.push(one),
        }
    }
}

/// Words that open a block which `end` closes.
const OPENING: [&str; 13] = [
    "module",
    "baremodule",
    "function",
    "macro",
    "struct",
    "begin",
    "quote",
    "let",
    "for",
    "while",
    "if",
    "try",
    "do",
];

/// A text while it is read.
struct Reader<'a> {
    text: &'a str,
    scope: Scope,
    /// The text with its comments, strings and characters blanked, of the same length.
    blanked: &'a str,
    outline: &'a mut Outline,
    /// The words that opened the blocks which are open.
    blocks: Vec<&'a str>,
}

impl<'a> Reader<'a> {
    fn read(mut self) {
        let (mut at, mut depth, mut begins) = (0, 0_usize, true);
        while let Some(letter) = self.blanked[at..].chars().next() {
            let rest = &self.blanked[at..];
            let word = word(rest);
            if word.is_empty() {
                match letter {
                    '(' | '[' | '{' => depth += 1,
                    ')' | ']' | '}' => depth = depth.saturating_sub(1),
                    _ => {}
                }
                begins = match letter {
                    '\n' | ';' => true,
                    // A macro may precede a definition.
                    _ => begins && (letter.is_whitespace() || letter == '@'),
                };
                at += letter.len_utf8();
                continue;
            }
            let before = self.blanked[..at].chars().next_back().unwrap_or(' ');
            let first = begins && depth == 0 && self.is_top_level();
            self.word(word, at, first);
            if first {
                self.statement(word, &rest[word.len()..]);
            }
            if depth == 0 && !matches!(before, '.' | ':' | '@') {
                self.block(word, &rest[word.len()..]);
            }
            at += word.len();
            begins = begins && before == '@';
        }
    }

    /// Whether the current position belongs to the source's own module.
    fn is_top_level(&self) -> bool {
        match (self.scope, self.blocks.as_slice()) {
            (_, []) => true,
            (Scope::Module, [one]) => matches!(*one, "module" | "baremodule"),
            _ => false,
        }
    }

    /// Reads a word at this position, which may begin a statement of the top level.
    fn word(&mut self, word: &str, at: usize, first: bool) {
        let after = at + word.len();
        match word {
            "include" if first && self.blanked[after..].starts_with('(') => self.include(after + 1),
            // `map(include, files)`, an include in a block, a definition by a text.
            "include" | "include_string" | "eval" | "reexport" => self.outline.open = true,
            _ => {}
        }
        self.outline.words.insert(word.to_owned());
    }

    fn block(&mut self, word: &'a str, rest: &str) {
        let typed =
            matches!(word, "abstract" | "primitive") && rest.trim_start().starts_with("type ");
        match word {
            "end" => drop(self.blocks.pop()),
            _ if typed || OPENING.contains(&word) => self.blocks.push(word),
            _ => {}
        }
    }

    /// Takes in a statement of the top level by the word that it begins with.
    fn statement(&mut self, first: &str, after: &'a str) {
        match first {
            "function" => {
                self.function(after.trim_start(), true);
            }
            "export" | "public" => self.export(after),
            "using" => self.using(after),
            "const" => self.assigned(after.trim_start()),
            _ => {
                let rest = &self.blanked[self.blanked.len() - after.len() - first.len()..];
                if !self.function(rest, false) {
                    self.assigned(rest);
                }
            }
        }
    }

    /// Takes in a definition in the long or short form; whether it is one.
    fn function(&mut self, rest: &str, long: bool) -> bool {
        let Some((name, method)) = signature::read(rest, long) else {
            return false;
        };
        self.outline.define(Defined {
            name,
            methods: method.into_iter().collect(),
        });
        true
    }

    /// Takes in `name = value`.
    fn assigned(&mut self, rest: &str) {
        let name = word(rest);
        let value = rest[name.len()..].trim_start();
        let assigns = value
            .strip_prefix('=')
            .is_some_and(|value| !value.starts_with('='));
        if assigns && !name.is_empty() {
            let methods = Vec::new();
            let name = name.to_owned();
            self.outline.define(Defined { name, methods });
        }
    }

    /// Reads a list of names, which continues on the next line after a comma.
    fn export(&mut self, rest: &str) {
        if !rest.starts_with([' ', '\t']) {
            return;
        }
        let names = list(rest).into_iter().map(str::to_owned);
        self.outline.exported.extend(names);
    }

    fn using(&mut self, rest: &str) {
        let line = rest.lines().next().unwrap_or_default();
        if !line.contains(':') {
            let names = list(rest).into_iter();
            let names = names.map(|name| name.trim_start_matches('.').to_owned());
            self.outline.using.extend(names);
        }
    }

    /// Reads the file that `include(` names; `at` is where its argument begins.
    fn include(&mut self, at: usize) {
        let literal = self.text[at..].trim_start().strip_prefix('"');
        let path = literal.and_then(|text| text.split_once('"'));
        match path {
            Some((path, after))
                if after.trim_start().starts_with(')') && !path.contains(['$', '\\']) =>
            {
                self.outline.includes.push(path.to_owned());
            }
            _ => self.outline.open = true,
        }
    }
}

/// Names with commas between them.
fn list(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = text.trim_start();
    loop {
        let end = rest.find([',', '\n', ';']).unwrap_or(rest.len());
        let name = rest[..end].trim();
        names.extend(Some(name).filter(|name| !name.is_empty()));
        match rest[end..].strip_prefix(',') {
            Some(more) => rest = more.trim_start(),
            None => return names,
        }
    }
}
