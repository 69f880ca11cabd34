//! What TOML 1.1 allows and TOML 1.0 does not. The `toml` crate reads 1.1; a manifest must also be
//! readable by tools that read 1.0, such as Python's `tomllib`. Times without seconds are the third
//! difference: no key takes a time, so [`super::parse`] refuses them anyway.
//! <https://github.com/toml-lang/toml/blob/main/CHANGELOG.md>

use std::ops::Range;

use toml_parser::{
    ErrorSink, Source, Span,
    decoder::Encoding,
    parser::{EventReceiver, RecursionGuard, parse_document},
};

use super::error::Finding;

/// The depth at which the `toml` crate stops as well.
const DEPTH: u32 = 80;

/// Returns what of a text is TOML 1.1 only.
pub(super) fn check(text: &str) -> Vec<Finding> {
    let source = Source::new(text);
    let tokens = source.lex().into_vec();
    let mut strict = Strict {
        text,
        open: Vec::new(),
        comma: None,
        found: Vec::new(),
    };
    parse_document(
        &tokens,
        &mut RecursionGuard::new(&mut strict, DEPTH),
        &mut (),
    );
    strict.found
}

/// What the parser is in.
enum Bracket {
    Array,
    Inline { split: bool },
}

struct Strict<'t> {
    text: &'t str,
    open: Vec<Bracket>,
    /// The comma that nothing but space has followed yet.
    comma: Option<Span>,
    found: Vec<Finding>,
}

impl Strict<'_> {
    fn refuse(&mut self, span: Range<usize>, message: &str, help: &str) {
        let message = format!("{message} is TOML 1.1, but jot.toml is TOML 1.0");
        self.found
            .push(Finding::new(span, message, "only in TOML 1.1").help(help));
    }

    fn line_ends(&mut self, span: Span) {
        let Some(Bracket::Inline { split }) = self.open.last_mut() else {
            return;
        };
        if !std::mem::replace(split, true) {
            let help = "put the table on one line, or give it its own [header]";
            self.refuse(
                span.start()..span.start() + 1,
                "an inline table over several lines",
                help,
            );
        }
    }

    fn escapes(&mut self, span: Span, encoding: Option<Encoding>) {
        if !matches!(
            encoding,
            Some(Encoding::BasicString | Encoding::MlBasicString)
        ) {
            return;
        }
        let text = self.text;
        let raw = text.get(span.start()..span.end()).unwrap_or_default();
        let mut bytes = raw.bytes().enumerate();
        while let Some((at, byte)) = bytes.next() {
            if byte != b'\\' {
                continue;
            }
            let start = span.start() + at;
            match bytes.next() {
                Some((_, b'e')) => self.refuse(start..start + 2, "the escape \\e", "write \\u001B"),
                Some((_, b'x')) => self.refuse(
                    start..start + 2,
                    "the escape \\x",
                    "write \\u00 and the two digits",
                ),
                _ => {}
            }
        }
    }
}

impl EventReceiver for Strict<'_> {
    fn inline_table_open(&mut self, _: Span, _: &mut dyn ErrorSink) -> bool {
        self.comma = None;
        self.open.push(Bracket::Inline { split: false });
        true
    }

    fn inline_table_close(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.open.pop();
        if let Some(comma) = self.comma.take() {
            self.refuse(
                comma.start()..comma.end(),
                "a comma at the end of an inline table",
                "remove the comma",
            );
        }
    }

    fn array_open(&mut self, _: Span, _: &mut dyn ErrorSink) -> bool {
        self.comma = None;
        self.open.push(Bracket::Array);
        true
    }

    fn array_close(&mut self, _: Span, _: &mut dyn ErrorSink) {
        self.comma = None;
        self.open.pop();
    }

    fn simple_key(&mut self, span: Span, encoding: Option<Encoding>, _: &mut dyn ErrorSink) {
        self.comma = None;
        self.escapes(span, encoding);
    }

    fn scalar(&mut self, span: Span, encoding: Option<Encoding>, _: &mut dyn ErrorSink) {
        self.comma = None;
        self.escapes(span, encoding);
    }

    fn value_sep(&mut self, span: Span, _: &mut dyn ErrorSink) {
        self.comma = Some(span);
    }

    fn comment(&mut self, span: Span, _: &mut dyn ErrorSink) {
        self.line_ends(span);
    }

    fn newline(&mut self, span: Span, _: &mut dyn ErrorSink) {
        self.line_ends(span);
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    fn messages(text: &str) -> Vec<String> {
        check(text)
            .into_iter()
            .map(|finding| finding.message)
            .collect()
    }

    #[test]
    fn toml_1_0_passes() {
        for text in [
            "a = { b = 1, c = [\n  1, # one\n  2,\n], d = \"\"\"\n\\t\"\"\" }",
            "a = \"C:\\\\e\\\\x41\"",
            "a = 'raw \\e \\x41'",
            "[a]\nb = [{ c = 1 }, { c = 2 },]\n",
            "a = {}",
        ] {
            assert_eq!(messages(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn toml_1_1_is_refused_once_each() {
        for (text, count) in [
            ("a = {\n  b = 1,\n  c = 2\n}", 1),
            ("a = { b = 1, }", 1),
            ("a = {\n  b = 1,\n}", 2),
            ("a = \"\\e[0m \\x41\"", 2),
            ("\"\\x41\" = 1", 1),
            ("a = \"\"\"\n\\\\\\e\"\"\"", 1),
            ("a = [{ b = { c = 1,\n } }]", 2),
        ] {
            assert_eq!(messages(text).len(), count, "{text}: {:?}", messages(text));
        }
    }
}
