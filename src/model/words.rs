//! Enumerations of AWS, in its own words. Unknown words are kept.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

/// Defines an enumeration: a string when it is read, written or printed.
macro_rules! words {
    ($(#[$about:meta])* $name:ident {
        $($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)?
    }) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(from = "String", into = "String")]
        pub enum $name {
            $($(#[$doc])* $variant,)+
            /// A word that AWS added since.
            Other(String),
        }

        impl $name {
            /// The word, as AWS spells it.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $word,)+
                    Self::Other(word) => word,
                }
            }
        }

        impl From<&str> for $name {
            fn from(word: &str) -> Self {
                match word {
                    $($word => Self::$variant,)+
                    _ => Self::Other(word.to_owned()),
                }
            }
        }

        impl From<String> for $name {
            fn from(word: String) -> Self {
                Self::from(word.as_str())
            }
        }

        impl From<$name> for String {
            fn from(one: $name) -> Self {
                one.as_str().to_owned()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl JsonSchema for $name {
            fn inline_schema() -> bool {
                true
            }

            fn schema_name() -> Cow<'static, str> {
                String::schema_name()
            }

            fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                String::json_schema(generator)
            }
        }
    };
}

words! {
    /// What a function's code is packed as.
    PackageType {
        /// A container image in ECR.
        Image = "Image",
        /// A zip archive, which runs on one of Lambda's runtimes.
        Zip = "Zip",
    }
}

words! {
    /// The processor that a function runs on.
    Architecture {
        /// 64-bit x86, Docker's `linux/amd64`.
        X86 = "x86_64",
        /// 64-bit ARM (Graviton), Docker's `linux/arm64`.
        Arm = "arm64",
    }
}

words! {
    /// The state of a function,
    /// <https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html>.
    State {
        /// Being created, or brought back from [`State::Inactive`].
        Pending = "Pending",
        /// The function is ready for calls.
        Active = "Active",
        /// Was not called for weeks: the next call brings it back.
        Inactive = "Inactive",
        /// Its resources could not be configured or provisioned, so calls fail.
        Failed = "Failed",
    }
}

words! {
    /// What Lambda does with calls that form a loop of about 16 rounds.
    /// <https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html>
    RecursiveLoop {
        /// Lambda lets them go on.
        Allow = "Allow",
        /// They are stopped; Lambda's default.
        Terminate = "Terminate",
    }
}

words! {
    /// The result of the last update of a function.
    LastUpdate {
        /// The function has its new code and settings.
        Successful = "Successful",
        /// Calls still use the code and settings from before.
        InProgress = "InProgress",
        /// The function is as it was before.
        Failed = "Failed",
    }
}

words! {
    /// Whether the tags of a repository can move,
    /// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html>.
    Mutability {
        /// All tags can move.
        Mutable = "MUTABLE",
        /// No tag can move.
        Immutable = "IMMUTABLE",
        /// All tags can move, except for those that match an exclusion filter.
        MutableWithExclusion = "MUTABLE_WITH_EXCLUSION",
        /// No tag can move, except for those that match an exclusion filter.
        ImmutableWithExclusion = "IMMUTABLE_WITH_EXCLUSION",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_kept_also_an_unknown_one() {
        for word in ["Pending", "Active", "Inactive", "Failed", "Deleting"] {
            let json = format!("\"{word}\"");
            let state: State = serde_json::from_str(&json).unwrap();
            assert_eq!(serde_json::to_string(&state).unwrap(), json);
            assert_eq!(state.to_string(), word);
        }
        assert_eq!(State::from("Failed"), State::Failed);
        assert_eq!(State::from("Deleting"), State::Other("Deleting".to_owned()));
    }
}
