//! A manifest value that is text or a boolean. Serde and schema are written by hand, because
//! untagged enums lose the position and the cause of an error.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, Visitor},
};

use super::limits::pattern;

/// The alias that traffic uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Alias {
    /// Name of the alias in Lambda, such as `live`; at most 128 characters.
    Name(String),
    /// `false`: no versions and no alias.
    Off,
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
            "description": "The name of the alias that traffic uses, or `false` for no versions \
                and no alias.",
            "anyOf": [
                { "type": "string", "maxLength": 128, "pattern": pattern::ALIAS },
                { "const": false },
            ],
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{from_value, json, to_value};

    use super::*;

    #[test]
    fn both_forms_survive_a_round_trip() {
        for value in [json!("live"), json!(false)] {
            let read: Alias = from_value(value.clone()).unwrap();
            assert_eq!(to_value(read).unwrap(), value);
        }
    }

    #[test]
    fn true_is_refused() {
        assert!(from_value::<Alias>(json!(true)).is_err());
    }
}
