//! References from the manifest to values that are stored elsewhere. Serde and schema are written
//! by hand, because untagged enums lose the position and the cause of an error.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, Visitor, value::MapAccessDeserializer},
    ser::SerializeMap,
};
use serde_json::{Value, json};

use super::{limits::pattern, shape::Shape};

/// The keys that name where a value is stored: exactly one of them in a table.
pub(super) const SOURCES: [&str; 5] = [
    "from_env",
    "from_ssm",
    "from_secret",
    "from_cloudformation",
    "from_tfstate",
];

/// The keys that go with one of [`SOURCES`].
pub(super) const COMPANIONS: [(&str, &str); 2] = [("key", "from_secret"), ("file", "from_tfstate")];

/// `{ from_env = "NAME" }`: the value of an environment variable of the machine that runs jot, read
/// when jot runs and never shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FromEnv {
    /// Name of an environment variable of the machine that runs jot: letters, digits and `_`, no
    /// digit first. Its value is never shown.
    #[schemars(regex(pattern = pattern::LOCAL_VARIABLE))]
    pub from_env: String,
}

/// Where a value is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// An environment variable of the machine that runs jot.
    Env(FromEnv),
    /// A parameter of Parameter Store, by its name.
    Ssm(String),
    /// A secret of Secrets Manager, and the key in its JSON object.
    Secret {
        /// Name or ARN of the secret.
        name: String,
        /// Without one the secret is taken whole.
        key: Option<String>,
    },
    /// `stack.OutputKey`, or the name of an export.
    CloudFormation(String),
    /// An output of a Terraform state.
    Terraform {
        /// The output as the manifest writes it: `output.<name>`.
        output: String,
        /// A file relative to the manifest, or `s3://<bucket>/<key>`.
        file: String,
    },
}

/// A text, or where it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Text {
    /// Written in the manifest.
    Plain(String),
    /// Read when jot runs.
    From(Reference),
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::Plain(text.to_owned())
    }
}

/// The table that names where a value is stored. [`super::rules`] checks which keys go together.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 1), transform = undescribed)]
struct Source {
    /// Name of an environment variable of the machine that runs jot: letters, digits and `_`, no
    /// digit first. Its value is never shown.
    #[schemars(regex(pattern = pattern::LOCAL_VARIABLE))]
    from_env: Option<String>,
    /// Name of a parameter in Parameter Store, such as `/numerics/db-url`: letters, digits and `_ .
    /// -`, in groups that `/` separates, also with `:<version>` or `:<label>`. Its value is shown
    /// unless it is a SecureString.
    #[schemars(length(max = 1011), regex(pattern = pattern::PARAMETER))]
    from_ssm: Option<String>,
    /// Name or ARN of a secret in Secrets Manager: letters, digits and `/ _ + = . @ - :`. Its value
    /// is never shown; only `environment` takes it.
    #[schemars(length(max = 2048), regex(pattern = pattern::SECRET_NAME))]
    from_secret: Option<String>,
    /// With `from_secret`: the key of a secret that is a JSON object; without it, the whole secret
    /// is used.
    #[schemars(length(min = 1))]
    key: Option<String>,
    /// An output of a CloudFormation stack as `<stack>.<output key>`, or the name of an export,
    /// which has no `.`. Its value is shown.
    #[schemars(length(max = 512), regex(pattern = pattern::STACK_OUTPUT))]
    from_cloudformation: Option<String>,
    /// `output.<name>`: an output of the root module in the Terraform state that `file` names. Its
    /// value is shown unless Terraform marks it as sensitive.
    #[schemars(regex(pattern = pattern::TERRAFORM_OUTPUT))]
    from_tfstate: Option<String>,
    /// With `from_tfstate`: the state, a file relative to the manifest such as `terraform.tfstate`,
    /// or `s3://<bucket>/<key>`.
    #[schemars(regex(pattern = pattern::TERRAFORM_STATE))]
    file: Option<String>,
}

/// What is said of the key that takes the table says more.
fn undescribed(schema: &mut Schema) {
    schema.remove("description");
}

impl Source {
    fn reference(self) -> Option<Reference> {
        let Self {
            from_env,
            from_ssm,
            from_secret,
            key,
            from_cloudformation,
            from_tfstate,
            file,
        } = self;
        let env = from_env.map(|from_env| Reference::Env(FromEnv { from_env }));
        let ssm = from_ssm.map(Reference::Ssm);
        let secret = from_secret.map(|name| Reference::Secret { name, key });
        let cloudformation = from_cloudformation.map(Reference::CloudFormation);
        let terraform = from_tfstate
            .zip(file)
            .map(|(output, file)| Reference::Terraform { output, file });
        let all = [env, ssm, secret, cloudformation, terraform];
        let mut given = all.into_iter().flatten();
        given.next().filter(|_| given.next().is_none())
    }
}

