//! Classes of Java, Kotlin, Scala and Groovy sources, and which of them are handlers.

use std::{collections::BTreeSet, path::PathBuf};

use super::{
    Handler,
    lexer::{Token, tokens},
};

/// A class and what it extends and implements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    /// The name for a class loader: `package.Outer$Inner`.
    pub name: String,
    /// The name without its package and outer class.
    pub simple: String,
    /// Whether it cannot be instantiated.
    pub is_abstract: bool,
    /// Simple names of its supertypes, their type arguments among them.
    pub supers: Vec<String>,
    pub file: PathBuf,
}

/// Returns the concrete classes that are handlers, directly or through a base class in the same
/// sources.
pub fn handlers(classes: &[Class]) -> Vec<Handler> {
    let interface =
        |name: &String| name.ends_with("RequestHandler") || name.ends_with("RequestStreamHandler");
    let mut known: BTreeSet<&str> = BTreeSet::new();
    loop {
        let more = classes.iter().filter(|class| {
            let by = |name: &String| interface(name) || known.contains(name.as_str());
            class.supers.iter().any(by) && !known.contains(class.simple.as_str())
        });
        let more: Vec<&str> = more.map(|class| class.simple.as_str()).collect();
        if more.is_empty() {
            break;
        }
        known.extend(more);
    }
    let is_handler = |class: &&Class| {
        let by = |name: &String| interface(name) || known.contains(name.as_str());
        !class.is_abstract && class.supers.iter().any(by)
    };
    let found = classes.iter().filter(is_handler);
    found
        .map(|class| Handler {
            name: class.name.clone(),
            file: class.file.clone(),
        })
        .collect()
}

/// Returns the classes of one source text.
pub fn classes(text: &str, file: &std::path::Path) -> Vec<Class> {
    let tokens = tokens(text);
    let mut reader = Reader {
        tokens: &tokens,
        at: 0,
        package: Vec::new(),
        open: Vec::new(),
        classes: Vec::new(),
        file: file.to_owned(),
    };
    while reader.at < tokens.len() {
        reader.step();
    }
    reader.classes
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    package: Vec<String>,
    /// The open brackets, each with the class if it begins a class's body.
    open: Vec<Option<String>>,
    classes: Vec<Class>,
    file: PathBuf,
}

impl Reader<'_> {
    fn step(&mut self) {
        let token = &self.tokens[self.at];
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        let qualified = matches!(before, Some(Token::Sign('.' | ':' | '@')));
        match token {
            Token::Sign('{') => self.open.push(None),
            Token::Sign('}') => drop(self.open.pop()),
            Token::Word(word) if !qualified => match word.as_str() {
                "package" => return self.package(),
                "class" | "record" | "interface" | "enum" | "object" | "trait" => {
                    return self.class();
                }
                _ => {}
            },
            _ => {}
        }
        self.at += 1;
    }

    /// A package's name; Scala has several clauses, which add up.
    fn package(&mut self) {
        self.at += 1;
        while let Some(Token::Word(word)) = self.tokens.get(self.at) {
            if word == "object" {
                return;
            }
            self.package.push(word.clone());
            self.at += 1;
            if self.tokens.get(self.at) != Some(&Token::Sign('.')) {
                return;
            }
            self.at += 1;
        }
    }

    /// A class from its keyword to the bracket that begins its body.
    fn class(&mut self) {
        let keyword = self.tokens[self.at].word().unwrap_or_default();
        let concrete = matches!(keyword, "class" | "record") && !self.is_abstract();
        let Some(Token::Word(simple)) = self.tokens.get(self.at + 1) else {
            self.at += 1;
            return;
        };
        self.at += 2;
        let supers = supers(self.header());
        let outer = self.open.iter().flatten().cloned();
        let nested: Vec<String> = outer.chain([simple.clone()]).collect();
        let parts = self.package.iter().cloned();
        let name = parts
            .chain([nested.join("$")])
            .collect::<Vec<_>>()
            .join(".");
        self.classes.push(Class {
            name,
            simple: simple.clone(),
            is_abstract: !concrete,
            supers,
            file: self.file.clone(),
        });
        if self.tokens.get(self.at) == Some(&Token::Sign('{')) {
            self.open.push(Some(simple.clone()));
            self.at += 1;
        }
    }

    fn is_abstract(&self) -> bool {
        let modifiers = self.tokens[..self.at].iter().rev();
        let modifiers = modifiers.take_while(|token| matches!(token, Token::Word(_)));
        modifiers
            .take(8)
            .any(|token| token.is("abstract") || token.is("sealed"))
    }

    /// The tokens between a class's name and its body, or the end of one that has no body.
    fn header(&mut self) -> &[Token] {
        let start = self.at;
        let mut depth = 0_usize;
        while let Some(token) = self.tokens.get(self.at) {
            match token {
                Token::Sign('(' | '[' | '<') => depth += 1,
                Token::Sign(')' | ']' | '>') => depth = depth.saturating_sub(1),
                Token::Sign('{' | ';' | '=') if depth == 0 => break,
                Token::Sign('}') => break,
                Token::Word(word) if depth == 0 && STATEMENTS.contains(&word.as_str()) => break,
                _ => {}
            }
            self.at += 1;
        }
        &self.tokens[start..self.at]
    }
}

