//! Handlers of Clojure sources: classes that a namespace generates.

use std::path::Path;

use super::Handler;
use crate::carry::edn::{self, Form, option};

/// What one namespace has.
#[derive(Debug, Default)]
pub struct Found {
    /// Classes that implement one of Lambda's interfaces.
    pub handlers: Vec<Handler>,
    /// Methods of generated classes that implement none: `class::method`.
    pub methods: Vec<Handler>,
}

/// Returns the handlers of one source text; `None` where it is not readable.
pub fn read(text: &str, file: &Path) -> Option<Found> {
    let forms = edn::read(text).ok()?;
    let namespace = forms.iter().find_map(|form| form.call("ns"));
    let name = namespace
        .and_then(|ns| ns.iter().find_map(Form::symbol))
        .unwrap_or("user");
    let mut found = Found::default();
    for form in namespace.unwrap_or_default() {
        let is_name = |form: &Form| matches!(form, Form::Keyword(name) if name == "gen-class");
        let options = match form {
            Form::List(items) if items.first().is_some_and(is_name) => &items[1..],
            _ if is_name(form) => &[],
            _ => continue,
        };
        generated(name, options, file, &mut found);
    }
    for form in &forms {
        if let Some(options) = form.call("gen-class") {
            generated(name, options, file, &mut found);
        } else if let Some(items) = form.call("deftype").or(form.call("defrecord")) {
            defined(name, items, file, &mut found);
        } else if let Some([class, ..]) = form.call("deflambdafn") {
            let class = class.symbol().map(str::to_owned);
            found.handlers.extend(class.map(|name| handler(name, file)));
        }
    }
    Some(found)
}

fn handler(name: String, file: &Path) -> Handler {
    Handler {
        name,
        file: file.to_owned(),
    }
}

fn is_interface(form: &Form) -> bool {
    let name = form
        .symbol()
        .and_then(|name| name.rsplit(['.', '/']).next());
    matches!(name, Some("RequestHandler" | "RequestStreamHandler"))
}

/// A class of `gen-class`. Without a `:name` it has that of its namespace.
fn generated(namespace: &str, options: &[Form], file: &Path, found: &mut Found) {
    let named = option(options, "name").and_then(Form::symbol);
    let class = named.map_or_else(|| namespace.replace('-', "_"), str::to_owned);
    let interfaces = option(options, "implements").into_iter();
    if interfaces.flat_map(Form::items).any(is_interface) {
        return found.handlers.push(handler(class, file));
    }
    let methods = option(options, "methods").into_iter().flat_map(Form::items);
    for method in methods {
        if let [Form::Symbol(name), Form::Vector(parameters), ..] = method.items()
            && (1..=3).contains(&parameters.len())
        {
            let name = format!("{class}::{name}");
            found.methods.push(handler(name, file));
        }
    }
}

/// A class that `deftype` or `defrecord` makes, in the namespace's package.
fn defined(namespace: &str, items: &[Form], file: &Path, found: &mut Found) {
    let [Form::Symbol(name), Form::Vector(_), rest @ ..] = items else {
        return;
    };
    if rest.iter().any(is_interface) {
        let package = namespace.replace('-', "_");
        let name = format!("{package}.{}", name.replace('-', "_"));
        found.handlers.push(handler(name, file));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> (Vec<String>, Vec<String>) {
        let found = read(text, Path::new("x.clj")).unwrap();
        let names = |handlers: Vec<Handler>| handlers.into_iter().map(|one| one.name).collect();
        (names(found.handlers), names(found.methods))
    }

    #[test]
    fn generated_classes_that_implement_an_interface_are_handlers() {
        let text = r#"
            ;; (ns not.this (:gen-class :implements [RequestHandler]))
            (ns ^{:doc "a \" ["} data-loader.core
              (:require [clojure.string :as str])
              (:gen-class
                :implements [com.amazonaws.services.lambda.runtime.RequestStreamHandler]))
            (def pattern #"[(\"]") (def c \()
            #_(gen-class :name skipped.X :implements [RequestHandler])
            (gen-class :name data.loader.Other :prefix "other-" :implements [RequestHandler])
            (deftype ^{:load-ns true} Third []
              RequestHandler (handleRequest [_ in ctx] (map #(inc %) in)))
            (lambada/deflambdafn data.loader.Fourth [in out ctx] nil)
        "#;
        assert_eq!(
            names(text).0,
            [
                "data_loader.core",
                "data.loader.Other",
                "data_loader.Third",
                "data.loader.Fourth"
            ]
            .map(|name| if name == "data_loader.Third" {
                "data_loader.core.Third"
            } else {
                name
            })
        );
    }

    #[test]
    fn methods_of_generated_classes_may_be_handlers() {
        let text = "(ns a-b.core (:gen-class :methods [^:static [handler [String] String] [many \
            [int int int int] void]]))";
        assert_eq!(names(text), (vec![], vec!["a_b.core::handler".to_owned()]));
        assert_eq!(names("(ns a.main (:gen-class))"), (vec![], vec![]));
        assert_eq!(names("(ns a.main :gen-class)"), (vec![], vec![]));
        assert!(read("(ns a", Path::new("x")).is_none());
    }
}
