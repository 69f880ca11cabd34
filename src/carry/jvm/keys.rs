//! Keys of functions, made of the names of their handlers.

use std::collections::BTreeSet;

use super::{super::names, Handler};

/// Endings of class names that say nothing.
const ENDINGS: [&str; 4] = ["-request-handler", "-handler", "-lambda", "-function"];

/// Returns a key for each handler: the project's name for a single one, otherwise the class's
/// without common endings of handlers.
pub fn keys(project: &str, handlers: &[Handler]) -> Vec<String> {
    if handlers.len() == 1 {
        return vec![names::key(project)];
    }
    let mut taken = BTreeSet::new();
    let mut all = Vec::new();
    for handler in handlers {
        let wanted = names::key(&wanted(handler));
        let key = names::unused(&wanted, |key| taken.contains(key));
        taken.insert(key.clone());
        all.push(key);
    }
    all
}

/// The class's name in kebab case; if it is generic (`Handler`, `core`), the package's name before
/// it.
fn wanted(handler: &Handler) -> String {
    let (class, method) = match handler.name.split_once("::") {
        Some((class, method)) => (class, Some(method)),
        None => (&*handler.name, None),
    };
    let mut parts = class.rsplit(['.', '$']).map(names::kebab);
    let last = parts.next().unwrap_or_default();
    let stripped = ENDINGS.iter().find_map(|ending| last.strip_suffix(ending));
    let simple = stripped.unwrap_or(&last);
    let plain = ["handler", "app", "main", "core", "lambda", "function", ""].contains(&simple);
    let before = parts.next().filter(|_| plain);
    let method = method.filter(|method| !["handler", "handleRequest"].contains(method));
    let words = before
        .into_iter()
        .chain((!plain || class.split('.').count() == 1).then(|| simple.to_owned()))
        .chain(method.map(names::kebab));
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    match words.is_empty() {
        true => last,
        false => words.join("-"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(names: &[&str]) -> Vec<String> {
        let handler = |name: &&str| Handler {
            name: (*name).to_owned(),
            file: "x".into(),
        };
        let handlers: Vec<_> = names.iter().map(handler).collect();
        keys("shop", &handlers)
    }

    #[test]
    fn one_handler_bears_the_project_s_name_and_more_bear_their_own() {
        assert_eq!(all(&["com.shop.OrderHandler"]), ["shop"]);
        assert_eq!(
            all(&[
                "com.shop.OrderHandler",
                "com.shop.returns.Handler",
                "com.shop.App$Nightly",
                "com.other.OrderHandler",
                "loader.core::handler",
                "loader.core::importAll",
                "Handler",
            ]),
            [
                "order",
                "returns",
                "nightly",
                "order-2",
                "loader",
                "loader-import-all",
                "handler"
            ]
        );
    }
}
