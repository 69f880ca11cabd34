//! The two values of the manifest that accept two TOML types. Serde and schema are written by hand, because untagged enums
//! lose the place and the reason of an error.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, Visitor, value::MapAccessDeserializer},
};

use super::{
    limits::pattern,
    reference::{FromEnv, FromSsm},
};

/// The value of an environment variable of the function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EnvironmentValue {
    /// Written in the manifest.
    Text(String),
    /// Taken from this machine's environment.
    FromEnv(FromEnv),
    /// Taken from Parameter Store.
    FromSsm(FromSsm),
}

/// The table that names where a value comes from: exactly one of its keys.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
struct Source {
    /// Name of an environment variable of the machine that runs jot: letters, digits and `_`, no digit first. Its value is
    /// never shown.
    #[schemars(regex(pattern = pattern::LOCAL_VARIABLE))]
    from_env: Option<String>,
    /// Name of a parameter in Parameter Store, such as `/numerics/db-url`: letters, digits and `_ . -`, in groups that `/`
    /// separates, also with `:<version>` or `:<label>`. Its value is never shown.
    #[schemars(length(max = 1011), regex(pattern = pattern::PARAMETER))]
    from_ssm: Option<String>,
}

/// The alias that traffic uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alias {
    /// Its name.
    Name(String),
    /// `false`: no versions and no alias.
    Off,
}

impl Serialize for EnvironmentValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::FromEnv(reference) => reference.serialize(serializer),
            Self::FromSsm(reference) => reference.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for EnvironmentValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = EnvironmentValue;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("text, { from_env = \"NAME\" } or { from_ssm = \"/path\" }")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(EnvironmentValue::Text(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                match Source::deserialize(MapAccessDeserializer::new(map))? {
                    Source {
                        from_env: Some(from_env),
                        from_ssm: None,
                    } => Ok(EnvironmentValue::FromEnv(FromEnv { from_env })),
                    Source {
                        from_env: None,
                        from_ssm: Some(from_ssm),
                    } => Ok(EnvironmentValue::FromSsm(FromSsm { from_ssm })),
                    _ => Err(de::Error::custom(
                        "not exactly one of from_env and from_ssm",
                    )),
                }
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl JsonSchema for EnvironmentValue {
    fn schema_name() -> Cow<'static, str> {
        "EnvironmentValue".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let reference = generator.subschema_for::<Source>();
        json_schema!({
            "description": "The value of an environment variable: text, `{ from_env = \"NAME\" }`, which is read from \
                the machine that runs jot, or `{ from_ssm = \"/path\" }`, which is read from Parameter Store; the latter two are \
                never shown.",
            "anyOf": [{ "type": "string" }, reference],
        })
    }
}

impl Serialize for Alias {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Name(name) => serializer.serialize_str(name),
            Self::Off => serializer.serialize_bool(false),
        }
    }
}

impl<'de> Deserialize<'de> for Alias {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Alias;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("the name of an alias, or false")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Self::Value, E> {
                Ok(Alias::Name(name.to_owned()))
            }

            fn visit_bool<E: de::Error>(self, on: bool) -> Result<Self::Value, E> {
                if on {
                    return Err(E::invalid_value(de::Unexpected::Bool(on), &self));
                }
                Ok(Alias::Off)
            }
        }
        deserializer.deserialize_any(Either)
    }
}

impl JsonSchema for Alias {
    fn schema_name() -> Cow<'static, str> {
        "Alias".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "The name of the alias that traffic uses, or `false` for no versions and no alias.",
            "anyOf": [{ "type": "string", "maxLength": 128, "pattern": pattern::ALIAS }, { "const": false }],
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json, to_value};

    use super::*;

    #[test]
    fn both_forms_survive_a_round_trip() {
        for value in [
            json!("info"),
            json!({ "from_env": "DB_URL" }),
            json!({ "from_ssm": "/db" }),
        ] {
            let read: EnvironmentValue = from_value(value.clone()).unwrap();
            assert_eq!(to_value(read).unwrap(), value);
        }
        for value in [json!("live"), json!(false)] {
            let read: Alias = from_value(value.clone()).unwrap();
            assert_eq!(to_value(read).unwrap(), value);
        }
    }

    #[test]
    fn other_types_are_refused_with_what_is_expected() {
        let error = from_value::<EnvironmentValue>(json!(1)).unwrap_err();
        assert!(error.to_string().contains("text, { from_env"), "{error}");
        let error = from_value::<EnvironmentValue>(json!({ "from_s3": "/a" })).unwrap_err();
        assert!(error.to_string().contains("from_s3"), "{error}");
        for value in [json!({}), json!({ "from_env": "A", "from_ssm": "/a" })] {
            assert!(from_value::<EnvironmentValue>(value).is_err());
        }
        assert!(from_value::<Alias>(json!(true)).is_err());
    }
}
