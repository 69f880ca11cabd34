//! Why a referenced value could not be read.
//!
//! This is an answer and no error, because the plan reports it for the key that needs the value.

use crate::{model::observed::Reading, remote::Error};

/// Refusals that concern only the requested thing: it is locked, elsewhere, or its KMS key denies
/// access.
const OF_ONE: [&str; 9] = [
    "AuthorizationHeaderMalformed",
    "DecryptionFailure",
    "InvalidKeyId",
    "InvalidParameterException",
    "InvalidRequestException",
    "NoSuchBucket",
    "PermanentRedirect",
    "ValidationError",
    "ValidationException",
];

/// The requested value, or why it could not be read.
///
/// # Errors
///
/// Errors that do not concern the requested thing: credentials, the network, a rate.
pub(super) fn read<T>(answer: Result<T, Error>) -> Result<Result<T, Reading>, Error> {
    let reading = match answer {
        Ok(found) => return Ok(Ok(found)),
        Err(Error::Missing { .. }) => Reading::Missing,
        Err(Error::AccessDenied { message, .. }) => Reading::Unreadable(message),
        // CloudFormation has no code of its own for this.
        Err(Error::Refused { code, message, .. })
            if code == "ValidationError" && message.contains("does not exist") =>
        {
            Reading::Missing
        }
        Err(Error::Refused { code, message, .. }) if OF_ONE.contains(&code.as_str()) => {
            Reading::Unreadable(format!("{code}: {message}"))
        }
        Err(error) => return Err(error),
    };
    Ok(Err(reading))
}