impl Serialize for Reference {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Env(FromEnv { from_env }) => map.serialize_entry("from_env", from_env)?,
            Self::Ssm(path) => map.serialize_entry("from_ssm", path)?,
            Self::Secret { name, key } => {
                map.serialize_entry("from_secret", name)?;
                if let Some(key) = key {
                    map.serialize_entry("key", key)?;
                }
            }
            Self::CloudFormation(name) => map.serialize_entry("from_cloudformation", name)?,
            Self::Terraform { output, file } => {
                map.serialize_entry("from_tfstate", output)?;
                map.serialize_entry("file", file)?;
            }
        }
        map.end()
    }
}

impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Plain(text) => serializer.serialize_str(text),
            Self::From(reference) => reference.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("text, or a table such as { from_ssm = \"/path\" }")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text::from(text))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let source = Source::deserialize(MapAccessDeserializer::new(map))?;
                let one = || format!("not exactly one of {}", SOURCES.join(", "));
                let reference = source.reference();
                reference
                    .map(Text::From)
                    .ok_or_else(|| de::Error::custom(one()))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// The schema of a [`Text`] is at its use, since each use has its own limits, see [`limited`].
impl JsonSchema for Text {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let reference = generator.subschema_for::<Source>();
        json_schema!({ "anyOf": [{ "type": "string" }, reference] })
    }
}

/// The schema of an environment variable's value.
pub(super) struct EnvironmentValue;

impl JsonSchema for EnvironmentValue {
    fn schema_name() -> Cow<'static, str> {
        "EnvironmentValue".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let reference = generator.subschema_for::<Source>();
        json_schema!({
            "description": "The value of an environment variable: text, or where it is stored: \
                `{ from_env = \"NAME\" }` on the machine that runs jot, `{ from_ssm = \"/path\" }` \
                in Parameter Store, `{ from_secret = \"name\", key = \"key\" }` in Secrets \
                Manager, `{ from_cloudformation = \"stack.OutputKey\" }`, or \
                `{ from_tfstate = \"output.name\", file = \"terraform.tfstate\" }`.",
            "anyOf": [{ "type": "string" }, reference],
        })
    }
}

/// Returns the text branch of a schema these limits.
pub(super) fn limited(shape: Shape) -> impl Fn(&mut Schema) {
    move |schema| {
        if let Some(object) = schema.as_object_mut() {
            limit(object, shape);
        }
    }
}

/// Returns the text branch of an array's items these limits.
pub(super) fn each(shape: Shape) -> impl Fn(&mut Schema) {
    move |schema| {
        if let Some(items) = schema.get_mut("items").and_then(Value::as_object_mut) {
            limit(items, shape);
        }
    }
}

fn limit(schema: &mut serde_json::Map<String, Value>, shape: Shape) {
    if schema.get("type") == Some(&json!("string")) {
        schema.insert("maxLength".to_owned(), shape.most.into());
        schema.insert("pattern".to_owned(), shape.pattern.into());
        return;
    }
    let branches = schema.get_mut("anyOf").and_then(Value::as_array_mut);
    let branches = branches.into_iter().flatten();
    branches
        .filter_map(Value::as_object_mut)
        .for_each(|branch| limit(branch, shape));
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, to_value};

    use super::*;

    #[test]
    fn every_form_survives_a_round_trip() {
        for value in [
            json!("info"),
            json!({ "from_env": "DB_URL" }),
            json!({ "from_ssm": "/db" }),
            json!({ "from_secret": "db" }),
            json!({ "from_secret": "db", "key": "password" }),
            json!({ "from_cloudformation": "network.Queue" }),
            json!({ "from_tfstate": "output.queue", "file": "terraform.tfstate" }),
        ] {
            let read: Text = from_value(value.clone()).unwrap();
            assert_eq!(to_value(read).unwrap(), value);
        }
    }

    #[test]
    fn other_forms_are_refused_with_what_is_expected() {
        let error = from_value::<Text>(json!(1)).unwrap_err();
        assert!(error.to_string().contains("text, or a table"), "{error}");
        let error = from_value::<Text>(json!({ "from_s3": "/a" })).unwrap_err();
        assert!(error.to_string().contains("from_s3"), "{error}");
        for value in [
            json!({}),
            json!({ "from_env": "A", "from_ssm": "/a" }),
            json!({ "from_tfstate": "output.a" }),
            json!({ "key": "a" }),
        ] {
            assert!(from_value::<Text>(value).is_err());
        }
    }
}