/// Words that begin something else after a class without a body.
const STATEMENTS: [&str; 8] = [
    "class",
    "object",
    "interface",
    "fun",
    "val",
    "var",
    "def",
    "import",
];

/// The names after `extends`, `implements`, `with` or Kotlin's `:`, outside of constructors.
fn supers(header: &[Token]) -> Vec<String> {
    let mut parentheses = 0_usize;
    let mut begun = false;
    let mut names = Vec::new();
    for token in header {
        match token {
            Token::Sign('(') => parentheses += 1,
            Token::Sign(')') => parentheses = parentheses.saturating_sub(1),
            Token::Sign(':') if parentheses == 0 => begun = true,
            Token::Word(word) if parentheses == 0 => match word.as_str() {
                "extends" | "implements" | "with" => begun = true,
                _ if begun => names.push(word.clone()),
                _ => {}
            },
            _ => {}
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let classes = classes(text, std::path::Path::new("x"));
        handlers(&classes)
            .into_iter()
            .map(|handler| handler.name)
            .collect()
    }

    #[test]
    fn java() {
        let text = r#"
            package com.shop.orders;
            import com.amazonaws.services.lambda.runtime.RequestHandler;
            // class Comment implements RequestHandler<A, B> {}
            abstract class Base<T> implements RequestHandler<T, String> { }
            @Named("class Text implements RequestHandler")
            public final class Orders extends Base<Map<String, List<Object>>> {
                static class Inner { }
                public static class Nightly implements Serializable, RequestStreamHandler {
                    Object it = Nightly.class;
                }
                void f() { new RequestHandler<A, B>() { }; }
            }
            class Plain { RequestHandler<A, B> field; }
            interface Mine extends RequestHandler<A, B> { }
            record Point(int x, RequestHandler<A, B> y) { }
        "#;
        assert_eq!(
            found(text),
            ["com.shop.orders.Orders", "com.shop.orders.Orders$Nightly"]
        );
    }

    #[test]
    fn kotlin() {
        let text = r#"
            package com.shop
            import com.amazonaws.services.lambda.runtime.*

            class Bare : RequestStreamHandler
            data class Event(val name: String, val handler: RequestHandler<A, B>)
            class Thumbnail(
                private val store: Store = Store(),
            ) : RequestHandler<S3Event, String> {
                companion object { val x = 1 }
                override fun handleRequest(event: S3Event, context: Context): String =
                    "class X : RequestHandler"
            }
            abstract class Base : RequestHandler<A, B>
            class Other : Base() { val kind = Other::class.java }
        "#;
        assert_eq!(
            found(text),
            ["com.shop.Bare", "com.shop.Thumbnail", "com.shop.Other"]
        );
    }

    #[test]
    fn scala() {
        let text = "package com.shop\npackage orders\n\n\
            class Orders extends Logging with RequestHandler[A, B] {\n}\n\
            trait T extends RequestStreamHandler\nobject O extends T\n";
        assert_eq!(found(text), ["com.shop.orders.Orders"]);
    }
}
