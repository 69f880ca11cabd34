//! Values of a template: parameters, and the functions that CloudFormation evaluates.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use crate::carry::{
    settings::printable,
    yaml::{Node, Value},
};

/// A value as far as the template alone gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolved {
    /// The value, with all references resolved.
    Text(String),
    /// No value: `null`, or `AWS::NoValue`.
    Nothing,
    /// Known only to CloudFormation: its form in the template, without any text in it.
    Open(String),
}

/// What values of a template refer to.
#[derive(Debug)]
pub struct Template {
    /// The defaults of parameters; none for those that hide their value.
    defaults: BTreeMap<String, Option<String>>,
    /// The parameters with defaults that were used.
    used: RefCell<BTreeSet<String>>,
}

impl Template {
    /// Reads the parameters of a template.
    pub fn new(root: &Node) -> Self {
        let parameters = root.get("Parameters").map(|node| node.entries());
        let parameter = |(name, node): &(String, Rc<Node>)| {
            let hides = node.get("NoEcho").and_then(|node| node.text());
            let hidden = hides.is_some_and(|text| !text.eq_ignore_ascii_case("false"));
            let kind = node.get("Type").and_then(|node| node.text());
            let indirect = kind.is_some_and(|kind| kind.starts_with("AWS::SSM::"));
            let default = node.get("Default").and_then(|node| node.text());
            let default = default.filter(|_| !hidden && !indirect).map(str::to_owned);
            (name.clone(), default)
        };
        Self {
            defaults: parameters
                .unwrap_or_default()
                .iter()
                .map(parameter)
                .collect(),
            used: RefCell::default(),
        }
    }

    /// What to say of the parameters that were replaced by their defaults.
    pub fn defaults_note(&self) -> Option<String> {
        let used = self.used.borrow();
        let names: Vec<_> = used.iter().map(|name| printable(name)).collect();
        (!names.is_empty()).then(|| {
            format!(
                "Parameters were replaced by their defaults: {}. `[targets]` can set other values \
                    for other stages.",
                names.join(", ")
            )
        })
    }

    /// Returns what a node's value is.
    pub fn resolve(&self, node: &Node) -> Resolved {
        let Some((name, argument)) = intrinsic(node) else {
            return match &node.value {
                Value::Null => Resolved::Nothing,
                Value::Scalar(text) if node.tag.is_none() => plain(text),
                _ => Resolved::Open("a value that is not plain text".to_owned()),
            };
        };
        match (name, &argument.value) {
            ("Ref", Value::Scalar(target)) => self.reference(target),
            ("Sub", Value::Scalar(text)) => self.substitute(text),
            ("Sub", Value::Sequence(items)) => match items.first().map(|item| &item.value) {
                Some(Value::Scalar(text)) => Resolved::Open(substitution(text)),
                _ => Resolved::Open("!Sub".to_owned()),
            },
            ("GetAtt", Value::Scalar(target)) => {
                Resolved::Open(format!("!GetAtt {}", printable(target)))
            }
            ("GetAtt", Value::Sequence(items)) => {
                let parts = items.iter().filter_map(|item| item.text());
                let path = parts.collect::<Vec<_>>().join(".");
                Resolved::Open(format!("!GetAtt {}", printable(&path)))
            }
            (name, _) => Resolved::Open(format!("!{}", printable(name))),
        }
    }

    fn reference(&self, target: &str) -> Resolved {
        if target == "AWS::NoValue" {
            return Resolved::Nothing;
        }
        match self.default(target) {
            Some(default) => Resolved::Text(default),
            None => Resolved::Open(format!("!Ref {}", printable(target))),
        }
    }

    fn default(&self, parameter: &str) -> Option<String> {
        let default = self.defaults.get(parameter)?.clone()?;
        self.used.borrow_mut().insert(parameter.to_owned());
        Some(default)
    }

    /// Replaces `${Parameter}`; the whole is open if one of them is not a parameter with a default.
    fn substitute(&self, text: &str) -> Resolved {
        let mut whole = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let Some((name, after)) = after.split_once('}') else {
                return Resolved::Open(substitution(text));
            };
            whole += before;
            match name.strip_prefix('!') {
                Some(literal) => whole += &format!("${{{literal}}}"),
                None => match self.default(name.trim()) {
                    Some(default) => whole += &default,
                    None => return Resolved::Open(substitution(text)),
                },
            }
            rest = after;
        }
        plain(&(whole + rest))
    }
}

/// Text, unless CloudFormation would look something up in it.
fn plain(text: &str) -> Resolved {
    let Some((_, reference)) = text.split_once("{{resolve:") else {
        return Resolved::Text(text.to_owned());
    };
    let end = reference.find("}}").unwrap_or(reference.len());
    Resolved::Open(format!("{{{{resolve:{}}}}}", printable(&reference[..end])))
}

