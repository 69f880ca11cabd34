//! Identifiers of content: jot's own fingerprint of a recipe, and a registry's digest of an image.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// SHA-256 over a recipe, as 64 lower-case hex digits. Its first 16 name the image's ECR tag.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String")]
#[schemars(extend("pattern" = "^[0-9a-f]{64}$"))]
pub struct Fingerprint(String);

impl TryFrom<String> for Fingerprint {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a fingerprint is 64 lower-case hex digits")
    }
}

impl Fingerprint {
    /// Wraps 64 lower-case hex digits; `None` for anything else.
    pub fn parse(hex: &str) -> Option<Self> {
        let valid = hex.len() == 64 && hex.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        valid.then(|| Self(hex.to_owned()))
    }

    /// The fingerprint that a SHA-256 gives.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(hex::encode(bytes))
    }

    /// The 64 lower-case hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The ECR tag: the first 16 digits.
    pub fn tag(&self) -> &str {
        &self.0[..16]
    }
}

impl std::fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.tag())
    }
}

/// An OCI digest, `sha256:` and 64 hex digits, as a registry reports it.
#[derive(
    Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String")]
#[schemars(extend("pattern" = "^sha256:[0-9a-f]{64}$"))]
pub struct Digest(String);

impl TryFrom<String> for Digest {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("a digest is `sha256:` and 64 lower-case hex digits")
    }
}

impl Digest {
    /// Wraps `sha256:<64 hex>`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let hex = text.strip_prefix("sha256:")?;
        Fingerprint::parse(hex).map(|_| Self(text.to_owned()))
    }

    /// The digest that a SHA-256 gives.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(format!("sha256:{}", hex::encode(bytes)))
    }

    /// The digest in Lambda's `CodeSha256` of a zip archive, which is base64 of the 32 bytes;
    /// `None` for anything else.
    /// <https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html>
    pub fn of_code_sha256(base64: &str) -> Option<Self> {
        let bytes = STANDARD.decode(base64).ok()?;
        bytes.try_into().ok().map(Self::from_bytes)
    }

    /// Lambda's `CodeSha256` of a zip archive with this digest.
    pub fn code_sha256(&self) -> String {
        STANDARD.encode(hex::decode(self.hex()).unwrap_or_default())
    }

    /// The whole digest: `sha256:` and 64 lower-case hex digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The 64 hex digits: what Lambda calls `CodeSha256` for an image.
    pub fn hex(&self) -> &str {
        &self.0["sha256:".len()..]
    }

    /// The first 12 hex digits, as Docker abbreviates.
    pub fn short(&self) -> &str {
        &self.hex()[..12]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lambda_names_an_archive_by_base64_of_its_hash() {
        // `printf '' | openssl dgst -sha256 -binary | base64`
        let empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        let hex = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let digest = Digest::of_code_sha256(empty).unwrap();
        assert_eq!(digest.as_str(), hex);
        assert_eq!(digest.code_sha256(), empty);
    }

    #[test]
    fn what_is_no_hash_is_no_digest() {
        for text in ["", "47DE", "!", &"a".repeat(64)] {
            assert_eq!(Digest::of_code_sha256(text), None, "{text}");
        }
    }
}
