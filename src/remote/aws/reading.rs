//! Why a value that stands elsewhere could not be read: an answer and no error, since the plan tells it of the key that needs
//! the value.

use crate::{model::observed::Reading, remote::Error};

/// Refusals that concern the one thing that was asked for: it is locked, of another place, or its key denies.
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

/// What came of a question: what was asked for, or why it could not be read.
///
/// # Errors
/// Whatever does not concern the one thing that was asked for: credentials, the network, a rate.
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