/// A substitution by the names in it: its text may hold a secret.
fn substitution(text: &str) -> String {
    let names = text.split("${").skip(1).filter_map(|rest| {
        let (name, _) = rest.split_once('}')?;
        Some(format!("${{{}}}", printable(name)))
    });
    format!("!Sub of {}", names.collect::<Vec<_>>().join(", "))
}

/// The parameter's name of `{{resolve:ssm:NAME}}`, without its version.
pub fn ssm_parameter(written: &str) -> Option<&str> {
    let rest = written.strip_prefix("{{resolve:ssm:")?;
    let name = rest.strip_suffix("}}")?;
    Some(name)
}

/// A function that CloudFormation evaluates: its name and its argument, from a tag (`!Ref X`) or a
/// mapping (`Ref: X`, `Fn::Sub: ...`).
pub fn intrinsic(node: &Node) -> Option<(&str, Node)> {
    if let Some(tag) = &node.tag {
        let mut argument = node.clone();
        argument.tag = None;
        return Some((tag, argument));
    }
    let [(key, argument)] = node.entries() else {
        return None;
    };
    let name = match key.strip_prefix("Fn::") {
        Some(name) => name,
        None if key == "Ref" => key,
        None => return None,
    };
    Some((name, argument.as_ref().clone()))
}

/// Returns a resource's properties over those of `Globals`: mappings merge, sequences are
/// concatenated, as SAM does.
///
/// <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-specification-template-anatomy-globals.html>
pub fn merged(globals: &Rc<Node>, own: &Rc<Node>) -> Rc<Node> {
    if intrinsic(globals).is_some() || intrinsic(own).is_some() {
        return Rc::clone(own);
    }
    let value = match (&globals.value, &own.value) {
        (Value::Mapping(globals), Value::Mapping(own)) => {
            let mut entries = globals.clone();
            for (key, node) in own {
                match entries.iter_mut().find(|(name, _)| name == key) {
                    Some((_, global)) => *global = merged(global, node),
                    None => entries.push((key.clone(), Rc::clone(node))),
                }
            }
            Value::Mapping(entries)
        }
        (Value::Sequence(globals), Value::Sequence(own)) => {
            Value::Sequence(globals.iter().chain(own).cloned().collect())
        }
        _ => return Rc::clone(own),
    };
    Rc::new(Node::new(value, own.line))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::carry::yaml;

    const TEMPLATE: &str = "
Parameters:
  Stage: {Type: String, Default: dev}
  Password: {Type: String, Default: hunter2, NoEcho: true}
  Image: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /path}
Values:
  - plain
  - !Ref Stage
  - !Ref Password
  - !Ref Image
  - Ref: AWS::NoValue
  - !Sub 'orders-${Stage}-${!Literal}'
  - Fn::Sub: 'https://me:hunter2@${Host}/${Stage}'
  - !GetAtt Role.Arn
  - Fn::GetAtt: [Role, Arn]
  - !If [IsProd, a, b]
  - '{{resolve:ssm:/orders/key}}'
";

    #[test]
    fn values_are_resolved_as_far_as_the_template_goes() {
        let root = yaml::read(TEMPLATE).unwrap();
        let template = Template::new(&root);
        let values = root.get("Values").unwrap().items().iter();
        let values: Vec<_> = values.map(|node| template.resolve(node)).collect();
        let text = |text: &str| Resolved::Text(text.to_owned());
        let open = |text: &str| Resolved::Open(text.to_owned());
        assert_eq!(
            values,
            [
                text("plain"),
                text("dev"),
                open("!Ref Password"),
                open("!Ref Image"),
                Resolved::Nothing,
                text("orders-dev-${Literal}"),
                open("!Sub of ${Host}, ${Stage}"),
                open("!GetAtt Role.Arn"),
                open("!GetAtt Role.Arn"),
                open("!If"),
                open("{{resolve:ssm:/orders/key}}"),
            ]
        );
        assert!(template.defaults_note().unwrap().contains(": Stage."));
    }

    #[test]
    fn globals_merge_as_sam_merges_them() {
        let root = yaml::read(
            "G: {a: 1, m: {x: 1, y: 1}, l: [1], r: !Ref X}\n\
            O: {a: 2, m: {y: 2}, l: [2], r: {s: 1}}",
        )
        .unwrap();
        let all = merged(root.get("G").unwrap(), root.get("O").unwrap());
        assert_eq!(all.get("a").unwrap().text(), Some("2"));
        assert_eq!(all.at(&["m", "x"]).unwrap().text(), Some("1"));
        assert_eq!(all.at(&["m", "y"]).unwrap().text(), Some("2"));
        assert_eq!(all.get("l").unwrap().items().len(), 2);
        assert_eq!(all.at(&["r", "s"]).unwrap().text(), Some("1"));
    }
}
