//! Failures of registries, in jot's words.

use std::{error::Error as StdError, io::ErrorKind, time::Duration};

use serde::Deserialize;

use crate::{
    model::redacted,
    remote::{Error, aws::http},
};

const AGAIN: &str = "run the command again: it goes on from what the registry has";
/// Advice on permissions for pushes and pulls,
/// <https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html>.
const PERMIT: &str = "permit the credentials to push to the repository and to pull from it: \
                      `ecr:BatchCheckLayerAvailability`, `ecr:InitiateLayerUpload`, \
                      `ecr:UploadLayerPart`, `ecr:CompleteLayerUpload`, `ecr:PutImage`, \
                      `ecr:BatchGetImage` and `ecr:GetDownloadUrlForLayer`";

/// Why a request failed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    status: Option<u16>,
    /// The registry's error code, such as `TAG_INVALID`.
    code: String,
    message: String,
    /// Whether repeating may succeed.
    again: bool,
}

/// The body of an error:
/// <https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes>
#[derive(Default, Deserialize)]
struct Envelope {
    #[serde(default)]
    errors: Vec<Said>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    code: String,
    message: String,
}

impl Failure {
    /// The registry answered with an error.
    pub fn refused(status: u16, text: &str) -> Self {
        let envelope: Envelope = serde_json::from_str(text).unwrap_or_default();
        let said = envelope.errors.into_iter().next().unwrap_or_default();
        let message = match said.message.is_empty() {
            true => format!("it answered {status}"),
            false => said.message,
        };
        let expired = message.to_lowercase().contains("token has expired");
        Self {
            status: Some(status),
            again: matches!(status, 408 | 429 | 500..) || expired || is_lost(&said.code),
            code: said.code,
            message: redacted(&message).into_owned(),
        }
    }

    /// No answer came, or not a complete one.
    pub fn unanswered(error: &(dyn StdError + 'static)) -> Self {
        let mut causes = std::iter::successors(Some(error), |&error| error.source());
        let refused = causes.any(|cause| {
            let cause = cause.downcast_ref::<std::io::Error>();
            cause.is_some_and(|cause| cause.kind() == ErrorKind::ConnectionRefused)
        });
        let causes = std::iter::successors(Some(error), |&error| error.source());
        let deepest = causes.last().map(ToString::to_string).unwrap_or_default();
        Self {
            status: None,
            code: String::new(),
            message: redacted(&http::explained(deepest)).into_owned(),
            again: !refused,
        }
    }

    /// It took too long.
    pub fn slow(limit: Duration) -> Self {
        Self {
            again: true,
            ..Self::broken(format!("no answer within {} s", limit.as_secs()))
        }
    }

    /// The answer does not follow the protocol.
    pub fn broken(message: String) -> Self {
        Self {
            status: None,
            code: String::new(),
            message,
            again: false,
        }
    }

    /// Whether the name does not exist.
    pub fn is_absent(&self) -> bool {
        self.status == Some(404) && self.code != "NAME_UNKNOWN"
    }

    /// Whether the tag names something else, and is immutable.
    ///
    /// In ECR's words, as <https://github.com/moby/buildkit/issues/3776> quotes them: "The image
    /// tag '...' already exists in the '...' repository and cannot be overwritten because the
    /// repository is immutable."
    pub fn is_taken(&self) -> bool {
        self.code == "TAG_INVALID" || self.message.contains("immutable")
    }

    /// The error for the caller.
    pub fn into_error(self, url: &str) -> Error {
        let host = host(url);
        let denied = matches!(self.status, Some(401 | 403)) && !self.again;
        let help = match (denied, self.code.as_str(), self.again) {
            (true, ..) => Some(PERMIT),
            (_, "NAME_UNKNOWN", _) => Some("run `jot plan` again"),
            (_, _, true) => Some(AGAIN),
            _ => None,
        };
        let verb = match denied {
            true => "denies access",
            false => "failed",
        };
        Error::Registry {
            message: format!("the registry {host} {verb}: {}", self.message),
            help: help.map(str::to_owned),
            again: self.again,
        }
    }
}

/// Whether the registry lost an upload or a part of one, so that it must start again.
fn is_lost(code: &str) -> bool {
    matches!(
        code,
        "BLOB_UPLOAD_UNKNOWN" | "BLOB_UPLOAD_INVALID" | "BLOB_UNKNOWN" | "DIGEST_INVALID"
    ) || code == "MANIFEST_BLOB_UNKNOWN"
}

/// The host in an address.
pub(super) fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default()
}

/// The error for something of an unexpected kind.
pub(super) fn unusable(what: &str, why: &str) -> Error {
    Error::Registry {
        message: format!("{what} cannot be used: {why}"),
        help: None,
        again: false,
    }
}

/// The error for a file of this machine.
pub(super) fn local(what: &str, cause: &std::io::Error) -> Error {
    Error::Registry {
        message: format!("{what}: {cause}"),
        help: Some("check the free space and the permissions of its folder".to_owned()),
        again: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com/v2/numerics/x";

    fn said(status: u16, code: &str, message: &str) -> Failure {
        let error = serde_json::json!({ "errors": [{ "code": code, "message": message }] });
        Failure::refused(status, &error.to_string())
    }

    #[test]
    fn temporary_failures_are_distinguished_from_permanent_ones() {
        let expired = "Your authorization token has expired. Reauthenticate and try again.";
        for failure in [
            said(403, "DENIED", expired),
            said(429, "TOOMANYREQUESTS", "Rate exceeded"),
            said(
                404,
                "BLOB_UPLOAD_UNKNOWN",
                "blob upload unknown to registry",
            ),
            Failure::refused(503, "<html>"),
            Failure::slow(Duration::from_secs(60)),
        ] {
            assert!(failure.again, "{failure:?}");
        }
        for failure in [
            said(401, "UNAUTHORIZED", "authentication required"),
            said(403, "DENIED", "not authorized to perform: ecr:PutImage"),
            Failure::refused(401, "Not Authorized"),
            Failure::refused(400, ""),
        ] {
            assert!(!failure.again, "{failure:?}");
        }
    }

    #[test]
    fn a_tag_that_cannot_move_is_recognised() {
        let ecr = "The image tag '1111111111111111' already exists in the 'numerics' repository \
                   and cannot be overwritten because the repository is immutable.";
        assert!(said(400, "TAG_INVALID", ecr).is_taken());
        assert!(said(409, "", ecr).is_taken());
        assert!(!said(400, "MANIFEST_INVALID", "manifest invalid").is_taken());
    }

    #[test]
    fn absence_is_of_what_was_asked_for_not_of_the_repository() {
        assert!(said(404, "MANIFEST_UNKNOWN", "Requested image not found").is_absent());
        assert!(Failure::refused(404, "").is_absent());
        assert!(!said(404, "NAME_UNKNOWN", "The repository does not exist").is_absent());
    }

    #[test]
    fn an_error_names_the_registry_and_what_to_do() {
        let error = said(403, "DENIED", "no basic auth credentials").into_error(URL);
        let Error::Registry { message, help, .. } = error else {
            panic!("{error:?}")
        };
        assert_eq!(
            message,
            "the registry 123456789012.dkr.ecr.eu-west-1.amazonaws.com denies access: no basic \
             auth credentials"
        );
        assert!(help.is_some_and(|help| help.contains("ecr:PutImage")));
    }
}
